"""The baseline of a playbook: its next question, a rehearsal of it, and its items calibrated."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from ofone.domain.errors import OfoneError
from ofone.domain.state import CustomerState
from ofone.domain.times import Micros
from ofone.domain.words import NEEDS, Need
from ofone.journeys.compiled import Compiled
from ofone.needs.adaptive import Choice, Preferred, choose
from ofone.needs.model import Assessment, assess


def prefers(compiled: Compiled, traits: Mapping[str, object] | None = None) -> Preferred:
    """The approach that this playbook prefers for somebody of whom only needs and traits are known.

    A condition that asks for a fact nobody has yet does not hold, as in a journey.
    """

    def preferred(needs: Mapping[Need, Assessment]) -> str:
        context = {"traits": dict(traits or {}), "facts": {}, "needs": needs, "step": _BEGIN}
        for name, suits in compiled.approaches.items():
            if suits.condition is None or suits.condition.fails(context) is None:
                return name
        return next(reversed(compiled.approaches))

    return preferred


_BEGIN = {"attempts": 0, "days": 0}


def weighed(compiled: Compiled) -> tuple[Need, ...]:
    """The needs that the choice of an approach rests on."""
    return tuple(need for need in NEEDS if need in compiled.weighed)


def next_question(
    compiled: Compiled, state: CustomerState, asked: Collection[str], now: Micros
) -> Choice:
    """What to ask this customer next, or that it is enough, and why.

    ``asked`` are the ids that were answered or skipped this time.
    """
    cut = compiled.playbook.cut
    beliefs = {}
    for need in weighed(compiled):
        a = assess(state.needs.get(need), now, need, cut)
        beliefs[need] = (a.mean, a.sd * a.sd)
    traits = {name: dated.value for name, dated in state.profile.traits.items()}
    return choose(compiled.questions, asked, beliefs, prefers(compiled, traits), cut)


def simulate(compiled: Compiled, *, customers: int = 500, seed: int = 1) -> dict[str, Any]:
    """``ofone baseline --simulate``: plain data, the same for the same seed."""
    from ofone.simulation import people

    if not compiled.questions:
        raise OfoneError(f"playbook {compiled.name!r} asks nothing; give it items, or another one")
    found = people.simulate(
        compiled.questions,
        weighed(compiled),
        prefers(compiled),
        cut=compiled.playbook.cut,
        customers=customers,
        seed=seed,
    )
    return {"playbook": compiled.name, "version": compiled.version} | found


def calibrate_items(
    compiled: Compiled, lines: Iterable[bytes], where: str = "answers"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """``ofone calibrate-items``: the report, and the items as a playbook writes them.

    ``lines`` are JSON ``{person, item, answer, group?}``; empty ones are passed over. Raises
    OfoneError with the line that cannot be read.
    """
    from ofone.needs.calibrate import Answered, calibrate, item_file

    rows = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                rows.append(msgspec.json.decode(line, type=Answered))
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise OfoneError(
                    f"{where}:{number}: {error}; write lines like "
                    '{"person": "p1", "item": "A1", "answer": 4}'
                ) from None
    report = calibrate(rows, compiled.questions)
    return report, item_file(report, compiled.questions)
