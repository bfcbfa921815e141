"""The graded response model (Samejima 1969): what an answer to an item says about a need.

P(X ≥ k | theta) = sigma(a (theta - b_k)). One answer is therefore three numbers: the slope ``a``,
and the two thresholds between which theta is likely (an end of the scale has one of them at
infinity). A Gaussian belief is folded with it by quadrature on 61 nodes and matched in mean and
variance; ``equivalent`` gives the Gaussian score that would have had the same effect on *this*
belief, so that a Kalman filter over (trait, state) can take it in.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import exp, inf, isinf

from msgspec import Struct

from ofone.domain.words import Need

SLOPE = 1.5
CUTS = (-1.5, -0.5, 0.5, 1.5)
"""Where an item starts that nobody has calibrated: moderately sharp, evenly spread."""

Answer = tuple[float, float, float]
"""One answer as a likelihood: slope, lower threshold, upper threshold (either may be infinite)."""

_REACH = 6.0
_NODES = tuple(-_REACH + n * _REACH / 30 for n in range(61))
_WEIGHTS = tuple(exp(-z * z / 2) for z in _NODES)
_GRID = tuple(zip(_NODES, _WEIGHTS, strict=True))
_LEAST = 1e-6
"""An answer that narrows a belief by less than this share has said nothing."""


class Question(Struct, frozen=True, gc=False, kw_only=True):
    """A baseline item: answers 1 to ``len(cuts) + 1``, and its parameters on the need's scale.

    ``toward`` is +1 when the highest answer means more of the need, -1 when it means less;
    ``cuts`` ascend on the scale of the answer *after* it was turned that way. ``low`` and ``high``
    are the words at the ends of the scale, as the customer reads them.
    """

    id: str
    need: Need
    text: str
    toward: int
    slope: float = SLOPE
    cuts: tuple[float, ...] = CUTS
    low: str = ""
    high: str = ""

    @property
    def answers(self) -> range:
        """What may be answered."""
        return range(1, len(self.cuts) + 2)


def answer_to(question: Question, given: int) -> Answer:
    """What the answer ``given`` (1 is the first) says, towards the need."""
    cuts = question.cuts
    graded = given - 1 if question.toward > 0 else len(cuts) + 1 - given
    return (
        question.slope,
        cuts[graded - 1] if graded else -inf,
        cuts[graded] if graded < len(cuts) else inf,
    )


def probability(theta: float, answer: Answer) -> float:
    """P(this answer | theta)."""
    slope, low, high = answer
    return _logistic(slope * (theta - low)) - _logistic(slope * (theta - high))


def information(theta: float, question: Question) -> float:
    """Fisher information of the item at ``theta``: the sum over answers of (P'_k)² / P_k."""
    found = 0.0
    for given in question.answers:
        slope, low, high = answer_to(question, given)
        above, beyond = _logistic(slope * (theta - low)), _logistic(slope * (theta - high))
        steep = slope * (above * (1 - above) - beyond * (1 - beyond))
        if (p := above - beyond) > 0:
            found += steep * steep / p
    return found


@lru_cache(maxsize=65_536)
def posterior(mean: float, variance: float, answer: Answer) -> tuple[float, float, float]:
    """(chance of the answer, mean, variance) of a Gaussian belief that hears this answer."""
    slope, low, high = answer
    sd = variance**0.5
    # theta = mean + sd z, and both logistics share its exponential: exp(-a(theta-b)) = c exp(-a z).
    # The nodes lie evenly, so that from one to the next it grows by a constant factor.
    e, factor = exp(slope * sd * _REACH), exp(-slope * sd * _REACH / 30)
    below = 0.0 if isinf(low) else exp(min(slope * (low - mean), 600.0))
    above = 0.0 if isinf(high) else exp(min(slope * (high - mean), 600.0))
    # The difference of the two logistics, on one denominator: in the tails nothing cancels.
    between, growth = (1.0, 1.0) if isinf(high) else ((above - below) * e, factor)
    total = first = second = 0.0
    for z, weight in _GRID:
        p = weight * between / ((1 + below * e) * (1 + above * e))
        e *= factor
        between *= growth
        total += p
        p *= z
        first += p
        second += p * z
    if total <= 0:
        # Thresholds beyond all reason leave nothing to compare: the answer says nothing.
        return 0.0, mean, variance
    first /= total
    spread = second / total - first * first
    return total * _REACH / 30 / 2.5066282746310002, mean + sd * first, variance * spread


def equivalent(mean: float, variance: float, answer: Answer) -> tuple[float, float] | None:
    """(score, error variance) that moves N(mean, variance) as the answer does; None for nothing."""
    _, after, narrower = posterior(mean, variance, answer)
    gained = variance - narrower
    if gained <= _LEAST * variance:
        return None
    return mean + (after - mean) * variance / gained, variance * narrower / gained


def expected_variance(mean: float, variance: float, question: Question) -> float:
    """What variance is left, on average, after the question has been answered."""
    left = total = 0.0
    for given in question.answers:
        chance, _, narrower = posterior(mean, variance, answer_to(question, given))
        left += chance * narrower
        total += chance
    return left / total


def estimate(answers: Iterable[Answer]) -> tuple[float, float]:
    """(mean, variance) of theta after all answers at once, from N(0, 1): quadrature, not matched.

    The exact posterior mean and variance to compare the one-at-a-time fold with.
    """
    said: Sequence[Answer] = tuple(answers)
    total = first = second = 0.0
    for z, weight in _GRID:
        p = weight
        for one in said:
            p *= probability(z, one)
        total += p
        first += p * z
        second += p * z * z
    first /= total
    return first, second / total - first * first


def _logistic(x: float) -> float:
    if x >= 0:
        return 1 / (1 + exp(-x)) if x < 700 else 1.0
    return exp(x) / (1 + exp(x)) if x > -700 else 0.0
