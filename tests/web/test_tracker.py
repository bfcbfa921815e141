"""The customer's page in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ofone.web.tracker import inline, tracker

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)


def step(title: str, status: str, **more: Any) -> dict[str, Any]:
    return {"id": title.lower(), "title": title, "status": status, **more}


def expected(start: str, end: str) -> dict[str, str]:
    return {"from": f"2026-{start}T12:00:00Z", "to": f"2026-{end}T12:00:00Z"}


def journey(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"status": "active", "tracker": "front", "steps": list(steps), **more}


def sentence(*steps: dict[str, Any], **more: Any) -> str:
    return tracker(journey(*steps, **more), now=NOW, zone="America/New_York").sentence


def test_the_sentence_says_how_far_and_what_is_next() -> None:
    """The example of the look: half way, and the appointment with its day and time."""
    said = sentence(
        step("Application", "done"),
        step("Signatures", "done"),
        step("Health assessment", "current", appointment="2026-03-17T14:20:00Z"),
        step("Decision", "ahead"),
    )
    assert said == "You are half way. Next: health assessment on Tuesday at 10:20\u00a0AM."


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (0, "You are at the beginning."),
        (1, "You have made a start."),
        (3, "You are a third of the way."),
        (5, "You are half way."),
        (7, "You are two thirds of the way."),
        (8, "You are three quarters of the way."),
        (9, "You are almost there."),
    ],
)
def test_progress_is_said_in_words(done: int, words: str) -> None:
    """Never as a percentage."""
    steps = [step(f"S{i}", "done" if i < done else "ahead") for i in range(10)]
    assert sentence(*steps) == words


def test_steps_that_were_not_needed_count_neither_way() -> None:
    """Two of four done is half way, however many were skipped."""
    steps = [step("A", "done"), step("B", "done"), step("C", "ahead"), step("D", "ahead")]
    assert sentence(*steps, *[step(f"X{i}", "skipped") for i in range(9)]) == "You are half way."


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-12T20:00:00Z", "today"),
        ("2026-03-13T20:00:00Z", "tomorrow"),
        ("2026-03-16T20:00:00Z", "on Monday"),
        ("2026-03-25T20:00:00Z", "on Wednesday, March\u00a025"),
    ],
)
def test_an_appointment_is_named_as_people_name_days(at: str, day: str) -> None:
    """Today, tomorrow, the weekday within a week, then the date."""
    said = sentence(step("Visit", "current", appointment=at), step("End", "ahead"))
    assert said == f"You are at the beginning. Next: visit {day} at 4:00\u00a0PM."


def test_a_broken_promise_is_said_and_not_hidden() -> None:
    """Honest about delay: the card and the sentence both say it."""
    late = step("Laboratory", "current", expected=expected("03-05", "03-09"))
    view = tracker(journey(late, step("End", "ahead")), now=NOW)
    assert view.steps[0].late
    assert view.steps[0].words == (
        "This is taking longer than we said. We had expected it by March\u00a09."
    )
    assert "It is taking longer than we said" in view.sentence


def test_ranges_are_quoted_as_words() -> None:
    """A range before it begins, its end once it has begun, a range for what is ahead."""
    view = tracker(
        journey(
            step("Now", "current", expected=expected("03-10", "03-20")),
            step("Soon", "current", expected=expected("03-14", "03-20")),
            step("Then", "ahead", expected=expected("03-20", "03-28")),
            step("Some day", "ahead"),
        ),
        now=NOW,
    )
    assert [s.words for s in view.steps] == [
        "Expected by Friday, March\u00a020",
        "Expected between March\u00a014 and March\u00a020",
        "Expected March\u00a020 – 28",
        "The date will follow",
    ]
    assert (
        view.end == "We expect everything to be finished between March\u00a020 and March\u00a028."
    )


def test_the_bar_holds_the_range_and_today() -> None:
    """All three lie on the bar, in the order of time."""
    current = step(
        "Now",
        "current",
        entered_at="2026-03-10T12:00:00Z",
        expected=expected("03-14", "03-20"),
    )
    bar = tracker(journey(current), now=NOW).steps[0].bar
    assert bar is not None
    assert 0 < bar.today < bar.start < bar.start + bar.width < 100


@pytest.mark.parametrize("status", ["completed", "ended"])
def test_a_finished_journey_asks_for_nothing(status: str) -> None:
    """No step and no date is quoted any more."""
    view = tracker(journey(step("A", "done"), status=status), now=NOW)
    assert "nothing" in view.sentence
    assert view.end == ""


def test_a_finished_journey_names_what_and_when() -> None:
    """Calmly, and with a word of thanks."""
    done = journey(status="completed", title="Life cover", ended_at="2026-03-11T12:00:00Z")
    view = tracker(done, now=NOW)
    assert view.sentence.startswith("All done: your life cover is complete.")
    assert view.end == "Finished on Wednesday, March\u00a011. Thank you."


def test_an_end_is_told_in_the_companys_words() -> None:
    """The playbook's outcome knows what to say; the page adds nothing to it."""
    said = sentence(status="ended", outcome_says="You chose not to go on. The door stays open.")
    assert said == "You chose not to go on. The door stays open."


def test_a_bare_journey_still_gives_a_page() -> None:
    """Old records may hold nothing at all."""
    view = tracker({}, now=NOW)
    assert (view.sentence, view.prominence, view.steps) == (
        "You are at the beginning.",
        "front",
        (),
    )


def test_a_snapshot_has_the_storys_shape() -> None:
    """What the demo draws is what the customer's page says."""
    snapshot = tracker(journey(step("A", "current")), now=NOW).snapshot("2026-03-12T15:00:00Z")
    assert set(snapshot) == {"at", "prominence", "sentence", "end", "steps"}
    assert set(snapshot["steps"][0]) >= {"title", "status", "words", "from", "to"}


@pytest.mark.parametrize(
    ("title", "inside"), [("Health check", "health check"), ("MRI", "MRI"), ("", "")]
)
def test_a_title_inside_a_sentence_begins_small(title: str, inside: str) -> None:
    """Abbreviations keep their capitals."""
    assert inline(title) == inside
