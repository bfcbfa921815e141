"""What could come later leaves room under the cap for reminders that are planned."""

import pytest
from msgspec.structs import replace
from tests.building import START
from tests.decisions.asking import RULES, ask

from ofone.decisions.guards import Rules
from ofone.decisions.guards.room import room
from ofone.domain.times import DAY, HOUR, MINUTE, Micros

KEPT: Rules = replace(RULES, keep=True)
"""Three messages in seven days."""


def days(*found: float) -> tuple[Micros, ...]:
    return tuple(START + round(day * DAY) for day in found)


@pytest.mark.parametrize(
    ("contacts", "planned", "free"),
    [
        ((-1,), (2,), True),  # one, this, and the reminder
        ((-2, -1), (2,), False),  # it would be the fourth
        ((-6, -1), (2,), True),  # one is out of the reminder's window by then
        ((-2, -1), (7,), True),  # and so is this
        ((-2, -1), (6.9,), True),
        ((-1,), (1, 2), False),  # room is kept for both
        ((), (1, 2), True),
        ((), (1, 2, 3), False),
        ((-2, -1), (), True),
    ],
)
def test_the_last_room_is_kept_for_what_is_planned(
    contacts: tuple[float, ...], planned: tuple[float, ...], free: bool
) -> None:
    """Counted as the cap will count on the day of the reminder."""
    said = room(ask(rules=KEPT, contacts=days(*contacts), planned=days(*planned)))
    assert said.ok is free


def test_the_record_says_what_it_is_kept_for() -> None:
    """And it is asked again after the reminder."""
    said = room(ask(rules=KEPT, contacts=days(-2, -1), planned=days(1)))
    assert said.reason == (
        "kept for the reminder of Tuesday, 2026-03-03: at most 3 messages in 7 days"
    )
    assert said.until == START + DAY + 2 * HOUR


def test_it_is_asked_again_later_also_without_a_gap() -> None:
    """Never at the very moment at which the reminder is due: nothing would move."""
    rules = replace(KEPT, gap=0)
    said = room(ask(rules=rules, contacts=days(-2, -1), planned=(START,)))
    assert said.until == START + MINUTE


def test_room_is_kept_for_another_journey_whose_playbook_says_so() -> None:
    """Its cap counts all messages, so it needs room among all."""
    alone = ask(contacts=days(-2, -1), planned=days(1))
    assert room(alone).ok
    assert not room(replace(alone, others=(KEPT,))).ok
