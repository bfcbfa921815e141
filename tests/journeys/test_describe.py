"""A playbook for the people who sign it off."""

import pytest
from tests.building import visit

from ofone.journeys.describe import describe, mermaid
from ofone.journeys.load import bundled

BUNDLED = ("life-insurance", "loan")


@pytest.mark.parametrize("name", BUNDLED)
def test_everything_that_is_planned_is_told(name: str) -> None:
    """Every step, approach, message, request, reaction and end is in the text."""
    book = bundled(name)
    told = describe(book)
    for step in book.steps.values():
        assert f"{step.step.title} (`{step.step.id}`" in told
        planned = [t.touch for plan in step.accompany.values() for t in plan]
        planned += [t.touch for r in step.reactions.values() for t in r.then]
        assert all(f"“{t.send or t.ask}”" in told for t in planned if t.send or t.ask)
        assert all(r.because in told for r in step.reactions.values())
    assert all(a.because in told for a in book.playbook.approaches)
    assert all(o.title in told for o in book.playbook.outcomes)


def test_what_always_holds_is_told_in_numbers() -> None:
    """Hours, cap, distance and consent."""
    told = describe(bundled("life-insurance"))
    assert "between 09:00 and 20:00 where the customer lives" in told
    assert "At most 5 messages in 7 days to one person, at least 2 hours apart" in told
    assert f"version {bundled('life-insurance').version}" in told


def test_a_reaction_reads_like_a_sentence() -> None:
    """What, when, for whom, and why."""
    told = describe(visit())
    assert "- If it is still open after 2 days: send “nudge”, at once (Two days are long.)" in told
    assert "after 5 business days: ask the helper “help_form”, at once; change to warm" in told


@pytest.mark.parametrize("name", BUNDLED)
def test_the_diagram_has_every_step_requirement_and_end(name: str) -> None:
    """Solid arrows are requirements; a quotation mark in a title breaks nothing."""
    book, drawn = bundled(name), mermaid(bundled(name))
    for step in book.steps.values():
        assert all(f"  {needed} --> {step.step.id}" in drawn for needed in step.after)
    assert all(f"{outcome}_end" in drawn for outcome in book.outcomes)
    assert f"  {book.playbook.goal} --> goal([goal])" in drawn
    assert all(line.count('"') % 2 == 0 for line in drawn.splitlines())
