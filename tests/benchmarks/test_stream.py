"""The made-up stream: the same every time, and of the shape it says."""

from collections import Counter
from itertools import pairwise

import msgspec

from ofone.benchmarks.stream import DUPLICATES, LATE, SPAN, START, stream
from ofone.domain.events import Happened
from ofone.sources.wire import parse_json


def events(lines: list[bytes]) -> list[Happened]:
    found = [parse_json(line, "stream") for line in lines]
    assert all(isinstance(e, Happened) for e in found)
    return [e for e in found if isinstance(e, Happened)]


def test_the_same_seed_gives_the_same_bytes() -> None:
    """A benchmark can be repeated; another seed is another stream."""
    assert stream(20, 200, seed=1) == stream(20, 200, seed=1)
    assert stream(20, 200, seed=1) != stream(20, 200, seed=2)


def test_every_line_is_an_event_within_the_span() -> None:
    """The stream holds no dead letters, and exactly as many different events as asked for."""
    found = events(stream(100, 1_000))
    assert len({e.id for e in found}) == 1_000
    assert all(START <= e.at <= START + SPAN for e in found)


def test_repeats_and_late_arrivals_are_as_many_as_promised() -> None:
    """3% come twice and 5% out of order, within the noise of 20,000 draws."""
    lines = stream(2_000, 20_000)
    assert abs(len(lines) / 20_000 - 1 - DUPLICATES) < 0.005
    seen: set[str] = set()
    late, newest = 0, 0
    for e in events(lines):
        late += e.at < newest and e.id not in seen
        seen.add(e.id)
        newest = max(newest, e.at)
    assert LATE * 0.7 < late / 20_000 < LATE * 1.2


def test_customers_are_mixed_in_time() -> None:
    """Neighbours in the stream are seldom of one customer: each event finds another state."""
    who = [msgspec.json.decode(line)["customer"] for line in stream(1_000, 10_000)]
    assert sum(a == b for a, b in pairwise(who)) < len(who) / 5
    assert max(Counter(who).values()) < 60
