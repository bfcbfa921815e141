"""The immutable record of one choice: what was possible, what was chosen, why not the others."""

from typing import Literal

from msgspec import Struct

from ofone.domain.times import Micros

DecisionKind = Literal["approach", "touch"]


class Verdict(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """What one guard says of one option. ``until``: when it would say yes, if waiting helps."""

    guard: str
    ok: bool
    reason: str
    until: Micros | None = None


class Option(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """One thing that could have been chosen. ``probability`` is the policy's chance of it.

    ``verdicts`` are on this option; ``Decision.verdicts`` hold for it too.
    """

    name: str
    eligible: bool
    probability: float
    because: str = ""
    verdicts: tuple[Verdict, ...] = ()


class EvidenceSeen(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """What was believed of one need at that moment, and the ids of the events behind it."""

    need: str
    mean: float
    sd: float
    high: float
    low: float
    known: bool
    events: tuple[str, ...] = ()


class Decision(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """One choice, as it was made. It holds all that is needed to make it again, bit for bit.

    ``trigger`` says what asked for the choice; ``chosen`` is an option's name, ``wait`` (then a
    timer asks again) or ``nothing``. ``choice_probability`` is the chance that the *policy*
    chose it, never the chance that the customer responds. ``verdicts`` hold for all options alike.
    """

    id: str
    customer: str
    journey: int
    playbook: str
    version: str
    step: str
    at: Micros
    kind: DecisionKind
    trigger: str
    question: str
    options: tuple[Option, ...]
    chosen: str
    because: str
    choice_probability: float
    seed: int
    policy: int
    evidence: tuple[EvidenceSeen, ...] = ()
    effects: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
