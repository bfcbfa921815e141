"""What would change for a running journey, said before it moves."""

import pytest
from tests.building import START, begun, event, visit, visit_with

from ofone.domain.errors import NotFound
from ofone.domain.times import DAY
from ofone.journeys.migrate import compare, followed

STEP = """\
  - id: checked
    title: A check
    happens: We check.
    completes: [Checked]
    days: {usual: 1, most: 2}
"""


def test_a_change_of_words_changes_nothing_for_the_customer() -> None:
    """The same steps, another version; the words are named where they are still to come."""
    new = visit_with("body: Nudge", "body: Nudge again")
    move = compare("ana", begun().journey, visit(), new)
    assert move.changes == ["message 'nudge' of step 'form' has other words"]
    assert (move.blocked, move.status_after) == ("", "active")
    there = compare("ana", begun().tell(event("Form Sent", 1)).journey, visit(), new)
    assert there.changes == []
    assert (move.from_version, move.to_version) == (visit().version, new.version)
    assert move.steps_before == move.steps_after == ["form"]


def test_a_new_step_is_named_and_may_be_where_the_customer_stands_then() -> None:
    """Inserted behind the form, which is done."""
    new = visit_with("  - id: booked\n", STEP + "  - id: booked\n")
    move = compare("ana", begun().tell(event("Form Sent", 1)).journey, visit(), new)
    assert move.changes[:2] == ["step 'checked' is new", "step 'booked' is now ahead, was current"]
    assert move.changes[2:] == ["step 'booked' waits for checked"]
    assert move.steps_after == ["checked"]


def test_a_step_that_is_gone_is_named() -> None:
    """Its history is no longer shown, and the journey goes on."""
    old = visit_with("  - id: booked\n", STEP + "  - id: booked\n")
    life = begun(old).tell(event("Form Sent", 1), event("Checked", 2))
    move = compare("ana", life.journey, old, visit())
    assert move.changes[0] == "step 'checked' is gone, its history is kept but not shown"
    assert (move.steps_after, move.blocked) == (["booked"], "")


def test_a_journey_in_a_step_that_is_gone_cannot_move() -> None:
    """It would stand nowhere: blocked, and why."""
    old = visit_with("  - id: booked\n", STEP + "  - id: booked\n")
    life = begun(old).tell(event("Form Sent", 1))
    move = compare("ana", life.journey, old, visit())
    assert move.blocked == "it is in step 'checked', which the new version lacks"
    assert "step 'checked' is gone" in move.changes[0]


def test_an_end_that_the_new_version_reaches_is_told() -> None:
    """When the goal moves behind the customer, the journey would be complete."""
    new = visit_with("goal: visited", "goal: form")
    move = compare("ana", begun().tell(event("Form Sent", 1)).journey, visit(), new)
    assert move.status_after == "completed"


def test_a_step_that_is_gone_before_it_was_reached_is_named() -> None:
    """The customer was told of it on the tracker."""
    old = visit_with("  - id: booked\n", STEP + "  - id: booked\n")
    move = compare("ana", begun(old).journey, old, visit())
    assert move.changes[0] == "step 'checked' is gone before it was reached"
    assert move.blocked == ""


CHANGED = {
    ("days: {usual: 7, most: 9}", "days: {usual: 1, most: 9}"): (
        "step 'visited' takes 1 day to 9 days, was 7 days to 9 days"
    ),
    ("at: after 1 day", "at: after 2 days"): "step 'form' has other touches",
    ("within: 2 days", "within: 3 days"): "step 'form' has other touches",
    ("completes: [Visited]", "completes: [Seen]"): "step 'visited' has other events",
    ("title: Your visit", "title: The visit"): "step 'visited' is told in other words",
    ("subject: Help,", "subject: Please,"): (
        "'help_form' to the helper of step 'form' has other words"
    ),
}


@pytest.mark.parametrize("change", CHANGED)
def test_what_is_different_in_the_steps_that_remain_is_told(change: tuple[str, str]) -> None:
    """Days, touches, events and words; of what is behind the customer, nothing."""
    move = compare("ana", begun().journey, visit(), visit_with(*change))
    assert move.changes == [CHANGED[change]]
    life = begun().tell(event("Form Sent", 1), event("Visit Booked", 2), event("Visited", 3))
    assert compare("ana", life.journey, visit(), visit_with(*change)).changes == []


def test_what_would_be_due_at_once_is_told() -> None:
    """A message that was not said yet goes out when the journey moves; one that was, does not."""
    new = visit_with("      plain:\n        - send: hello", "      plain:\n        - send: nudge")
    life = begun()
    move = compare("ana", life.journey, visit(), new, START + DAY)
    assert "message 'nudge' of step 'form' would go out at once" in move.changes
    same = compare("ana", life.journey, visit(), visit(), START + DAY)
    assert same.changes == []
    assert compare("ana", life.journey, visit(), new, START + 30 * DAY).changes == move.changes[:-1]


def test_a_playbook_that_no_folder_knows_is_refused_with_those_it_knows() -> None:
    """Silence would look like "nobody has to move"."""
    followed(visit(), ["loan", "visit"])
    with pytest.raises(NotFound, match=r"no journey here follows a playbook 'visit'; .* loan"):
        followed(visit(), ["loan"])
