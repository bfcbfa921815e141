"""What Angela is shown of what is held of her: the same record that staff and auditors see."""

from functools import cache
from itertools import pairwise

from msgspec.structs import replace
from tests.golden_play import GOLDEN

from ofone.channels.mailbox import Mailbox
from ofone.domain.events import Happened
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, HOUR
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.runtime.own import Held, Own, Reason, own, reasons
from ofone.runtime.own import held as beliefs
from ofone.sources.wire import parse_json
from ofone.stores.memory import MemoryStore

LIBRARY = library([bundled("life-insurance")])
LINES = (GOLDEN / "angela" / "events.jsonl").read_bytes().splitlines()
EVENTS = [e for line in LINES if isinstance(e := parse_json(line, "angela"), Happened)]
LAST = EVENTS[-1].at


@cache
def lived(*more: tuple[str, str, str]) -> tuple[MemoryStore, CustomerState]:
    """Angela's whole story, and all that went out; ``more``: events (name, property, value)."""
    store, box = MemoryStore(), Mailbox()
    engine = Engine(store, LIBRARY, VirtualClock())
    said = [
        replace(
            EVENTS[0], id=f"m{n}", name=name, at=EVENTS[4].at, properties={p: v, "need": "trust"}
        )
        for n, (name, p, v) in enumerate(more)
    ]
    for one in [*EVENTS, *said]:
        assert engine.submit(one).status == "accepted"
    dispatcher = Dispatcher(
        engine,
        dict.fromkeys(("email", "sms", "in_app", "helper"), box),
        Links(store, "https://a.example"),
        real=False,
    )
    dispatcher.run_until_idle(LAST + 30 * DAY)
    state = engine.get("angela")
    assert state is not None
    return store, state


def angela() -> Own:
    return own(LIBRARY, lived()[1], 0)


def held(need: str, *more: tuple[str, str, str]) -> Held:
    """What is believed of her an hour after the end."""
    store, state = lived(*more)
    return next(h for h in beliefs(store, LIBRARY, state, LAST + HOUR) if h.need == need)


def every_reason() -> tuple[Reason, ...]:
    store, state = lived()
    return reasons(store, LIBRARY, state)


def reason(says: str) -> Reason:
    return next(r for r in every_reason() if r.says == says)


def test_a_belief_stands_beside_all_that_it_rests_on() -> None:
    """Her answers with their questions, and what she did, in the playbook's own reasons."""
    found = held("reassurance")
    assert (found.level, found.said) == ("more", None)
    assert [(p.source, p.answer) for p in found.pieces] == [
        ("sign", ""),
        ("sign", ""),
        ("answer", "1"),
        ("answer", "5"),
    ]
    assert found.pieces[0].says == "Called to ask how things stand."
    assert found.pieces[-1].says_in["de"] != found.pieces[-1].says
    assert all(later.at >= one.at for later, one in pairwise(found.pieces))


def test_where_nothing_is_believed_nothing_is_said() -> None:
    """Not "as most": of most needs of most people nothing is known."""
    assert (held("urgency").level, held("urgency").pieces) == (None, ())
    assert angela().weighed == {"reassurance", "information"}


def test_what_she_said_herself_stands_first() -> None:
    """Her own word overrides what was inferred, and is called hers."""
    found = held("trust", ("Need Corrected", "level", "less"))
    assert (found.level, found.said, found.sure) == ("less", "less", True)
    assert [p.source for p in found.pieces] == ["said"]


def test_every_message_has_its_reason() -> None:
    """At which step, on which occasion, in which manner and why so, by which way and why."""
    found = reason("Your application, step by step")
    assert (found.step, found.step_in["de"]) == ("Your application", "Ihr Antrag")
    assert (found.channel, found.way, found.occasion) == ("email", "asked", "step")
    assert (found.tone, found.tones) == ("reassuring", ("brief", "plain"))
    assert ("reassurance", "more") in found.needs
    assert [o.channel for o in found.others] == ["sms", "in_app"]


def test_a_message_that_came_for_want_of_a_reaction_says_so() -> None:
    """And the last one, that it was the end."""
    assert reason("Whenever you are ready").occasion == "no reaction"
    assert reason("You are covered").occasion == "end"


def test_a_text_is_known_by_how_it_begins() -> None:
    """It has no subject, and an action's title is for staff."""
    (text,) = [r for r in every_reason() if r.channel == "sms"]
    assert text.says.startswith("Alder Life: ")
