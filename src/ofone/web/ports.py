"""What the pages read. The application carries it out; tests use a small fake."""

from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from ofone.domain.events import Happened
from ofone.domain.helping import HelperInbox
from ofone.domain.messages import Appointment
from ofone.domain.times import Micros
from ofone.domain.words import Channel, Purpose
from ofone.journeys.ask_next import Baseline


class Leaving(Struct, frozen=True, kw_only=True):
    """Whose messages a link ends, and what its page needs to say so.

    ``since``: the source's time of the customer's last word on them, 0 where there is none;
    ``over``: it was that they end. ``language`` is the customer's, where stated; ``own`` the
    company's.
    """

    customer: str
    channel: Channel
    purpose: Purpose
    since: Micros
    over: bool
    company: str
    language: str
    own: str


@runtime_checkable
class Book(Protocol):
    """The read model behind every page. Nothing here writes; ``Desk`` does.

    Dictionaries have the shape of ``ofone show`` (times ISO 8601 in UTC); names a page does not
    know are ignored, and names it misses are shown as absent, so that old records stay readable.
    """

    def customer(self, customer: str) -> dict[str, Any] | None:
        """One customer whole, or None when nobody has that id."""

    def customers(self, limit: int = 200) -> list[str]:
        """Ids, the most recently heard of first."""

    def count(self) -> int:
        """How many customers there are, listed or not."""

    def by_link(self, token: str) -> tuple[str, int] | None:
        """The customer and the index of the journey a tracker link opens, or None.

        Whoever holds the token sees the tracker: tokens must be impossible to guess.
        """

    def baseline(self, customer: str, journey: int, item: str = "") -> Baseline | None:
        """What to ask this customer beside that journey, or None where there is no such journey.

        ``item`` is put whether it was asked before or not; one that is not asked here is ignored.
        """

    def leaving(self, token: str) -> Leaving | None:
        """Whose messages a link of the kind ``/u/…`` ends, or None."""

    def appointment(self, customer: str, journey: int, step: str) -> Appointment | None:
        """A step's appointment for the customer's calendar, or None where there is none."""

    def helping(self, token: str) -> HelperInbox | None:
        """What the helper may see whom a link belongs to, or None for a link that opens nothing."""

    def mailbox(self, who: str | None = None, limit: int = 500) -> list[dict[str, Any]]:
        """What was sent on this machine, newest first, to one person or to all.

        Keys: key, to_kind (customer or helper), who, name, channel, address, subject, text, html,
        at, status, kind.
        """

    def helpers(self) -> list[str]:
        """Ids of the people beside the customers."""

    def helper_inbox(self, helper: str) -> list[dict[str, Any]]:
        """Tips and requests, newest first: id, kind, subject, text, at, answer_by, about.

        With ``zone`` (IANA), times are shown as they are there; without, in UTC.
        """

    def story(self) -> dict[str, Any] | None:
        """The two journeys of the demo, or None where there is no demo."""


@runtime_checkable
class Desk(Protocol):
    """Takes what a customer says on a page, through the same door as everything else."""

    async def tell(self, event: Happened) -> str:
        """Durable once this returns: "" when taken, else why it cannot be used.

        A repeated id is taken and changes nothing. Raises StoreError when it could not be kept.
        """


class ClosedDesk:
    """Where pages only show: a story that was played, a folder that is only read."""

    async def tell(self, event: Happened) -> str:
        return f"these pages only show; {event.name!r} can be told where the journeys are served"
