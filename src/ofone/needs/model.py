"""One Gaussian per need: a constant trait plus a state that fades, updated by scored evidence.

theta = b + s, with b ~ N(0, .5) and s an Ornstein-Uhlenbeck process of stationary variance .5.
Between two pieces of evidence the state fades by Phi = exp(-ln 2 * elapsed / half-life); a score
y = theta + v with Var(v) = 1/validity^2 - 1 is a Kalman update (Kalman 1960; for the state model
Uhlenbeck and Ornstein 1930). All numbers are on the standard-normal scale of the need.

An answer to an item is no Gaussian score. It is kept as the answer it was, and when it is folded,
quadrature over theta gives the score that moves the belief *of that moment* as the answer does
(assumed density filtering, Maybeck 1982; it is exact in mean and variance of theta for each
answer). What it amounts to depends on what was folded before. Evidence is therefore always folded
in the order of its own times, whenever it arrives: the order of arrival still changes nothing.
"""

from bisect import insort
from functools import lru_cache
from math import erfc, exp, log, sqrt

from msgspec import Struct

from ofone.domain.state import Belief, Evidence, NeedState
from ofone.domain.times import DAY, Micros
from ofone.domain.words import Need
from ofone.needs.items import equivalent

HALF_LIFE_DAYS: dict[Need, float] = {
    "reassurance": 14,
    "urgency": 7,
    "trust": 60,
    "effort_sensitivity": 90,
    "information": 180,
    "control": 180,
    "relationship": 180,
}
"""How fast a deviation from the usual fades (assumptions; a company may measure its own)."""

TRAIT_VAR = 0.5
STATE_VAR = 0.5
KNOWN_SD = 0.6
"""Above this standard deviation a need is shown as "not known yet"."""
KEPT = 24
"""Pieces of evidence kept per need; older ones live on in ``NeedState.base``."""


class Assessment(Struct, frozen=True, gc=False, kw_only=True):
    """What is believed of one need now: ``high`` is P(need > cut), ``low`` P(need < -cut)."""

    mean: float
    sd: float
    high: float
    low: float
    known: bool


def prior(at: Micros) -> Belief:
    """What is believed of anybody: mean 0, variance 1, half of it lasting."""
    return Belief(at, 0.0, 0.0, TRAIT_VAR, STATE_VAR, 0.0)


@lru_cache(maxsize=8)
def _rate(half_life_days: float) -> float:
    return log(2) / (half_life_days * DAY)


def fade(belief: Belief, at: Micros, need: Need) -> Belief:
    """The same belief at a later moment; an earlier moment changes nothing."""
    elapsed = at - belief.at
    if elapsed <= 0:
        return belief
    phi = exp(-_rate(HALF_LIFE_DAYS[need]) * elapsed)
    return Belief(
        at,
        belief.trait,
        phi * belief.state,
        belief.trait_var,
        phi * phi * belief.state_var + STATE_VAR * (1 - phi * phi),
        phi * belief.cov,
    )


def update(belief: Belief, evidence: Evidence, need: Need) -> Belief:
    """Fold one piece of evidence, at its own time, into the belief."""
    b = fade(belief, evidence.at, need)
    with_trait = b.trait_var + b.cov
    with_state = b.state_var + b.cov
    score, variance = evidence.score, evidence.variance
    if evidence.answer is not None:
        said = equivalent(b.trait + b.state, with_trait + with_state, evidence.answer)
        if said is None:
            return b
        score, variance = said
    total = with_trait + with_state + variance
    surprise = (score - b.trait - b.state) / total
    return Belief(
        b.at,
        b.trait + with_trait * surprise,
        b.state + with_state * surprise,
        b.trait_var - with_trait * with_trait / total,
        b.state_var - with_state * with_state / total,
        b.cov - with_trait * with_state / total,
    )


def learn(known: NeedState | None, evidence: Evidence, need: Need) -> NeedState:
    """Add one piece of evidence. The order of arrival does not matter, only the evidence's time.

    Late evidence is folded at its own place from ``base``. Evidence older than the base (more
    than ``KEPT`` pieces came after it) counts as if it had happened at the base's moment.

    Who answers the same question again within a day has corrected the answer: the last word
    counts, and the earlier one stays in the list without effect. Later than that, it is how the
    person feels by then, and both count.
    """
    if known is None:
        base = prior(evidence.at)
        return NeedState(update(base, evidence, need), base, (evidence,))
    if any(e.event == evidence.event and e.kind == evidence.kind for e in known.evidence):
        return known
    kept = list(known.evidence)
    base = known.base
    if evidence.at < base.at and base == prior(base.at):
        # Nothing is folded into the base yet, and the prior is the same at any moment.
        base = prior(evidence.at)
    answers = [e for e in kept if e.answer is not None] if evidence.answer is not None else []
    last = not kept or (evidence.at, evidence.event) >= (kept[-1].at, kept[-1].event)
    if last and not any(_corrects(evidence, e) for e in answers):
        kept.append(evidence)
        belief = update(known.belief, evidence, need)
    else:
        insort(kept, evidence, key=lambda e: (e.at, e.event))
        belief = base
        for piece in _standing(kept):
            belief = update(belief, piece, need)
    while len(kept) > KEPT:
        if _standing(kept)[0] is kept[0]:
            base = update(base, kept[0], need)
        del kept[0]
    return NeedState(belief, base, tuple(kept))


def _standing(kept: list[Evidence]) -> list[Evidence]:
    """What counts: everything but the answers that were corrected."""
    answers = [e for e in kept if e.answer is not None]
    return [p for p in kept if p.answer is None or not any(_corrects(e, p) for e in answers)]


def _corrects(later: Evidence, earlier: Evidence) -> bool:
    """Whether ``later`` is another answer to the same item, at most a day after ``earlier``."""
    return (
        later.kind == earlier.kind
        and (earlier.at, earlier.event) < (later.at, later.event)
        and later.at - earlier.at <= DAY
    )


def assess(known: NeedState | None, at: Micros, need: Need, cut: float) -> Assessment:
    """What is believed now. A cold start is the prior: mean 0, standard deviation 1."""
    if known is None:
        return summary(0.0, TRAIT_VAR + STATE_VAR, cut)
    b = fade(known.belief, at, need)
    return summary(b.trait + b.state, b.trait_var + b.state_var + 2 * b.cov, cut)


@lru_cache(maxsize=4096)
def summary(mean: float, variance: float, cut: float) -> Assessment:
    """What a Gaussian belief comes to: chances beyond the cut on both sides, and known or not."""
    sd = sqrt(variance)
    scale = sd * sqrt(2)
    return Assessment(
        mean=mean,
        sd=sd,
        high=0.5 * erfc((cut - mean) / scale),
        low=0.5 * erfc((cut + mean) / scale),
        known=sd <= KNOWN_SD,
    )
