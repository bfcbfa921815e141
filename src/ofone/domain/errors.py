"""Every error this package raises on purpose.

========================  ================================================  ====================
error                     raised when                                       what the caller does
========================  ================================================  ====================
``OfoneError``            base of all                                       show the message
``UnreadableEvent``       an input cannot be read as an event               kept as a dead letter
``UnusableEvent``         an event is well formed but cannot be applied     kept as a dead letter
``PlaybookError``         a playbook is wrong (lists every ``Problem``)     mend the file
``TemplateError``         a message cannot be rendered                      delivery held, kept
``StoreError``            the store refused (disk full, locked, corrupt)    nothing acknowledged
``NotFound``              a customer, decision or journey does not exist    use a name it lists
``TooFew``                too little was seen to estimate anything          wait for more
``PurposeRefused``        needs were asked for something else than service  do without them
========================  ================================================  ====================

A message says what was asked, why it is refused, and what would work.
"""

from msgspec import Struct


class OfoneError(Exception):
    """Base of every error that is meant for a person to read."""


class UnreadableEvent(OfoneError):
    """An input that is not an event: bad JSON, a missing id, a time without a zone."""


class UnusableEvent(OfoneError):
    """A well-formed event that this customer's journeys cannot take."""


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong in a document, at its place (line and column count from 1)."""

    where: str
    line: int = 0
    column: int = 0
    what: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}:{self.column}" if self.line else self.where
        return f"{place}: {self.what}" + (f"; {self.hint}" if self.hint else "")


class PlaybookError(OfoneError):
    """A playbook that cannot be used; ``problems`` holds all of them, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


class TemplateError(OfoneError):
    """A message that cannot be rendered, with the template and the variable named."""


class StoreError(OfoneError):
    """The store refused a commit; nothing of the batch was kept or acknowledged."""


class NotFound(OfoneError):
    """What was asked for does not exist; the message lists what does."""


class TooFew(OfoneError):
    """Too little was seen to estimate anything; the message says of what, and how much it takes."""


class PurposeRefused(OfoneError):
    """Needs were asked for another purpose than serving the customer; the asking was noted."""
