"""Moments as whole microseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.domain.times import DAY, HOUR, MINUTE, SECOND, iso, to_datetime, to_micros

moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_a_moment_survives_the_round_trip(moment: datetime) -> None:
    """Exact to the microsecond, before 1970 as well."""
    assert to_datetime(to_micros(moment)) == moment


def test_a_zone_is_folded_into_the_moment() -> None:
    """The same instant is the same number, wherever it was written down."""
    there = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert to_micros(there) == to_micros(datetime(2026, 3, 2, 14, 0, tzinfo=UTC))


def test_a_time_without_a_zone_is_refused() -> None:
    """The message shows how to write one."""
    with pytest.raises(ValueError, match=r"2026-03-02T09:00:00 has no zone; write 2026-01-31T09"):
        to_micros(datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001  (what is refused)


def test_iso_is_in_utc_and_says_fractions_only_when_there_are_any() -> None:
    """What a person reads and a program parses."""
    assert iso(0) == "1970-01-01T00:00:00Z"
    assert iso(SECOND // 2) == "1970-01-01T00:00:00.500000Z"
    assert iso(None) is None


def test_units_fit_into_each_other() -> None:
    """All lengths are in microseconds."""
    assert (MINUTE, HOUR, DAY) == (60 * SECOND, 60 * MINUTE, 24 * HOUR)
