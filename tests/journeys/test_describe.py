"""A playbook for the people who sign it off."""

import pytest
from tests.building import visit, visit_with

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
        assert all(
            f"“{book.actions[t.send].title}” (`{t.send}`)" in told for t in planned if t.send
        )
        asked = [book.helper_messages[t.ask] for t in planned if t.ask]
        assert all(f"“{m.subject}” (`{m.id}`)" in told for m in asked)
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
    assert "still open after 2 days: send “Nudge” (`nudge`), at once (Two days are long.)" in told
    assert "5 business days: ask the guide “Help” (`help_form`), at once; change to “Warm”" in told


def test_what_stands_on_the_tracker_is_told() -> None:
    """What to prepare, what may be done, and the words in other languages."""
    book = bundled("life-insurance")
    assert "- On the tracker from 3 days before, to prepare: A photo ID; " in describe(book)
    assert "- What the customer may do: You see here when this step is done." in describe(book)
    assert "Ihre Gesundheitsprüfung" not in describe(book)
    assert "Ihre Gesundheitsprüfung" in describe(book, words=True)


def test_where_a_button_leads_is_told() -> None:
    """Those who sign it off see the address."""
    act = "    you_do: Choose.\n    act: {title: Choose a time, url: 'https://x.example/{key}'}\n"
    told = describe(visit_with("    tip: tip_booked\n", act))
    assert "- The button “Choose a time” on the tracker leads to https://x.example/{key}" in told


def test_what_confirms_a_moved_appointment_is_told() -> None:
    """By the property that holds the date."""
    told = describe(visit_with("    date: visit_at\n", "    date: visit_at\n    moved: nudge\n"))
    assert "- When `visit_at` moves: send “Nudge” (`nudge`), at once, and once for each" in told


def test_another_way_and_another_hour_are_told() -> None:
    """Both are how it is sent, beside what and when."""
    touch = "- {send: more, channels: [other], hour: other}"
    told = describe(visit_with("- send: nudge", touch))
    assert "by another channel than before, at another time of day than before, at once" in told


@pytest.mark.parametrize("name", BUNDLED)
def test_the_diagram_has_every_step_requirement_and_end(name: str) -> None:
    """Solid arrows are requirements; a quotation mark in a title breaks nothing."""
    book, drawn = bundled(name), mermaid(bundled(name))
    for step in book.steps.values():
        assert all(f"  {needed} --> {step.step.id}" in drawn for needed in step.after)
    assert all(f"{outcome}_end" in drawn for outcome in book.outcomes)
    goal = book.steps[book.playbook.goal].step.title
    assert f'goal_end(["Goal: {goal}"])' in drawn
    assert f"  {book.playbook.goal} --> goal_end([" in drawn
    assert all(line.count('"') % 2 == 0 for line in drawn.splitlines())


def test_titles_are_said_and_ones_are_singular() -> None:
    """A person who signs off reads titles, sentences and numbers that agree."""
    told = describe(visit_with("cap: {messages: 50, days: 1}", "cap: {messages: 1, days: 1}"))
    assert "Usually 1 day, nine in ten within 3 days." in told
    assert "At most 1 message in 1 day" in told
    assert "- Waits for: “Your appointment”, “A paper”" in told
    assert "- Plain: send “More” (`more`), at once" in told
    assert "1. **Warm** (when the need for reassurance is probably high)" in told


def test_what_is_asked_what_counts_and_who_helps_are_told() -> None:
    """Questions, signals and helpers are part of what is signed off."""
    told = describe(visit())
    assert "- Are you worried? (`A1`; a 5 means more of the need for reassurance)" in told
    assert "- Worry Told: more of the need for reassurance; an assumption (Told us.)" in told
    assert "- **guide** (`guide`), known by the trait `guide_id`" in told
    assert "  - tip: “A tip” (`tip_booked`)" in told


def test_the_words_that_will_be_sent_are_told_on_request() -> None:
    """Every text as it was written, in all languages, and none without being asked for."""
    book = bundled("life-insurance")
    told, short = describe(book, words=True), describe(book)
    said = [c for a in book.actions.values() for s in a.content.values() for c in s.values()]
    bodies = [c.body for c in said] + [words.body for c in said for words in c.says.values()]
    bodies += [m.body for m in book.helper_messages.values()]
    assert all(body.rstrip() in told for body in bodies)
    assert told.startswith(short.rstrip())
    assert "The words that will be sent" not in short


def test_the_words_at_the_ends_of_a_scale_are_told() -> None:
    """Where a question has them."""
    told = describe(visit_with("toward: 1}", "toward: 1, low: Not at all, high: Very}"))
    assert "(`A1`, from “Not at all” to “Very”; a 5 means more" in told
