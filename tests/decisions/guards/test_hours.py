"""Who states hours is written to in those, in every zone and on the nights when clocks change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import START, moment
from tests.decisions.asking import ask, at

from ofone.decisions.guards import Ask
from ofone.decisions.guards.hours import hours
from ofone.decisions.guards.places import zone_of
from ofone.domain.events import Value
from ofone.domain.state import Dated
from ofone.domain.times import DAY, HOUR, MINUTE, iso, to_datetime

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "UTC")


def wishing(asked: Ask, **said: Value) -> Ask:
    """The same ask, after the customer stated these."""
    wishes = {name: Dated(value, START) for name, value in said.items()}
    return replace(asked, profile=replace(asked.profile, preferences=wishes))


def test_who_stated_nothing_is_not_narrowed() -> None:
    """Nor who took the word back."""
    assert hours(ask()).reason == "none were stated"
    assert hours(wishing(ask(now=START + 14 * HOUR), hours=None, days=None)).ok


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02T16:59:59", "2026-03-02T17:00:00Z"),
        ("2026-03-02T17:00:00", None),
        ("2026-03-02T18:59:59", None),
        ("2026-03-02T19:00:00", "2026-03-03T17:00:00Z"),
        ("2026-03-06T19:00:00", "2026-03-09T17:00:00Z"),  # on Friday it waits for Monday
        ("2026-03-07T18:00:00", "2026-03-09T17:00:00Z"),
    ],
)
def test_the_edges_of_the_stated_hours_are_exact(now: str, until: str | None) -> None:
    """From 17:00 on and until 19:00, Monday to Friday; ``until`` is the next opening."""
    said = hours(wishing(at(now, "UTC"), hours="17:00-19:00", days="mon-fri"))
    assert (said.ok, iso(said.until)) == (until is None, until)


def test_stated_hours_narrow_the_open_hours_and_never_widen_them() -> None:
    """Nobody is written to at night because they named a whole day."""
    early = hours(wishing(at("2026-03-02T05:00:00", "UTC"), hours="04:00-10:00"))
    assert (early.ok, iso(early.until)) == (False, "2026-03-02T09:00:00Z")
    late = hours(wishing(at("2026-03-02T20:00:00", "UTC"), hours="17:00-24:00"))
    assert (late.ok, iso(late.until)) == (False, "2026-03-03T17:00:00Z")


def test_hours_that_never_meet_the_open_hours_give_way() -> None:
    """Else nothing would ever arrive; the reason says so."""
    said = hours(wishing(at("2026-03-02T10:00:00", "UTC"), hours="21:00-23:00"))
    assert said.ok
    assert said.reason == (
        "the customer asked for 21:00-23:00, which never meets the open hours 09:00–20:00; "
        "these hold"
    )


def test_it_says_the_time_and_the_wish() -> None:
    """A reason that a person can check."""
    wish = wishing(at("2026-03-07T05:00:00", "Asia/Kathmandu"), hours="17:00-20:00", days="mon-fri")
    wanted = "it is 10:45 in Asia/Kathmandu; the customer asked for mon-fri, 17:00-20:00"
    assert hours(wish).reason == wanted


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        ("Europe/Berlin", "2026-03-28T21:00:00", "2026-03-29T15:00:00Z"),  # clocks go forward
        ("Europe/Berlin", "2026-10-24T21:00:00", "2026-10-25T16:00:00Z"),  # and back
        ("America/New_York", "2026-03-08T02:00:00", "2026-03-08T21:00:00Z"),
    ],
)
def test_it_is_five_o_clock_also_when_the_clocks_change(zone: str, now: str, until: str) -> None:
    """The next opening is 17:00 on the wall."""
    assert iso(hours(wishing(at(now, zone), hours="17:00-20:00")).until) == until


@given(
    st.sampled_from(ZONES),
    st.integers(0, 730 * 24 * 4),
    st.sampled_from(["17:00-20:00", "01:30-02:30", "02:00-02:15", "09:00-24:00"]),
    st.sampled_from(["mon-fri", "sun", "sat-mon", None]),
)
def test_waiting_until_then_helps_and_never_takes_more_than_a_week(
    zone: str, quarter: int, clock: str, days: str | None
) -> None:
    """Also for hours that a night skips: then the clock stands past them, once a year."""
    now = moment("2026-01-01T00:00:00") + quarter * 15 * MINUTE

    def wish(text: str) -> Ask:
        return wishing(at(text, zone, opens="00:00", closes="23:59"), hours=clock, days=days)

    said = hours(wish(str(iso(now))))
    if said.until is not None:
        assert now < said.until <= now + 7 * DAY + HOUR
        local = to_datetime(said.until).astimezone(zone_of(zone))
        skipped = (local.hour, local.minute) != (int(clock[:2]), int(clock[3:5]))
        assert hours(wish(str(iso(said.until)))).ok or skipped
