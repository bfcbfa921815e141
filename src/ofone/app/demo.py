"""Angela and Adaya, played by the real engine into a folder of its own, and told day by day."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ofone.app import BASE, App, opened
from ofone.app.book import AppBook
from ofone.app.preview import AppPreviews
from ofone.app.server import listening
from ofone.app.stories import ADAYA, ANGELA, story_events
from ofone.domain.events import Happened
from ofone.domain.times import DAY, HOUR, Micros, iso, to_datetime
from ofone.domain.words import NEEDS
from ofone.journeys.compiled import Compiled
from ofone.journeys.load import bundled
from ofone.journeys.stage import usual
from ofone.needs.evidence import BASELINE
from ofone.needs.items import Question
from ofone.needs.model import assess
from ofone.runtime import show
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.digest import EVERYTHING
from ofone.runtime.feed import FAR
from ofone.web.pages import create_app
from ofone.web.preview import preview_handlers
from ofone.web.tracker import tracker

TAGLINES = {
    ANGELA: "Would rather not think about any of this",
    ADAYA: "Has a task to do, and a full calendar",
}
AFTER = 3 * DAY
"""How long the story goes on once the last event came."""


def play() -> dict[str, Any]:
    """Both journeys to their end: customers as ``ofone show`` has them, and the helper's inbox."""
    with _played() as (app, _):
        return _told(app)


def watch(host: str, port: int) -> None:
    """Play the story, then serve it until interrupted."""
    with listening(host, port) as door, _played(door.address) as (app, story):
        words = preview_handlers(AppPreviews(app))
        door.serve(create_app(AppBook(app, story, live=False), more=words), "/demo")


def _told(app: App) -> dict[str, Any]:
    return {
        "customers": {
            name: show.customer(app.store, name, app.library, app.links) for name in (ANGELA, ADAYA)
        },
        "helper": {"inbox": show.helper_inbox(app.store, app.library)},
    }


@contextmanager
def _played(base: str = BASE) -> Iterator[tuple[App, dict[str, Any]]]:
    with (
        tempfile.TemporaryDirectory(prefix="ofone-demo-") as folder,
        opened(Path(folder), [bundled("life-insurance")], clock=VirtualClock(), base=base) as app,
    ):
        yield app, _Recorder(app).tell()


class _Recorder:
    """Plays the events in the order of their times, and notes what changed for whom and when."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.compiled: Compiled = app.library.current["life-insurance"]
        self.events = {name: story_events(name) for name in (ANGELA, ADAYA)}
        self.trackers: dict[str, list[dict[str, Any]]] = {name: [] for name in self.events}
        self.points: dict[str, dict[str, list[dict[str, Any]]]] = {n: {} for n in self.events}

    def tell(self) -> dict[str, Any]:
        """The whole story, in the shape that the demo page reads."""
        events = sorted((e for es in self.events.values() for e in es), key=lambda e: (e.at, e.id))
        start, end = events[0].at - HOUR, events[-1].at + AFTER
        days = [start + n * DAY for n in range((end - start) // DAY + 1)]
        moments: list[tuple[Micros, Happened | None]] = [(e.at, e) for e in events]
        moments += [(d, None) for d in days] + [(end, None)]
        for at, event in sorted(moments, key=lambda m: m[0]):
            self._pass_until(at)
            if event is not None:
                self.app.engine.submit(event)
                self.app.dispatcher.run_until_idle(FAR)
            self._note(at)
        self.app.dispatcher.run_until_idle(EVERYTHING)
        told = _told(self.app)
        return {
            "start": iso(start),
            "end": iso(end),
            "zone": self.compiled.playbook.zone,
            "customers": [self._customer(n, told["customers"][n]) for n in self.events],
            "helper": self._helper(told["helper"]["inbox"]),
        }

    def _pass_until(self, at: Micros) -> None:
        """Let timers fire one moment at a time, so that what they change is noted at its time."""
        while (due := self.app.store.next_due()) is not None and due <= at:
            self.app.engine.fire_due(due)
            self.app.dispatcher.run_until_idle(FAR)
            self._note(due)

    def _note(self, at: Micros) -> None:
        for name, noted in self.trackers.items():
            state = self.app.engine.get(name)
            if state is None or not state.journeys:
                continue
            record = show.customer(self.app.store, name, self.app.library, self.app.links, at)
            zone = str(record["traits"].get("zone", self.compiled.playbook.zone))
            view = tracker(record["journeys"][0], now=to_datetime(at), zone=zone)
            snapshot = view.snapshot(iso(at) or "")
            if not noted or {**noted[-1], "at": ""} != {**snapshot, "at": ""}:
                noted.append(snapshot)
            for need in NEEDS:
                if need not in self.compiled.weighed or need not in state.needs:
                    continue
                stage = usual(state.journeys, self.app.library, at)
                cut = self.compiled.playbook.cut
                a = assess(state.needs[need], at, need, cut, stage.get(need, 0.0))
                self.points[name].setdefault(need, []).append(
                    {"at": iso(at), "mean": a.mean, "sd": a.sd, "known": a.known}
                )

    def _customer(self, name: str, record: dict[str, Any]) -> dict[str, Any]:
        decisions = [d for j in record["journeys"] for d in j["decisions"]]
        return {
            "id": name,
            "name": record["traits"]["name"],
            "tagline": TAGLINES[name],
            "baseline": self._baseline(name),
            "events": [{"at": iso(e.at), "name": e.name} for e in self.events[name]],
            "deliveries": record["deliveries"],
            "decisions": [self._decision(d) for d in decisions],
            "trackers": self.trackers[name],
            "needs": [
                {"need": need, "points": points, "evidence": self._evidence(name, need, record)}
                for need, points in self.points[name].items()
            ],
        }

    def _baseline(self, name: str) -> list[dict[str, Any]]:
        return [
            {"item": _asked(self.compiled.questions[item]), "answer": answer}
            for e in self.events[name]
            if e.name == BASELINE
            for item, answer in e.properties.items()
            if item in self.compiled.questions
        ]

    def _decision(self, d: dict[str, Any]) -> dict[str, Any]:
        """The decision with the titles of approaches instead of their ids."""
        titles = {name: s.approach.title for name, s in self.compiled.approaches.items()}
        return d | {
            "chosen": titles.get(d["chosen"], d["chosen"]),
            "options": [o | {"name": titles.get(o["name"], o["name"])} for o in d["options"]],
            "policy": f"{d['playbook']} {d['version'][:6]}, policy {d['policy']}",
        }

    def _evidence(self, name: str, need: str, record: dict[str, Any]) -> list[dict[str, Any]]:
        said = {e.id: e for e in self.events[name]}
        found = []
        for e in record["assessment"][need]["evidence"]:
            event = said.get(e["event"])
            item = self.compiled.questions.get(str(e["kind"]).removeprefix("answer "))
            because = e["kind"]
            if item is not None and event is not None:
                because = f"Answered {event.properties[item.id]} of 5 to “{_asked(item)}”"
            found.append(e | {"because": because})
        return found

    def _helper(self, inbox: list[dict[str, Any]]) -> dict[str, Any]:
        first = self.events[ANGELA][0].traits
        for events in self.events.values():
            for e in events:
                first = first | e.traits
        return {"id": first["advisor_id"], "name": first["advisor_name"], "inbox": inbox}


def _asked(question: Question) -> str:
    """The question with the words at both ends of its scale, where it has some."""
    ends = f" ({question.low} … {question.high})" if question.low and question.high else ""
    return question.text + ends
