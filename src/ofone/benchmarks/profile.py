"""Where the time of an event goes, by stage.

Clocks are put around the functions that the stages are made of. What a stage spends inside
another one is counted there only, so the figures add up. Reading a clock takes time as well: what
it takes is measured first, on a function that does nothing, and subtracted.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ofone.benchmarks import measure
from ofone.benchmarks.loop import through
from ofone.benchmarks.measure import books, folder, options
from ofone.benchmarks.stream import stream
from ofone.journeys import advance, pace, say
from ofone.runtime import engine
from ofone.stores.sqlite import SqliteStore

ROOT = "the loop itself"

STAGES: tuple[tuple[str, tuple[tuple[Any, str], ...]], ...] = (
    ("decode the line", ((measure, "parse_json"),)),
    (
        "load the state",
        ((SqliteStore, "load"), (SqliteStore, "forgotten"), (engine, "decode_state")),
    ),
    ("profile: fold", ((advance, "fold"),)),
    ("needs: signals, posterior", ((advance, "_weigh"),)),
    ("journey: entry, marks", ((advance, "begin"), (advance, "concerned"), (advance, "take_in"))),
    ("journey: where it stands", ((pace, "derive"),)),
    ("journey: which approach", ((pace, "choose"), (advance, "consider"))),
    ("journey: which touch", ((pace, "say"), (pace, "ask"), (pace, "tell"))),
    ("journey: guards", ((say, "by_channel"),)),
    ("journey: expected dates", ((say, "promised"),)),
    ("journey: the rest", ((engine, "advance"),)),
    ("encode the rows", ((engine, "encode"),)),
    ("SQLite: write and commit", ((SqliteStore, "commit"),)),
    ("SQLite: which timers are due", ((SqliteStore, "due"),)),
)


class Clocks:
    """Exclusive CPU time by stage, in ns: of nested stages only the innermost one counts."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = {}
        self.calls: dict[str, int] = {}
        self.inner: dict[str, int] = {}
        self._inside = [ROOT]
        self._since = time.thread_time_ns()

    def switch(self) -> None:
        """Book the time since the last switch to the stage that was running."""
        now = time.thread_time_ns()
        stage = self._inside[-1]
        self.spent[stage] = self.spent.get(stage, 0) + now - self._since
        self._since = now

    def around(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            self.switch()
            outside = self._inside[-1]
            self.inner[outside] = self.inner.get(outside, 0) + 1
            self.calls[stage] = self.calls.get(stage, 0) + 1
            self._inside.append(stage)
            try:
                return function(*args, **kwargs)
            finally:
                self.switch()
                self._inside.pop()

        return timed

    def net(self) -> dict[str, float]:
        """What each stage spent, without what its own clock and those inside it took."""
        own, around = _overhead()
        return {
            stage: max(0.0, ns - own * self.calls.get(stage, 0) - around * self.inner.get(stage, 0))
            for stage, ns in self.spent.items()
        }


def _overhead(calls: int = 50_000) -> tuple[float, float]:
    """What one clock takes, in ns: within its own stage, and of the stage around it."""
    clocks = Clocks()
    nothing = clocks.around("nothing", lambda: None)
    for _ in range(calls):
        nothing()
    clocks.switch()
    return clocks.spent["nothing"] / calls, clocks.spent[ROOT] / calls


@contextmanager
def clocked() -> Iterator[Clocks]:
    """Clocks around every stage, taken away at the end."""
    clocks = Clocks()
    before = []
    for stage, places in STAGES:
        for owner, name in places:
            original = getattr(owner, name)
            before.append((owner, name, original))
            setattr(owner, name, clocks.around(stage, original))
    try:
        yield clocks
    finally:
        clocks.switch()
        for owner, name, original in before:
            setattr(owner, name, original)


def profile(given: dict[str, str]) -> dict[str, Any]:
    """CPU in µs per event by stage, for a part of the stream of ``loop``.

    Options: customers, events, batch, seed.
    """
    o = options(given, customers=5_000, events=50_000, batch=512, seed=1)
    lines = stream(o["customers"], o["events"], o["seed"])
    batches = [lines[at : at + o["batch"]] for at in range(0, len(lines), o["batch"])]
    library = books()
    per_event = 1e6 / len(lines)
    with folder() as place:
        through(SqliteStore(place / "warm-up.db"), library, batches[: len(batches) // 5 + 1])
        plain = through(SqliteStore(place / "plain.db"), library, batches).cpu * per_event
        measure.say(f"profile: {plain:.1f} µs of CPU per event without clocks")
        store = SqliteStore(place / "clocked.db")
        with clocked() as clocks:
            whole = through(store, library, batches).cpu * per_event
    spent = clocks.net()
    stages = {name: spent.get(name, 0) / 1e3 / len(lines) for name in (*dict(STAGES), ROOT)}
    total = sum(stages.values())
    return {
        "cpu_us_per_event": round(plain, 1),
        "with_clocks": round(whole, 1),
        "stages_add_up_to": round(total, 1),
        "stages": {
            name: {"us": round(us, 1), "percent": round(100 * us / total, 1)}
            for name, us in stages.items()
        },
    }
