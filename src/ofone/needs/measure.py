"""How a signal goes with what the same people said of themselves, corrected for its error.

What somebody said gives a belief about theta at a moment, of mean m and variance v. Where what they
do follows theta and not their answers, E[theta | said] = m, so that m may stand in for theta in a
regression (regression calibration, Carroll, Ruppert, Stefanski and Crainiceanu 2006, chapter 4):

- for a value x, cov(x, theta) = cov(x, m) / R with the reliability R = var(m) / (var(m) + mean v),
  and the correlation is that of x and m over sqrt(R) (Spearman 1904);
- for a count, log E[count | said] = alpha + beta m + beta² v / 2 + log days, since theta given what
  was said is Gaussian.

One person may be there many times: intervals count people, not occasions.
"""

from collections.abc import Sequence
from math import atanh, exp, log, sqrt, tanh

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ofone.domain.errors import TooFew

Floats = NDArray[np.float64]

LEAST_PEOPLE = 100
"""Fewer tell nothing: with 100 the interval of a correlation is still .4 wide."""
LEAST_EVENTS = 20
"""Of these at least, and as many occasions on which it did not come."""
MOST_SCORE = 4.0
"""The largest score that a playbook may declare."""
_Z = 1.959964
_ROUNDS = 50


class Occasion(Struct, frozen=True, gc=False, kw_only=True):
    """One time when a signal might have come. ``mean`` and ``variance``: what they said of theta.

    ``value``: 1 for one that came and 0 for one that did not, or how soon it came (e-folds).
    """

    person: str
    mean: float
    variance: float
    value: float


class Spell(Struct, frozen=True, gc=False, kw_only=True):
    """A stretch of ``days`` in which ``count`` of something happened, and what they said."""

    person: str
    mean: float
    variance: float
    count: int
    days: float


class Validity(Struct, frozen=True, kw_only=True):
    """A correlation with theta, corrected, with its 95 % interval.

    ``shift``: how far theta moves with one unit of the value. ``usual``: the mean of the value.
    """

    people: int
    occasions: int
    r: float
    low: float
    high: float
    shift: float
    usual: float
    reliability: float


class Frequency(Struct, frozen=True, kw_only=True):
    """How often it happens a day at theta 0, and e to what power as often with theta + 1."""

    people: int
    events: int
    weight: float
    low: float
    high: float
    rate: float
    rate_low: float
    rate_high: float


def validity(occasions: Sequence[Occasion], *, least: int = LEAST_PEOPLE) -> Validity:
    """The corrected correlation of a value with theta. Raises TooFew."""
    people = _enough({o.person for o in occasions}, least)
    m = np.array([o.mean for o in occasions])
    x = np.array([o.value for o in occasions])
    if set(np.unique(x)) <= {0.0, 1.0}:
        came = int(x.sum())
        if min(came, len(x) - came) < LEAST_EVENTS:
            raise TooFew(
                f"too few: it came {came} times and did not come {len(x) - came} times; "
                f"{LEAST_EVENTS} of each are needed"
            )
    spread = float(m.var())
    if not spread or not float(x.var()):
        raise TooFew("nothing differs: everybody said, or did, the same")
    # The variance of the need itself: what was said, and what was left open.
    whole = spread + float(np.mean([o.variance for o in occasions]))
    reliability = spread / whole
    shared = float(np.mean((m - m.mean()) * (x - x.mean())))
    seen = shared / sqrt(spread * float(x.var()))
    # Fisher's z (1915) with as many as there are people, and then corrected, as the estimate is.
    reach = _Z / sqrt(max(people - 3, 1))
    low, high = (tanh(atanh(max(-0.999, min(0.999, seen))) + s * reach) for s in (-1, 1))
    by = 1 / sqrt(reliability)
    return Validity(
        people=people,
        occasions=len(occasions),
        r=_within(seen * by),
        low=_within(low * by),
        high=_within(high * by),
        shift=shared / reliability / float(x.var()),
        usual=float(x.mean()),
        reliability=reliability,
    )


def frequency(spells: Sequence[Spell], *, least: int = LEAST_PEOPLE) -> Frequency:
    """Poisson regression of counts on what was said, with exposure. Raises TooFew.

    The interval is robust: people also differ for other reasons (sandwich, clustered by person;
    Liang and Zeger 1986).
    """
    people = _enough({s.person for s in spells}, least)
    y = np.array([s.count for s in spells], dtype=float)
    if y.sum() < LEAST_EVENTS:
        raise TooFew(f"too few: it came {int(y.sum())} times; {LEAST_EVENTS} are needed")
    m = np.array([s.mean for s in spells])
    v = np.array([s.variance for s in spells])
    days = np.array([s.days for s in spells])
    if not float(m.var()):
        raise TooFew("nothing differs: everybody said the same")
    _, who = np.unique([s.person for s in spells], return_inverse=True)
    at = np.array([log(float(y.sum() / days.sum())), 0.0])
    for _ in range(_ROUNDS):
        score, information = _poisson(at, y, m, v, days)
        step = np.linalg.solve(information, score.sum(0))
        # A long step is cut: far out the exponential has no end.
        step *= min(1.0, 1.0 / float(np.abs(step).max() + 1e-12))
        at = at + step
        if float(np.abs(step).max()) < 1e-9:
            break
    else:
        raise TooFew("the regression does not settle: too few, or too unlike one another")
    score, information = _poisson(at, y, m, v, days)
    of_person = np.zeros((people, 2))
    np.add.at(of_person, who, score)
    inverse = np.linalg.inv(information)
    errors = np.sqrt(np.diag(inverse @ (of_person.T @ of_person) @ inverse))
    return Frequency(
        people=people,
        events=int(y.sum()),
        weight=float(at[1]),
        low=float(at[1] - _Z * errors[1]),
        high=float(at[1] + _Z * errors[1]),
        rate=exp(at[0]),
        rate_low=exp(at[0] - _Z * errors[0]),
        rate_high=exp(at[0] + _Z * errors[0]),
    )


def to_write(shift: float, r: float, most: float = MOST_SCORE) -> tuple[float, float]:
    """(score, validity) that move a stranger by ``shift``: score times the square of validity.

    The validity is the correlation, unless no score that may be written were then large enough.
    """
    validity = min(0.95, max(abs(r), sqrt(abs(shift) / most)))
    return max(-most, min(most, shift / validity**2)), validity


def _poisson(at: Floats, y: Floats, m: Floats, v: Floats, days: Floats) -> tuple[Floats, Floats]:
    """Scores [n, 2] and information [2, 2] of (log rate, weight)."""
    alpha, beta = at
    mu = days * np.exp(np.clip(alpha + beta * m + beta * beta * v / 2, -30, 30))
    along = np.stack([np.ones_like(m), m + beta * v], 1)
    return (y - mu)[:, None] * along, (along * mu[:, None]).T @ along


def _enough(people: set[str], least: int) -> int:
    if len(people) < least:
        raise TooFew(f"too few: {len(people)} of {least} people who said something of themselves")
    return len(people)


def _within(r: float) -> float:
    return max(-1.0, min(1.0, r))
