"""What was not answered at one time of day is said at another, by the customer's clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import moment
from tests.decisions.asking import RULES, at

from ofone.decisions.guards import Ask, Tried
from ofone.decisions.guards.another_hour import another_hour
from ofone.decisions.guards.quiet_hours import quiet_hours
from ofone.domain.state import Dated
from ofone.domain.times import DAY, MINUTE, iso


def tried(asked: Ask, *earlier: str, chances: tuple[float, ...] = ()) -> Ask:
    """The same ask, after messages of this step at these times."""
    moments = tuple(moment(one) for one in earlier)
    return replace(asked, tried=Tried(earlier=moments, chances=chances))


@pytest.mark.parametrize(
    ("earlier", "now", "until"),
    [
        ("2026-03-02T10:00", "2026-03-04T10:00:00", "2026-03-04T16:20:00Z"),  # evening is farthest
        ("2026-03-02T10:00", "2026-03-04T12:40:00", None),  # already another part
        ("2026-03-02T10:00", "2026-03-04T12:39:59", "2026-03-04T16:20:00Z"),
        ("2026-03-02T17:00", "2026-03-04T16:20:00", "2026-03-05T09:00:00Z"),
        ("2026-03-02T13:00", "2026-03-04T13:00:00", "2026-03-04T16:20:00Z"),  # the sooner of two
    ],
)
def test_it_waits_for_another_part_of_the_day(earlier: str, now: str, until: str | None) -> None:
    """Nine to eight is three parts; the edges are exact."""
    said = another_hour(tried(at(now, "UTC"), earlier))
    assert (said.ok, iso(said.until)) == (until is None, until)


def test_the_record_says_when_it_was_tried_and_what_it_waits_for() -> None:
    """By the customer's own clock."""
    said = another_hour(tried(at("2026-03-04T15:00:00", "America/New_York"), "2026-03-02T15:30"))
    assert said.reason == (
        "earlier messages of this step went out at 10:30; 16:20–20:00 is another part of the day"
    )
    assert iso(said.until) == "2026-03-04T21:20:00Z"


def test_when_every_part_was_tried_it_is_that_of_longest_ago() -> None:
    """The evening of Monday is older than the morning and noon of Tuesday."""
    every = ("2026-03-02T17:00", "2026-03-03T09:00", "2026-03-03T13:00")
    said = another_hour(tried(at("2026-03-04T09:00:00", "UTC"), *every))
    assert iso(said.until) == "2026-03-04T16:20:00Z"


def test_of_two_other_parts_the_one_that_suits_the_customer_is_waited_for() -> None:
    """Acts around one in the afternoon speak for noon, though the evening is farther."""
    chances = tuple(0.6 if hour % 24 in (12, 13, 14) else 0.25 for hour in range(168))
    asked = tried(at("2026-03-04T10:00:00", "UTC"), "2026-03-02T10:00", chances=chances)
    assert iso(another_hour(asked).until) == "2026-03-04T12:40:00Z"


def test_stated_hours_come_before_another_hour() -> None:
    """Who asked for the morning is written to in the morning again."""
    asked = tried(at("2026-03-04T10:00:00", "UTC"), "2026-03-02T10:00")
    wish = {"hours": Dated("09:00-12:00", 0)}
    said = another_hour(replace(asked, profile=replace(asked.profile, preferences=wish)))
    assert (said.ok, said.reason) == (True, "the customer asked for hours; these come first")


def test_on_a_clock_that_nobody_knows_no_other_hour_is_sought() -> None:
    """Their morning may be anybody's evening."""
    asked = tried(at("2026-03-04T16:00:00", "UTC"), "2026-03-02T16:00")
    traits = asked.profile.traits | {"zone": Dated("", 0), "phone": Dated("+15185550100", 0)}
    assert another_hour(replace(asked, profile=replace(asked.profile, traits=traits))).ok


def test_it_does_not_wait_until_it_is_too_late() -> None:
    """Neither past the date it is about, nor until it is no news any more."""
    asked = tried(at("2026-03-04T10:00:00", "UTC"), "2026-03-02T10:00")
    for late in (
        replace(asked, before=moment("2026-03-04T12:00")),
        replace(asked, since=asked.now - 3 * DAY + MINUTE),
    ):
        said = another_hour(late)
        assert said.ok
        assert said.reason.endswith("another hour would be too late")


@given(
    st.lists(st.integers(0, 6 * 24 * 60), max_size=6),
    st.integers(0, 30 * 24 * 60),
    st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.integers(0, 20),
    st.integers(1, 3),
)
def test_it_never_waits_twice_and_never_for_the_night(
    earlier: list[int], later: int, zone: str, opens: int, length: int
) -> None:
    """At the moment that it waits for it lets the message through, and it is open then."""
    asked = at(
        "2026-03-28T00:00:00", zone, opens=f"{opens:02}:00", closes=f"{opens + length:02}:30"
    )
    moments = tuple(sorted(asked.now - minutes * MINUTE for minutes in earlier))
    asked = replace(asked, now=asked.now + later * MINUTE, since=asked.now + later * MINUTE)
    asked = replace(asked, tried=Tried(earlier=moments))
    said = another_hour(asked)
    if said.until is not None:
        assert asked.now < said.until <= asked.now + RULES.stale
        assert another_hour(replace(asked, now=said.until)).ok
        assert quiet_hours(replace(asked, now=said.until)).ok
