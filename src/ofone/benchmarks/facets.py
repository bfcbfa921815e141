"""Two facets of one need: what an adaptive questionnaire is worth where wording splits the items.

People answer "I am tense" and "I am calm" not as if one were the other turned round (for state
anxiety: Vigneau and Cormier 2008). Each item is therefore a graded response to its facet, the two
facets are standard normal and correlated, and the need is their sum, on the same scale: what the
sum of all answers measures. Fitted like one scale (Bock and Aitkin 1981), asked as Segall (1996):
next comes the item that takes most off the variance of the need. This is a measuring rod for the
one scale of the product, which knows no facets.
"""

from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np
from msgspec import Struct

from ofone.needs.calibrate import NODES, SKIPPED, Answers, Array, chances, improve
from ofone.needs.items import CUTS, SLOPE, Question, expected_variance

Pick = Callable[[list[int]], int]
_ONE = 0.98
"""Facets that correlate more are one: their ridge is narrower than the nodes lie apart."""


class Facets(Struct, frozen=True, kw_only=True):
    """Slopes (items), cuts (items × thresholds), the facet of each item (0 or 1).

    ``correlation`` is that of the two facets.
    """

    slopes: Array
    cuts: Array
    facet: tuple[int, ...]
    correlation: float
    log_likelihood: float

    @property
    def weight(self) -> float:
        """The need is this times the sum of both facets: of variance 1."""
        return 1 / sqrt(2 + 2 * self.correlation)


def fit(answers: Answers, facet: Sequence[int], categories: int, *, rounds: int = 300) -> Facets:
    """Fit persons × items of graded answers, with ``SKIPPED`` for none; as ``calibrate.fit``."""
    items = answers.shape[1]
    slopes = np.full(items, SLOPE)
    offsets = np.tile(-SLOPE * np.linspace(CUTS[0], CUTS[-1], categories - 1), (items, 1))
    correlation = 0.5
    for _ in range(rounds):
        weights, products, _ = _expect(answers, slopes, offsets, facet, correlation)
        moved = 0.0
        for i in range(items):
            mine = weights[facet[i]]
            counts = np.stack(
                [mine[answers[:, i] == k].sum(axis=0) for k in range(categories)], axis=1
            )
            moved = max(moved, improve(i, counts, slopes, offsets))
        squares = [float((w @ NODES**2).mean()) for w in weights]
        together = float(products.mean()) / sqrt(squares[0] * squares[1])
        before, correlation = correlation, min(together, _ONE)
        if max(moved, abs(correlation - before)) < 1e-3:
            break
    likelihood = _expect(answers, slopes, offsets, facet, correlation)[2]
    return Facets(
        slopes=slopes,
        cuts=-offsets / slopes[:, None],
        facet=tuple(facet),
        correlation=correlation,
        log_likelihood=likelihood,
    )


def _expect(
    answers: Answers, slopes: Array, offsets: Array, facet: Sequence[int], correlation: float
) -> tuple[tuple[Array, Array], Array, float]:
    """Each person's posterior over the nodes of both facets, E[product], and log likelihood."""
    log_p = [np.zeros((len(answers), len(NODES))) for _ in range(2)]
    for i in range(answers.shape[1]):
        there = answers[:, i] != SKIPPED
        log_p[facet[i]][there] += np.log(chances(slopes[i], offsets[i])).T[answers[there, i]]
    tops = [one.max(axis=1, keepdims=True) for one in log_p]
    first, second = (np.exp(one - top) for one, top in zip(log_p, tops, strict=True))
    prior = _prior(correlation)
    ahead = first * (second @ prior)
    total = ahead.sum(axis=1, keepdims=True)
    back = second * (first @ prior)
    products = (((first * NODES) @ prior) * second * NODES).sum(axis=1) / total[:, 0]
    likelihood = float((np.log(total) + tops[0] + tops[1]).sum())
    return (ahead / total, back / total), products, likelihood


def estimates(answers: Answers, bank: Facets) -> list[tuple[float, float]]:
    """(mean, variance) of the need of each person from all answers at once, by quadrature."""
    offsets = -bank.slopes[:, None] * bank.cuts
    weights, products, _ = _expect(answers, bank.slopes, offsets, bank.facet, bank.correlation)
    means = [w @ NODES for w in weights]
    squares = sum(w @ NODES**2 for w in weights) + 2 * products
    mean = bank.weight * (means[0] + means[1])
    variance = bank.weight**2 * squares - mean**2
    return [(float(m), float(v)) for m, v in zip(mean, variance, strict=True)]


def questions(bank: Facets) -> list[Question]:
    """The items, each on the scale of its facet."""
    return [
        Question(id=str(i), need="reassurance", text="?", toward=1, slope=float(a), cuts=tuple(b))
        for i, (a, b) in enumerate(zip(bank.slopes, bank.cuts.tolist(), strict=True))
    ]


def ask(
    bank: Facets, answers: Sequence[int], most: int, enough: float, pick: Pick | None = None
) -> tuple[float, float, int]:
    """(mean, variance, questions asked) of a person whom items are put to until SE < ``enough``.

    ``pick`` chooses among the items left instead of what tells most. All answers so far are folded
    jointly, by quadrature.
    """
    items = questions(bank)
    belief = _prior(bank.correlation)
    mean, spread = _moments(belief)
    left = list(range(len(items)))
    while len(items) - len(left) < most and bank.weight * sqrt(spread.sum()) >= enough:
        i = pick(left) if pick else _most_telling(bank, items, mean, spread, left)
        left.remove(i)
        chance = chances(float(bank.slopes[i]), -bank.slopes[i] * bank.cuts[i])[:, answers[i]]
        belief = belief * (chance if bank.facet[i] else chance[:, None])
        belief /= belief.sum()
        mean, spread = _moments(belief)
    return (
        bank.weight * float(mean.sum()),
        bank.weight**2 * float(spread.sum()),
        len(items) - len(left),
    )


def _prior(correlation: float) -> Array:
    """Both facets over the nodes: nodes of the first × nodes of the second, together 1."""
    x, y = NODES[:, None], NODES[None]
    prior = np.exp(-(x * x + y * y - 2 * correlation * x * y) / (2 - 2 * correlation**2))
    return np.asarray(prior / prior.sum())


def _moments(belief: Array) -> tuple[Array, Array]:
    each = np.array([belief.sum(axis=1), belief.sum(axis=0)])
    mean = each @ NODES
    spread = np.diag(each @ NODES**2).copy()
    spread[0, 1] = spread[1, 0] = NODES @ belief @ NODES
    return mean, spread - np.outer(mean, mean)


def _most_telling(
    bank: Facets, items: Sequence[Question], mean: Array, spread: Array, left: Sequence[int]
) -> int:
    def taken(i: int) -> float:
        f = bank.facet[i]
        own = float(spread[f, f])
        less = own - expected_variance(float(mean[f]), own, items[i])
        return float(spread[:, f].sum() / own) ** 2 * less

    return max(left, key=taken)
