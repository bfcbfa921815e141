"""Play a bundled story through the engine, and say what it asked for, one line an effect."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import assert_never

from msgspec.structs import replace

from ofone.domain.effects import Admit, Effect, Send, TellHelper
from ofone.domain.events import Happened
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, iso
from ofone.domain.words import Channel
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.journeys.playbook import Action, Content
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_effect
from ofone.runtime.engine import Engine
from ofone.sources.wire import parse_json
from ofone.stores.memory import MemoryStore

GOLDEN = Path(__file__).parent / "golden"
STORIES = ("angela", "adaya")
TALES = (
    "nora",
    "silas",
    "bria",
    "opal",
    "uma",
    "mika",
    "twyla",
    "bodil",
    "juno",
    "harriet",
    "petra",
)
"""Told here alone, in ``golden/<name>/events.jsonl``: nobody beside the customer; a helper who does
not answer; a customer who does not react to *brief*; one who opts out of texts in the middle; one
whose zone nobody knows; one whose appointment moves twice; one with two journeys and one cap; one
whose e-mail bounces; one who is told at once when an appointment moves,
by a playbook of her own; one who lives as Angela does, and is held out; one whose doctor's office
is slow to answer."""
HELD = {"harriet": 0.1}
"""Tales of a company in which that share of customers gets the standard service."""


def book(story: str) -> Compiled:
    """The playbook that a story is played with."""
    base = bundled("life-insurance")
    if story in HELD:
        return compile_playbook(replace(base.playbook, holdout=HELD[story]))
    if story != "juno":
        return base
    when = "{{ facts.appointment_at | date_long }} at {{ facts.appointment_at | time }}"
    said: dict[Channel, Content] = {
        "email": Content(subject=f"Your new appointment: {when}", body=f"It is **{when}** now."),
        "sms": Content(body=f"Your appointment is {when} now."),
        "in_app": Content(body=f"Your appointment is {when} now."),
    }
    told = Action(id="exam_moved", title="New date", calendar=True, content={"any": said})
    p = base.playbook
    steps = [replace(s, moved=told.id if s.id == "exam_done" else "") for s in p.steps]
    return compile_playbook(replace(p, steps=tuple(steps), actions=(*p.actions, told)))


def events(story: str) -> list[str]:
    """The story's events, as they are bundled where they are, a JSON object a line."""
    if story in TALES:
        return golden_events(story)
    text = (files("ofone.journeys") / "bundled" / f"{story}.jsonl").read_text(encoding="utf-8")
    return text.splitlines()


@cache
def played(story: str) -> tuple[list[Effect], CustomerState]:
    """One event at a time, and timers until 120 days after the last one."""
    engine, last = Engine(MemoryStore(), library([book(story)]), VirtualClock()), 0
    for line in golden_events(story):
        event = parse_json(line.encode(), story)
        assert isinstance(event, Happened), event
        assert engine.submit(event).status == "accepted"
        last = event.at
    while engine.fire_due(last + 120 * DAY):
        pass
    state = engine.get(story)
    assert state is not None
    assert engine.store.dead_letters() == []
    return [decode_effect(row.body) for row in engine.store.effects(story)], state


def golden_events(story: str) -> list[str]:
    """The golden events where there are any, else the bundled ones."""
    path = GOLDEN / story / "events.jsonl"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else events(story)


def effects(story: str) -> list[str]:
    """What the story's golden file holds."""
    return [json.dumps(told(effect), ensure_ascii=False) for effect in played(story)[0]]


def told(effect: Effect) -> dict[str, str | None]:
    """An effect as a line of a golden file."""
    match effect:
        case Send():
            return {
                "kind": "send",
                "at": iso(effect.at),
                "step": effect.step,
                "action": effect.action,
                "approach": effect.approach,
                "channel": effect.channel,
            }
        case TellHelper():
            return {
                "kind": "tell",
                "at": iso(effect.at),
                "step": effect.view.step,
                "message": effect.message,
                "helper": effect.view.helper,
            }
        case Admit():
            return {
                "kind": "admit",
                "at": iso(effect.at),
                "what": effect.what,
                "channel": effect.channel,
            }
        case _:
            assert_never(effect)
