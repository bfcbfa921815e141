"""All that the list of calls is made of: what who calls may see, and how a call may end.

As with helpers, there is no field for a need or an approach. Times are ISO 8601 in UTC.
"""

from typing import Literal, get_args

from msgspec import Struct

from ofone.domain.helping import HelperCase

Ended = Literal["reached", "not_reached", "wrong_number", "no_calls"]
"""Spoken with; tried in vain; the number is somebody else's; the customer wants no calls."""
ENDS: tuple[Ended, ...] = get_args(Ended)


class Call(Struct, frozen=True, kw_only=True):
    """One call to make, and where the customer stands in the journey it is about.

    ``zone`` (IANA) is the one the customer is called in; ``not_before`` is when their day begins,
    where it is not day there now. ``language`` is what they stated, ``caller`` who has taken it.
    """

    number: int
    customer: str
    name: str
    phone: str
    about: str
    say_first: str
    step: str
    made: str
    due: str
    zone: str
    not_before: str | None = None
    language: str = ""
    caller: str = ""
    case: HelperCase | None = None


class NotNeeded(Struct, frozen=True, kw_only=True):
    """A call that nobody need make any more, and why."""

    number: int
    name: str
    step: str
    why: str


class CallDesk(Struct, frozen=True, kw_only=True):
    """The list, the most urgent first. ``zone`` (IANA) is the one its times are told in.

    ``count``: how many wait, listed or not.
    """

    zone: str
    count: int
    calls: tuple[Call, ...]
    not_needed: tuple[NotNeeded, ...]
