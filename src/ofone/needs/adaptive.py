"""Which question to ask next, and when to stop: few questions, each of which may change something.

An item is worth the variance it is expected to take away, weighted by how likely its answer
changes the approach that would be chosen. All of it is arithmetic on Gaussian beliefs; nothing is
remembered here, so that a questionnaire can be left and resumed anywhere.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from itertools import product

from msgspec import Struct

from ofone.domain.words import Need
from ofone.needs.items import Question, answer_to, expected_variance, posterior
from ofone.needs.model import Assessment, summary

FIRST = ("P1", "A1", "I1")
"""Asked first, in this order: where to write, and what tells most people apart."""
MOST = 4
"""Questions at most, those about preferences included, and those that were skipped."""
ENOUGH_SD = 0.55
LEAST_GAIN = 0.05
SURE = 0.9
_CHANCE_OF_ANY = 0.1
"""An item that changes no approach by itself is still worth a tenth: two together may."""

Beliefs = Mapping[Need, tuple[float, float]]
"""Mean and variance of each need that the choice of an approach weighs."""
Preferred = Callable[[Mapping[Need, Assessment]], str]
"""The approach that suits what is believed of these needs."""


class Choice(Struct, frozen=True, kw_only=True):
    """The next item, or none and why: ``why`` is a sentence for whoever asks."""

    item: str | None
    why: str


def next_item(
    questions: Mapping[str, Question],
    asked: Collection[str],
    beliefs: Beliefs,
    preferred: Preferred,
    cut: float = 0.5,
) -> str | None:
    """The id of the item to ask next, or None to stop (``choose`` says why).

    ``asked`` are the ids answered or skipped so far; nothing is asked twice.
    """
    return choose(questions, asked, beliefs, preferred, cut).item


def choose(
    questions: Mapping[str, Question],
    asked: Collection[str],
    beliefs: Beliefs,
    preferred: Preferred,
    cut: float = 0.5,
) -> Choice:
    """The next item and the reason. It stops at any of: four items; the approach is right with a
    probability of .9; every need is known to a deviation of .55, or no item would take a twentieth
    off the variance of its need.
    """
    if len(asked) >= MOST:
        return Choice(item=None, why=f"{MOST} questions are enough")
    if FIRST[0] not in asked:
        return Choice(item=FIRST[0], why="a stated wish comes before every guess")
    now = {n: summary(mean, variance, cut) for n, (mean, variance) in beliefs.items()}
    chosen = preferred(now)
    sure = certainty(beliefs, preferred, cut, chosen)
    if sure >= SURE:
        return Choice(item=None, why=f"{chosen} is right with probability {sure:.2f}")
    worth: dict[str, float] = {}
    for name, question in questions.items():
        if name in asked or question.need not in beliefs:
            continue
        mean, variance = beliefs[question.need]
        gain = variance - expected_variance(mean, variance, question)
        if variance > ENOUGH_SD * ENOUGH_SD and gain >= LEAST_GAIN:
            changes = _changes(question, now, mean, variance, preferred, cut, chosen)
            worth[name] = gain * (_CHANCE_OF_ANY + changes)
    if not worth:
        return Choice(item=None, why="no question left would tell much more")
    for name in FIRST:
        if name in worth:
            return Choice(item=name, why="asked of everybody first")
    best = max(worth, key=lambda name: worth[name])
    return Choice(item=best, why="its answer is the likeliest to change how we accompany")


def certainty(beliefs: Beliefs, preferred: Preferred, cut: float, chosen: str) -> float:
    """P(``chosen`` is what would be preferred if every need were known exactly).

    Each need lies below -cut, between, or above cut; the cells of all needs are summed (3 ^ needs).
    """
    cells = []
    for need, (mean, variance) in beliefs.items():
        a = summary(mean, variance, cut)
        chances = (a.low, max(0.0, 1 - a.low - a.high), a.high)
        cells.append([(need, c, p) for c, p in zip(_cells(cut), chances, strict=True) if p > 1e-6])
    total = 0.0
    for combination in product(*cells):
        chance = 1.0
        for _, _, p in combination:
            chance *= p
        if preferred({need: known for need, known, _ in combination}) == chosen:
            total += chance
    return total


@lru_cache(maxsize=8)
def _cells(cut: float) -> tuple[Assessment, ...]:
    return tuple(summary(mean, 1e-12, cut) for mean in (-cut - 0.75, 0.0, cut + 0.75))


def _changes(
    question: Question,
    now: Mapping[Need, Assessment],
    mean: float,
    variance: float,
    preferred: Preferred,
    cut: float,
    chosen: str,
) -> float:
    """P(the answer changes which approach is chosen)."""
    found = 0.0
    for given in question.answers:
        chance, after, narrower = posterior(mean, variance, answer_to(question, given))
        if preferred({**now, question.need: summary(after, narrower, cut)}) != chosen:
            found += chance
    return found
