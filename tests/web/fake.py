"""A book held in memory: the two people of the story, as `ofone show` would give them."""

import json
from pathlib import Path
from typing import Any

STORY: dict[str, Any] = json.loads(
    (Path(__file__).parent / "fixtures" / "story.json").read_text(encoding="utf-8")
)


class FakeBook:
    def __init__(self, story: dict[str, Any] | None = STORY) -> None:
        self.told = story
        people = story["customers"] if story else []
        self.records = {p["id"]: record(p) for p in people}

    def customer(self, customer: str) -> dict[str, Any] | None:
        return self.records.get(customer)

    def customers(self, limit: int = 200) -> list[str]:
        return list(self.records)[:limit]

    def count(self) -> int:
        return len(self.records)

    def by_link(self, token: str) -> tuple[str, int] | None:
        who = token.removeprefix("token-")
        return (who, 0) if who != token and who in self.records else None

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
            "attempts": 1,
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
