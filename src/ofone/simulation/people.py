"""Simulated newcomers answer a baseline: how many questions, how sure, and was it right?

Each has needs drawn from the prior and answers as the items' own parameters say. The right
approach is the one the playbook would prefer if it knew the needs exactly. What comes out is
therefore what the *questions and their order* can give; that people answer as the model says is
what ``ofone calibrate-items`` checks.
"""

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from random import Random
from statistics import fmean
from typing import Any

from msgspec import Struct

from ofone.domain.words import Need
from ofone.needs.adaptive import FIRST, MOST, Preferred, certainty, next_item
from ofone.needs.items import Question, answer_to, posterior, probability
from ofone.needs.model import summary

Known = dict[Need, tuple[float, float]]
Pick = Callable[[list[str], Known, Random], str | None]


class Told(Struct, frozen=True):
    """One simulated baseline: questions asked, mean deviation, what it was sure of, and truth."""

    asked: int
    sd: float
    sure: float
    right: bool


def simulate(
    questions: Mapping[str, Question],
    weighed: Sequence[Need],
    preferred: Preferred,
    *,
    cut: float,
    customers: int,
    seed: int,
) -> dict[str, Any]:
    """The adaptive order against the fixed one (as the playbook lists the items) and a random one.

    All three ask the wish ``P1`` first and only items about needs that are ``weighed``; the same
    customers answer all three.
    """
    useful = [name for name, q in questions.items() if q.need in weighed]
    fixed = sorted(useful, key=lambda n: FIRST.index(n) if n in FIRST else len(FIRST))

    def adaptive(asked: list[str], known: Known, _chance: Random) -> str | None:
        return next_item(questions, asked, known, preferred, cut)

    def in_order(asked: list[str], _known: Known, _chance: Random) -> str | None:
        return _within(asked, [n for n in (FIRST[0], *fixed) if n not in asked][:1])

    def at_random(asked: list[str], _known: Known, chance: Random) -> str | None:
        left = [n for n in useful if n not in asked]
        return _within(asked, [chance.choice(left)] if asked and left else [FIRST[0]])

    orders: dict[str, Pick] = {"adaptive": adaptive, "fixed": in_order, "random": at_random}
    found: dict[str, Any] = {"customers": customers, "seed": seed, "weighed": list(weighed)}
    for name, pick in orders.items():
        told = [
            _one(questions, weighed, preferred, cut, pick, Random(f"{seed}/{n}"))
            for n in range(customers)
        ]
        found[name] = {
            "questions": round(fmean(t.asked for t in told), 2),
            "sd": round(fmean(t.sd for t in told), 3),
            "right_approach": round(fmean(t.right for t in told), 3),
            "said_probability": round(fmean(t.sure for t in told), 3),
        }
    nobody: Known = dict.fromkeys(weighed, (0.0, 1.0))
    chosen = preferred({n: summary(0.0, 1.0, cut) for n in weighed})
    found["without_questions"] = {
        "right_approach": round(certainty(nobody, preferred, cut, chosen), 3)
    }
    return found


def _within(asked: list[str], names: list[str]) -> str | None:
    return names[0] if names and names[0] not in asked and len(asked) < MOST else None


def _one(
    questions: Mapping[str, Question],
    weighed: Sequence[Need],
    preferred: Preferred,
    cut: float,
    pick: Pick,
    chance: Random,
) -> Told:
    truth = {need: chance.gauss(0, 1) for need in weighed}
    # Each item's luck is drawn beforehand, so that it is the same in every order.
    luck = {name: chance.random() for name in questions}
    known: Known = dict.fromkeys(weighed, (0.0, 1.0))
    asked: list[str] = []
    while (name := pick(asked, known, chance)) is not None:
        asked.append(name)
        if name in questions:
            question = questions[name]
            answer = answer_to(question, _answered(question, truth[question.need], luck[name]))
            _, mean, variance = posterior(*known[question.need], answer)
            known[question.need] = mean, variance
    chosen = preferred({n: summary(m, v, cut) for n, (m, v) in known.items()})
    return Told(
        asked=len(asked),
        sd=fmean(sqrt(v) for _, v in known.values()) if known else 0.0,
        sure=certainty(known, preferred, cut, chosen),
        right=chosen == preferred({n: summary(t, 1e-12, cut) for n, t in truth.items()}),
    )


def _answered(question: Question, theta: float, luck: float) -> int:
    for given in question.answers:
        luck -= probability(theta, answer_to(question, given))
        if luck < 0:
            return given
    return question.answers[-1]
