"""The graded response model, and what an answer does to a belief."""

from itertools import pairwise
from math import exp, inf, isfinite, sqrt
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.building import START, begun, event

from ofone.domain.state import Evidence, NeedState
from ofone.domain.times import DAY, HOUR, Micros
from ofone.needs.items import (
    Answer,
    Question,
    answer_to,
    equivalent,
    estimate,
    expected_variance,
    information,
    posterior,
    probability,
)
from ofone.needs.model import KEPT, assess, learn, prior, update

EASE = Question(id="A1", need="reassurance", text="At ease?", toward=-1)
MIND = Question(id="A2", need="reassurance", text="On your mind?", toward=1)

cuts = st.lists(st.floats(-3, 3), min_size=4, max_size=4, unique=True).map(sorted).map(tuple)
questions = st.builds(
    Question,
    id=st.just("Q"),
    need=st.just("trust"),
    text=st.just("?"),
    toward=st.sampled_from([1, -1]),
    slope=st.floats(0.3, 4),
    cuts=cuts,
)


def told(day: float, question: Question, given: int, n: int = 0) -> Evidence:
    answer = answer_to(question, given)
    score, variance = equivalent(0, 1, answer) or (0.0, 1e6)
    kind = f"answer {question.id}"
    return Evidence(START + round(day * DAY), score, variance, f"e{n:02}", kind, answer)


def learned(*found: Evidence) -> NeedState:
    known = None
    for one in found:
        known = learn(known, one, "reassurance")
    assert known is not None
    return known


def answered(question: Question, theta: float, chance: Random) -> int:
    chances = [probability(theta, answer_to(question, k)) for k in question.answers]
    return chance.choices(question.answers, chances)[0]


def mean(known: NeedState | None, at: Micros = START) -> float:
    return assess(known, at, "reassurance", 0.5).mean


@given(questions, st.floats(-4, 4))
def test_the_answers_share_one_whole_chance(question: Question, theta: float) -> None:
    """Some answer is given, and each has the chance that Samejima's equation gives it."""
    chances = [probability(theta, answer_to(question, k)) for k in question.answers]
    assert sum(chances) == pytest.approx(1)
    above = [1 / (1 + exp(-question.slope * (theta - b))) for b in question.cuts]
    graded = chances if question.toward > 0 else chances[::-1]
    expected = [a - b for a, b in pairwise([1.0, *above, 0.0])]
    assert graded == pytest.approx(expected, abs=1e-9)


@given(questions, st.floats(-2, 2), st.floats(0.05, 1))
def test_an_answer_never_makes_a_belief_wider(
    question: Question, center: float, variance: float
) -> None:
    """The likelihood is log-concave: the variance falls, and the mean follows the answer."""
    found = [posterior(center, variance, answer_to(question, k)) for k in question.answers]
    assert all(v <= variance * (1 + 1e-6) for p, _, v in found if p > 1e-12)
    means = [m * question.toward for p, m, _ in found if p > 1e-12]
    assert all(b - a > -1e-6 for a, b in pairwise(means))
    assert sum(p for p, _, _ in found) == pytest.approx(1, abs=1e-4)


@given(questions)
def test_information_is_the_spread_of_the_score(question: Question) -> None:
    """It is positive, and greatest where the thresholds are, not far from them."""
    inside = max(information(b, question) for b in question.cuts)
    assert 0 < information(question.cuts[0] - 9, question) < inside
    assert expected_variance(0, 1, question) < 1


@given(questions, st.floats(0.05, 1), st.data())
def test_the_equivalent_score_moves_a_belief_as_the_answer_does(
    question: Question, variance: float, data: st.DataObject
) -> None:
    """A Kalman update with it gives the mean and variance that quadrature gave."""
    answer = answer_to(question, data.draw(st.sampled_from(question.answers)))
    said = equivalent(0.3, variance, answer)
    _, after, narrower = posterior(0.3, variance, answer)
    if said is not None:
        gain = variance / (variance + said[1])
        assert 0.3 + gain * (said[0] - 0.3) == pytest.approx(after)
        assert variance * (1 - gain) == pytest.approx(narrower)


def test_one_answer_moves_trait_and_state_by_what_each_can_explain() -> None:
    """The belief about theta is the quadrature's; of a stranger trait and state share it."""
    b = update(prior(START), told(0, MIND, 5), "reassurance")
    _, after, narrower = posterior(0, 1, answer_to(MIND, 5))
    assert b.trait + b.state == pytest.approx(after)
    assert b.trait_var + b.state_var + 2 * b.cov == pytest.approx(narrower)
    assert b.trait == pytest.approx(b.state)


def test_one_at_a_time_is_close_to_all_at_once() -> None:
    """Matching a Gaussian after each of four answers costs .02 of mean and deviation, typically."""
    chance, apart = Random(3), []
    items = [
        Question(id=f"Q{n}", need="reassurance", text="?", toward=1, slope=1 + n / 3)
        for n in range(4)
    ]
    for _ in range(200):
        theta = chance.gauss(0, 1)
        said = [(q, answered(q, theta, chance)) for q in items]
        exact, variance = estimate(answer_to(q, k) for q, k in said)
        known = learned(*(told(0, q, k, n) for n, (q, k) in enumerate(said)))
        a = assess(known, START, "reassurance", 0.5)
        apart.append(max(abs(a.mean - exact), abs(a.sd - sqrt(variance))))
    assert median(apart) < 0.02
    assert max(apart) < 0.12


days = st.lists(st.integers(0, 40), min_size=1, max_size=KEPT)


@given(days, st.randoms(use_true_random=False))
def test_answers_in_any_order_of_arrival_leave_the_same(found: list[int], chance: Random) -> None:
    """Also with corrections among them and scores between: the very same bits."""
    pieces = [
        told(day, (EASE, MIND)[n % 2], chance.randint(1, 5), n)
        if n % 3
        else Evidence(START + day * DAY, 1.0, 3.0, f"e{n:02}", "called")
        for n, day in enumerate(found)
    ]
    shuffled = chance.sample(pieces, len(pieces))
    assert learned(*shuffled) == learned(*sorted(pieces, key=lambda e: (e.at, e.event)))


def test_turned_items_say_the_same_of_opposite_answers() -> None:
    """5 on an item of ease is 1 on an item of worry."""
    assert answer_to(EASE, 5) == answer_to(MIND, 1) == (1.5, -inf, -1.5)


def test_contradictory_answers_leave_it_open() -> None:
    """Fully at ease, and very much on my mind: neither is believed alone."""
    known = learned(told(0, EASE, 5, 0), told(0, MIND, 5, 1))
    assert mean(known) == pytest.approx(0, abs=0.05)
    assert mean(learned(told(0, EASE, 5))) < -0.9


def test_who_answers_again_within_a_day_has_corrected_the_answer() -> None:
    """The last word counts alone, whichever arrives first; the first stays to be seen."""
    first, second = told(0, MIND, 5, 0), told(0.5, MIND, 1, 1)
    known = learned(first, second)
    at = START + 12 * HOUR
    assert mean(known, at) == pytest.approx(mean(learned(second), at), abs=1e-9)
    assert known.evidence == (first, second)
    assert learned(second, first) == known


def test_the_same_question_weeks_later_is_asked_anew() -> None:
    """Both answers count: how it was then, and how it is now."""
    first, second = told(0, MIND, 5, 0), told(20, MIND, 1, 1)
    at = START + 20 * DAY
    assert mean(learned(second), at) < mean(learned(first, second), at) < mean(learned(first), at)


def test_a_correction_counts_when_the_list_is_full() -> None:
    """What was corrected is not folded into the base either."""
    corrected = told(0, MIND, 5, 0)
    later = [told(0.2, MIND, 1, 1)] + [told(2 * n, EASE, 3, n) for n in range(2, KEPT + 2)]
    at = START + 100 * DAY
    found, wanted = (
        assess(k, at, "reassurance", 0.5) for k in (learned(corrected, *later), learned(*later))
    )
    assert (found.mean, found.sd) == pytest.approx((wanted.mean, wanted.sd), abs=1e-9)


def test_thresholds_beyond_reason_say_nothing() -> None:
    """An answer that everybody gives changes no belief, and nothing overflows."""
    everybody: Answer = (8.0, -900.0, inf)
    b = prior(START)
    assert update(b, Evidence(START, 0, 1, "e", "answer X", everybody), "trust") == b
    for nobody in ((8.0, 900.0, inf), (8.0, -900.0, -800.0), (8.0, 800.0, 900.0)):
        moved = update(b, Evidence(START, 0, 1, "e", "answer X", nobody), "trust")
        assert isfinite(moved.trait + moved.trait_var)


def test_an_answer_after_the_journey_ended_is_kept_and_sends_nothing() -> None:
    """What is known of a person outlives a journey; nobody writes because of it."""
    life = begun().tell(event("Cancelled", 2))
    sent = len(life.effects)
    assert life.take(event("Baseline Answered", 3, key=None, A1=5)).unusable == ""
    assert life.journey.status == "ended"
    assert mean(life.state.needs.get("reassurance"), life.state.now) > 0.8
    assert len(life.effects) == sent


def test_an_answer_off_the_scale_leaves_the_customer_as_they_were() -> None:
    """The whole questionnaire is refused, with the reason, so that it can be sent again."""
    life = begun()
    before = life.state
    told_ = life.take(event("Baseline Answered", 1, key=None, A1=7))
    assert "A1 is 7" in told_.unusable
    assert life.state == before


def test_answers_to_items_that_nobody_asks_are_passed_over() -> None:
    """An item may have been retired since the page was sent; the others still count."""
    life = begun().tell(event("Baseline Answered", 1, key=None, Z9=5, A1=4))
    assert list(life.state.needs) == ["reassurance"]
