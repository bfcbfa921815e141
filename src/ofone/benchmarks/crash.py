"""Kill the process at random moments, many times; nothing may be lost, and nothing done twice.

Three ways of working are killed. A *feed* reads a file and dispatches as it goes, and is started
again where it was; in the end states, log, decisions, outbox and mailbox are compared with those
of an uninterrupted run in memory (and that one with a run in batches of another size). A *live*
intake acknowledges events by the wall clock; whatever was acknowledged must be in the log after
each kill. *Sends* go to a provider, and are counted there (``sends``). SIGKILL ends a process, not
the machine: that the disk keeps what it confirmed is the word of SQLite's ``synchronous=FULL``,
and of the disk.
"""

import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import BoundedSemaphore, Event, Thread
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ofone.benchmarks.measure import books, decoded, folder, options, own_process, say
from ofone.benchmarks.sends import Sent, sends_round
from ofone.benchmarks.stream import stream
from ofone.channels.mailbox import Mailbox
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened
from ofone.domain.messages import Message
from ofone.runtime.clocks import RealClock, VirtualClock
from ofone.runtime.codec import decode_event, decode_message
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.feed import Fed, feed, run_out
from ofone.runtime.intake import Intake
from ofone.runtime.links import Links
from ofone.runtime.ports import Store
from ofone.runtime.replay import check
from ofone.stores.memory import MemoryStore
from ofone.stores.sqlite import SqliteStore

BATCHES = (32, 128, 512)
"""Records to a batch; each round of the feed takes one of them."""
CHANNELS = ("email", "sms", "in_app", "helper")
PATIENCE_S = 0.7
"""A process is killed within this long after it began its work …"""
EARLY = 0.1
"""… or, so often, after its very start, while it opens its files …"""
AIMED = 0.25
"""… or, so often, while the last timers fire, which takes too short to be hit by chance."""
AIMED_S = 0.02
BEGUN, TIMERS = b"begun", b"timers"
"""What a process says when it has opened its files, and when only timers are left to fire."""
_TOKEN = re.compile(r"/([htu])/[\w-]+")


class Tally(Struct):
    """What happened, and what was wrong (which must be nothing)."""

    kills: int = 0
    aimed: int = 0
    starts: int = 0
    rounds: int = 0
    events: int = 0
    effects: int = 0
    delivered: int = 0
    acknowledged: int = 0
    differences: list[str] = []


def crash(given: dict[str, str]) -> dict[str, Any]:
    """Kills, starts and differences. Raises OfoneError with the differences when there are any.

    Options: kills (while feeding), live (kills of the live intake), sends (kills between sending
    and hearing of it), customers and events (of each round; a new round begins when one is through
    before all kills are done), seed.
    """
    o = options(given, kills=50, live=15, sends=20, customers=400, events=4_000, seed=1)
    chance = random.Random(o["seed"])
    fed, lived = Tally(), Tally()
    for tally, kills, go in ((fed, o["kills"], _feed_round), (lived, o["live"], _live_round)):
        while tally.kills < kills:
            tally.rounds += 1
            lines = stream(o["customers"], o["events"], o["seed"] + tally.rounds)
            with folder() as place:
                go(place, lines, tally, kills, chance)
            say(
                f"crash: {tally.kills} kills, {tally.starts} starts, "
                f"{len(tally.differences)} differences"
            )
    sent = Sent()
    while sent.kills < o["sends"]:
        sent.rounds += 1
        with folder() as place:
            sends_round(place, min(o["customers"], 40), sent, o["sends"], chance)
        say(f"crash: {sent.kills} kills of sends, {len(sent.differences)} differences")
    differences = fed.differences + lived.differences + sent.differences
    kills = fed.kills + lived.kills + sent.kills
    if differences:
        raise OfoneError(
            f"{len(differences)} differences after {kills} kills; the first: "
            + "; ".join(differences[:10])
        )
    return {
        "kills": kills,
        "differences": 0,
        "feed": {name: getattr(fed, name) for name in Tally.__struct_fields__[:7]},
        "live": {
            name: getattr(lived, name)
            for name in ("kills", "starts", "rounds", "events", "acknowledged")
        },
        "sends": {name: getattr(sent, name) for name in Sent.__struct_fields__[:-1]},
    }


class _Victim:
    """A process that is to be killed; it says a line when it begins, and a line for each ack."""

    def __init__(self, function: str, *arguments: object) -> None:
        self.said: list[bytes] = []
        self._heard = {BEGUN: Event(), TIMERS: Event()}
        self._process = own_process(function, *arguments)
        self._reader = Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        if self._process.stdout is not None:
            with self._process.stdout as stdout:
                for line in stdout:
                    word = line.strip()
                    if word in self._heard:
                        self._heard[word].set()
                    else:
                        self.said.append(word)
        for one in self._heard.values():
            one.set()

    def outlives(self, seconds: float | None, *, after: bytes = b"") -> bool:
        """Whether it ended well before it was killed, ``seconds`` (None: never) after a word.

        Without a word they count from its start, so that it may be killed while it opens its files.
        """
        if after:
            self._heard[after].wait()
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        if code > 0:
            raise OfoneError(f"the process that was to be killed failed by itself, with {code}")
        return code == 0


def _start(
    tally: Tally, kills: int, chance: random.Random, function: str, *arguments: object
) -> tuple[_Victim, bool]:
    """Start it once more, and kill it while ``kills`` are not reached; whether it came through."""
    tally.starts += 1
    victim = _Victim(function, *arguments)
    draw, part = chance.random(), chance.random()
    if tally.kills >= kills:
        unharmed = victim.outlives(None)
    elif draw < EARLY:
        unharmed = victim.outlives(part * PATIENCE_S)
    elif draw < EARLY + AIMED and function == "crash.fed":
        unharmed = victim.outlives(part * AIMED_S, after=TIMERS)
        tally.aimed += not unharmed
    else:
        unharmed = victim.outlives(part * PATIENCE_S, after=BEGUN)
    tally.kills += not unharmed
    return victim, unharmed


def _feed_round(
    place: Path, lines: list[bytes], tally: Tally, kills: int, chance: random.Random
) -> None:
    file = place / "events.jsonl"
    file.write_bytes(b"\n".join(lines))
    size = BATCHES[tally.rounds % len(BATCHES)]
    while not _start(tally, kills, chance, "crash.fed", place, size)[1]:
        pass
    store = SqliteStore(place / "journeys.db")
    box = Mailbox(place / "mailbox.db")
    tally.events += store.counts()["events"]
    tally.differences += compare(store, box, lines, size)
    tally.effects += sum(1 for _ in store.effects())
    tally.delivered += len(box.messages(limit=10**9))
    box.close()
    store.close()


def fed(place: str, batch: str) -> None:
    """What is killed: feed the file into the store, and everything that follows to the mailbox."""
    folder_ = Path(place)
    lines = (folder_ / "events.jsonl").read_bytes().splitlines()
    store = SqliteStore(folder_ / "journeys.db")
    box = Mailbox(folder_ / "mailbox.db")
    _tell(BEGUN)
    through(store, box, lines, int(batch), lambda: _tell(TIMERS))
    store.close()
    box.close()


def through(
    store: Store,
    box: Mailbox,
    lines: list[bytes],
    batch: int,
    before_timers: Callable[[], None] = lambda: None,
) -> None:
    """One feed, from wherever it was, to its end."""
    engine = Engine(store, books(), VirtualClock())
    links = Links(store, "http://localhost")
    dispatcher = Dispatcher(engine, dict.fromkeys(CHANNELS, box), links, real=False)
    done = Fed()
    feed(engine, dispatcher, "events.jsonl", decoded(lines), done, batch=batch)
    before_timers()
    run_out(engine, dispatcher, done.last, done)


def compare(store: SqliteStore, box: Mailbox, lines: list[bytes], size: int) -> list[str]:
    """What differs from an uninterrupted run in memory, in words."""
    oracle, expected_box = MemoryStore(), Mailbox()
    through(oracle, expected_box, lines, size)
    wrong = _damage(store) + [f"{d.customer}: {d.what}" for d in check(store).differences]
    wrong += _unlike(store, oracle) + _undelivered(store, box)
    ended = {e.key: e.status for e in store.effects()}
    wrong += [
        f"{e.key}: the delivery is {ended.get(e.key)}, not {e.status}"
        for e in oracle.effects()
        if ended.get(e.key) != e.status
    ]
    if _said(box) != _said(expected_box):
        wrong.append("the mailbox holds other messages")
    # Where a batch ends decides how fresh the facts in a message are, and nothing else.
    other, other_box = MemoryStore(), Mailbox()
    through(other, other_box, lines, BATCHES[BATCHES.index(size) - 1])
    wrong += [f"in batches of another size: {what}" for what in _unlike(other, oracle)]
    if _said(other_box).keys() != _said(expected_box).keys():
        wrong.append("in batches of another size the mailbox holds other keys")
    other_box.close()
    expected_box.close()
    return wrong


def _unlike(store: Store, oracle: Store) -> list[str]:
    """What is kept otherwise. Not compared: repeats, since what is read again is a repeat."""
    wrong = []
    counts, wanted = ({**s.counts(), "duplicates": 0} for s in (store, oracle))
    if counts != wanted:
        wrong.append(f"the totals are {counts}, not {wanted}")
    names = [s.customer for s in oracle.customers(limit=10**9)]
    if names != [s.customer for s in store.customers(limit=10**9)]:
        wrong.append("the customers are others")
    for name in names:
        parts: tuple[tuple[str, Callable[[Store, str], object]], ...] = (
            ("state", lambda s, who: s.load(who)),
            ("log", lambda s, who: s.log(who)),
            ("decisions", lambda s, who: s.decisions(who)),
            ("outbox", lambda s, who: [(e.key, e.body) for e in s.effects(who)]),
        )
        wrong += [
            f"{name}: the {p} differs" for p, of in parts if of(store, name) != of(oracle, name)
        ]
    return wrong


def _live_round(
    place: Path, lines: list[bytes], tally: Tally, kills: int, chance: random.Random
) -> None:
    left = dict(zip((e.id for e in decoded(lines)), lines, strict=True))
    wanted = set(left)
    acknowledged: set[str] = set()
    over = False
    while not over:
        (place / "left.jsonl").write_bytes(b"\n".join(left.values()))
        victim, over = _start(tally, kills, chance, "crash.live", place)
        news = {line.decode() for line in victim.said}
        acknowledged |= news
        for one in news:
            left.pop(one, None)
        lost = acknowledged - set(_logged(place))
        tally.differences += [f"{one} was acknowledged, and is not in the log" for one in lost]
    counted = Counter(_logged(place))
    tally.differences += [f"{one} is lost" for one in wanted - counted.keys()]
    tally.differences += [f"{one} is in the log {n} times" for one, n in counted.items() if n > 1]
    tally.events += len(counted)
    tally.acknowledged += len(acknowledged)
    store, box = SqliteStore(place / "journeys.db"), Mailbox(place / "mailbox.db")
    tally.differences += _damage(store) + _undelivered(store, box)
    tally.differences += [f"{d.customer}: {d.what}" for d in check(store).differences]
    box.close()
    store.close()


def live(place: str) -> None:
    """What is killed: an intake that says each acknowledged id, with a dispatcher beside it."""
    folder_ = Path(place)
    store = SqliteStore(folder_ / "journeys.db")
    box = Mailbox(folder_ / "mailbox.db")
    engine = Engine(store, books(), RealClock())
    links = Links(store, "http://localhost")
    dispatcher = Dispatcher(engine, dict.fromkeys(CHANNELS, box), links)
    intake = Intake(engine)
    _tell(BEGUN)
    room = BoundedSemaphore(64)
    for n, event in enumerate(decoded((folder_ / "left.jsonl").read_bytes().splitlines())):
        room.acquire()
        now = time.time_ns() // 1000
        future = intake.submit((replace(event, at=now),))

        def answered(_: object, one: str = event.id) -> None:
            _tell(one.encode())
            room.release()

        future.add_done_callback(answered)
        if n % 16 == 0:
            dispatcher.run_once(now, limit=16)
    intake.close()
    dispatcher.run_until_idle(time.time_ns() // 1000)
    store.close()
    box.close()


def _tell(text: bytes) -> None:
    """One write, so that a kill leaves the line whole or not at all."""
    os.write(sys.stdout.fileno(), text + b"\n")


def _damage(store: SqliteStore) -> list[str]:
    db = sqlite3.connect(store.path)
    said = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return [] if said == "ok" else [f"the file is damaged: {said}"]


def _undelivered(store: SqliteStore, box: Mailbox) -> list[str]:
    """Effects asked for twice, and deliveries that the outbox and the mailbox tell differently."""
    rows = list(store.effects())
    wrong = [
        f"effect {key} is in the outbox {n} times"
        for key, n in Counter(r.key for r in rows).items()
        if n > 1
    ]
    noted = Counter(
        decode_message(r.message).key for r in rows if r.status == "delivered" and r.message
    )
    arrived = Counter(m.key for m in box.messages(limit=10**9))
    wrong += [f"message {key} was noted, and did not arrive" for key in noted.keys() - arrived]
    wrong += [f"message {key} arrived, and was not noted" for key in arrived.keys() - noted]
    wrong += [f"message {key} arrived {n} times" for key, n in arrived.items() if n > 1]
    return wrong


def _said(box: Mailbox) -> dict[str, Message]:
    """Messages by key, without what is made with the store's secret, which every store draws anew:
    the tokens in links, and the names of threads, letters and appointments.
    """
    found = {}
    for m in box.messages(limit=10**9):
        texts = {name: _TOKEN.sub(r"/\1/…", getattr(m, name)) for name in ("text", "html", "leave")}
        appointment = m.appointment and replace(m.appointment, uid="")
        found[m.key] = replace(m, **texts, reference="", thread="", appointment=appointment)
    return found


def _logged(place: Path) -> list[str]:
    """The ids of all events in the log; a process that was killed early may have left none."""
    store = SqliteStore(place / "journeys.db")
    names = [s.customer for s in store.customers(limit=10**9)]
    found = [
        e.id for n in names for r in store.log(n) if isinstance(e := decode_event(r.body), Happened)
    ]
    store.close()
    return found
