"""How long until an event is acknowledged, at a given rate, with group commit.

Arrivals keep to a schedule whether or not earlier ones were answered (an open loop), and each wait
is counted from the moment the event was due to arrive. A stall therefore shows in full; a client
that waits for answers would hide it (the "coordinated omission" of Gil Tene, 2013).
"""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ofone.benchmarks.measure import Stopwatch, books, decoded, folder, options, say, spread
from ofone.benchmarks.stream import stream
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened
from ofone.journeys.library import Library
from ofone.runtime.clocks import RealClock
from ofone.runtime.engine import Ack, Engine
from ofone.runtime.intake import Intake
from ofone.runtime.ports import Batch
from ofone.stores.sqlite import SqliteStore

RATES = (100, 1_000, 3_000)


class Waits(Struct):
    """Of one run: p50, p99 and the longest in ms; events a commit; share of one core."""

    p50: float
    p99: float
    longest: float
    group: float
    cores: float


class _Counting(SqliteStore):
    commits = 0

    def commit(self, batch: Batch) -> None:
        super().commit(batch)
        self.commits += 1


def ack(given: dict[str, str]) -> dict[str, Any]:
    """p50 and p99 in milliseconds at 100, 1,000 and 3,000 events a second.

    Options: seconds (of each run), runs, rate (only this one), seed.
    """
    o = options(given, seconds=8, runs=3, rate=0, seed=1)
    library = books()
    rates = (o["rate"],) if o["rate"] else RATES
    most = max(rates) * o["seconds"]
    events = decoded(stream(max(most // 10, 1), most, o["seed"])[:most])
    found: dict[str, Any] = {}
    with folder() as place:
        measure(place / "warm-up.db", library, events[: most // 5], max(rates))
        for rate in rates:
            runs = []
            for n in range(o["runs"]):
                path = place / f"{rate}-{n}.db"
                runs.append(measure(path, library, events[: rate * o["seconds"]], rate))
                r = runs[-1]
                say(f"ack: {rate:,}/s: p50 {r.p50:.1f} ms, p99 {r.p99:.1f}, {r.cores:.2f} cores")
            found[f"at_{rate}_per_second"] = {
                "p50_ms": spread([r.p50 for r in runs], 2),
                "p99_ms": spread([r.p99 for r in runs], 2),
                "longest_ms": spread([r.longest for r in runs], 1),
                "events_per_commit": spread([r.group for r in runs], 1),
                "cores": spread([r.cores for r in runs], 2),
            }
    return found


def measure(path: Path, library: Library, events: Sequence[Happened], rate: int) -> Waits:
    """Let ``events`` arrive at ``rate`` a second, as if they happened just then."""
    store = _Counting(path)
    intake = Intake(Engine(store, library, RealClock()))
    waits: list[float] = []
    wall = time.time_ns() // 1000
    live = [replace(e, at=wall + n * 1_000_000 // rate) for n, e in enumerate(events)]
    watch = Stopwatch()
    begin = time.perf_counter()
    for n, event in enumerate(live):
        due = begin + n / rate
        # Sleeping, not spinning: a busy client would take the interpreter from the engine.
        while (left := due - time.perf_counter()) > 0:
            time.sleep(left)
        intake.submit((event,)).add_done_callback(partial(_note, waits=waits, due=due))
    intake.close()
    cost = watch.lap()
    store.close()
    if len(waits) < len(live):
        raise OfoneError(f"{len(live) - len(waits)} of {len(live)} events were not acknowledged")
    marks = quantiles(waits, n=100)
    return Waits(
        marks[49] * 1e3,
        marks[98] * 1e3,
        max(waits) * 1e3,
        len(live) / max(store.commits, 1),
        cost.cpu / cost.wall,
    )


def _note(future: "Future[list[Ack]]", waits: list[float], due: float) -> None:
    if future.result()[0].status != "dead letter":
        waits.append(time.perf_counter() - due)
