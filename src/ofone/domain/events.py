"""Everything that comes in.

``Happened`` is a fact from the world: a click, a call, a survey answer, a status from a vendor.
The others are the system hearing from itself: a timer came due, a delivery had news, a playbook
version was migrated. All are logged in one order and folded by one function.
"""

from typing import assert_never

from msgspec import Struct

from ofone.domain.times import Micros
from ofone.domain.words import Need

Scalar = str | int | float | bool | None
Value = Scalar | list[Scalar] | dict[str, Scalar]
"""What a property may hold: a scalar, a list of scalars, or one level of named scalars."""


class Heard(Struct, frozen=True, gc=False, array_like=True):
    """What a reader heard in an event's words about one need, noted before the event is logged.

    So the log holds the evidence, and folding it again needs no model.
    """

    need: Need
    score: float
    variance: float
    reader: str


class Happened(Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag="happened"):
    """A fact about one customer, as a source reported it. Never rewritten.

    ``at`` is the source's own time; ``id`` is unique per customer: a repeat changes nothing.
    """

    id: str
    customer: str
    name: str
    at: Micros
    properties: dict[str, Value] = {}
    traits: dict[str, Value] = {}
    source: str = ""
    heard: tuple[Heard, ...] = ()


class TimerFired(Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag="timer"):
    """A timer of this customer came due. ``name`` and ``due`` identify it."""

    customer: str
    name: str
    due: Micros

    @property
    def id(self) -> str:
        return f"{self.name}@{self.due}"

    @property
    def at(self) -> Micros:
        return self.due


class Receipt(Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag="receipt"):
    """News of a delivery that matters to the journey: it failed, nobody knows, or it went out late.

    ``key`` is the effect's; the rest says what was to be sent, so that another way can be found.
    ``at`` is when it was decided; ``done``, of what ``moved``, when it went out.
    """

    customer: str
    key: str
    status: str
    at: Micros
    channel: str
    journey: int
    step: str
    action: str
    detail: str = ""
    done: Micros = 0

    @property
    def id(self) -> str:
        return f"{self.key}:{self.status}"


class Migrated(Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag="migrated"):
    """The company moved this customer's journey to another version of its playbook."""

    customer: str
    journey: int
    version: str
    at: Micros

    @property
    def id(self) -> str:
        return f"journey-{self.journey}->{self.version}"


Event = Happened | TimerFired | Receipt | Migrated


def describe(event: Event) -> str:
    """A few words for a log line or a dead letter."""
    match event:
        case Happened():
            return f"{event.name!r} ({event.id})"
        case TimerFired():
            return f"timer {event.name}"
        case Receipt():
            return f"receipt {event.status} for {event.key}"
        case Migrated():
            return f"migration to {event.version}"
        case _:
            assert_never(event)
