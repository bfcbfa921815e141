"""Which journeys an event begins, and which it belongs to."""

import pytest
from tests.building import AGREED, ORDERED, START, Life, begun, event, visit, visit_with

from ofone.domain.events import Value
from ofone.domain.times import DAY
from ofone.journeys.library import library

ENTRY = "key: order}"


@pytest.mark.parametrize(
    ("again", "same_key", "other_key", "after_end"),
    [
        ("per key", 1, 2, 1),
        ("after end", 1, 2, 2),
        ("one at a time", 1, 1, 2),
    ],
)
def test_the_three_rules_of_beginning_again(
    again: str, same_key: int, other_key: int, after_end: int
) -> None:
    """How many journeys there are after a second entry: same key, another key, after the end."""
    book = visit_with(ENTRY, f"key: order, again: {again}" + "}")
    second = event("Ordered", 2)
    assert len(begun(book).tell(second).state.journeys) == same_key
    assert len(begun(book).tell(event("Ordered", 2, key="B")).state.journeys) == other_key
    ended = begun(book).tell(event("Cancelled", 1))
    assert len(ended.tell(second).state.journeys) == after_end


def test_an_entry_may_have_a_condition() -> None:
    """Missing properties do not hold, and do not fail."""
    book = visit_with("event: Ordered,", "event: {event: Ordered, if: event.amount > 5},")
    assert begun(book).state.journeys == ()
    assert len(begun(book).tell(event("Ordered", 1, amount=6)).state.journeys) == 1


def test_one_event_may_begin_journeys_of_several_playbooks() -> None:
    """Each playbook for itself; each takes in what it uses."""
    other = visit_with("playbook: visit", "playbook: other")
    life = begun(visit(), other).tell(event("Form Sent", 1))
    assert [j.playbook for j in life.state.journeys] == ["visit", "other"]
    assert {j.steps["form"].status for j in life.state.journeys} == {"done"}


def test_an_event_finds_its_journey_by_the_key() -> None:
    """Several at once, and each knows its own."""
    life = begun().tell(event("Ordered", 1, key="B"), event("Form Sent", 2, key="B"))
    assert [j.steps["form"].status for j in life.state.journeys] == ["current", "done"]


def test_without_a_key_the_only_active_journey_is_meant() -> None:
    """Also when an earlier one has ended."""
    life = begun().tell(event("Cancelled", 1), event("Ordered", 2, key="B"))
    life.tell(event("Form Sent", 3, key=None))
    assert life.state.journeys[1].steps["form"].status == "done"


def test_without_a_key_several_active_journeys_are_a_question() -> None:
    """Refused with the property to set, and with the keys there are."""
    life = begun().tell(event("Ordered", 1, key="B"))
    refused = life.take(event("Form Sent", 2, key=None))
    assert "does not say which visit journey it is about" in refused.unusable
    assert "set its property 'order' to one of: A, B" in refused.unusable


def test_without_a_key_the_last_journey_is_meant_when_all_have_ended() -> None:
    """So that a late event finds its place, and an end can be taken back."""
    life = begun().tell(event("Cancelled", 1), event("Resumed", 2, key=None))
    assert life.journey.status == "active"


def test_of_one_key_the_latest_journey_is_meant() -> None:
    """When a key may begin again."""
    book = visit_with(ENTRY, "key: order, again: after end}")
    life = begun(book).tell(event("Cancelled", 1), event("Ordered", 2), event("Form Sent", 3))
    assert [j.steps["form"].status for j in life.state.journeys] == ["current", "done"]


def test_remembered_properties_are_kept_from_any_event() -> None:
    """By the source's time; only those that the playbook names, and none from before it began."""
    life = begun().tell(
        event("Anything", 2, place="Bern", colour="red"),
        event("Anything", 1, place="Rome"),
        event("Anything", -1, named="old", visit_at="2026-03-09T10:00:00Z"),
    )
    assert {k: d.value for k, d in life.journey.facts.items()} == {"place": "Bern"}


def test_a_journey_takes_its_entry_in_once() -> None:
    """An entry that also completes a step is one mark."""
    book = visit_with("completes: [Form Sent]", "completes: [Ordered]")
    assert begun(book).step("form").marks == ((ORDERED.at, "c"),)


def test_every_journey_hears_the_events_of_its_own_version() -> None:
    """A new version that no longer uses an event does not take it from a running journey."""
    new = visit_with("completes: [Form Sent]", "completes: [Form Received]")
    life = begun()
    life.library = library([new], older=[visit()])
    life.tell(event("Ordered", 1, key="B"), event("Form Sent", 2, key="A"))
    assert life.state.journeys[0].steps["form"].done == START + 2 * DAY
    assert life.state.journeys[1].steps["form"].status == "current"


def test_a_stranger_has_no_journey_before_the_entry() -> None:
    """Consent and traits come first as often as not."""
    life = Life().tell(AGREED)
    assert life.state.journeys == ()
    assert life.state.profile.consents["email:service"].granted


@pytest.mark.parametrize(
    "said", ["tomorrow at 3", "2026-03-12", "2026-03-12T10:00:00", "2026-13-01T10:00:00Z", 7, True]
)
def test_an_appointment_that_nobody_can_read_is_refused(said: Value) -> None:
    """Taken in silence it would be reminded of by nobody; the reason says what would work."""
    life = begun()
    before = life.state
    found = life.take(event("Visit Booked", 1, visit_at=said), before.now)
    assert found.state is before
    assert repr(said) in found.unusable
    assert "write ISO 8601 with a zone, such as 2026-03-14T09:30:00+01:00" in found.unusable


@pytest.mark.parametrize("said", [None, "", "9999-12-31", "2026-03-12T10:00:00.250+01:00"])
def test_an_appointment_may_be_taken_back(said: Value) -> None:
    """With null, an empty cell, or a day that stands for none."""
    booked = event("Visit Booked", 1, visit_at="2026-03-12T10:00:00Z")
    life = begun().tell(booked, event("Moved", 2, visit_at=said))
    assert life.state.journeys[0].facts["visit_at"].value == said


def test_what_is_no_appointment_of_this_customer_may_look_as_it_likes() -> None:
    """A property of that name is somebody else's where no playbook is concerned."""
    stranger = event("Holiday Planned", 0, visit_at="some day")
    life = Life().tell(stranger)
    assert life.state.version == 1
