"""The cost of one event through the whole loop, against the least that could keep it.

The floor decodes the same lines and writes an event row and a state row of the same sizes in the
same batches, with the same settings of SQLite; it has no index beside the primary keys, and keeps
everybody's number in memory. Nothing cheaper would still have the event and the state afterwards.
"""

import sqlite3
from pathlib import Path
from typing import Any

from msgspec import Struct

from ofone.benchmarks.measure import Cost, Stopwatch, books, decoded, folder, options, say, spread
from ofone.benchmarks.stream import stream
from ofone.channels.mailbox import Mailbox
from ofone.domain.events import Happened
from ofone.journeys.library import Library
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_event
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.feed import FAR
from ofone.runtime.links import Links
from ofone.runtime.ports import Batch
from ofone.stores.sqlite import SqliteStore


class Shape(Struct):
    """Of one batch: the sizes of its event rows, and the size of each customer's state."""

    events: list[int]
    states: list[tuple[str, int]]


class _Noting(SqliteStore):
    """The real store, which also notes the sizes of what it is given, and what writing it costs."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.shapes: list[Shape] = []
        self.writing = 0.0

    def commit(self, batch: Batch) -> None:
        watch = Stopwatch()
        super().commit(batch)
        self.writing += watch.lap().cpu
        events = [len(r.body) for r in batch.log if isinstance(decode_event(r.body), Happened)]
        self.shapes.append(Shape(events, [(s.customer, len(s.body)) for s in batch.states]))


def loop(given: dict[str, str]) -> dict[str, Any]:
    """CPU and wall time per event, the floor's, and their ratio.

    Options: customers, events, applying (of 100 customers), runs, batch, seed, deliveries (how
    many are measured).
    """
    o = options(
        given,
        customers=20_000,
        events=200_000,
        applying=20,
        runs=3,
        batch=512,
        seed=1,
        deliveries=10_000,
    )
    say(f"loop: a stream of {o['events']:,} events for {o['customers']:,} customers")
    lines = stream(o["customers"], o["events"], o["seed"], applying=o["applying"])
    batches = [lines[at : at + o["batch"]] for at in range(0, len(lines), o["batch"])]
    library = books()
    full: list[Cost] = []
    floor: list[Cost] = []
    with folder() as place:
        say("loop: warm-up, which notes the sizes of all rows")
        noting = _Noting(place / "warm-up.db")
        through(noting, library, batches)
        did = noting.counts()
        sizes = _sizes(noting)
        delivery = _deliver(noting, library, o["deliveries"], place)
        noting.close()
        shapes = noting.shapes[: len(batches)]
        bare(place / "warm-up-floor.db", batches[:20], shapes)
        for n in range(o["runs"]):
            store = SqliteStore(place / f"full-{n}.db")
            full.append(through(store, library, batches))
            store.close()
            floor.append(bare(place / f"floor-{n}.db", batches, shapes))
            per = full[-1].cpu / len(lines) * 1e6, floor[-1].cpu / len(lines) * 1e6
            say(f"loop: run {n + 1}: {per[0]:.1f} µs of CPU, floor {per[1]:.1f}")
            for used in place.glob(f"*-{n}.db*"):
                used.unlink()
    per_event = 1e6 / len(lines)
    return {
        "lines": len(lines),
        "customers": did["customers"],
        "cpu_us_per_event": spread([c.cpu * per_event for c in full]),
        "floor_cpu_us_per_event": spread([c.cpu * per_event for c in floor]),
        "ratio_cpu": spread([a.cpu / b.cpu for a, b in zip(full, floor, strict=True)], 2),
        "wall_us_per_event": spread([c.wall * per_event for c in full]),
        "floor_wall_us_per_event": spread([c.wall * per_event for c in floor]),
        "ratio_wall": spread([a.wall / b.wall for a, b in zip(full, floor, strict=True)], 2),
        "of_it_writing_all_rows": round(noting.writing * per_event, 1),
        "per_event": {
            name: round(did.get(name, 0) / len(lines), 3)
            for name in ("decisions", "effects", "timers_fired", "duplicates")
        },
        "mean_bytes": sizes,
        "delivery_cpu_us": round(delivery.cpu * 1e6, 1),
        "delivery_wall_us": round(delivery.wall * 1e6, 1),
    }


def through(store: SqliteStore, library: Library, batches: list[list[bytes]]) -> Cost:
    """The whole loop: decode, advance, commit; timers fire as they come, and at the end."""
    engine = Engine(store, library, VirtualClock())
    last = 0
    watch = Stopwatch()
    for batch in batches:
        events = decoded(batch)
        last = max(last, *(e.at for e in events))
        engine.submit_many(events)
    while engine.fire_due(last):
        pass
    return watch.lap()


def bare(path: Path, batches: list[list[bytes]], shapes: list[Shape]) -> Cost:
    """The floor: decode, and write one row for the event and one for the state."""
    body = bytes(max([n for s in shapes for n in (*s.events, *(m for _, m in s.states))]))
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("PRAGMA wal_autocheckpoint=4000")
    db.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, customer INTEGER, body BLOB)")
    db.execute("CREATE TABLE state (customer INTEGER PRIMARY KEY, body BLOB)")
    numbers: dict[str, int] = {}
    watch = Stopwatch()
    for batch, shape in zip(batches, shapes, strict=False):
        events = decoded(batch)
        db.execute("BEGIN IMMEDIATE")
        # Duplicates leave no row, so there are fewer sizes than events.
        db.executemany(
            "INSERT INTO event (customer, body) VALUES (?,?)",
            [
                (numbers.setdefault(e.customer, len(numbers)), body[:size])
                for e, size in zip(events, shape.events, strict=False)
            ],
        )
        db.executemany(
            "INSERT OR REPLACE INTO state VALUES (?,?)",
            [(numbers.setdefault(c, len(numbers)), body[:size]) for c, size in shape.states],
        )
        db.execute("COMMIT")
    cost = watch.lap()
    db.close()
    return cost


def _sizes(store: SqliteStore) -> dict[str, float]:
    db = sqlite3.connect(store.path)
    columns = (("log", "body"), ("log", "decisions"), ("customers", "body"), ("outbox", "body"))
    found = {
        f"{table}.{column}": round(
            db.execute(f"SELECT avg(length({column})) FROM {table}").fetchone()[0] or 0,  # noqa: S608
            1,
        )
        for table, column in columns
    }
    db.close()
    return found


def _deliver(store: SqliteStore, library: Library, most: int, place: Path) -> Cost:
    """The cost of one delivery into the local mailbox: check again, render, attempt, note."""
    box = Mailbox(place / "mailbox.db")
    channels = dict.fromkeys(("email", "sms", "in_app", "helper"), box)
    engine = Engine(store, library, VirtualClock())
    dispatcher = Dispatcher(engine, channels, Links(store, "http://localhost"), real=False)
    dispatcher.run_once(FAR)
    watch = Stopwatch()
    done = 0
    while done < most and (delivered := dispatcher.run_once(FAR).delivered):
        done += delivered
    cost = watch.lap()
    box.close()
    say(f"loop: {done:,} deliveries")
    return Cost(cost.cpu / max(done, 1), cost.wall / max(done, 1))
