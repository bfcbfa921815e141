"""Conditions and numbers in words."""

import pytest

from ofone.journeys.phrases import condition, count, events, lasting
from ofone.journeys.playbook import Match

SAID = {
    "needs.reassurance.high > 0.5": "the need for reassurance is probably high",
    "needs.trust.low <= 0.5": "the need for trust is probably not low",
    "needs.effort_sensitivity.high < 0.4": "the need for little effort is high with a chance "
    "below 40 %",
    "!needs.trust.known": "nothing is known of the need for trust",
    "step.attempts == 0": "the step is there for the first time",
    "step.attempts > 0": "the step began again",
    "step.days >= 3": "the number of days in the step is at least 3",
    "event.result == 'approved'": "result is “approved”",
    'facts.visit_place != "Bonn"': "visit place is not “Bonn”",
    "event.amount > 1000 && has(traits.email)": "amount is above 1000 and email is known",
    "event.a == 1 || !has(facts.b)": "a is 1 or b is not known",
    "event.paid == true": "paid is true",
    "size(event.tags) == 1": "`size(event.tags) == 1`",
    "(event.a == 1 || event.b == 2) && event.c == 3": "`(event.a == 1 || event.b == 2) && "
    "event.c == 3`",
    "event.a == 1 && event.b == 2 || event.c == 3": "`event.a == 1 && event.b == 2 || "
    "event.c == 3`",
}


@pytest.mark.parametrize("source", SAID)
def test_a_simple_condition_is_said_in_words(source: str) -> None:
    """And another one as it is written, never half of it."""
    assert condition(source) == SAID[source]


def test_events_are_joined_with_their_conditions() -> None:
    """By "or": any of them will do."""
    found = ("Signed", Match(event="Decided", if_="event.result == 'yes'"))
    assert events(found) == "Signed or Decided (if result is “yes”)"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "less than an hour"),
        (0.1, "2 hours"),
        (0.5, "12 hours"),
        (1, "1 day"),
        (2.5, "2.5 days"),
    ],
)
def test_a_number_of_days_is_said_as_people_say_it(days: float, said: str) -> None:
    """No 0.01 days, and one day is one day."""
    assert lasting(days) == said
    assert count(1, "message") == "1 message"
