"""One Gaussian per need, against conditioning on the whole joint at once."""

from collections.abc import Sequence
from math import erf, exp, log, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import START

from ofone.domain.state import Count, Evidence, NeedState
from ofone.domain.times import DAY, Micros
from ofone.domain.words import NEEDS, Need
from ofone.needs.model import (
    HALF_LIFE_DAYS,
    KEPT,
    KNOWN_SD,
    STATED,
    TAKEN_BACK,
    assess,
    counted,
    fade,
    learn,
    override,
    prior,
    update,
)

CUT = 0.5
NEED: Need = "reassurance"

pieces = st.lists(
    st.tuples(st.floats(0, 60), st.floats(-3, 3), st.floats(0.2, 9)), min_size=1, max_size=KEPT
).map(lambda found: [evidence(*one, n) for n, one in enumerate(found)])


def evidence(day: float, score: float, variance: float, n: int) -> Evidence:
    return Evidence(START + round(day * DAY), score, variance, f"e{n}", "answer")


def learned(found: Sequence[Evidence], need: Need = NEED) -> NeedState | None:
    known: NeedState | None = None
    for piece in found:
        known = learn(known, piece, need)
    return known


def solve(a: list[list[float]], b: list[float]) -> list[float]:
    """x with a x = b, by elimination; ``a`` is symmetric and positive definite."""
    n = len(b)
    rows = [[*row, value] for row, value in zip(a, b, strict=True)]
    for i in range(n):
        for j in range(i + 1, n):
            factor = rows[j][i] / rows[i][i]
            rows[j] = [y - factor * x for x, y in zip(rows[i], rows[j], strict=True)]
    found = [0.0] * n
    for i in reversed(range(n)):
        known = sum(rows[i][j] * found[j] for j in range(i + 1, n))
        found[i] = (rows[i][n] - known) / rows[i][i]
    return found


def dense(found: Sequence[Evidence], at: Micros, need: Need = NEED) -> tuple[float, float]:
    """Mean and variance of theta at ``at``, conditioned on all scores at once.

    Cov(theta(s), theta(t)) = .5 + .5 exp(-rate |s - t|), and a score adds its own variance.
    """
    rate = log(2) / (HALF_LIFE_DAYS[need] * DAY)

    def cov(s: Micros, t: Micros) -> float:
        return 0.5 + 0.5 * exp(-rate * abs(s - t))

    joint = [[cov(p.at, q.at) + (p is q) * p.variance for q in found] for p in found]
    across = [cov(p.at, at) for p in found]
    weights = solve(joint, across)
    mean = sum(w * p.score for w, p in zip(weights, found, strict=True))
    return mean, 1 - sum(w * c for w, c in zip(weights, across, strict=True))


@given(pieces, st.floats(60, 200), st.sampled_from(NEEDS))
def test_the_filter_is_the_conditional_of_the_whole_joint(
    found: list[Evidence], day: float, need: Need
) -> None:
    """Piece by piece gives what all of it gives at once, also when it arrives in any order."""
    at = START + round(day * DAY)
    a = assess(learned(found, need), at, need, CUT)
    mean, variance = dense(found, at, need)
    assert a.mean == pytest.approx(mean, abs=1e-9)
    assert a.sd**2 == pytest.approx(variance, abs=1e-9)


@given(pieces, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(found: list[Evidence], chance: Random) -> None:
    """Late evidence is folded at its own time: the same belief, to the last bit."""
    shuffled = chance.sample(found, len(found))
    assert learned(shuffled) == learned(sorted(found, key=lambda e: (e.at, e.event)))


@given(pieces, st.data())
def test_a_piece_of_evidence_counts_once(found: list[Evidence], data: st.DataObject) -> None:
    """The same event and kind again changes nothing: the very same state comes back."""
    known = learned(found)
    assert learn(known, data.draw(st.sampled_from(found)), NEED) is known


def test_two_answers_of_one_event_count_both() -> None:
    """Evidence is told apart by its event and its kind."""
    first, second = Evidence(START, 1, 1, "e", "answer A1"), Evidence(START, 1, 1, "e", "answer A2")
    known = learned([first, second, first, second])
    assert known is not None
    assert known.evidence == (first, second)


def test_only_so_many_pieces_are_kept_and_none_is_forgotten() -> None:
    """What is older than the kept pieces lives on in the base: the belief is still exact."""
    found = [evidence(n / 2, (-1) ** n, 1.5, n) for n in range(KEPT + 20)]
    known = learned(found)
    assert known is not None
    assert len(known.evidence) == KEPT
    a = assess(known, START + 40 * DAY, NEED, CUT)
    assert (a.mean, a.sd**2) == pytest.approx(dense(found, START + 40 * DAY), abs=1e-9)


def test_evidence_older_than_all_that_is_kept_has_a_bounded_effect() -> None:
    """It counts as if it had come at the base's moment: sure of itself, and close to the truth."""
    found = [evidence(10 + n / 2, 1.0, 1.5, n) for n in range(KEPT + 5)]
    late = evidence(0, 1.0, 1.5, 99)
    at = START + 40 * DAY
    a, (mean, variance) = assess(learned([*found, late]), at, NEED, CUT), dense([*found, late], at)
    assert a.mean == pytest.approx(mean, abs=0.02)
    assert a.sd**2 == pytest.approx(variance, abs=0.02)


def test_in_silence_the_belief_widens_towards_the_trait() -> None:
    """The mean fades and the spread grows, without ever reaching what nobody knew at first."""
    known = learned([evidence(0, 2, 0.5, 0)])
    after = [assess(known, START + day * DAY, NEED, CUT) for day in (0, 7, 30, 365)]
    assert [a.mean for a in after] == sorted((a.mean for a in after), reverse=True)
    assert [a.sd for a in after] == sorted(a.sd for a in after)
    assert 0 < after[-1].mean < after[0].mean
    assert after[0].sd < after[-1].sd < 1


def test_of_a_stranger_nothing_is_known_yet() -> None:
    """A cold start is the prior: mean 0, sd 1, and not shown as known."""
    a = assess(None, START, NEED, CUT)
    assert (a.mean, a.sd, a.known) == (0, 1, False)
    assert a.high == a.low == pytest.approx(0.5 * (1 - erf(CUT / sqrt(2))))


def test_a_need_is_known_once_the_estimate_is_narrow() -> None:
    """Two precise answers are enough for "known"; one vague signal is not."""
    sure = assess(learned([evidence(0, 1, 0.3, 0), evidence(0, 1, 0.3, 1)]), START, NEED, CUT)
    vague = assess(learned([evidence(0, 1, 8.8, 0)]), START, NEED, CUT)
    assert sure.known
    assert sure.sd <= KNOWN_SD
    assert not vague.known


@pytest.mark.parametrize("need", NEEDS)
def test_half_of_a_deviation_is_gone_after_its_half_life(need: Need) -> None:
    """Every need has its own memory: the state halves, the trait stays."""
    known = learned([evidence(0, 2, 1, 0)], need)
    assert known is not None
    later = assess(known, START + round(HALF_LIFE_DAYS[need] * DAY), need, CUT)
    assert later.mean == pytest.approx(known.belief.trait + known.belief.state / 2)


def simulated(chance: Random) -> tuple[float, float, float]:
    """(truth, mean, sd) of a person drawn from the model, after 1-6 scores in up to 35 days."""
    rate, known, day = log(2) / HALF_LIFE_DAYS[NEED], None, 0.0
    trait, state = chance.gauss(0, sqrt(0.5)), chance.gauss(0, sqrt(0.5))
    scores = chance.randint(1, 6)
    for n in range(scores + 1):
        later = day + chance.uniform(0, 5)
        phi = exp(-rate * (later - day))
        state, day = phi * state + chance.gauss(0, sqrt(0.5 * (1 - phi * phi))), later
        if n < scores:
            variance = chance.uniform(0.5, 9)
            score = trait + state + chance.gauss(0, sqrt(variance))
            known = learn(known, evidence(day, score, variance, n), NEED)
    a = assess(known, START + round(day * DAY), NEED, CUT)
    return trait + state, a.mean, a.sd


CHANCE = Random(7)
PEOPLE = [simulated(CHANCE) for _ in range(6_000)]


@pytest.mark.parametrize(("share", "z"), [(0.5, 0.6745), (0.8, 1.2816), (0.95, 1.96)])
def test_an_interval_holds_the_truth_as_often_as_it_says(share: float, z: float) -> None:
    """50/80/95 % intervals cover within 3 points on 6,000 simulated people (sd < .7 points)."""
    inside = sum(abs(truth - mean) <= z * sd for truth, mean, sd in PEOPLE) / len(PEOPLE)
    assert inside == pytest.approx(share, abs=0.03)


def test_the_estimate_neither_exaggerates_nor_shrinks() -> None:
    """Calibration: the truth regressed on the mean has a slope between .9 and 1.1."""
    slope = sum(t * m for t, m, _ in PEOPLE) / sum(m * m for _, m, _ in PEOPLE)
    assert 0.9 <= slope <= 1.1


def test_a_chance_above_the_cut_comes_true_that_often() -> None:
    """P(need > cut) is calibrated in each fifth: within 4 points of the share above the cut."""
    said = sorted(
        (0.5 * (1 + erf((m - CUT) / (sd * sqrt(2)))), truth > CUT) for truth, m, sd in PEOPLE
    )
    fifth = len(said) // 5
    for n in range(5):
        part = said[n * fifth : (n + 1) * fifth]
        chance, share = sum(p for p, _ in part) / fifth, sum(above for _, above in part) / fifth
        assert share == pytest.approx(chance, abs=0.04)


def call(day: float, n: int = 0, *, since: float = 0.0, weight: float = 0.7) -> Evidence:
    """A call at that day, of which one in ten days is usual."""
    count = Count(log(0.1), weight, START + round(since * DAY))
    return Evidence(START + round(day * DAY), 0.0, 1.0, f"c{n}", "call", None, count)


@given(st.lists(st.floats(0, 60), min_size=1, max_size=KEPT, unique=True), st.data())
def test_counted_events_fold_alike_in_any_order(days: list[float], data: st.DataObject) -> None:
    """The exposure runs from one to the next by their own times, whichever arrives first."""
    found = [call(day, n) for n, day in enumerate(days)]
    shuffled = data.draw(st.permutations(found))
    assert learned(shuffled) == learned(sorted(found, key=lambda e: (e.at, e.event)))


def test_calls_close_together_say_more_than_calls_far_apart() -> None:
    """The gaps count: at the usual rate nothing is learnt, above it the need rises."""
    often, usual, rare = (
        assess(learned([call(n * gap, n) for n in range(1, 4)]), START, NEED, CUT).mean
        for gap in (1, 10, 60)
    )
    assert often > 0.4
    assert abs(usual) < 0.15
    assert rare < -0.3


@pytest.mark.parametrize("mean", [-2.0, 0.0, 1.3])
def test_a_count_moves_the_belief_as_laplace_says(mean: float) -> None:
    """P' = 1/(1/P + J), m' = m + P' dlog p, with mu expected: J = b² mu, dlog p = b (1 - mu)."""
    before = replace(prior(START), trait=mean)
    piece = call(4)
    b = fade(before, piece.at, NEED)
    m, p = b.trait + b.state, b.trait_var + b.state_var + 2 * b.cov
    mu = 4 * exp(log(0.1) + 0.7 * m)
    narrowed = 1 / (1 / p + 0.49 * mu)
    after = update(before, piece, NEED)
    assert after.trait + after.state == pytest.approx(m + narrowed * 0.7 * (1 - mu))
    assert after.trait_var + after.state_var + 2 * after.cov == pytest.approx(narrowed)


def test_one_counted_contact_adds_a_precision_of_one_at_most() -> None:
    """A year without a call is a long gap, and no proof."""
    gradient, information = counted(0.0, Count(log(1.0), 1.5, START), START + 365 * DAY)
    assert information == pytest.approx(1)
    assert -1 / 1.5 - 1e-9 < gradient < 0


def said(day: float, score: float, kind: str = STATED) -> Evidence:
    return Evidence(START + round(day * DAY), score, 0.05, f"said {day}", kind)


def test_what_a_customer_says_overrides_what_was_and_will_be_inferred() -> None:
    """Ten worried signals before, ten after: the word stands, and stays known."""
    found = [evidence(n, 2.0, 1.0, n) for n in range(10)]
    known = override(learned(found), said(10, -1.2), NEED)
    for n in range(10, 20):
        known = learn(known, evidence(n + 1, 2.0, 1.0, n), NEED)
    a = assess(known, START + 20 * DAY, NEED, CUT)
    assert a.mean == pytest.approx(-1.2)
    assert a.low > 0.8


@given(pieces, st.floats(0, 60), st.randoms(use_true_random=False))
def test_a_word_stands_wherever_it_arrives(
    found: list[Evidence], day: float, chance: Random
) -> None:
    """Before, between or after the evidence: the same state, and answers after it still count."""
    answers = [replace(e, answer=(1.5, -0.5, 0.5)) for e in found[::2]] + found[1::2]
    word, at = said(day, 1.2), chance.randint(0, len(found))
    first = chance.sample(answers, len(answers))
    known = override(learned(first[:at]), word, NEED)
    for piece in first[at:]:
        known = learn(known, piece, NEED)
    assert known == override(learned(sorted(answers, key=lambda e: e.at)), word, NEED)


def test_a_word_taken_back_lets_the_evidence_count_again() -> None:
    """Nothing was thrown away: the belief is what it would have been."""
    found = [evidence(n, 1.5, 1.0, n) for n in range(4)]
    known = override(override(learned(found), said(5, -1.2), NEED), said(6, 0, TAKEN_BACK), NEED)
    plain = learned(found)
    assert plain is not None
    assert known.belief == plain.belief
    assert override(known, said(5, 1.2), NEED) is known
