"""Does an event cost more when a million customers are in the store?

Each customer is really taken in: sign-up and consent go through the engine. Then events are spread
evenly over all of them, so that nearly every state has to be read from the file. Both sizes do the
same work: as few events to a customer, before any timer is due. Hence many small stores, one after
another, stand against the large one.
"""

import random
import resource
import sys
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import msgspec

from ofone.benchmarks.measure import (
    Stopwatch,
    books,
    decoded,
    folder,
    options,
    own_process,
    say,
    spread,
)
from ofone.benchmarks.stream import SPAN, START
from ofone.domain.events import Happened
from ofone.domain.times import MINUTE, SECOND, iso
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.engine import Engine
from ofone.stores.sqlite import SqliteStore

BATCH = 512
CHUNK = 20_000
_MIX = (
    *(["Page Viewed"] * 5),
    *(["Help Page Read"] * 2),
    "Status Call",
    *(["Application Submitted"] * 2),
)
"""What is measured. A timer would be due only after a quarter of an hour."""


class Grown(msgspec.Struct, kw_only=True):
    """What one size came to. ``chunks``: CPU in µs per event, for every 20,000 events."""

    customers: int
    filled_s: float
    chunks: list[float]
    wall: list[float]
    peak_rss_mb: float
    bytes_per_customer: int


def million(given: dict[str, str]) -> dict[str, Any]:
    """Cost per event at ``customers``, against the cost at 20,000 in the same run; memory; disk.

    Options: customers, small (the size compared with), events (measured at each size), seed.
    """
    o = options(given, customers=1_000_000, small=20_000, events=200_000, seed=1)
    rounds = max(1, o["events"] // o["small"])
    each = o["events"] // rounds
    few, many = _in_turns(
        own_process("million.child", o["small"], rounds, each, o["seed"], stdin=PIPE),
        own_process("million.child", o["customers"], 1, o["events"], o["seed"], stdin=PIPE),
    )
    cost, floor = spread(many.chunks), spread(few.chunks)
    return {
        "events_at_each_size": o["events"],
        "at_small": {
            "customers": few.customers,
            "stores": rounds,
            "cpu_us_per_event": floor,
            "wall_us_per_event": spread(few.wall),
            "peak_rss_mb": few.peak_rss_mb,
            "bytes_per_customer": few.bytes_per_customer,
        },
        "at_large": {
            "customers": many.customers,
            "filled_s": many.filled_s,
            "cpu_us_per_event": cost,
            "wall_us_per_event": spread(many.wall),
            "peak_rss_mb": many.peak_rss_mb,
            "bytes_per_customer": many.bytes_per_customer,
        },
        "ratio_cpu": round(cost["median"] / floor["median"], 2),
    }


def _in_turns(*processes: Popen[bytes]) -> list[Grown]:
    """Let each measure a part, one after the other, until all are done; what they came to.

    In turns, so that a busy hour weighs on both sizes; in processes of their own, so that the peak
    of the memory is their own.
    """
    told = dict.fromkeys(processes, b"")
    while working := [p for p, line in told.items() if not line.strip()]:
        for process in working:
            told[process] = _turn(process)
    for process in processes:
        process.communicate()
    return [msgspec.json.decode(line, type=Grown) for line in told.values()]


def _turn(process: Popen[bytes]) -> bytes:
    """One part; an empty line, or the whole result after the last one."""
    line = b""
    if process.stdin is not None and process.stdout is not None:
        process.stdin.write(b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the measuring process ended with {process.wait()}")
    return line


def child(customers: str, rounds: str, events: str, seed: str) -> None:
    """Fill ``rounds`` stores, one after another, and measure in each; JSON on stdout at the end.

    It begins each part when a line comes in, and answers with one.
    """
    grown = Grown(
        customers=int(customers),
        filled_s=0,
        chunks=[],
        wall=[],
        peak_rss_mb=0,
        bytes_per_customer=0,
    )
    library = books()
    sys.stdin.readline()
    for n in range(int(rounds)):
        with folder() as place:
            store = SqliteStore(place / "journeys.db")
            engine = Engine(store, library, VirtualClock())
            watch = Stopwatch()
            _fill(engine, grown.customers)
            grown.filled_s = round(watch.lap().wall, 1)
            grown.bytes_per_customer = _bytes(place) // grown.customers
            chance = random.Random(int(seed) + n)
            for begin in range(0, int(events), CHUNK):
                if grown.chunks:
                    sys.stdout.write("\n")
                    sys.stdout.flush()
                    sys.stdin.readline()
                _measure(engine, grown, range(begin, min(begin + CHUNK, int(events))), chance)
            store.close()
    # Linux counts in KiB, macOS in bytes.
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    grown.peak_rss_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
    sys.stdout.buffer.write(msgspec.json.encode(grown) + b"\n")
    sys.stdout.flush()


def _fill(engine: Engine, customers: int) -> None:
    """Sign everybody up."""
    consent: dict[str, Any] = {"channels": ["email", "sms"], "purpose": "service"}
    batch: list[Happened] = []
    for who in range(customers):
        at = _signed_up(who)
        name = f"c{who}"
        traits: dict[str, Any] = {
            "name": f"Ana Berg {who}",
            "first_name": "Ana",
            "email": f"ana.berg.{who}@example.com",
            "phone": f"+1518555{who % 10_000:04d}",
            "zone": "America/New_York",
            "advisor_id": f"advisor-{who % 200}",
            "advisor_name": "Martin Okafor",
        }
        own: dict[str, Any] = {"application_id": f"A-{who}"}
        batch += (
            Happened(
                id="e0",
                customer=name,
                name="Application Started",
                at=at,
                properties=own,
                traits=traits,
                source="web",
            ),
            Happened(
                id="e1",
                customer=name,
                name="Consent Given",
                at=at + MINUTE,
                properties=consent,
                source="web",
            ),
        )
        if len(batch) >= BATCH or who == customers - 1:
            engine.submit_many(batch)
            batch.clear()
        if who and who % 100_000 == 0:
            say(f"million: {who:,} of {customers:,} customers are in")


def _signed_up(who: int) -> int:
    return START + who * 7919 * SECOND % SPAN


def _measure(engine: Engine, grown: Grown, numbers: range, chance: random.Random) -> None:
    lines = []
    for n in numbers:
        who = chance.randrange(grown.customers)
        line = {
            "id": f"m{n}",
            "customer": f"c{who}",
            "name": chance.choice(_MIX),
            "time": iso(_signed_up(who) + 5 * MINUTE + n % 300 * SECOND),
            "properties": {"application_id": f"A-{who}", "page": "tracker"},
            "source": "web",
        }
        lines.append(msgspec.json.encode(line))
    watch = Stopwatch()
    for at in range(0, len(lines), BATCH):
        engine.submit_many(decoded(lines[at : at + BATCH]))
    cost = watch.lap()
    grown.chunks.append(cost.cpu / len(lines) * 1e6)
    grown.wall.append(cost.wall / len(lines) * 1e6)
    say(f"million: {grown.customers:,} customers, {grown.chunks[-1]:.1f} µs of CPU per event")


def _bytes(place: Path) -> int:
    return sum(f.stat().st_size for f in place.iterdir())
