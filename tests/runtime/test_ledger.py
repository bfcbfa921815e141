"""What was agreed and what was promised, with proof, wording and time."""

import pytest
from msgspec.structs import replace
from tests.building import START, event, visit

from ofone.channels.mailbox import Mailbox
from ofone.domain.errors import NotFound
from ofone.domain.events import Happened
from ofone.domain.times import DAY
from ofone.journeys.library import Library, library
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.ledger import consents, ledger, promises
from ofone.runtime.links import Links
from ofone.stores.memory import MemoryStore

BOOKS: Library = library([visit()])


def kept(*events: Happened) -> MemoryStore:
    """A store into which these came, and from which everything went out."""
    store, box = MemoryStore(), Mailbox()
    engine = Engine(store, BOOKS, VirtualClock())
    for one in events:
        assert engine.submit(one).status == "accepted"
    channels = dict.fromkeys(("email", "sms", "in_app", "helper"), box)
    links = Links(store, "https://a.example")
    Dispatcher(engine, channels, links, real=False).run_until_idle(START + 99 * DAY)
    return store


def agreed(day: float = 0, **more: str) -> Happened:
    said = {"purpose": "service", "wording": "Yes, write to me."} | more
    given = event("Consent Given", day, key=None, channels=["email"])
    return replace(given, properties=given.properties | said)


def test_every_word_is_there_with_its_wording_and_the_last_is_in_force() -> None:
    """Given, withdrawn, given again: three entries, one of them in force."""
    stop = event("Consent Withdrawn", 1, key=None, channel="email", purpose="service")
    found = consents(kept(agreed(), stop, agreed(2, wording="Again, please.")), "ana")
    assert [(w.granted, w.in_force) for w in found] == [(True, False), (False, False), (True, True)]
    assert (found[2].wording, found[2].event, found[2].at) == (
        "Again, please.",
        "Consent Given@2",
        START + 2 * DAY,
    )


def test_a_word_that_came_late_changes_nothing_and_is_no_entry() -> None:
    """A consent given before the withdrawal, and taken after it: the withdrawal holds."""
    stop = event("Consent Withdrawn", 1, key=None, channel="email", purpose="service")
    assert [w.granted for w in consents(kept(stop, agreed()), "ana")] == [False]


def test_a_date_that_was_told_is_kept_broken_or_still_open() -> None:
    """Open until its last day is over; then by the day on which the step was done."""
    ordered = event("Ordered", 0.1, traits={"email": "a@b.example", "name": "Ana"})
    asked = kept(agreed(), ordered)
    assert promises(asked, "ana", BOOKS, START + DAY)[0].fate == "open"
    (late,) = promises(asked, "ana", BOOKS, START + 30 * DAY)
    assert (late.title, late.fate, late.told[0][1]) == ("Your form", "broken", "email")
    done = kept(agreed(), ordered, event("Form Sent", 1))
    assert promises(done, "ana", BOOKS, START + 30 * DAY)[0].fate == "kept"


def test_nobody_is_not_found() -> None:
    """With where to look."""
    with pytest.raises(NotFound, match="no customer 'eve'"):
        ledger(MemoryStore(), "eve", BOOKS, START)
