"""From an event to scored evidence: baseline answers, and declared signals.

This is the port through which more evidence comes (text, voice, counts): a source is a function
from an event to ``Scored`` values. Precision per contact is tempered here, in one place.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Happened
from ofone.domain.words import Need

BASELINE = "Baseline Answered"
STATED = {"P1": "channel", "P2": "cadence"}
"""Baseline answers that state a preference instead of measuring a need."""


class Question(Struct, frozen=True, gc=False, kw_only=True):
    """A baseline item as the model needs it: answers 1-5 lie 0.75 apart on the need's scale."""

    id: str
    need: Need
    text: str
    toward: int
    variance: float


class SignalRule(Struct, frozen=True, gc=False, kw_only=True):
    """An event that is evidence: its score, and the variance its validity implies."""

    need: Need
    score: float
    variance: float
    because: str


class Scored(Struct, frozen=True, gc=False, kw_only=True):
    """A score for one need with its variance, and a word for what kind of evidence it is."""

    need: Need
    score: float
    variance: float
    kind: str


def variance_of(validity: float) -> float:
    """Error variance of a score that correlates ``validity`` with the truth (attenuation)."""
    return 1 / (validity * validity) - 1


def baseline(event: Happened, questions: Mapping[str, Question]) -> tuple[Scored, ...]:
    """The answers of one questionnaire. Raises UnusableEvent for an answer off the scale."""
    found = []
    for name, answer in event.properties.items():
        question = questions.get(name)
        if question is None or answer is None:
            continue
        if type(answer) is not int or not 1 <= answer <= 5:
            raise UnusableEvent(
                f"answer {name} is {answer!r}; answers are whole numbers from 1 to 5, or left out"
            )
        found.append(
            Scored(
                need=question.need,
                score=question.toward * (answer - 3) * 0.75,
                variance=question.variance,
                kind=f"answer {name}",
            )
        )
    return tuple(found)


def signals(rules: Iterable[SignalRule]) -> tuple[Scored, ...]:
    """The signals of one contact, tempered: together they add a precision of at most 1 a need."""
    scored = [
        Scored(need=r.need, score=r.score, variance=r.variance, kind=r.because) for r in rules
    ]
    precision: dict[Need, float] = {}
    for s in scored:
        precision[s.need] = precision.get(s.need, 0.0) + 1 / s.variance
    return tuple(
        Scored(need=s.need, score=s.score, variance=s.variance * precision[s.need], kind=s.kind)
        if precision[s.need] > 1
        else s
        for s in scored
    )
