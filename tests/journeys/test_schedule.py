"""Lengths and moments as a designer writes them, and the calendar behind them."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.building import START, moment

from ofone.domain.times import DAY, HOUR, iso, to_datetime
from ofone.journeys.schedule import (
    Length,
    Moment,
    add,
    days_between,
    next_morning,
    read_date,
    read_length,
    read_moment,
)

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
NONE: frozenset[date] = frozenset()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("5 business days", Length(5, "business day")),
        ("1 day", Length(1, "day")),
        (" 2 weeks ", Length(2, "week")),
        ("15 minutes", Length(15, "minute")),
        ("0 hours", Length(0, "hour")),
    ],
)
def test_a_length_reads_as_it_is_written(text: str, length: Length) -> None:
    """A number and a unit, singular or plural."""
    assert read_length(text) == length


@pytest.mark.parametrize("text", ["", "soon", "five days", "3", "3 months", "-1 day", "3 days ago"])
def test_what_is_no_length_is_refused_with_the_forms_that_work(text: str) -> None:
    """The message shows what to write."""
    with pytest.raises(ValueError, match="write it like “4 hours”, “3 days”"):
        read_length(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("at once", Moment(Length(0, "minute"))),
        ("after 3 days", Moment(Length(3, "day"))),
        ("2 business days before visit_at", Moment(Length(2, "business day"), "visit_at", True)),
        ("1 hour after visit_at", Moment(Length(1, "hour"), "visit_at")),
    ],
)
def test_a_moment_reads_as_it_is_written(text: str, read: Moment) -> None:
    """At once, some time after the step began, or around a remembered date."""
    assert read_moment(text) == read


@pytest.mark.parametrize("text", ["", "now", "3 days", "before visit_at", "1 day before visit at"])
def test_what_is_no_moment_is_refused_with_the_forms_that_work(text: str) -> None:
    """The message shows all three forms."""
    with pytest.raises(ValueError, match=r"“at once”, “after 3 days”.*before appointment_at"):
        read_moment(text)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        (
            "2026-03-06T22:00:00",
            "1 business day",
            "2026-03-09T21:00:00Z",
        ),  # clocks change
        ("2026-03-07T15:00:00", "1 business day", "2026-03-09T14:00:00Z"),  # from a Saturday
        ("2026-03-06T15:00:00", "5 business days", "2026-03-13T14:00:00Z"),
        ("2026-03-07T15:00:00", "1 day", "2026-03-08T14:00:00Z"),
        ("2026-03-07T15:00:00", "24 hours", "2026-03-08T15:00:00Z"),
        ("2026-03-02T15:00:00", "2 weeks", "2026-03-16T14:00:00Z"),
        ("2026-12-23T15:00:00", "2 business days", "2026-12-28T15:00:00Z"),  # over Christmas
    ],
)
def test_days_keep_the_time_of_day_and_skip_what_is_no_business_day(
    start: str, length: str, end: str
) -> None:
    """Days and weeks go by the calendar of the zone; minutes and hours by the clock."""
    found = add(moment(start), read_length(length), NEW_YORK, frozenset({date(2026, 12, 25)}))
    assert iso(found) == end


@given(st.integers(0, 400), st.integers(1, 30))
def test_business_days_back_and_forth_end_where_they_began(day: int, amount: int) -> None:
    """From a business day, so many forward and so many back."""
    start = next_morning(START + day * DAY, BERLIN, NONE)
    length = Length(amount, "business day")
    there = add(start, length, BERLIN, NONE)
    assert to_datetime(there).weekday() < 5
    assert add(there, length, BERLIN, NONE, -1) == start


def test_nothing_added_changes_nothing_also_on_a_sunday() -> None:
    """So "0 business days" is now."""
    assert add(moment("2026-03-08T12:00:00"), Length(0, "business day"), BERLIN, NONE) == moment(
        "2026-03-08T12:00:00"
    )


@given(st.integers(0, 2 * 365 * 24))
def test_the_next_morning_is_nine_on_a_business_day_and_ahead(hour: int) -> None:
    """Strictly later, on the wall clock of the zone, and after at most three days."""
    now = START + hour * HOUR
    local = to_datetime(next_morning(now, NEW_YORK, NONE)).astimezone(NEW_YORK)
    assert (local.hour, local.minute) == (9, 0)
    assert local.weekday() < 5
    assert now < next_morning(now, NEW_YORK, NONE) <= now + 3 * DAY + HOUR


def test_a_holiday_has_no_morning() -> None:
    """The playbook's own holidays count like a Sunday."""
    morning = next_morning(moment("2026-12-24T20:00:00"), BERLIN, frozenset({date(2026, 12, 25)}))
    assert iso(morning) == "2026-12-28T08:00:00Z"


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-03-10T10:00:00", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_what_is_no_appointment_is_none(text: str) -> None:
    """No zone is a wrong appointment for somebody; the year 9999 means "not yet"."""
    assert read_date(text) is None


def test_an_appointment_is_read_with_its_zone() -> None:
    """Whatever the zone it was written in."""
    assert read_date("2026-03-10T10:20:00-04:00") == moment("2026-03-10T14:20:00")


@pytest.mark.parametrize(("length", "days"), [(0, 0), (DAY - 1, 0), (DAY, 1), (-5 * DAY, 0)])
def test_days_are_whole_and_never_negative(length: int, days: int) -> None:
    """What a helper reads: rounded down."""
    assert days_between(START, START + length) == days
