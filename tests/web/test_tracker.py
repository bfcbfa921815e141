"""The customer's page in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ofone.journeys.playbook import StepWords
from ofone.web.moments import Reader
from ofone.web.tracker import changes, inline, tracker

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


@pytest.mark.parametrize(
    ("days", "entered", "said"),
    [
        ((4, 9), "03-10", "Usually 4 to 9 days; today is day 2."),
        ((0.2, 0.9), "03-12", "Usually about a day; it began today."),
        ((3, 3), "03-11", "Usually about 3 days; today is day 1."),
        ((0, 0), "03-10", ""),
    ],
)
def test_it_says_how_long_it_takes_and_which_day_it_is(
    days: tuple[float, float], entered: str, said: str
) -> None:
    """In whole calendar days of the reader; where nobody knows, nothing."""
    now = step("Now", "current", usual_days=days[0], most_days=days[1])
    view = tracker(journey(now | {"entered_at": f"2026-{entered}T12:00:00Z"}), now=NOW)
    assert view.steps[0].usual == said


def test_before_an_appointment_days_are_not_counted() -> None:
    """Its day is known; how long such steps usually take is then beside the point."""
    now = step("Visit", "current", usual_days=4, most_days=9, appointment="2026-03-17T14:20:00Z")
    assert tracker(journey(now), now=NOW).steps[0].usual == ""


def test_what_was_told_stands_and_a_moved_date_has_its_reason() -> None:
    """Whatever would be expected now; the day that was said first is not passed over."""
    told = {"from": "2026-03-14T12:00:00Z", "to": "2026-03-20T12:00:00Z"}
    was = {"to": "2026-03-12T12:00:00Z", "because": "it snows", "at": "2026-03-11T12:00:00Z"}
    now = step("Now", "current", told=told | {"moved": was}, expected=expected("04-01", "04-09"))
    shown = tracker(journey(now), now=NOW).steps[0]
    assert shown.words == "Expected between March\u00a014 and March\u00a020"
    assert shown.moved == "We first said by March\u00a012. It takes longer, because it snows."
    since = datetime(2026, 3, 10, tzinfo=UTC)
    assert changes(journey(now), since, now=NOW) == ["Now: a new date, by Friday, March\u00a020"]


def test_a_reason_in_another_language_is_left_out() -> None:
    """Half a sentence in each language helps nobody."""
    was = {"to": "2026-03-12T12:00:00Z", "because": "it snows"}
    now = step("Now", "current", told={"to": "2026-03-20T12:00:00Z", "moved": was})
    shown = tracker(journey(now), now=NOW, language="de").steps[0]
    assert shown.moved == "Zuerst hatten wir 12.\u00a0März gesagt. Es dauert länger."


@pytest.mark.parametrize(
    ("now", "points"), [("03-13", 0), ("03-14", 2), ("03-17", 2), ("03-18", 0)]
)
def test_what_to_prepare_is_there_when_the_day_is_near(now: str, points: int) -> None:
    """From so many days before until it is over."""
    prepare = {"days": 3, "points": ["A photo ID", "Water"]}
    visit = step("Visit", "current", appointment="2026-03-17T14:20:00Z", prepare=prepare)
    at = datetime.fromisoformat(f"2026-{now}T10:00:00Z")
    assert len(tracker(journey(visit), now=at).steps[0].prepare) == points


def test_steps_side_by_side_are_named_together() -> None:
    """And each has its own card; an appointment comes first."""
    both = step("Laboratory work", "current"), step("Records", "current")
    assert sentence(*both).endswith("Now: laboratory work and records.")
    meeting = step("Visit", "current", appointment="2026-03-17T14:20:00Z")
    assert "Next: visit on Tuesday" in sentence(*both, meeting)


def test_a_step_that_begins_again_says_so() -> None:
    """Somebody who did it already must not think that they misread."""
    again = step("Booking", "current", attempts=1, entered_at="2026-03-11T12:00:00Z")
    assert tracker(journey(again), now=NOW).steps[0].again
    since = datetime(2026, 3, 10, tzinfo=UTC)
    assert changes(journey(again), since, now=NOW) == ["Booking: once more"]


@pytest.mark.parametrize(
    ("who", "said", "company", "shown"),
    [
        ("we", "wir", "Alder", "Alder"),
        ("we", "", "Alder", "Alder"),
        ("we", "wir", "", "wir"),
        ("you", "", "Alder", "Sie"),
        ("the lab", "das Labor", "Alder", "das Labor"),
    ],
)
def test_the_company_has_its_name_in_every_language(
    who: str, said: str, company: str, shown: str
) -> None:
    """A bare "we" would leave open who that is."""
    words = StepWords(title="Nun", happens="…", who=said)
    now = step("Now", "current", who=who, says={"de": words})
    view = tracker(journey(now, company=company), now=NOW, language="de")
    assert view.steps[0].who == shown


@pytest.mark.parametrize(
    ("you_do", "needs", "needed"),
    [("Sign.", True, True), ("Sign.", False, False), ("", True, False)],
)
def test_only_what_waits_for_the_customer_needs_them(
    you_do: str, *, needs: bool, needed: bool
) -> None:
    """What may be done is no demand, and where nothing is said nothing is demanded."""
    now = step("Now", "current", you_do=you_do, needs_you=needs)
    assert tracker(journey(now), now=NOW).steps[0].needs_you is needed


@pytest.mark.parametrize(
    ("steps", "folded"), [((5, 8), (0, 0)), ((6, 9), (4, 3)), ((30, 9), (28, 3))]
)
def test_of_many_steps_only_the_near_ones_are_open(
    steps: tuple[int, int], folded: tuple[int, int]
) -> None:
    """Two behind, five ahead, and the end."""
    done = [step(f"D{n}", "done") for n in range(steps[0])]
    ahead = [step(f"A{n}", "ahead") for n in range(steps[1])]
    view = tracker(journey(*done, step("Now", "current"), *ahead), now=NOW)
    assert (view.behind, view.beyond) == folded


def test_what_was_not_reached_is_not_shown_after_the_end() -> None:
    """No date will follow, and nobody is doing anything."""
    steps = step("A", "done"), step("B", "current"), step("C", "ahead")
    assert [s.title for s in tracker(journey(*steps, status="ended"), now=NOW).steps] == ["A"]


def test_a_title_cannot_turn_the_sentence_round() -> None:
    """Marks that override directions are dropped, and what is too long is cut."""
    said = sentence(step("\u202eevil" + "x" * 500, "current"))
    assert "\u202e" not in said
    assert len(said) < 200


def test_another_language_has_its_own_words_and_nouns() -> None:
    """German nouns stay tall; who does it, and the playbook's words in that language."""
    says = {"de": StepWords(title="Ihr Antrag", happens="Sie füllen ihn aus.", you_do="Los.")}
    now = step("Your application", "current", says=says, who="you", you_do="Go.")
    shown = tracker(journey(now), now=NOW, language="de", own="en")
    assert shown.sentence == "Sie stehen am Anfang. Jetzt: Ihr Antrag."
    assert (shown.steps[0].who, shown.steps[0].you_do, shown.steps[0].lang) == ("Sie", "Los.", "")
    french = tracker(journey(now), now=NOW, language="fr", own="en").steps[0]
    assert (french.title, french.lang) == ("Your application", "en")


@pytest.mark.parametrize(
    ("language", "same", "apart", "full"),
    [
        ("en", "March\u00a09 – 14", "March\u00a09 – April\u00a02", "Monday, March\u00a09"),
        ("de", "9.–14.\u00a0März", "9.\u00a0März – 2.\u00a0April", "Montag, 9.\u00a0März"),
        (
            "es",
            "9–14\u00a0de\u00a0marzo",
            "9\u00a0de\u00a0marzo – 2\u00a0de\u00a0abril",
            "lunes, 9\u00a0de\u00a0marzo",
        ),
        ("fr", "9–14\u00a0mars", "9\u00a0mars – 2\u00a0avril", "lundi 9\u00a0mars"),
    ],
)
def test_dates_follow_the_language(language: str, same: str, apart: str, full: str) -> None:
    """Days, months and what stands between them."""
    reader = Reader("UTC", "en_GB" if language != "en" else "en_US", language)
    first, second, later = (datetime(2026, m, d, tzinfo=UTC) for m, d in ((3, 9), (3, 14), (4, 2)))
    assert reader.range(first, second) == same
    assert reader.range(first, later) == apart
    assert reader.full_day(first) == full
