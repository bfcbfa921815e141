"""From an event to scores, and the tempering of one contact."""

from math import e, inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import event

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Value
from ofone.domain.state import Count
from ofone.domain.times import DAY, HOUR
from ofone.domain.words import NEEDS
from ofone.needs import evidence
from ofone.needs.evidence import (
    SHARED,
    SILENCE_VALIDITY,
    Contact,
    SignalRule,
    baseline,
    correction,
    level_of,
    signals,
    variance_of,
)
from ofone.needs.items import Question

EASE = Question(id="A1", need="reassurance", text="At ease?", toward=-1)
WHY = Question(id="I1", need="information", text="Why?", toward=1)
QUESTIONS = {"A1": EASE, "I1": WHY}

COUNTED = SignalRule(
    need="reassurance", score=0, variance=8.0, because="called", count=(log(0.1), 0.7)
)

rules = st.builds(
    SignalRule,
    need=st.sampled_from(NEEDS[:2]),
    score=st.floats(-4, 4),
    variance=st.floats(0.01, 30),
    because=st.just("said so"),
)


def test_an_answer_is_kept_as_the_answer_it_was() -> None:
    """Slope and thresholds, turned towards the need; 1 to a question of ease says much of it."""
    scored = baseline(event("Baseline Answered", A1=1, I1=4), QUESTIONS)
    assert [(s.need, s.kind, s.answer) for s in scored] == [
        ("reassurance", "answer A1", (1.5, 1.5, inf)),
        ("information", "answer I1", (1.5, 0.5, 1.5)),
    ]
    assert all(s.score > 1 for s in scored)


def test_what_is_skipped_or_not_an_item_is_no_evidence() -> None:
    """Every question may be left out, and preferences are no measurement."""
    assert baseline(event("Baseline Answered", A1=None, P1="email", Z9=3), QUESTIONS) == ()


def test_answers_to_questions_that_nobody_asks_are_refused_with_those_that_count() -> None:
    """A whole questionnaire under other ids would be lost in silence; other properties stand."""
    with pytest.raises(UnusableEvent, match=r"nobody asks a1, Q2; .* count are A1, I1, P1, P2"):
        baseline(event("Baseline Answered", a1=4, Q2=2), QUESTIONS)
    assert baseline(event("Baseline Answered", a1=4), {}) == ()
    assert baseline(event("Baseline Answered", channel="web", A1=None), QUESTIONS) == ()
    assert baseline(event("Baseline Answered", channel="web"), QUESTIONS) == ()


@pytest.mark.parametrize("answer", [0, 6, 3.0, True, "3", [3]])
def test_an_answer_off_the_scale_is_refused(answer: float | str | bool) -> None:
    """The message says which answers there are."""
    with pytest.raises(UnusableEvent, match=r"A1 is .*whole numbers from 1 to 5, or left out"):
        baseline(event("Baseline Answered", A1=answer), QUESTIONS)


@pytest.mark.parametrize(("validity", "variance"), [(0.32, 8.765625), (0.5, 3.0), (0.7, 1.0408163)])
def test_a_validity_is_an_error_variance(validity: float, variance: float) -> None:
    """y = theta + v correlates with theta at 1/sqrt(1 + Var v): Var v = 1/validity² - 1."""
    assert variance_of(validity) == pytest.approx(variance)
    assert 1 / (1 + variance_of(validity)) ** 0.5 == pytest.approx(validity)


@given(st.lists(rules, max_size=12))
def test_one_contact_adds_at_most_one_unit_of_precision_a_need(found: list[SignalRule]) -> None:
    """Signals of one contact share errors: many tell little more than two or three."""
    tempered = signals(found)
    for need in NEEDS:
        raw = [1 / r.variance for r in found if r.need == need]
        added = sum(1 / s.variance for s in tempered if s.need == need)
        assert added == pytest.approx(
            min(sum(raw) / (1 + (len(raw) - 1) * SHARED), 1.0) if raw else 0
        )


@given(st.lists(rules, max_size=12))
def test_tempering_keeps_every_score_and_says_why(found: list[SignalRule]) -> None:
    """Only the variance changes, and it only grows."""
    for rule, s in zip(found, signals(found), strict=True):
        assert (s.need, s.score, s.kind) == (rule.need, rule.score, rule.because)
        assert rule.variance * (1 - 1e-12) <= s.variance < inf


def test_a_count_is_kept_with_its_rate_and_the_beginning_of_the_waiting() -> None:
    """What one event says depends on those around it, so that the fold has to know its rate."""
    (one,) = signals([COUNTED], Contact(at=10 * DAY, since=9 * DAY, written=None))
    assert one.count == Count(log(0.1), 0.7, 9 * DAY, evidence.COUNTED)
    assert one.score > 0
    (late,) = signals([COUNTED], Contact(at=90 * DAY, since=0, written=None))
    assert late.score < 0


def test_a_count_beside_other_signals_is_tempered_as_well() -> None:
    """Its share of the information shrinks like the precision of a score."""
    other = SignalRule(need="reassurance", score=1, variance=2.0, because="said so")
    counted, scored = signals([COUNTED, other], Contact(at=DAY, since=0, written=None))
    assert counted.count is not None
    assert counted.count.share == pytest.approx(evidence.COUNTED * 2.0 / scored.variance)
    assert counted.count.share < evidence.COUNTED


@pytest.mark.parametrize(("hours", "score"), [(24, 0.0), (24 / e, 1.0), (24 * e, -1.0), (0, 2.0)])
def test_how_soon_somebody_answers_counts_on_a_logarithmic_scale(
    hours: float, score: float
) -> None:
    """At the usual time nothing; e times as soon the full score; never more than twice that."""
    soon = SignalRule(need="urgency", score=1.0, variance=8.0, because="soon", soon=1.0)
    at = round(hours * HOUR)
    (found,) = signals([soon], Contact(at=at, since=0, written=0))
    assert found.score == pytest.approx(score, abs=1e-6)
    assert signals([soon], Contact(at=at, since=0, written=None)) == ()


def test_a_correction_is_a_word_on_one_need() -> None:
    """More, usual or less than most people; open takes it back."""
    said = correction(event("Need Corrected", need="control", level="less"))
    assert (said.need, said.score, said.kind) == ("control", -1.2, "stated")
    assert level_of(said.score) == "less"
    freed = correction(event("Need Corrected", need="control", level="open"))
    assert freed.kind == "taken back"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"need": "calm", "level": "more"}, "no need 'calm'; needs are reassurance, urgency"),
        ({"level": "more"}, "no need None; needs are"),
        (
            {"need": "trust", "level": 3},
            "3 of trust is not known; write more, usual, less, or open",
        ),
        ({"need": "trust"}, "None of trust is not known"),
    ],
)
def test_a_correction_that_cannot_be_read_is_refused(said: dict[str, Value], message: str) -> None:
    """The message says what may be said."""
    with pytest.raises(UnusableEvent, match=message):
        correction(replace(event("Need Corrected"), properties=said))


@given(st.floats(-1, 1), st.floats(-3, 3), st.floats(0.01, 1))
def test_a_silence_moves_nobody_by_more_than_a_tenth(
    score: float, mean: float, variance: float
) -> None:
    """Not answering is no answer: with the greatest validity allowed, .1 standard deviations."""
    v = variance_of(SILENCE_VALIDITY)
    assert abs(variance / (variance + v) * (score - mean)) <= 0.1
