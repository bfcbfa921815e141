"""By day where the recipient lives, in every zone and on the nights when clocks change."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import START, moment
from tests.decisions.asking import PROFILE, RULES, ask, at

from ofone.decisions.guards import Ask
from ofone.decisions.guards.places import zone_of
from ofone.decisions.guards.quiet_hours import quiet_hours
from ofone.domain.state import Dated
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


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../x", "America", "a\0b", "x" * 999])
def test_a_zone_that_is_none_is_said_to_be_none(zone: str) -> None:
    """A wrong trait never stops a decision, and is not passed over in silence either."""
    assert zone_of(zone) is None
    asked = unplaced("2026-03-02T10:00:00", zone=zone)
    assert quiet_hours(asked).reason == f"it is 10:00 in UTC; “{zone[:40]}” is not a zone"


def test_where_nothing_is_known_it_is_open_where_the_company_says() -> None:
    """Its own zone, or all of those that it names; the reason says that they are a guess."""
    asked = unplaced("2026-03-02T10:00:00")
    assert quiet_hours(asked).reason == "it is 10:00 in UTC; the customer's zone is not known"
    two = (ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"))
    said = quiet_hours(replace(asked, rules=replace(RULES, zones=two)))
    assert (said.ok, iso(said.until)) == (False, "2026-03-02T14:00:00Z")
    assert said.reason == (
        "it is 05:00 in America/New_York; the customer's zone is not known, so it must be open "
        "in 2 zones"
    )


@pytest.mark.parametrize("traits", [{"country": "us"}, {"phone": "+15185550100"}])
def test_a_known_country_is_waited_for_from_coast_to_coast(traits: dict[str, str]) -> None:
    """At nine in Hawaii it is afternoon in New York; from 20:00 there until then it is closed."""
    asked = unplaced("2026-03-02T15:00:00", **traits)
    said = quiet_hours(asked)
    assert (said.ok, iso(said.until)) == (False, "2026-03-02T19:00:00Z")
    how = "the country given" if "country" in traits else "the telephone number"
    assert f"the customer's zone is not known, US by {how}, so it must be open in" in said.reason
    evening = quiet_hours(unplaced("2026-03-03T01:00:00", **traits))
    assert (evening.ok, iso(evening.until)) == (False, "2026-03-03T19:00:00Z")


def test_a_country_without_one_hour_of_day_everywhere_is_not_written_to() -> None:
    """Silence is the safe mistake; the reason says what would help."""
    asked = unplaced("2026-03-02T15:00:00", country="RU")
    narrow = replace(asked, rules=replace(RULES, opens=12 * 60, closes=14 * 60))
    said = quiet_hours(narrow)
    assert (said.ok, said.until) == (False, None)
    assert said.reason.endswith("there is no hour when it is; ask the customer for the zone")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-07T10:00:00", None),
        ("2026-03-08T10:00:00", "2026-03-09T09:00:00Z"),  # a Sunday
        ("2026-04-03T10:00:00", "2026-04-04T09:00:00Z"),  # Good Friday
        ("2026-04-04T20:00:00", "2026-04-07T09:00:00Z"),  # over Easter Monday
    ],
)
def test_days_and_holidays_that_are_closed_are_waited_out(now: str, until: str | None) -> None:
    """From Monday to Saturday, and on no holiday."""
    days, easter = frozenset(range(6)), frozenset({date(2026, 4, 3), date(2026, 4, 6)})
    asked = at(now, "UTC")
    said = quiet_hours(replace(asked, rules=replace(RULES, days=days, closed=easter)))
    assert (said.ok, iso(said.until)) == (until is None, until)
    assert said.ok or "20:00" in now or said.reason.endswith("in UTC, when nothing is sent")


def unplaced(now: str, **traits: str) -> Ask:
    """An ask at an instant, for a customer of whom only these traits are known."""
    profile = replace(PROFILE, traits={k: Dated(v, START) for k, v in traits.items()})
    return ask(now=moment(now), since=moment(now), profile=profile)
