"""Dates as a reader says them."""

from datetime import UTC, datetime

import pytest

from ofone.domain.times import to_micros
from ofone.web.moments import Reader, moment

NOON = datetime(2026, 3, 17, 14, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en_US", "Tuesday, March\u00a017 at 10:20\u00a0AM"),
        ("en-GB", "Tuesday, 17\u00a0March at 10:20"),
        ("de_DE", "Tuesday, March\u00a017 at 10:20\u00a0AM"),
        ("nonsense", "Tuesday, March\u00a017 at 10:20\u00a0AM"),
    ],
)
def test_the_locale_orders_a_date_and_sets_the_clock(locale: str, words: str) -> None:
    """The pages speak English; another language's locale falls back to en_US."""
    reader = Reader("America/New_York", locale)
    assert f"{reader.full_day(NOON)} at {reader.time(NOON)}" == words


def test_an_unknown_zone_is_read_as_utc() -> None:
    """A wrong trait must not take the page down."""
    assert Reader("Mars/Olympus", "en_GB").time(NOON) == "14:20"
    assert Reader("../etc/passwd").place == "UTC"


def test_a_range_repeats_no_month_it_need_not_repeat() -> None:
    """Shorter is easier to read; a range of one day is that day."""
    us, gb = Reader(), Reader(locale="en_GB")
    later, april = NOON.replace(day=20), NOON.replace(month=4)
    assert us.range(NOON, later) == "March\u00a017 – 20"
    assert gb.range(NOON, later) == "17 – 20\u00a0March"
    assert us.range(NOON, april) == "March\u00a017 – April\u00a017"
    assert us.range(NOON, NOON) == "March\u00a017"


@pytest.mark.parametrize("text", [None, "", "soon", "2026-13-01"])
def test_what_is_not_a_moment_is_none(text: str | None) -> None:
    """A record with a broken date still gets a page."""
    assert moment(text) is None


def test_a_moment_without_a_zone_is_utc() -> None:
    """Records are written in UTC."""
    assert moment("2026-03-17T14:20:00") == NOON


def test_a_number_is_microseconds() -> None:
    """What comes from the state is drawn as it is."""
    assert moment(to_micros(NOON)) == NOON
