"""Where a journey stands, from what happened alone."""

from tests.building import START, Life, begun, event

from ofone.domain.state import StepState
from ofone.journeys.progress import MARKS_KEPT, current_steps, mark


def statuses(life: Life) -> dict[str, str]:
    return {name: s.status for name, s in life.journey.steps.items()}


def at(day: float) -> int:
    return event("", day).at


def test_a_journey_begins_in_the_steps_that_wait_for_nothing() -> None:
    """Everything else is ahead, and needs no state."""
    life = begun()
    assert statuses(life) == {"form": "current"}
    assert life.step("form").entered == START


def test_a_step_is_entered_when_the_last_that_it_waits_for_is_done() -> None:
    """At the source's time of that event."""
    life = begun().tell(event("Form Sent", 1))
    assert statuses(life) == {"form": "done", "booked": "current"}
    assert life.step("booked").entered == at(1)


def test_a_step_that_cannot_be_skipped_is_implied_by_a_later_one() -> None:
    """Who was visited had booked, whether we heard of it or not."""
    life = begun().tell(event("Visited", 3))
    assert statuses(life) == {"form": "skipped", "booked": "skipped", "visited": "done"}
    assert life.journey.status == "completed"


def test_a_late_event_takes_the_place_of_an_implied_skip() -> None:
    """The form was sent after all, and at its own time."""
    life = begun().tell(event("Visit Booked", 2), event("Form Sent", 1))
    assert statuses(life) == {"form": "done", "booked": "done", "visited": "current"}
    assert (life.step("form").done, life.step("booked").entered) == (at(1), at(1))


def test_a_step_can_be_skipped_by_an_event() -> None:
    """And what waits for it goes on."""
    life = begun().tell(event("Form Sent", 1), event("Visit Waived", 2))
    assert statuses(life) == {"form": "done", "booked": "skipped", "visited": "current"}
    assert life.step("booked").done == at(2)


def test_a_repeat_opens_the_step_again_as_a_new_attempt() -> None:
    """Entered anew, and the steps after it are ahead again."""
    life = begun().tell(event("Form Sent", 1), event("Visit Booked", 2), event("Visit Missed", 4))
    assert statuses(life) == {"form": "done", "booked": "current", "visited": "ahead"}
    assert (life.step("booked").attempts, life.step("booked").entered) == (1, at(4))
    life.tell(event("Visit Booked", 5, named="again"))
    assert (life.step("visited").attempts, life.step("visited").entered) == (1, at(5))


def test_a_repeat_takes_back_what_an_earlier_event_implied() -> None:
    """A later step that was done before the repeat implies nothing any more."""
    life = begun().tell(event("Visit Booked", 2), event("Form Returned", 3))
    assert life.step("form").status == "current"
    assert life.step("form").attempts == 1


def test_an_optional_step_that_never_opens_holds_up_nobody() -> None:
    """What waits for it looks through to what it would have waited for."""
    life = begun().tell(event("Form Sent", 1), event("Visit Booked", 2))
    assert "paper" not in statuses(life)
    assert life.step("visited").entered == at(2)


def test_an_optional_step_that_opened_is_waited_for() -> None:
    """Also when it opens after the step behind it was entered."""
    life = begun().tell(event("Form Sent", 1), event("Visit Booked", 2), event("Paper Asked", 3))
    assert statuses(life) == {
        "form": "done",
        "booked": "done",
        "paper": "current",
        "visited": "ahead",
    }
    life.tell(event("Paper Got", 5))
    assert life.step("visited").entered == at(5)


def test_an_optional_step_may_open_twice() -> None:
    """The second time is a new attempt, entered when it opened."""
    life = begun().tell(
        event("Form Sent", 1),
        event("Paper Asked", 2),
        event("Paper Got", 3),
        event("Paper Asked", 4),
    )
    assert (life.step("paper").status, life.step("paper").attempts) == ("current", 1)
    assert life.step("paper").entered == at(4)


def test_opening_what_is_open_is_nothing_new() -> None:
    """Asked twice before the paper came: one attempt, from the first time on."""
    life = begun().tell(event("Form Sent", 1), event("Paper Asked", 2), event("Paper Asked", 3))
    assert (life.step("paper").entered, life.step("paper").attempts) == (at(2), 0)


def test_steps_side_by_side_are_all_current() -> None:
    """In the order of the playbook; an ended journey has none."""
    life = begun().tell(event("Form Sent", 1), event("Paper Asked", 2))
    assert current_steps(life.journey) == ["booked", "paper"]
    life.tell(event("Cancelled", 3))
    assert current_steps(life.journey) == []


def test_the_first_end_by_time_counts() -> None:
    """Cancelled on Tuesday stays cancelled on Wednesday, also when Tuesday is heard last."""
    life = begun().tell(event("Visited", 5), event("Cancelled", 3))
    assert (life.journey.status, life.journey.outcome) == ("ended", "cancelled")
    assert life.journey.ended == at(3)


def test_an_end_may_be_taken_back() -> None:
    """By its own reopening event; the steps go on where they were."""
    life = begun().tell(event("Form Sent", 1), event("Cancelled", 1.5), event("Resumed", 1.6))
    assert (life.journey.status, life.journey.outcome, life.journey.ended) == ("active", "", None)
    assert life.step("booked").status == "current"
    assert [t.name for t in life.state.timers] == ["0/booked/0/h"]


def test_a_reopening_of_an_open_journey_is_nothing() -> None:
    """It reopens only the end it names, and only after it."""
    life = begun().tell(event("Resumed", 1), event("Cancelled", 2))
    assert life.journey.outcome == "cancelled"


def test_the_goal_is_reached_again_after_a_repeat() -> None:
    """A journey whose goal is repeated is active until the goal is done once more."""
    life = begun().tell(event("Visited", 3), event("Visit Missed", 4))
    assert life.journey.status == "active"
    life.tell(event("Visited", 6))
    assert (life.journey.status, life.journey.ended) == ("completed", at(6))


def test_marks_are_bounded_and_the_latest_decide() -> None:
    """A step that repeats a hundred times keeps its size and its place."""
    step: StepState | None = None
    for n in range(100):
        step = mark(step, "repeats" if n % 2 else "completes", START + n)
    assert step is not None
    assert len(step.marks) <= MARKS_KEPT
    assert step.marks[-1] == (START + 99, "r")
