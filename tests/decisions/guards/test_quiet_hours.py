"""By day where the recipient lives, in every zone and on the nights when clocks change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.building import START, moment
from tests.decisions.asking import ask, at

from ofone.decisions.guards.quiet_hours import quiet_hours, zone_of
from ofone.domain.times import DAY, HOUR, MINUTE, iso, to_datetime

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Africa/Casablanca",
    "America/Havana",
    "UTC",
)


@pytest.mark.parametrize(
    ("now", "ok"),
    [
        ("2026-03-02T13:59:59", False),
        ("2026-03-02T14:00:00", True),
        ("2026-03-03T00:59:59", True),
        ("2026-03-03T01:00:00", False),
    ],
)
def test_the_edges_of_the_day_are_exact(now: str, ok: bool) -> None:
    """From 09:00 on, and until 20:00, in New York."""
    assert quiet_hours(at(now, "America/New_York")).ok is ok


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        ("America/New_York", "2026-03-08T02:00:00", "2026-03-08T13:00:00Z"),  # clocks go forward
        ("America/New_York", "2026-03-07T13:30:00", "2026-03-07T14:00:00Z"),
        ("America/New_York", "2026-11-01T02:00:00", "2026-11-01T14:00:00Z"),  # clocks go back
        ("Europe/Berlin", "2026-03-28T21:00:00", "2026-03-29T07:00:00Z"),
        ("Europe/Berlin", "2026-10-24T21:00:00", "2026-10-25T08:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T12:00:00", "2026-10-03T22:00:00Z"),  # half an hour
        ("Australia/Lord_Howe", "2026-04-04T12:00:00", "2026-04-04T22:30:00Z"),
    ],
)
def test_it_is_nine_o_clock_also_when_the_clocks_change(zone: str, now: str, until: str) -> None:
    """The next opening is 09:00 on the wall, an hour earlier or later than the day before."""
    said = quiet_hours(at(now, zone))
    assert not said.ok
    assert iso(said.until) == until


@given(
    st.sampled_from(ZONES),
    st.integers(0, 730 * 24 * 4),
    st.sampled_from([("09:00", "20:00"), ("01:30", "02:30"), ("00:30", "23:00")]),
)
def test_waiting_until_then_always_helps_and_never_takes_two_days(
    zone: str, quarter: int, hours: tuple[str, str]
) -> None:
    """``until`` lies ahead and is let through, also for hours that a night skips or doubles."""
    now = moment("2026-01-01T00:00:00") + quarter * 15 * MINUTE
    asked = at(str(iso(now)), zone, opens=hours[0], closes=hours[1])
    said = quiet_hours(asked)
    if said.until is not None:
        assert now < said.until <= now + DAY + HOUR
        local = to_datetime(said.until).astimezone(zone_of(zone))
        then = at(str(iso(said.until)), zone, opens=hours[0], closes=hours[1])
        assert quiet_hours(then).ok or local.hour >= int(hours[1][:2])


def test_it_says_what_time_it_is_where() -> None:
    """A reason that a person can check."""
    said = quiet_hours(at("2026-03-02T03:05:00", "Asia/Kathmandu"))
    assert said.reason == "it is 08:50 in Asia/Kathmandu"


@pytest.mark.parametrize("zone", ["Nowhere/Land", "", "../x", "America", "a\0b", "x" * 999])
def test_a_zone_that_nobody_knows_is_the_playbooks(zone: str) -> None:
    """A wrong trait never stops a decision: the company's zone counts then."""
    assert zone_of(zone) is None
    assert quiet_hours(at("2026-03-02T10:00:00", zone)).reason == "it is 10:00 in UTC"
    assert quiet_hours(ask(now=START)).reason == "it is 10:00 in UTC"
