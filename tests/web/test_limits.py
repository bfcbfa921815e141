"""Paces and tries: exact to the second, and no memory without end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.web.limits import Pace, Tries, place


def test_a_burst_goes_through_and_then_one_at_a_time() -> None:
    """What is refused is not counted: the wait does not grow."""
    pace = Pace(3, 10.0)
    assert [pace.take("a", 0.0) for _ in range(5)] == [0, 0, 0, 10, 10]
    assert [pace.take("a", t) for t in (9.0, 10.0, 10.0, 19.0, 20.0)] == [1, 0, 10, 1, 0]
    assert pace.take("b", 0.0) == 0


def test_all_of_a_burst_is_there_again_after_a_rest() -> None:
    """And never more than that."""
    pace = Pace(3, 10.0)
    for _ in range(3):
        pace.take("a", 0.0)
    assert [pace.take("a", 1000.0) for _ in range(4)] == [0, 0, 0, 10]


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 5), st.sampled_from([0.5, 2.0]))
def test_no_span_holds_more_than_it_may(steps: list[float], burst: int, every: float) -> None:
    """In any span of s seconds at most burst + s / every are taken."""
    pace, now, taken = Pace(burst, every), 0.0, []
    for step in steps:
        now += step / 20
        if not pace.take("a", now):
            taken.append(now)
    for i, first in enumerate(taken):
        for j, last in enumerate(taken[i:], 1):
            assert j <= burst + (last - first) / every + 1e-3


def test_memory_is_bounded_and_the_longest_unseen_goes_first() -> None:
    """Whoever comes from a million addresses fills no memory."""
    pace, tries = Pace(1, 60.0, most=100), Tries(5, most=100)
    for n in range(5_000):
        pace.take(str(n), 0.0)
        tries.count(str(n))
    assert (len(pace), len(tries)) == (100, 100)
    assert (pace.take("4999", 1.0), pace.take("0", 1.0)) == (59.0, 0)
    assert (tries.left("4999"), tries.left("0")) == (4, 5)


def test_tries_run_out_and_can_be_spent() -> None:
    tries = Tries(2)
    tries.count("a")
    tries.spend("b")
    assert [tries.left(k) for k in "abc"] == [1, 0, 2]
    for _ in range(9):
        tries.count("a")
    assert tries.left("a") == 0


@pytest.mark.parametrize(
    ("host", "is_"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
        (None, "?"),
    ],
)
def test_a_place_is_an_address_or_a_whole_network(host: str | None, is_: str) -> None:
    """One who owns a /64 has more addresses than there are misses."""
    assert place(host) == is_
