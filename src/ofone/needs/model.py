"""One Gaussian per need: a constant trait plus a state that fades, updated by scored evidence.

theta = b + s, with b ~ N(0, .5) and s an Ornstein-Uhlenbeck process of stationary variance .5.
Between two pieces of evidence the state fades by Phi = exp(-ln 2 * elapsed / half-life); a score
y = theta + v with Var(v) = 1/validity^2 - 1 is a Kalman update (Kalman 1960; for the state model
Uhlenbeck and Ornstein 1930). All numbers are on the standard-normal scale of the need.

Something counted (calls, reschedules) is Poisson with log rate alpha + beta theta + log exposure,
and each one of it is an update by Laplace's approximation at the mean of that moment: with mu the
number expected by then, the gradient is beta (1 - mu) and the information beta^2 mu. Its exposure
is the time since the one before it, so that the gaps count as much as the calls.

An answer to an item is no Gaussian score. It is kept as the answer it was, and when it is folded,
quadrature over theta gives the score that moves the belief *of that moment* as the answer does
(assumed density filtering, Maybeck 1982; it is exact in mean and variance of theta for each
answer). What it amounts to depends on what was folded before. Evidence is therefore always folded
in the order of its own times, whenever it arrives: the order of arrival still changes nothing.
"""

from bisect import insort
from collections.abc import Sequence
from functools import lru_cache
from math import erfc, exp, log, sqrt

from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.state import Belief, Count, Evidence, NeedState
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

STATED = "stated"
TAKEN_BACK = "taken back"
"""Kinds of the customer's own word on a need."""


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
    mean, variance = b.trait + b.state, with_trait + with_state
    if evidence.count is not None:
        gradient, information = counted(mean, evidence.count, evidence.at)
        surprise = gradient / (1 + information * variance)
        gain = information / (1 + information * variance)
    else:
        score, error = evidence.score, evidence.variance
        if evidence.answer is not None:
            said = equivalent(mean, variance, evidence.answer)
            if said is None:
                return b
            score, error = said
        surprise = (score - mean) / (variance + error)
        gain = 1 / (variance + error)
    return Belief(
        b.at,
        b.trait + with_trait * surprise,
        b.state + with_state * surprise,
        b.trait_var - with_trait * with_trait * gain,
        b.state_var - with_state * with_state * gain,
        b.cov - with_trait * with_state * gain,
    )


def counted(mean: float, count: Count, at: Micros) -> tuple[float, float]:
    """(gradient, information) in theta of one event after its exposure: Poisson, at ``mean``.

    One contact adds a precision of 1 at most, so a gap too long for any rate says no more than
    that it is long.
    """
    days = max(at - count.since, 0) / DAY
    expected = days * exp(min(count.log_rate + count.weight * mean, 30.0))
    information = count.weight * count.weight * expected
    share = min(count.share, 1 / information) if information else count.share
    return share * count.weight * (1 - expected), share * information


def learn(known: NeedState | None, evidence: Evidence, need: Need) -> NeedState:
    """Add one piece of evidence. The order of arrival does not matter, only the evidence's time.

    Late evidence is folded at its own place from ``base``. Evidence older than the base (more
    than ``KEPT`` pieces came after it) counts as if it had happened at the base's moment.

    Who answers the same question again within a day has corrected the answer: the last word
    counts, and the earlier one stays in the list without effect. Later than that, it is how the
    person feels by then, and both count.

    While the customer's own word on the need stands (``override``), only answers given after it
    move the belief: nothing that is inferred argues with it.
    """
    if known is None:
        base = prior(evidence.at)
        return NeedState(update(base, evidence, need), base, (evidence,))
    if any(e.event == evidence.event and e.kind == evidence.kind for e in known.evidence):
        return known
    kept = list(known.evidence)
    base, said = known.base, known.said
    if (evidence.at < base.at or not kept) and base == prior(base.at):
        # Nothing is folded into the base yet, and the prior is the same at any moment.
        base = prior(evidence.at)
    if evidence.count is not None:
        evidence = _counted_on(kept, evidence, evidence.count)
    answers = [e for e in kept if e.answer is not None] if evidence.answer is not None else []
    last = not kept or (evidence.at, evidence.event) >= (kept[-1].at, kept[-1].event)
    if last and not any(_corrects(evidence, e) for e in answers):
        kept.append(evidence)
        belief = known.belief
        if _counts(evidence, said):
            belief = update(belief, evidence, need)
    else:
        insort(kept, evidence, key=lambda e: (e.at, e.event))
        belief = _folded(base, kept, said, need)
    while len(kept) > KEPT:
        if _standing(kept)[0] is kept[0]:
            base = update(base, kept[0], need)
        del kept[0]
    return NeedState(belief, base, tuple(kept), said)


def override(known: NeedState | None, word: Evidence, need: Need) -> NeedState:
    """The customer's own word on a need: the latest one stands, whatever else is believed.

    Its ``kind`` is ``STATED``, with score and variance; or ``TAKEN_BACK``, and what was inferred
    counts again.
    """
    if known is None:
        base = prior(word.at)
        known = NeedState(base, base, ())
    old = known.said
    if old is not None and (old.at, old.event) >= (word.at, word.event):
        return known
    return NeedState(
        _folded(known.base, known.evidence, word, need), known.base, known.evidence, word
    )


def course(known: NeedState, need: Need) -> list[Belief]:
    """The belief after each kept piece of evidence, in the order of their times."""
    kept, said = known.evidence, known.said
    return [_folded(known.base, kept[: n + 1], said, need) for n in range(len(kept))]


def _folded(base: Belief, kept: Sequence[Evidence], said: Evidence | None, need: Need) -> Belief:
    """Everything that counts, in the order of its time."""
    belief = base
    if said is not None and said.kind == STATED:
        # How people say they are is about themselves, not about today: the trait takes it.
        belief = Belief(said.at, said.score, 0.0, said.variance, said.variance, 0.0)
    for piece in _standing(kept):
        if _counts(piece, said):
            belief = update(belief, piece, need)
    return belief


def _counts(piece: Evidence, said: Evidence | None) -> bool:
    """Whether it moves a belief beside the customer's own word: only answers given after it do."""
    return (
        said is None
        or said.kind != STATED
        or (piece.answer is not None and (piece.at, piece.event) > (said.at, said.event))
    )


def _counted_on(kept: list[Evidence], evidence: Evidence, count: Count) -> Evidence:
    """The exposure runs from one to the next: set this one's, and that of the one after it."""
    here = (evidence.at, evidence.event)
    since = count.since
    for n, piece in enumerate(kept):
        if piece.count is None or piece.kind != evidence.kind:
            continue
        if (piece.at, piece.event) < here:
            since = max(since, piece.at)
        elif evidence.at > piece.count.since:
            kept[n] = replace(piece, count=replace(piece.count, since=evidence.at))
            break
        else:
            break
    return replace(evidence, count=replace(count, since=since))


def _standing(kept: Sequence[Evidence]) -> list[Evidence]:
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


def assess(
    known: NeedState | None, at: Micros, need: Need, cut: float, usual: float = 0.0
) -> Assessment:
    """What is believed now. A cold start is the prior: mean ``usual``, standard deviation 1.

    ``usual``: where people stand at this stage; beliefs are about the deviation from it.
    """
    if known is None:
        return summary(usual, TRAIT_VAR + STATE_VAR, cut)
    b = fade(known.belief, at, need)
    return summary(usual + b.trait + b.state, b.trait_var + b.state_var + 2 * b.cov, cut)


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
