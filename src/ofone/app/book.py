"""What the pages read and where they tell, over a running app."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from ofone.app import App
from ofone.domain.errors import NotFound
from ofone.domain.events import Happened
from ofone.domain.helping import HelperInbox
from ofone.domain.messages import Appointment, Message
from ofone.domain.state import CustomerState
from ofone.domain.times import Micros, iso, to_micros
from ofone.journeys import ask_next
from ofone.runtime import admission, helping, show, tracking, words
from ofone.runtime.export import export
from ofone.runtime.intake import Intake
from ofone.runtime.ledger import Word, consents
from ofone.runtime.links import Opened
from ofone.runtime.own import Held, Own, Reason, held, own, reasons
from ofone.web.ports import Leaving


class AppBook:
    """What the pages read. ``told`` is the demo's story, where there is one.

    ``live``: whether pages are drawn for the wall's now, or for each customer's own last moment
    (a replay lives in the past).
    """

    def __init__(
        self,
        app: App,
        told: dict[str, Any] | None = None,
        *,
        live: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.app = app
        self.told = told
        self.live = live
        self.clock = clock

    def customer(self, customer: str) -> dict[str, Any] | None:
        store, library, links = self.app.store, self.app.library, self.app.links
        try:
            return show.customer(store, customer, library, links, self._now())
        except NotFound:
            return None

    def customers(self, limit: int = 200) -> list[str]:
        return self.app.store.recent(limit)

    def count(self) -> int:
        return self.app.store.counts().get("customers", 0)

    def dead_letters(self) -> int:
        return len(self.app.store.dead_letters())

    def by_link(self, token: str) -> tuple[str, int] | None:
        found = self.opened(token, self.clock())
        open_ = found is not None and found.link == "open"
        return (found.customer, found.journey) if found is not None and open_ else None

    def opened(self, token: str, now: datetime) -> Opened | None:
        # A story lives in the past: its links are as good as on its last day.
        at = to_micros(now) if self.live else 0
        return self.app.links.opened(token, at, self.app.engine.get)

    def door(self, token: str, now: datetime) -> admission.Door | None:
        found = self.opened(token, now)
        state = self.app.engine.get(found.customer) if found is not None else None
        if found is None or state is None:
            return None
        # The wall's moment, also where this customer's clock runs ahead of it.
        at = to_micros(now) if self.live else state.now
        return admission.door(state, found.journey, self.app.library, at)

    def matching(self, keys: Sequence[str], code: str) -> str:
        return admission.matching(keys, code, self.app.links)

    def seal(self, *said: str) -> str:
        return self.app.links.seal(*said)

    def tracked(self, customer: str, journey: int) -> tracking.Tracked | None:
        state = self.app.engine.get(customer)
        if state is None:
            return None
        app, now = self.app, max(self._now() or 0, state.now)
        return tracking.tracked(app.store, app.library, app.links, state, journey, now)

    def copy(self, customer: str) -> dict[str, Any] | None:
        try:
            return export(self.app.store, self.app.library, customer, self._now() or 0)
        except NotFound:
            return None

    def own(self, customer: str, journey: int) -> Own | None:
        state = self.app.engine.get(customer)
        if state is None or not 0 <= journey < len(state.journeys):
            return None
        return own(self.app.library, state, journey)

    def held(self, customer: str) -> tuple[Held, ...]:
        state = self._here(customer)
        now = max(self._now() or 0, state.now)
        return held(self.app.store, self.app.library, state, now)

    def reasons(self, customer: str) -> tuple[Reason, ...]:
        return reasons(self.app.store, self.app.library, self._here(customer))

    def words(self, customer: str) -> list[Word]:
        return consents(self.app.store, customer)

    def _here(self, customer: str) -> CustomerState:
        state = self.app.engine.get(customer)
        if state is None:
            raise NotFound(f"no customer {customer!r} here")
        return state

    def baseline(self, customer: str, journey: int, item: str = "") -> ask_next.Baseline | None:
        state = self.app.engine.get(customer)
        if state is None or not 0 <= journey < len(state.journeys):
            return None
        now = max(self._now() or 0, state.now)
        return ask_next.baseline(self.app.library, state, journey, now, item)

    def leaving(self, token: str) -> Leaving | None:
        found = self.app.links.leaving(token)
        state = self.app.engine.get(found[0]) if found is not None else None
        if found is None or state is None or not state.journeys:
            return None
        customer, channel, purpose = found
        journey = state.journeys[-1]
        playbook = self.app.library.version(journey.playbook, journey.version).playbook
        word = state.profile.consents.get(f"{channel}:{purpose}")
        spoken = state.profile.traits.get("language")
        return Leaving(
            customer=customer,
            channel=channel,
            purpose=purpose,
            since=word.at if word is not None else 0,
            over=word is not None and not word.granted,
            company=playbook.company,
            language=str(spoken.value) if spoken is not None and spoken.value else "",
            own=playbook.language,
        )

    def appointment(self, customer: str, journey: int, step: str) -> Appointment | None:
        state = self.app.engine.get(customer)
        if state is None or not 0 <= journey < len(state.journeys):
            return None
        mine = state.journeys[journey]
        compiled = self.app.library.version(mine.playbook, mine.version)
        now = max(self._now() or 0, state.now)
        return words.appointment(state, journey, step, compiled, self.app.links, now)

    def helping(self, token: str) -> HelperInbox | None:
        who = self.app.links.helper_of(token)
        if who is None:
            return None
        try:
            return helping.inbox(self.app.store, self.app.library, who, self._now())
        except NotFound:
            return None

    def mailbox(self, who: str | None = None, limit: int = 500) -> list[dict[str, Any]]:
        return [_mail(m) for m in self.app.mailbox.messages(who=who, limit=limit)]

    def helpers(self) -> list[str]:
        return sorted({m["helper"] for m in show.helper_inbox(self.app.store, self.app.library)})

    def helper_inbox(self, helper: str) -> list[dict[str, Any]]:
        return show.helper_inbox(self.app.store, self.app.library, helper)[::-1]

    def story(self) -> dict[str, Any] | None:
        return self.told

    def _now(self) -> Micros | None:
        return to_micros(self.clock()) if self.live else None


class AppDesk:
    """Takes what customers say on pages into the same intake as everything else."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake

    async def tell(self, event: Happened) -> str:
        (ack,) = await asyncio.wrap_future(self.intake.submit([event]))
        return ack.reason if ack.status == "dead letter" else ""


def _mail(m: Message) -> dict[str, Any]:
    return {
        "key": m.key,
        "to_kind": m.to_kind,
        "who": m.who,
        "name": m.name,
        "channel": m.channel,
        "address": m.address,
        "subject": m.subject,
        "text": m.text,
        "html": m.html,
        "at": iso(m.at),
        "status": "delivered",
        "kind": m.to_kind,
    }
