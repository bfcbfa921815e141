"""From an event to scored evidence: baseline answers, and declared signals.

This is the port through which more evidence comes (text, voice): a source is a function from an
event to ``Scored`` values. Precision per contact is tempered here, in one place.
"""

from collections.abc import Iterable, Mapping
from math import log

from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Happened
from ofone.domain.state import Count
from ofone.domain.times import DAY, Micros
from ofone.domain.words import NEEDS, Need
from ofone.needs.items import Answer, Question, answer_to, equivalent
from ofone.needs.model import STATED, TAKEN_BACK, counted

BASELINE = "Baseline Answered"
PREFERENCES = {"P1": "channel", "P2": "cadence"}
"""Baseline answers that state a preference instead of measuring a need."""
CORRECTED = "Need Corrected"
LEVELS = {"more": 1.2, "usual": 0.0, "less": -1.2}
"""What a customer may say of a need, as against most people, on its standard-normal scale."""
FREE = "open"
"""The word that takes a correction back."""
SAID_VAR = 0.15
"""Of trait and of state each: how exactly three words say what people know of themselves (an
assumption). Not less: nearest words alone are off by .35, and people err and change."""

SHARED = 0.4
"""The share of their errors that signals of one contact have in common (an assumption)."""
COUNTED = 0.1
"""The share of the information in a count that is about the need. People also do a thing more or
less often for other reasons, and a rate is never quite the usual one (quasi-likelihood, Wedderburn
1974): ``ofone bench ablation`` has what counts add, and cost, with this share."""
SPREAD = 2.0
"""How many times e as soon, or as late, an answer may count at most."""
SILENCE_VALIDITY = 0.15
"""At most, so that a silence moves nobody by more than a tenth of a standard deviation."""
_INSTANT = 1 / 1440


class SignalRule(Struct, frozen=True, gc=False, kw_only=True):
    """An event that is evidence: its score, and the variance its validity implies.

    ``count``: (log of the usual rate a day, weight) where it is counted. ``soon``: the days that
    people usually take where it matters how soon it came; the score is then that of coming e times
    as soon. ``silence``: (microseconds, the events that end it) where the absence of an answer is
    the evidence.
    """

    need: Need
    score: float
    variance: float
    because: str
    count: tuple[float, float] | None = None
    soon: float | None = None
    silence: tuple[Micros, frozenset[str]] | None = None


class Contact(Struct, frozen=True, gc=False, kw_only=True):
    """The moment of an event among others: since when such events are counted (the beginning of
    the journey, a week where there is none), and when we last wrote before it.
    """

    at: Micros
    since: Micros
    written: Micros | None


ALONE = Contact(at=0, since=0, written=None)
"""Enough for signals that are neither counted nor timed."""


class Scored(Struct, frozen=True, gc=False, kw_only=True):
    """A score for one need with its variance, and a word for what kind of evidence it is.

    Of an answer to an item the score is what it says of a stranger; ``answer`` is what counts.
    So it is with ``count``.
    """

    need: Need
    score: float
    variance: float
    kind: str
    answer: Answer | None = None
    count: Count | None = None


def variance_of(validity: float) -> float:
    """Error variance of a score that correlates ``validity`` with the truth (attenuation)."""
    return 1 / (validity * validity) - 1


def baseline(event: Happened, questions: Mapping[str, Question]) -> tuple[Scored, ...]:
    """The answers of one questionnaire; what is skipped, and what no item asks, is no evidence.

    Answers are not tempered as signals are: the model of the items already says how much several
    of them tell together. Raises UnusableEvent for an answer off the scale, and for answers none
    of which is to a question that is asked.
    """
    known = questions.keys() | PREFERENCES.keys()
    strange = [n for n, a in event.properties.items() if type(a) is int and 1 <= a <= 5]
    if questions and strange and not known & event.properties.keys():
        raise UnusableEvent(
            f"nobody asks {', '.join(strange)}; answers that count are {', '.join(sorted(known))}"
        )
    found = []
    for name, given in event.properties.items():
        question = questions.get(name)
        if question is None or given is None:
            continue
        if type(given) is not int or given not in question.answers:
            raise UnusableEvent(
                f"answer {name} is {given!r}; answers are whole numbers from 1 to "
                f"{question.answers[-1]}, or left out"
            )
        answer = answer_to(question, given)
        alone = equivalent(0.0, 1.0, answer)
        if alone is not None:
            found.append(
                Scored(
                    need=question.need,
                    score=alone[0],
                    variance=alone[1],
                    kind=f"answer {name}",
                    answer=answer,
                )
            )
    return tuple(found)


def signals(rules: Iterable[SignalRule], contact: Contact = ALONE) -> tuple[Scored, ...]:
    """The signals of one contact, tempered: they share what was misread in it.

    Of n signals for a need with a share r of their errors in common, the precisions add up to
    their sum over 1 + (n - 1) r (the design effect, Kish 1965), and never to more than 1.
    """
    scored = [s for r in rules if (s := _scored(r, contact)) is not None]
    found: dict[Need, list[float]] = {}
    for s in scored:
        found.setdefault(s.need, []).append(1 / s.variance)
    widened = {need: max(1 + (len(each) - 1) * SHARED, sum(each)) for need, each in found.items()}
    return tuple(_tempered(s, by) if (by := widened[s.need]) > 1 else s for s in scored)


def _scored(rule: SignalRule, contact: Contact) -> Scored | None:
    """What a signal says of a stranger; None where nothing was written that it could answer."""
    score, variance, count = rule.score, rule.variance, None
    if rule.count is not None:
        log_rate, weight = rule.count
        count = Count(log_rate, weight, contact.since, COUNTED)
        # Between one and the next, one is expected: the information is then the weight squared.
        variance = 1 / (COUNTED * weight * weight)
        gradient, information = counted(0.0, count, contact.at)
        score = gradient / (1 + information) * (1 + variance)
    elif rule.soon is not None:
        if contact.written is None:
            return None
        days = max((contact.at - contact.written) / DAY, _INSTANT)
        score *= max(-SPREAD, min(SPREAD, log(rule.soon / days)))
    return Scored(need=rule.need, score=score, variance=variance, kind=rule.because, count=count)


def _tempered(s: Scored, by: float) -> Scored:
    count = None if s.count is None else replace(s.count, share=s.count.share / by)
    return Scored(need=s.need, score=s.score, variance=s.variance * by, kind=s.kind, count=count)


def beside(s: Scored, usual: float) -> Scored:
    """The same as evidence for the deviation from where people ``usual``ly stand at the stage."""
    if not usual:
        return s
    answer, count = s.answer, s.count
    if answer is not None:
        answer = (answer[0], answer[1] - usual, answer[2] - usual)
    if count is not None:
        count = replace(count, log_rate=count.log_rate + count.weight * usual)
    return replace(s, score=s.score - usual, answer=answer, count=count)


def level_of(score: float) -> str:
    """The word for what a customer said of a need: the nearest of ``LEVELS``."""
    return min(LEVELS, key=lambda level: abs(LEVELS[level] - score))


def correction(event: Happened) -> Scored:
    """The customer's own word on one need. Raises UnusableEvent that names what may be said."""
    need, level = event.properties.get("need"), event.properties.get("level")
    known = next((n for n in NEEDS if n == need), None)
    if known is None:
        raise UnusableEvent(f"there is no need {need!r}; needs are {', '.join(NEEDS)}")
    if level == FREE:
        return Scored(need=known, score=0.0, variance=0.0, kind=TAKEN_BACK)
    if not isinstance(level, str) or level not in LEVELS:
        raise UnusableEvent(
            f"level {level!r} of {known} is not known; write {', '.join(LEVELS)}, or {FREE} to let "
            "us find out again"
        )
    return Scored(need=known, score=LEVELS[level], variance=SAID_VAR, kind=STATED)
