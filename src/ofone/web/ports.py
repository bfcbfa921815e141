"""What the pages read. The application carries it out; tests use a small fake."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from ofone.domain.calling import CallDesk, Ended
from ofone.domain.errors import NotFound
from ofone.domain.events import Happened
from ofone.domain.helping import HelperInbox
from ofone.domain.messages import Appointment
from ofone.domain.times import Micros
from ofone.domain.words import Channel, Purpose
from ofone.journeys.ask_next import Baseline
from ofone.runtime.admission import Door
from ofone.runtime.ledger import Word
from ofone.runtime.links import Opened
from ofone.runtime.own import Held, Own, Reason
from ofone.runtime.tracking import Tracked


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

    def dead_letters(self) -> int:
        """How many dead letters wait for somebody to mend them."""

    def by_link(self, token: str) -> tuple[str, int] | None:
        """The customer and the index of the journey a tracker link opens, or None.

        Whoever holds the token sees the tracker: tokens must be impossible to guess.
        """

    def tracked(self, customer: str, journey: int) -> Tracked | None:
        """What the tracker shows of that journey, or None where there is no such journey.

        Its ``now`` is the moment it is drawn for; 0 leaves that to the page.
        """

    def own(self, customer: str, journey: int) -> Own | None:
        """Whose the customer's own pages are, or None where there is no such journey."""

    def held(self, customer: str) -> tuple[Held, ...]:
        """What is believed of each need of a customer there is, with what it rests on."""

    def reasons(self, customer: str) -> tuple[Reason, ...]:
        """Every message to a customer there is, with its reason, the newest first."""

    def words(self, customer: str) -> list[Word]:
        """What a customer there is agreed to, and took back."""

    def copy(self, customer: str) -> dict[str, Any] | None:
        """All that is kept of the customer, to take along, or None when nobody has that id."""

    def opened(self, token: str, now: datetime) -> Opened | None:
        """What a tracker link leads to, and whether it still does; None for no link of ours."""

    def door(self, token: str, now: datetime) -> Door | None:
        """What lets in who has a tracker link, open or ended; None for no link of ours."""

    def matching(self, keys: Sequence[str], code: str) -> str:
        """Which of these keys of ``Door.codes`` a code belongs to, or nothing."""

    def seal(self, *said: str) -> str:
        """What only this book can write under these words."""

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


@runtime_checkable
class CallList(Protocol):
    """Calls for people to make. ``caller`` is whoever says so, "" where nobody did.

    How a call went is submitted as events (``Desk.tell``), and then ``finish`` takes it off.
    All but ``desk`` and ``said`` raise NotFound for a number that is not on the list.
    """

    def desk(self, now: Micros) -> CallDesk:
        """The list as it stands by now. Raises StoreError."""

    def said(self, number: int) -> tuple[str, str]:
        """Whose call it was, and how it ended; ("", "") for none."""

    def events_of(self, number: int, ended: Ended, caller: str, now: Micros) -> Sequence[Happened]:
        """What to submit; the same ids each time. Raises OfoneError when another has the call."""

    def finish(self, number: int, ended: Ended, caller: str) -> None:
        """Take a call off the list; a second time changes nothing. Raises StoreError."""

    def claim(self, number: int, caller: str) -> None:
        """Take a call. Raises OfoneError when another has it, or it is over."""

    def give_back(self, number: int, caller: str) -> None:
        """Let somebody else make a call that this caller took."""


class NoCalls:
    """Where nobody is called: calls go elsewhere, or a story is shown."""

    def desk(self, now: Micros) -> CallDesk:
        return CallDesk(zone="UTC", count=0, calls=(), not_needed=())

    def said(self, number: int) -> tuple[str, str]:
        return "", ""

    def events_of(self, number: int, ended: Ended, caller: str, now: Micros) -> Sequence[Happened]:
        raise NotFound(f"there is no call {number} here: no list is kept")

    def finish(self, number: int, ended: Ended, caller: str) -> None:
        self.events_of(number, ended, caller, 0)

    def claim(self, number: int, caller: str) -> None:
        raise NotFound(f"there is no call {number} here: no list is kept")

    def give_back(self, number: int, caller: str) -> None:
        self.claim(number, caller)


class Pushing(Struct, frozen=True, kw_only=True):
    """How a customer's device can be told. ``key`` is what browsers subscribe with.

    ``endpoint`` is the one that is told now, "" for none. ``since``: the source's time of the last
    word on it, 0 where there is none.
    """

    customer: str
    key: str
    endpoint: str
    since: Micros


@runtime_checkable
class Devices(Protocol):
    """The customer's own device: what it installs, and how it is told."""

    def named(self, customer: str, journey: int) -> tuple[str, str, str] | None:
        """A journey's title, company and language, or None where there is no such journey."""

    def pushing(self, customer: str, journey: int) -> Pushing | None:
        """None where nothing is told to devices: no channel, no words, or the journey is over."""


class NoDevices:
    """Where trackers stay in the browser."""

    def named(self, customer: str, journey: int) -> tuple[str, str, str] | None:
        return None

    def pushing(self, customer: str, journey: int) -> Pushing | None:
        return None
