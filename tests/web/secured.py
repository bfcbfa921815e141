"""A company with real links: its store, its door and its mailbox, and somebody at the door."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar, get
from litestar.params import FromPath
from litestar.testing import TestClient
from litestar.types import ControllerRouterHandler

from ofone.app import App
from ofone.app.book import AppBook
from ofone.domain.errors import StoreError
from ofone.domain.events import Happened, Value
from ofone.domain.messages import Message
from ofone.domain.state import CustomerState
from ofone.domain.times import to_micros
from ofone.journeys.load import bundled
from ofone.runtime.clocks import VirtualClock
from ofone.web.headers import Site
from ofone.web.live import Streams
from ofone.web.pages import create_app

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
SITE = Site(base="https://alder.example", embed_on="https://www.alder.example")
WORD: dict[str, Value] = {"channels": ["email", "sms"], "purpose": "service"}


@get("/t/{token:str}/you/secret", sync_to_thread=False)
def secret(token: FromPath[str]) -> str:
    """A page that is personal because of where it is."""
    return "what we believe"


class House:
    """``told`` is what came in by the door; ``full`` as a disk would be."""

    def __init__(
        self,
        place: Path,
        *,
        site: Site = SITE,
        streams: Streams | None = None,
        more: Sequence[ControllerRouterHandler] = (),
    ) -> None:
        books = [bundled("life-insurance")]
        self.app = App(place, books, clock=VirtualClock(), base=site.base)
        self.now = NOON
        self.full = False
        self.told: list[Happened] = []
        self.book = AppBook(self.app, clock=lambda: self.now)
        self.pages: Litestar = create_app(
            self.book,
            self,
            streams=streams,
            clock=lambda: self.now,
            site=site,
            more=[secret, *more],
        )

    async def tell(self, event: Happened) -> str:
        if self.full:
            raise StoreError("the disk is full")
        self.told.append(event)
        ack = self.app.engine.submit(event)
        return ack.reason if ack.status == "dead letter" else ""

    def enters(self, who: str, *, consents: bool = True, **traits: Value) -> str:
        """Somebody begins; the path of their tracker."""
        known: dict[str, Value] = {
            "name": f"{who.title()} Reed",
            "email": f"{who}@example.org",
            "phone": "+12125550123",
        }
        self.says(who, "Application Started", {"application_id": "A-1"}, known | traits)
        if consents:
            self.says(who, "Consent Given", WORD)
        return self.path(who)

    def says(
        self,
        who: str,
        name: str,
        properties: dict[str, Value] | None = None,
        traits: dict[str, Value] | None = None,
    ) -> None:
        event = Happened(
            id=f"{name}@{self.now.isoformat()}",
            customer=who,
            name=name,
            at=to_micros(self.now),
            properties=properties or {},
            traits=traits or {},
        )
        assert self.app.engine.submit(event).status == "accepted"

    def state(self, who: str) -> CustomerState:
        found = self.app.engine.get(who)
        assert found is not None
        return found

    def path(self, who: str, journey: int = 0) -> str:
        return f"/t/{self.app.links.token(self.state(who), journey, to_micros(self.now))}"

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def sent(self, who: str) -> Message:
        """The last message to them, once everything asked for has gone out."""
        self.app.dispatcher.run_until_idle(to_micros(self.now))
        return self.app.mailbox.messages(who)[0]

    def code(self, who: str) -> str:
        """The code in the last message to them."""
        found = re.search(r"\b\d{6}\b", self.sent(who).text)
        assert found is not None, self.sent(who).text
        return found[0]


class Browser:
    """One browser, with its cookies, at one house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.client = TestClient(house.pages, base_url="https://alder.example")

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers, follow_redirects=False)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Any:
        return self.client.post(path, data=form, headers=headers, follow_redirects=False)

    def asks(self, path: str, channel: str = "email", to: str = "") -> Any:
        """Ask for a code at the door of this tracker."""
        nonce = f"nonce-{len(self.house.told):04d}"
        form = {"send": channel, "nonce": nonce, "next": to or f"{path}/you/secret"}
        return self.post(f"{path}/code", form)

    def types(self, path: str, code: str, to: str = "") -> Any:
        return self.post(f"{path}/code", {"code": code, "next": to or f"{path}/you/secret"})

    def proves(self, path: str, who: str) -> Any:
        """Ask for a code, read it, type it."""
        assert self.asks(path).status_code == 303
        return self.types(path, self.house.code(who))
