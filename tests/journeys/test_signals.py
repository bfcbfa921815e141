"""What people do, said in the playbook and folded in a journey."""

from functools import cache

import pytest
from tests.building import START, Life, event, visit_with

from ofone.domain.errors import PlaybookError
from ofone.domain.state import NeedState
from ofone.domain.times import DAY
from ofone.domain.words import Need
from ofone.journeys.compiled import Compiled
from ofone.needs.model import assess

WORRY = "  - {event: Worry Told, need: reassurance, score: 1.5, validity: 0.5, because: Told us.}\n"


@cache
def book(signal: str) -> Compiled:
    return visit_with(WORRY, f"{WORRY}  - {{{signal}}}\n")


def mean(life: Life, need: Need = "reassurance", day: float = 30) -> float:
    return assess(life.state.needs.get(need), START + round(day * DAY), need, 0.5).mean


def known(life: Life, need: Need = "reassurance") -> NeedState:
    return life.state.needs[need]


CALLS = (
    "event: Called, need: reassurance, because: Called., counts: {usual: 1, days: 10, weight: 0.7}"
)
SOON = "event: Form Sent, need: urgency, because: Soon., score: 1, soon: 1 day, validity: 0.2"
SILENT = (
    "event: Asked, need: information, because: No answer., score: -1, validity: 0.15, "
    "unless: [Answered], within: 7 days"
)


def test_calls_count_from_the_beginning_of_the_journey() -> None:
    """The waiting begins with the journey, and then with each call."""
    life = Life(book(CALLS)).tell(event("Ordered"), event("Called", 4), event("Called", 5))
    since = [e.count.since for e in known(life).evidence if e.count is not None]
    assert since == [START, START + 4 * DAY]
    assert mean(life, day=5) > 0.1


def test_a_call_outside_any_journey_has_been_waited_for_a_week() -> None:
    """Without a beginning to count from, one call says a little."""
    life = Life(book(CALLS)).tell(event("Called", 4, key=None))
    (one,) = known(life).evidence
    assert one.count is not None
    assert one.count.since == START - 3 * DAY


def test_how_soon_an_answer_comes_counts_from_our_last_message() -> None:
    """Who is written to at once and answers in an hour has little time."""
    consent = event("Consent Given", channels=["email"], purpose="service")
    ana = {"email": "a@b.example"}
    life = Life(book(SOON)).tell(consent, event("Ordered", traits=dict(ana)))
    assert life.said == ["hello/plain/email"]
    life.tell(event("Form Sent", 1 / 24))
    assert mean(life, "urgency", 1 / 24) > 0.07
    assert "urgency" not in Life(book(SOON)).tell(event("Form Sent", 1, key=None)).state.needs


def test_silence_says_a_little_once_the_time_is_over() -> None:
    """Not before, and never more than a tenth of a standard deviation."""
    life = Life(book(SILENT)).tell(event("Asked", key=None))
    life.wait(START + 6 * DAY)
    assert "information" not in life.state.needs
    life.wait(START + 8 * DAY)
    assert -0.1 <= mean(life, "information", 7) < 0
    assert known(life, "information").evidence[0].at == START + 7 * DAY


def test_an_answer_in_time_ends_the_waiting() -> None:
    """Also one that arrives late with its own time; an old one does not."""
    answered = Life(book(SILENT)).tell(event("Asked", key=None), event("Answered", 3, key=None))
    assert "information" not in answered.wait(START + 9 * DAY).state.needs
    before = Life(book(SILENT)).tell(event("Asked", key=None), event("Answered", -3, key=None))
    assert "information" in before.wait(START + 9 * DAY).state.needs


def test_a_correction_changes_the_approach_at_once() -> None:
    """The customer's word, against all that was heard."""
    life = Life().tell(event("Ordered"), *[event("Worry Told", n / 9) for n in range(1, 4)])
    assert life.step("form").approach == "warm"
    life.tell(event("Need Corrected", 1, key=None, need="reassurance", level="less"))
    assert life.step("form").approach == "plain"
    life.tell(event("Worry Told", 1.1), event("Worry Told", 1.2))
    assert life.step("form").approach == "plain"


def test_a_stage_has_its_own_usual_and_the_person_stays_the_same() -> None:
    """What people feel at a step shifts the assessment there, and is no evidence of anybody."""
    staged = visit_with(
        "    title: Your form\n", "    title: Your form\n    usually: {reassurance: 1}\n"
    )
    life = Life(staged).tell(event("Ordered"), event("Worry Told", 0.1))
    (piece,) = known(life).evidence
    assert piece.score == pytest.approx(0.5)
    (seen,) = life.decisions[0].evidence
    assert (seen.mean, seen.sd) == (1.0, 1.0)
    life.tell(event("Form Sent", 1))
    (seen,) = next(d for d in life.decisions if d.step == "booked").evidence
    assert 0 < seen.mean < 0.2


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        ("event: X, need: trust, because: X.", "this signal says nothing"),
        (f"{CALLS}, score: 1", "what is counted has no score"),
        (f"{SILENT[:-7]} soonish", "within"),
        (SILENT.replace("0.15", "0.3"), "silence says little"),
        (SILENT.replace(", within: 7 days", ""), "a silence has both unless and within"),
        (SOON.replace("1 day", "0 minutes"), "nobody answers before they are asked"),
        (CALLS.replace("0.7", "0"), "0 says nothing of the need"),
    ],
)
def test_a_signal_that_cannot_work_is_refused(signal: str, message: str) -> None:
    """With the place in the file and what would work."""
    with pytest.raises(PlaybookError, match=message):
        book(signal)


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (
            "event: Need Corrected, need: trust, score: 1, because: X.",
            "says what it says by itself",
        ),
        (SILENT.replace("[Answered]", "[Asked]"), "'Asked' would answer itself"),
        (SILENT.replace("7 days", "0 days"), "nobody answers in no time"),
        ("event: {event: X, if: traits.age > 60}, need: trust, score: 1, because: X.", "traits"),
    ],
)
def test_evidence_is_never_circular_nor_about_who_somebody_is(signal: str, message: str) -> None:
    """Conditions of signals see the event alone."""
    with pytest.raises(PlaybookError, match=message):
        book(signal)
