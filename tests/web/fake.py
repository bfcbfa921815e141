"""A book held in memory: the two people of the story, as `ofone show` would give them."""

import json
from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ofone.domain.errors import StoreError
from ofone.domain.events import Happened, Value
from ofone.domain.helping import HelperInbox
from ofone.domain.messages import Appointment
from ofone.domain.state import CustomerState
from ofone.domain.times import to_micros
from ofone.journeys import ask_next
from ofone.journeys.advance import advance
from ofone.journeys.library import Facts, library
from ofone.journeys.load import bundled
from ofone.journeys.playbook import Contact
from ofone.runtime import admission
from ofone.runtime.admission import Door
from ofone.runtime.ledger import Word
from ofone.runtime.links import Links, Opened
from ofone.runtime.own import Held, Own, Reason
from ofone.runtime.tracking import Note, Reach, Tracked
from ofone.stores.memory import MemoryStore
from ofone.web.ports import Leaving

STORY: dict[str, Any] = json.loads(
    (Path(__file__).parent / "fixtures" / "story.json").read_text(encoding="utf-8")
)


LIBRARY = library([bundled("life-insurance")])
BEGAN = to_micros(datetime(2026, 3, 20, 14, 0, tzinfo=UTC))


class FakeBook:
    def __init__(self, story: dict[str, Any] | None = STORY) -> None:
        self.told = story
        self.dead = 0
        people = story["customers"] if story else []
        self.records = {p["id"]: record(p) for p in people}
        self.states: dict[str, CustomerState] = {}
        self.inboxes: dict[str, HelperInbox] = {}
        self.now = BEGAN
        self.links = Links(MemoryStore(), "https://alder.example")
        self.meetings: dict[tuple[str, str], Appointment] = {}
        self.contact: Contact | None = None

    def customer(self, customer: str) -> dict[str, Any] | None:
        return self.records.get(customer)

    def customers(self, limit: int = 200) -> list[str]:
        return list(self.records)[:limit]

    def count(self) -> int:
        return len(self.records)

    def dead_letters(self) -> int:
        return self.dead

    def by_link(self, token: str) -> tuple[str, int] | None:
        who = token.removeprefix("token-")
        return (who, 0) if who != token and who in self.records else None

    def tracked(self, customer: str, journey: int) -> Tracked | None:
        record = self.records.get(customer)
        if record is None or not 0 <= journey < len(record["journeys"]):
            return None
        traits, now = record["traits"], record.get("now")
        asks = self.baseline(customer, journey)
        steps = [s["id"] for s in record["journeys"][journey]["steps"] if s["status"] == "current"]
        meets = [s for s in steps if (it := self.appointment(customer, 0, s)) and not it.cancelled]
        return Tracked(
            journey=record["journeys"][journey],
            now=to_micros(datetime.fromisoformat(now)) if now else 0,
            name=traits["name"].split(" ")[0],
            zone=traits.get("zone", "UTC"),
            language=traits.get("language", ""),
            locale=traits.get("locale", ""),
            own="en",
            person=Reach(name=traits["advisor_name"]) if "advisor_name" in traits else None,
            contact=self.contact,
            notes=tuple(
                Note(at=d["at"], subject=d["subject"], text=d["text"])
                for d in reversed(record["deliveries"])
                if d["channel"] == "in_app"
            ),
            asks=asks is not None and asks.question is not None,
            calendar=meets[0] if meets else "",
        )

    def opened(self, token: str, now: datetime) -> Opened | None:
        found = self.by_link(token.removesuffix("-old").removesuffix("-revoked"))
        ended: dict[str, Literal["expired", "revoked"]] = {"old": "expired", "revoked": "revoked"}
        if found is None:
            return None
        link = ended.get(token.rpartition("-")[2])
        return Opened(customer=found[0], journey=found[1], link=link or "open")

    def door(self, token: str, now: datetime) -> Door | None:
        found = self.opened(token, now)
        state = self.states.get(found.customer) if found else None
        if found is None or state is None:
            return None
        return admission.door(state, found.journey, LIBRARY, to_micros(now))

    def matching(self, keys: Sequence[str], code: str) -> str:
        return admission.matching(keys, code, self.links)

    def seal(self, *said: str) -> str:
        return self.links.seal(*said)

    def held(self, customer: str) -> tuple[Held, ...]:
        return ()

    def reasons(self, customer: str) -> tuple[Reason, ...]:
        return ()

    def words(self, customer: str) -> list[Word]:
        return []

    def own(self, customer: str, journey: int) -> Own | None:
        return None

    def copy(self, customer: str) -> dict[str, Any] | None:
        return None

    def baseline(self, customer: str, journey: int, item: str = "") -> ask_next.Baseline | None:
        state = self.states.get(customer)
        return ask_next.baseline(LIBRARY, state, journey, self.now, item) if state else None

    def leaving(self, token: str) -> Leaving | None:
        state = self.states.get(token.removeprefix("out-")) if token.startswith("out-") else None
        if state is None:
            return None
        word = state.profile.consents["email:service"]
        return Leaving(
            customer=state.customer,
            channel="email",
            purpose="service",
            since=word.at,
            over=not word.granted,
            company="Alder Life",
            language="",
            own="en",
        )

    def appointment(self, customer: str, journey: int, step: str) -> Appointment | None:
        return self.meetings.get((customer, step))

    def helping(self, token: str) -> HelperInbox | None:
        return self.inboxes.get(token)

    def mailbox(self, who: str | None = None, limit: int = 500) -> list[dict[str, Any]]:
        sent = [
            {
                **d,
                "to_kind": "customer",
                "who": customer,
                "name": r["traits"]["name"],
                "address": d["to"],
                "kind": "message",
            }
            for customer, r in self.records.items()
            for d in r["deliveries"]
            if who in {None, customer}
        ]
        return sorted(sent, key=lambda m: str(m["at"]), reverse=True)[:limit]

    def helpers(self) -> list[str]:
        return ["martin"] if self.told else []

    def helper_inbox(self, helper: str) -> list[dict[str, Any]]:
        return list(reversed(self.told["helper"]["inbox"])) if self.told else []

    def story(self) -> dict[str, Any] | None:
        return self.told


class FakeDesk:
    """Folds what it is told into the book's states; ``fails`` as a full disk would."""

    def __init__(self, book: FakeBook) -> None:
        self.book = book
        self.told: list[Happened] = []
        self.fails = False

    async def tell(self, event: Happened) -> str:
        if self.fails:
            raise StoreError("the disk is full")
        facts = Facts(now=max(event.at, self.book.now), library=LIBRARY)
        change = advance(self.book.states[event.customer], event, facts)
        if change.state is not self.book.states[event.customer]:
            self.told.append(event)
            self.book.states[event.customer] = change.state
            self.book.now = facts.now
        return change.unusable


def newcomer(book: FakeBook, customer: str = "nora", **traits: Value) -> FakeDesk:
    """Somebody who has just begun, can be written to anywhere, and has answered nothing."""
    desk = FakeDesk(book)
    known: dict[str, Value] = {"email": "nora@example.com", "phone": "+12125550123"}
    state = CustomerState(customer=customer)
    first: list[tuple[str, dict[str, Value]]] = [
        ("Application Started", {"application_id": "N-1"}),
        ("Consent Given", {"channels": ["email", "sms"], "purpose": "service"}),
    ]
    for name, properties in first:
        event = Happened(
            id=name,
            customer=customer,
            name=name,
            at=BEGAN,
            properties=properties,
            traits=known | traits,
        )
        state = advance(state, event, Facts(now=BEGAN, library=LIBRARY)).state
    book.states[customer] = state
    if "angela" in book.records:
        book.records[customer] = deepcopy(book.records["angela"]) | {"customer": customer}
    return desk


def record(person: dict[str, Any], *, trackers: int = 12) -> dict[str, Any]:
    """One person of the story as a customer record, as it stood at one of its tracker views."""
    view = person["trackers"][min(trackers, len(person["trackers"]) - 1)]
    now = view["at"]
    steps = [
        {
            **step,
            "id": f"step_{i}",
            "entered_at": person["events"][0]["at"] if step["status"] == "current" else None,
            "done_at": now if step["status"] == "done" else None,
            "attempts": 0,
            "expected": {"from": step["from"], "to": step["to"]} if step["to"] else None,
        }
        for i, step in enumerate(view["steps"])
    ]
    needs = {
        n["need"]: {**[p for p in n["points"] if p["at"] <= now][-1], "evidence": n["evidence"]}
        for n in person["needs"]
    }
    return {
        "customer": person["id"],
        "traits": {"name": person["name"], "zone": "America/New_York"},
        "assessment": needs,
        "preferences": {},
        "journeys": [
            {
                "playbook": "life_insurance",
                "version": "3f9c1a",
                "key": "A-1001",
                "status": "active",
                "outcome": None,
                "step": next((s["id"] for s in steps if s["status"] == "current"), None),
                "approach": "walk_alongside",
                "tracker": view["prominence"],
                "tracker_url": f"/t/token-{person['id']}",
                "steps": steps,
                "decisions": [d for d in person["decisions"] if d["at"] <= now],
            }
        ],
        "deliveries": [d for d in person["deliveries"] if d["at"] <= now],
        "timers": [{"name": "remind before the appointment", "due": "2026-03-16T13:00:00Z"}],
    }
