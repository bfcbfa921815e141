"""The types of the one pure function: what it is told beside the event, and what it answers."""

from msgspec import Struct

from ofone.domain.decisions import Decision
from ofone.domain.effects import Effect
from ofone.domain.state import CustomerState


class Policy(Struct, frozen=True, gc=False, kw_only=True):
    """A numbered snapshot of how choices are made. 0 is the playbook's own rules."""

    number: int = 0


class Transition(Struct, frozen=True, gc=False, kw_only=True):
    """What one event changed. ``unusable`` says why an event could not be applied, or is empty.

    When nothing changed, ``state`` is the very object that went in. ``erase``: the customer is to
    be forgotten, this event with them; no state comes after it.
    """

    state: CustomerState
    effects: tuple[Effect, ...] = ()
    decisions: tuple[Decision, ...] = ()
    unusable: str = ""
    erase: bool = False
