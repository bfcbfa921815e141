"""Approaches change gently: not to and fro, not too often, and at once when somebody asks."""

from functools import cache

import pytest
from tests.building import Life, event, visit_with

from ofone.domain.decisions import Decision
from ofone.domain.errors import PlaybookError
from ofone.journeys.compiled import Compiled

PREFER = "    prefer: needs.reassurance.high > 0.5\n"
GOAL = "goal: visited\n"


@cache
def gentle() -> Compiled:
    """Warm is kept until the belief has clearly fallen."""
    return visit_with(PREFER, f"{PREFER}    keep: needs.reassurance.high > 0.2\n")


@cache
def slow() -> Compiled:
    """At most one change in two days."""
    return visit_with(GOAL, f"{GOAL}dwell: 2 days\n")


def decided(life: Life) -> Decision:
    """The last choice of an approach."""
    return [d for d in life.decisions if d.kind == "approach"][-1]


def calmed(life: Life, day: float, *answers: int) -> None:
    for n, answer in enumerate(answers):
        life.tell(event("Baseline Answered", day + n / 100, key=None, A1=answer))


def test_a_small_fall_of_the_belief_changes_nothing() -> None:
    """It had to be more likely than not to begin, and may be less than that to go on."""
    for book, approach in ((visit_with("title: A visit", "title: V"), "plain"), (gentle(), "warm")):
        life = Life(book).tell(event("Ordered"))
        life.tell(*[event("Worry Told", n / 20) for n in range(1, 4)])
        assert life.step("form").approach == "warm"
        calmed(life, 1, 2)
        assert life.step("form").approach == approach


def test_a_clear_fall_changes_it_all_the_same() -> None:
    """Kept is not locked in."""
    life = Life(gentle()).tell(event("Ordered"), event("Worry Told", 0.1), event("Worry Told", 0.2))
    life.tell(event("Worry Told", 0.3))
    calmed(life, 1.5, 1)
    calmed(life, 3, 1)
    assert life.step("form").approach == "plain"


def test_an_approach_changes_at_most_once_in_its_time() -> None:
    """What was heard meanwhile is weighed again once the time is over."""
    life = Life(slow()).tell(event("Ordered"))
    life.tell(*[event("Worry Told", n / 20) for n in range(1, 5)])
    assert life.step("form").approach == "plain"
    life.wait(event("x", 2.01).at)
    assert life.step("form").approach == "warm"
    assert decided(life).trigger == "what was heard since"


def test_who_asks_for_less_gets_it_at_once() -> None:
    """Neither the time since the last change nor any belief holds it up; and so back again."""
    book = visit_with("cadence: normal", "cadence: fewer")
    life = Life(book).tell(event("Ordered"), *[event("Worry Told", n / 20) for n in (1, 2, 3)])
    assert life.step("form").approach == "warm"
    life.tell(event("Preference Stated", 0.5, key=None, accompany="less"))
    assert life.step("form").approach == "plain"
    assert decided(life).options[1].because == "the customer asked for it"
    life.tell(event("Preference Stated", 0.6, key=None, accompany="usual"))
    assert life.step("form").approach == "warm"


def test_what_was_added_for_want_of_a_reaction_is_not_taken_back() -> None:
    """The old approach was not reacted to: a little more of the same evidence proves nothing."""
    life = Life().tell(event("Ordered")).wait(event("x", 8).at)
    assert (life.step("form").approach, life.step("form").left) == ("warm", "plain")
    calmed(life, 8.5, 2)
    assert life.step("form").approach == "warm"
    life.tell(event("Form Sent", 9))
    assert life.step("booked").approach == "plain"


def test_what_was_left_is_remembered_when_the_steps_are_folded_anew() -> None:
    """Any event of the journey does that; the step is at the same attempt as before."""
    life = Life().tell(event("Ordered")).wait(event("x", 8).at)
    life.tell(event("Visit Waived", 8.2))
    assert (life.step("form").status, life.step("form").left) == ("current", "plain")


def test_a_wish_nobody_knows_is_refused() -> None:
    """With the words there are."""
    life = Life()
    said = life.take(event("Preference Stated", key=None, accompany="a lot")).unusable
    assert said == "accompany is 'a lot'; write more, usual, less"
    with pytest.raises(PlaybookError, match="dwell: 'soon' is not a length"):
        visit_with(GOAL, f"{GOAL}dwell: soon\n")
