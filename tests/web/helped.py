"""A helper's page over a real engine: who has the link, what is asked, and what is taken."""

from datetime import UTC, datetime

from msgspec.structs import replace
from tests.building import ORDERED, START, event
from tests.journeys.test_helper import BOOK, KNOWN
from tests.web.fake import FakeBook

from ofone.channels.mailbox import Mailbox
from ofone.domain.errors import StoreError
from ofone.domain.events import Happened
from ofone.domain.helping import HelperInbox
from ofone.domain.times import DAY, Micros, to_datetime
from ofone.journeys.library import library
from ofone.runtime import helping
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.digest import EVERYTHING
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.stores.memory import MemoryStore

NAMES = ("Ana Berg", "Ben Okoye", "Chiara Conti", "Dmitri Orlov", "Maximiliana von Hohenstein-Zug")


class Office(FakeBook):
    """Gil's customers: Ana has not sent her form, and he was asked about her on day 7."""

    def __init__(self, day: float = 7) -> None:
        super().__init__(None)
        self.library = library([BOOK])
        self.engine = Engine(MemoryStore(), self.library, VirtualClock())
        self.links = Links(self.engine.store, "http://x.example")
        box = Mailbox()
        channels = dict.fromkeys(("email", "sms", "in_app", "helper"), box)
        self.dispatcher = Dispatcher(self.engine, channels, self.links, real=False)
        self.taken: list[Happened] = []
        self.fails = False
        for n, name in enumerate(NAMES):
            who = f"c{n}"
            known = replace(KNOWN, customer=who, traits=KNOWN.traits | {"name": name})
            self.engine.submit(known)
            self.engine.submit(replace(ORDERED, customer=who))
            if n:
                self.engine.submit(event("Form Sent", n / 4, customer=who))
            if n > 2:
                at = "2026-03-11T15:30:00Z"
                self.engine.submit(event("Visit Booked", n / 3, customer=who, visit_at=at))
        self.until(START + round(day * DAY))

    def until(self, moment: Micros) -> None:
        self.at = moment
        while self.engine.fire_due(moment):
            pass
        self.dispatcher.run_until_idle(EVERYTHING)

    @property
    def clock(self) -> datetime:
        return to_datetime(self.at).astimezone(UTC)

    @property
    def path(self) -> str:
        return self.links.helper("gil").removeprefix("http://x.example")

    def helping(self, token: str) -> HelperInbox | None:
        who = self.links.helper_of(token)
        return helping.inbox(self.engine.store, self.library, who, self.at) if who else None

    async def tell(self, happened: Happened) -> str:
        if self.fails:
            raise StoreError("the disk is full")
        ack = self.engine.submit(happened)
        if ack.status == "accepted":
            self.taken.append(happened)
        return ack.reason if ack.status == "dead letter" else ""
