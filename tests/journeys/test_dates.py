"""The dates that a customer is told."""

from math import exp, log, sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.building import START, Life, begun, event, visit
from tests.strategies import streams

from ofone.domain.events import Happened
from ofone.domain.times import DAY, MINUTE
from ofone.journeys.dates import Range, expected, moved, outlasting, watched
from ofone.journeys.load import bundled

BOOK = bundled("life-insurance")


def ranges(life: Life, day: float) -> dict[str, Range]:
    return expected(visit(), life.journey, START + round(day * DAY))


def test_an_open_step_runs_from_its_usual_day_to_its_slow_one() -> None:
    """Counted from when it was entered, not from now."""
    assert ranges(begun(), 0.5)["form"] == Range(START + DAY, START + 3 * DAY)


def test_along_the_path_times_add_up_and_spreads_as_independent_ones() -> None:
    """Usual 1 + 2 + 7 days; spreads 2, 2 and 2: the root of the sum of squares."""
    found = ranges(begun(), 0)
    assert list(found) == ["form", "booked", "visited"]
    assert found["visited"].start == START + 10 * DAY
    assert abs(found["visited"].end - found["visited"].start - sqrt(12) * DAY) <= 1


def test_an_optional_step_counts_once_it_has_opened() -> None:
    """Then the visit waits for the paper, if that takes longer."""
    life = begun().tell(event("Form Sent", 1), event("Visit Booked", 2), event("Paper Asked", 3))
    found = ranges(life, 3)
    assert found["paper"].start == START + 8 * DAY
    assert found["visited"].start == START + 15 * DAY


def test_an_appointment_is_a_date_and_no_range() -> None:
    """What is booked is told to the day."""
    life = begun().tell(
        event("Form Sent", 1), event("Visit Booked", 2, visit_at="2026-03-12T10:00:00Z")
    )
    assert ranges(life, 3)["visited"] == Range(START + 10 * DAY, START + 10 * DAY)


def test_an_appointment_that_was_cancelled_is_no_date() -> None:
    """The step is ahead again: a range from the booking that is to come."""
    life = begun().tell(
        event("Form Sent", 1),
        event("Visit Booked", 2, visit_at="2026-03-12T10:00:00Z"),
        event("Visit Missed", 3),
    )
    assert ranges(life, 3)["visited"].start == START + (3 + 2 + 7) * DAY


def test_a_date_that_has_passed_is_late_and_no_promise() -> None:
    """From then on it is "any day now", and what follows moves with it."""
    found = ranges(begun(), 4)
    assert found["form"].late
    assert found["form"].start == START + 5 * DAY
    assert found["booked"].start == START + 7 * DAY


def test_what_is_behind_or_ended_has_no_date() -> None:
    """Nothing is promised of a journey that is over."""
    assert "form" not in ranges(begun().tell(event("Form Sent", 1)), 1)
    assert ranges(begun().tell(event("Cancelled", 1)), 1) == {}


@settings(max_examples=80)
@given(streams(BOOK))
def test_every_range_begins_before_it_ends_and_none_lies_in_the_past(
    events: list[Happened],
) -> None:
    """At any moment of any journey; and no step begins before one that it waits for."""
    life = Life(BOOK)
    for one in events:
        life.take(one)
        found = expected(BOOK, life.journey, life.state.now)
        for name, there in found.items():
            assert life.state.now <= there.start <= there.end
            assert all(found[d].start <= there.start for d in BOOK.steps[name].after if d in found)


def test_at_its_beginning_a_step_takes_what_the_playbook_says() -> None:
    """Half are done by the usual day, nine in ten by the slow one."""
    assert outlasting(4 * DAY, 8 * DAY, 0) == (4 * DAY, 8 * DAY)


@pytest.mark.parametrize("elapsed", [3, 7, 12])
def test_what_has_lasted_is_judged_by_those_that_lasted_as_long(elapsed: int) -> None:
    """Of simulated times that outlast it, half end by the first, nine in ten by the second."""
    chance, sigma = Random(7), log(2) / 1.2815515655446004
    times = [4 * exp(sigma * chance.gauss(0, 1)) for _ in range(200_000)]
    left = [t for t in times if t > elapsed]
    half, nine = (at / DAY for at in outlasting(4 * DAY, 8 * DAY, elapsed * DAY))
    assert sum(t <= half for t in left) / len(left) == pytest.approx(0.5, abs=0.03)
    assert sum(t <= nine for t in left) / len(left) == pytest.approx(0.9, abs=0.02)


@given(st.floats(0, 3650), st.floats(0.0001, 3650), st.integers(-30 * DAY, 36_500 * DAY))
def test_a_step_is_never_expected_before_now(usual: float, most: float, elapsed: int) -> None:
    """Whatever the figures, and however long it has lasted; the end only moves away."""
    least, slow = round(min(usual, most) * DAY), round(most * DAY)
    half, nine = outlasting(least, slow, elapsed)
    assert elapsed - MINUTE <= half <= nine
    later = outlasting(least, slow, max(elapsed, 0) * 2)
    assert half <= later[0]


@given(st.integers(0, 400 * DAY), st.integers(0, 28))
def test_a_new_range_can_still_be_kept_and_is_watched_in_its_turn(elapsed: int, day: int) -> None:
    """A business day to its beginning, two to its end; and there is time before the next word."""
    ready, now = BOOK.steps["lab"], START + day * DAY
    start, end = moved(BOOK, ready, now - elapsed, now)
    assert now + DAY <= start <= end
    assert end >= now + 2 * DAY
    assert now < watched(BOOK, start, end) < end


def test_a_new_range_says_nothing_of_what_else_was_done_in_that_minute() -> None:
    """Helpers see the dates: a few milliseconds in them would count what the customer was sent."""
    ready = BOOK.steps["lab"]
    told = {moved(BOOK, ready, START, START + 9 * DAY + n * 1_000) for n in range(50)}
    assert len(told) == 1


def test_a_range_of_hours_is_watched_from_its_middle() -> None:
    """A business day before its end it had not begun."""
    assert watched(BOOK, START + DAY // 4, START + DAY // 2) == START + 3 * DAY // 8
