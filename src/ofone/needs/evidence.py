"""From an event to scored evidence: baseline answers, and declared signals.

This is the port through which more evidence comes (text, voice, counts): a source is a function
from an event to ``Scored`` values. Precision per contact is tempered here, in one place.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Happened
from ofone.domain.words import Need
from ofone.needs.items import Answer, Question, answer_to, equivalent

BASELINE = "Baseline Answered"
STATED = {"P1": "channel", "P2": "cadence"}
"""Baseline answers that state a preference instead of measuring a need."""

SHARED = 0.4
"""The share of their errors that signals of one contact have in common (an assumption)."""


class SignalRule(Struct, frozen=True, gc=False, kw_only=True):
    """An event that is evidence: its score, and the variance its validity implies."""

    need: Need
    score: float
    variance: float
    because: str


class Scored(Struct, frozen=True, gc=False, kw_only=True):
    """A score for one need with its variance, and a word for what kind of evidence it is.

    Of an answer to an item the score is what it says of a stranger; ``answer`` is what counts.
    """

    need: Need
    score: float
    variance: float
    kind: str
    answer: Answer | None = None


def variance_of(validity: float) -> float:
    """Error variance of a score that correlates ``validity`` with the truth (attenuation)."""
    return 1 / (validity * validity) - 1


def baseline(event: Happened, questions: Mapping[str, Question]) -> tuple[Scored, ...]:
    """The answers of one questionnaire; what is skipped, and what no item asks, is no evidence.

    Answers are not tempered as signals are: the model of the items already says how much several
    of them tell together. Raises UnusableEvent for an answer off the scale, and for answers none
    of which is to a question that is asked.
    """
    known = questions.keys() | STATED.keys()
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


def signals(rules: Iterable[SignalRule]) -> tuple[Scored, ...]:
    """The signals of one contact, tempered: they share what was misread in it.

    Of n signals for a need with a share r of their errors in common, the precisions add up to
    their sum over 1 + (n - 1) r (the design effect, Kish 1965), and never to more than 1.
    """
    scored = [
        Scored(need=r.need, score=r.score, variance=r.variance, kind=r.because) for r in rules
    ]
    found: dict[Need, list[float]] = {}
    for s in scored:
        found.setdefault(s.need, []).append(1 / s.variance)
    widened = {need: max(1 + (len(each) - 1) * SHARED, sum(each)) for need, each in found.items()}
    return tuple(
        Scored(need=s.need, score=s.score, variance=s.variance * by, kind=s.kind)
        if (by := widened[s.need]) > 1
        else s
        for s in scored
    )
