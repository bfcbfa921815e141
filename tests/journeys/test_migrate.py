"""What would change for a running journey, said before it moves."""

from tests.building import begun, event, visit, visit_with

from ofone.journeys.migrate import compare

STEP = """\
  - id: checked
    title: A check
    happens: We check.
    completes: [Checked]
    days: {usual: 1, most: 2}
"""


def test_a_change_of_words_changes_nothing_for_the_customer() -> None:
    """The same steps, another version."""
    new = visit_with("body: Nudge", "body: Nudge again")
    move = compare("ana", begun().journey, visit(), new)
    assert (move.changes, move.blocked, move.status_after) == ([], "", "active")
    assert (move.from_version, move.to_version) == (visit().version, new.version)
    assert move.steps_before == move.steps_after == ["form"]


def test_a_new_step_is_named_and_may_be_where_the_customer_stands_then() -> None:
    """Inserted behind the form, which is done."""
    new = visit_with("  - id: booked\n", STEP + "  - id: booked\n")
    move = compare("ana", begun().tell(event("Form Sent", 1)).journey, visit(), new)
    assert move.changes == ["step 'checked' is new", "step 'booked' is now ahead, was current"]
    assert move.steps_after == ["checked"]


def test_a_step_that_is_gone_is_named() -> None:
    """Its history is no longer shown, and the journey goes on."""
    old = visit_with("  - id: booked\n", STEP + "  - id: booked\n")
    life = begun(old).tell(event("Form Sent", 1), event("Checked", 2))
    move = compare("ana", life.journey, old, visit())
    assert move.changes == ["step 'checked' is gone, its history is kept but not shown"]
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
