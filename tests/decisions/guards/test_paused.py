"""A pause holds everything until its end, but service about a date within it."""

from msgspec.structs import replace
from tests.building import START
from tests.decisions.asking import PROFILE, ask

from ofone.decisions.guards.paused import paused
from ofone.domain.decisions import Verdict
from ofone.domain.state import Dated
from ofone.domain.times import DAY, iso

END = START + 2 * DAY


def resting(until: str | None, **others: object) -> Verdict:
    preferences = {"pause": Dated(until, START - DAY)}
    return paused(ask(profile=replace(PROFILE, preferences=preferences), **others))


def test_a_pause_holds_until_its_end() -> None:
    """To the moment; one that was taken back holds nothing."""
    said = resting(iso(END))
    assert (said.ok, said.until) == (False, END)
    assert said.reason == "the customer asked to hear nothing until 2026-03-04 10:00 in UTC"
    assert resting(iso(END), now=END).ok
    assert not resting(iso(END), now=END - 1).ok
    assert resting(None).ok


def test_a_pause_gives_way_to_a_date_within_it() -> None:
    """Service about it only: who is away from messages still has the appointment."""
    said = resting(iso(END), before=END)
    assert said.ok
    assert said.reason.endswith("and this is about a date by then")
    assert not resting(iso(END), before=END + 1).ok
    assert not resting(iso(END), before=END, purpose="marketing").ok
