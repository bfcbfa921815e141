"""The download: everything of one customer, readable, and nothing of anybody else."""

import json
from functools import cache
from typing import Any

import msgspec
import pytest
from tests.golden_play import golden_events
from tests.runtime.small import LIBRARY, MONDAY, happened, known, story

from ofone.app.stories import ADAYA, ANGELA, story_events
from ofone.channels.mailbox import Mailbox
from ofone.domain.errors import NotFound
from ofone.domain.events import Happened
from ofone.domain.times import DAY, Micros
from ofone.domain.words import CHANNELS, NEEDS
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.export import WORDS, export
from ofone.runtime.feed import Fed, feed, run_out
from ofone.runtime.links import Links
from ofone.sources.wire import parse_json
from ofone.stores.memory import MemoryStore


@cache
def lived() -> Engine:
    """Angela and Adaya, to the end, with words of Angela's and a helper who has an address."""
    engine = Engine(MemoryStore(), library([bundled("life-insurance")]), VirtualClock())
    mailbox = Mailbox()
    links = Links(engine.store, "https://a.example")
    dispatcher = Dispatcher(engine, dict.fromkeys((*CHANNELS, "helper"), mailbox), links)
    dispatcher.real = False
    events = sorted([*story_events(ANGELA), *story_events(ADAYA)], key=lambda e: e.at)
    last = events[-1].at
    said = Happened(
        id="w",
        customer=ANGELA,
        name="Message Written",
        at=last,
        properties={"text": "Is all well?", "by": "martin"},
        traits={
            "advisor_email": "martin@brokers.example",
            "advisor_phone": "+15185550111",
            "colleague_id": "rosa",
            "colleague_name": "Rosa Lind",
        },
    )
    feed(engine, dispatcher, "", [*events, said], fed := Fed())
    run_out(engine, dispatcher, last + 3 * DAY, fed)
    return engine


def taken(customer: str = ANGELA, now: Micros = 0) -> dict[str, Any]:
    engine = lived()
    return export(engine.store, engine.library, customer, now)


def test_everything_that_came_in_is_in_it() -> None:
    """Every event once, as it came, with its words."""
    found = taken()["events"]
    assert {e["id"] for e in found} == {*(e.id for e in story_events(ANGELA)), "w"}
    assert found[-1]["properties"]["text"] == "Is all well?"


def test_everything_that_went_out_is_in_it() -> None:
    """Every message with its text, where to and what became of it; its reason is there too."""
    found = taken()
    decisions = {d["id"] for d in found["decisions"]}
    assert len(found["messages"]) > 15
    for message in found["messages"]:
        assert message["text"]
        assert (message["status"], message["to"] is None) == ("delivered", False)
        assert message["decision"] in decisions


def test_it_says_what_is_believed_in_words_of_service() -> None:
    """Of each need what it means, what is believed, and the events that it rests on."""
    found = {n["need"]: n for n in taken()["needs"]}
    assert set(found) == set(NEEDS) == set(WORDS)
    assert found["reassurance"]["believed"] == "probably more than most"
    events = {e["id"] for e in taken()["events"]}
    assert {e["event"] for e in found["reassurance"]["evidence"]} <= events


def test_consents_stand_with_their_wording_and_time() -> None:
    """Also the steps, with their dates, and what was promised."""
    found = taken()
    assert all(c["wording"] and c["at"] and c["in_force"] for c in found["consents"])
    (journey,) = found["journeys"]
    assert all(s["began"] and s["done"] for s in journey["steps"] if s["status"] == "done")
    assert (journey["status"], len(found["promises"]) > 3) == ("completed", True)


def test_it_holds_no_other_customer_and_of_helpers_the_name_only() -> None:
    """No id, address or page of theirs; and what they were told is there without its words."""
    told = json.dumps(taken(), ensure_ascii=False)
    assert "Martin Okafor" in told
    for other in ("adaya", "martin@brokers", '"martin"', "advisor_id", "advisor_email", "/h/"):
        assert other.lower() not in told.lower().replace("martin okafor", "")
    assert {t["to"] for t in taken()["told_to_helpers"]} == {"Martin Okafor"}


def test_of_helpers_it_holds_who_was_told_and_the_number_that_the_tracker_shows() -> None:
    """Whoever merely stands in, and never heard of the customer, is in none of it."""
    told = json.dumps(taken(), ensure_ascii=False).lower()
    assert "+15185550111" in told
    assert "rosa" not in told


def test_a_deputy_who_was_asked_is_named() -> None:
    """Everybody who was told of the customer is; by name, not by the id."""
    engine = Engine(MemoryStore(), library([bundled("life-insurance")]), VirtualClock())
    lines = (parse_json(line.encode(), "silas") for line in golden_events("silas"))
    events = [e for e in lines if isinstance(e, Happened)]
    engine.submit_many(events)
    while engine.fire_due(events[-1].at):
        pass
    found = export(engine.store, engine.library, "silas", 0)
    assert "Rosa Lindqvist" in {t["to"] for t in found["told_to_helpers"]}
    assert "colleague_name" in {t["name"] for t in found["profile"]["traits"]}
    assert '"rosa"' not in json.dumps(found)


def test_it_is_plain_json() -> None:
    """Any program reads it back as it was, and times are in UTC."""
    found = taken(now=10**15)
    assert json.loads(msgspec.json.encode(found)) == found
    assert (found["format"], found["made"]) == ("ofone customer export 1", "2001-09-09T01:46:40Z")


def test_nobody_has_nothing_to_take_along() -> None:
    """It says who there is."""
    with pytest.raises(NotFound, match=r"no customer 'x' here to export; the newest are: "):
        taken("x")


def test_a_stranger_without_a_journey_can_take_all_along() -> None:
    """Consents and traits, though nothing has begun."""
    engine = Engine(MemoryStore(), LIBRARY, VirtualClock())
    engine.submit_many([known("anna"), happened("anna", "Form Sent"), *story("berta")])
    found = export(engine.store, LIBRARY, "anna", MONDAY)
    assert {t["name"] for t in found["profile"]["traits"]} == {"name", "email", "phone"}
    assert (found["journeys"], len(found["consents"])) == ([], 2)
    assert [e["id"] for e in found["waiting"]["for_a_journey"]] == ["Form Sent"]
