"""Feeding a file: in batches, from where it was cut off, and never the same event twice."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from msgspec.structs import replace
from tests.runtime.small import LIBRARY, MONDAY, happened, known, story
from tests.runtime.test_dispatch import Flaky, Phone

from ofone.domain.errors import StoreError
from ofone.domain.events import Happened
from ofone.domain.messages import Outcome
from ofone.domain.times import DAY, HOUR, Micros
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import encode_message
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.feed import FAR, Fed, feed, run_out
from ofone.runtime.links import Links
from ofone.runtime.ports import DeadLetter, EffectRow, Position
from ofone.stores.memory import MemoryStore

STORIES = [event for n in range(5) for event in story(f"c{n}")]
"""Twenty events of five customers, ten of whose messages go out."""

BAD = DeadLetter(at=0, kind="raw", origin="f:3", reason="f:3: is not JSON", raw=b"{")

Feeder = Callable[[Iterable[Happened | DeadLetter]], Fed]


def feeder(store: MemoryStore, phone: Phone, batch: int = 4) -> Feeder:
    """Feeds records as a process would that has just begun."""
    engine = Engine(store, LIBRARY, VirtualClock())
    channels = dict.fromkeys(("email", "sms", "in_app", "helper"), phone)
    dispatcher = Dispatcher(engine, channels, Links(store, ""), real=False)

    def run(records: Iterable[Happened | DeadLetter], until: Micros = 0) -> Fed:
        fed = Fed()
        feed(engine, dispatcher, "f", records, fed, batch=batch)
        run_out(engine, dispatcher, until or fed.last, fed)
        return fed

    return run


def cut_after(records: list[Happened], count: int) -> Iterator[Happened]:
    """The records, of which the process sees only so many before it ends."""
    yield from records[:count]
    raise KeyboardInterrupt


def test_everything_in_a_file_is_taken() -> None:
    """Events, and what is none beside them; what was asked for goes out with its batch."""
    store, phone = MemoryStore(), Phone(knows=True)
    fed = feeder(store, phone)([*STORIES[:10], BAD, *STORIES[10:]])
    assert (fed.records, fed.deliveries) == (21, 10)
    assert len(phone.tried) == 10
    assert fed.last == MONDAY + 3 * HOUR
    assert [d.raw for d in store.dead_letters()] == [b"{"]
    assert store.position("f") == Position("f", 21, finished=True)
    assert store.counts()["small:completed:goal"] == 5


@pytest.mark.parametrize("cut", range(0, 20, 3))
def test_an_interrupted_feed_goes_on(cut: int) -> None:
    """Behind the last batch that was kept: the rest is taken, nothing is sent a second time."""
    store, phone = MemoryStore(), Phone(knows=True)
    with pytest.raises(KeyboardInterrupt):
        feeder(store, phone)(cut_after(STORIES, cut))
    kept = cut - cut % 4
    assert store.position("f") == (Position("f", kept) if kept else None)
    fed = feeder(store, phone)(STORIES)
    assert fed.records == 20 - kept
    assert store.counts()["events"] == 20
    assert store.counts().get("duplicates", 0) == 0
    assert len({m.key for m in phone.tried}) == len(phone.tried) == 10


def test_a_finished_feed_again_gives_only_duplicates() -> None:
    """Nothing changes and nothing is sent, but the duplicates are counted."""
    store, phone = MemoryStore(), Phone(knows=True)
    feeder(store, phone)(STORIES)
    before = [s.body for s in store.customers()]
    fed = feeder(store, phone)(STORIES)
    assert (fed.records, fed.deliveries) == (20, 0)
    assert store.counts()["duplicates"] == 20
    assert store.counts()["events"] == 20
    assert [s.body for s in store.customers()] == before


def test_what_a_cut_off_feed_asked_for_is_sent_later() -> None:
    """The process ended between the commit and the dispatch."""
    store, phone = MemoryStore(), Phone([KeyboardInterrupt()], knows=True)
    with pytest.raises(KeyboardInterrupt):
        feeder(store, phone)(STORIES)
    feeder(store, phone)(STORIES)
    assert {e.status for e in store.effects()} == {"delivered"}
    assert len(list(store.effects())) == 10


def test_a_store_that_refuses_stops_the_feed() -> None:
    """The error is the caller's; after it the feed goes on as after any other end."""
    store, phone = Flaky(), Phone(knows=True)

    def then_full() -> Iterator[Happened]:
        yield from STORIES[:4]
        store.full = "commit"
        yield from STORIES[4:]

    with pytest.raises(StoreError):
        feeder(store, phone)(then_full())
    assert store.position("f") == Position("f", 4)
    store.full = ""
    assert feeder(store, phone)(STORIES).records == 16
    assert store.counts()["events"] == 20


def test_timers_fire_until_the_last_event_and_no_further() -> None:
    """What lies after the end of the log has not happened."""
    store, phone = MemoryStore(), Phone(knows=True)
    begun = story("anna")[:2]
    feeder(store, phone)(begun)
    assert len(phone.tried) == 1
    later = story("berta", MONDAY + 3 * DAY)
    feeder(store, phone)([*begun, *later])
    sent = [(m.who, m.subject) for m in phone.tried]
    assert ("anna", "nudge") in sent
    assert store.counts()["timers_fired"] == 1


def test_a_feed_that_ended_before_its_timers_goes_on_with_them() -> None:
    """The whole file was taken, the process ended: the timers of its end still fire."""
    store, phone = MemoryStore(), Phone(knows=True)
    records = [*story("anna")[:2], *story("berta", MONDAY + 3 * DAY)]
    engine = Engine(store, LIBRARY, VirtualClock())
    links = Links(store, "")
    dispatcher = Dispatcher(
        engine, dict.fromkeys(("email", "sms", "in_app", "helper"), phone), links, real=False
    )
    feed(engine, dispatcher, "f", records, Fed())
    assert store.position("f") == Position("f", len(records))
    assert feeder(store, phone)(records).records == 0
    assert store.counts()["timers_fired"] == 1
    assert store.position("f") == Position("f", len(records), finished=True)


def test_the_size_of_a_batch_changes_nothing() -> None:
    """The same states, decisions and effects, byte for byte."""
    ends = []
    for batch in (1, 7, 500):
        store = MemoryStore()
        feeder(store, Phone(knows=True), batch)(STORIES)
        ends.append(
            (
                [s.body for s in store.customers()],
                sorted(e.key for e in store.effects()),
                [d for c in store.customers() for d in store.decisions(c.customer)],
            )
        )
    assert ends[0] == ends[1] == ends[2]


def test_what_came_later_in_a_file_withholds_nothing_that_came_before() -> None:
    """A message is judged by what was known as it was decided, however many events are a batch."""
    later = MONDAY + 7 * DAY
    words = [
        happened("anna", "Preference Stated", later, named="1", pause_until="2026-06-01"),
        happened("anna", "Consent Withdrawn", later + HOUR, named="2", channel="email"),
        happened("anna", "Message Bounced", later + 2 * HOUR, named="3", channel="email"),
    ]
    phone, store = Phone(knows=True), MemoryStore()
    feeder(store, phone, batch=512)([*story("anna")[:2], *words])
    assert [row.status for row in store.effects()] == ["delivered", "delivered"]
    assert [m.channel for m in phone.tried] == ["email", "email"]


def test_what_came_later_in_a_file_rewords_nothing_that_came_before() -> None:
    """The welcome goes to the address of its day; where its links lead is kept with it."""
    moved = known("anna", MONDAY + 2 * HOUR)
    moved = replace(moved, id="moved", traits={"name": "Ann", "email": "ann@example.org"})
    phone, store = Phone(knows=True), MemoryStore()
    feeder(store, phone, batch=512)([*story("anna")[:2], moved])
    (first,) = phone.tried
    assert (first.name, first.address) == ("anna", "anna@example.org")
    assert store.linked(first.leave.rpartition("/")[2]) == ("anna", -1)
    (row,) = store.effects()
    assert row.message == encode_message(first)


def test_who_withdrew_since_is_not_written_to_when_a_dead_letter_is_tried_again() -> None:
    """What failed at its own moment is judged anew: that moment is gone."""
    phone, store = Phone([Outcome(status="retry", detail="busy")], knows=True), MemoryStore()
    engine = Engine(store, LIBRARY, VirtualClock())
    channels = dict.fromkeys(("email", "sms", "in_app", "helper"), phone)
    dispatcher = Dispatcher(engine, channels, Links(store, ""), real=False)
    feed(engine, dispatcher, "f", story("anna")[:2], Fed())
    engine.submit(happened("anna", "Consent Withdrawn", MONDAY + DAY, channel="email"))
    (row,) = store.effects()
    store.settle([row_again(row)])
    dispatcher.run_until_idle(FAR)
    assert [(r.status, len(phone.tried)) for r in store.effects()] == [("withheld", 1)]


def row_again(row: EffectRow) -> EffectRow:
    """As a dead letter is tried again."""
    return replace(row, status="requested", next_at=row.at, message=None)
