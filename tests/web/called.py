"""The desk over a real engine: two people are to be called about a form they have not sent."""

from datetime import UTC, datetime

from msgspec.structs import replace
from tests.building import AGREED, ORDERED, START, VISIT, event
from tests.web.fake import FakeBook

from ofone.app.calling import AppCalls
from ofone.channels.calls import Calls
from ofone.channels.mailbox import Mailbox
from ofone.domain.errors import StoreError
from ofone.domain.events import Happened, Value
from ofone.domain.times import DAY, HOUR, Micros, to_datetime
from ofone.journeys.library import library
from ofone.journeys.load import load
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.digest import EVERYTHING
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.stores.memory import MemoryStore

CALL = """\
  - id: ring
    title: A call
    content:
      any:
        call:
          subject: Your form is still with you
          body: |-
            May I help you with the form? It takes ten minutes, and we can do it together now.
"""
BOOK = load(
    VISIT.replace("channels: [email, sms, in_app]", "channels: [email, sms, in_app, call]")
    .replace("          - send: nudge", "          - send: ring", 1)
    .replace("\nactions:\n", f"\nactions:\n{CALL}", 1),
    "visit.yaml",
)
PEOPLE = {
    "c0": ("Ana Berg", "+1 303 555 0100", "America/Denver", "en"),
    "c1": ("Maximiliana von Hohenstein-Zug", "+49 30 5550101", "Europe/Berlin", "de"),
}


class CallOffice(FakeBook):
    """On day 2 both are asked to be called: 15:00 in UTC is morning for Ana."""

    def __init__(self, hours: float = 53, needs: str = "") -> None:
        super().__init__(None)
        self.library = library([BOOK])
        self.engine = Engine(MemoryStore(), self.library, VirtualClock())
        self.calls = Calls(within=DAY)
        self.list = AppCalls(self.calls, self.engine.store, self.library)
        links = Links(self.engine.store, "http://x.example")
        carried = dict.fromkeys(("email", "sms", "in_app", "helper"), Mailbox())
        self.dispatcher = Dispatcher(self.engine, carried | {"call": self.calls}, links, real=False)
        self.taken: list[Happened] = []
        self.fails = False
        for who, (name, phone, zone, language) in PEOPLE.items():
            traits = {"name": name, "phone": phone, "zone": zone, "language": language}
            agreed: dict[str, Value] = {"channels": ["email", "sms", "call"], "purpose": "service"}
            told = replace(AGREED, customer=who, traits=AGREED.traits | traits, properties=agreed)
            self.engine.submit(told)
            if needs:
                said: dict[str, Value] = {"need": "reassurance", "level": needs}
                corrected = event("Need Corrected", -0.5, key=None, customer=who)
                self.engine.submit(replace(corrected, properties=said))
            self.engine.submit(replace(ORDERED, customer=who))
        self.until(START + round(hours * HOUR))

    def until(self, moment: Micros) -> None:
        self.at = moment
        while self.engine.fire_due(moment):
            pass
        self.dispatcher.run_until_idle(EVERYTHING)

    @property
    def clock(self) -> datetime:
        return to_datetime(self.at).astimezone(UTC)

    def happens(self, name: str, hour: float, customer: str = "c0") -> None:
        self.engine.submit(event(name, hour / 24, customer=customer))

    async def tell(self, happened: Happened) -> str:
        if self.fails:
            raise StoreError("the disk is full")
        ack = self.engine.submit(happened)
        if ack.status == "accepted":
            self.taken.append(happened)
        return ack.reason if ack.status == "dead letter" else ""
