"""What holds for every engine. A new one needs a way to open its store, and is held to all of it.

``start`` is the engine as it is after a restart: nothing in memory, only what the store kept.
The points are those of the design; the tenth, moving customers between engines, comes with a
second engine.
"""

from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from tests.runtime.small import LIBRARY, MONDAY, happened, known, story

from ofone.domain.errors import StoreError, UnreadableEvent
from ofone.domain.events import Event, Happened, Receipt, TimerFired
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, HOUR, Micros
from ofone.domain.transition import Transition
from ofone.journeys.advance import ERASE, advance
from ofone.journeys.library import Facts
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_event
from ofone.runtime.engine import Engine
from ofone.runtime.erase import mark
from ofone.runtime.ports import Batch, Clock, DeadLetter, Position, Store, Tombstone
from ofone.runtime.replay import check

NUDGE = MONDAY + HOUR + 2 * DAY
"""When the small journey's one timer is due, if the form was begun as in ``story``."""


class Wall:
    """A wall clock that the test moves."""

    def __init__(self, time: Micros) -> None:
        self.time = time

    def now(self, at: Micros, last: Micros) -> Micros:
        return max(self.time, last)

    def firing(self, due: Micros, last: Micros) -> Micros:
        return max(self.time, last, due)


class Refusing:
    """The store given, whose commits fail while ``refuses``."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.refuses = True

    def commit(self, batch: Batch) -> None:
        if self.refuses:
            raise StoreError("the disk is full")
        self.store.commit(batch)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)


Start = Callable[..., Engine]


class EngineContract:
    """Subclass it, and say in ``open`` how the store in that folder is opened."""

    def open(self, folder: Path) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def start(self, tmp_path: Path) -> Iterator[Start]:
        opened: list[Store] = []

        def restart(clock: Clock | None = None) -> Engine:
            for store in opened:
                store.close()
            opened[:] = [self.open(tmp_path)]
            return Engine(opened[0], LIBRARY, clock or VirtualClock())

        yield restart
        for store in opened:
            store.close()

    def test_what_was_acknowledged_is_there_after_a_restart(self, start: Start) -> None:
        """1: ``submit`` returns only once the event is durable."""
        ack = start().submit(known("anna"))
        state = start().get("anna", ack.version)
        assert ack.status == "accepted"
        assert state is not None
        assert state.profile.traits["email"].value == "anna@example.org"

    def test_a_repeated_id_changes_nothing(self, start: Start) -> None:
        """1: It is acknowledged, whatever else it says now."""
        engine = start()
        first = engine.submit(happened("anna", "Started", case="one"))
        before = everything(engine.store, "anna")
        again = engine.submit(happened("anna", "Withdrawn", named="Started", case="one"))
        assert (again.status, again.version) == ("duplicate", first.version)
        assert everything(engine.store, "anna") == before

    def test_an_id_is_known_after_a_thousand_others(self, start: Start) -> None:
        """5: What has left the ring of recent ids is found in the log, also after a restart."""
        engine = start()
        engine.submit(happened("anna", "Started", case="one"))
        engine.submit_many([happened("anna", "Seen", named=f"e{n}") for n in range(1000)])
        assert engine.submit(happened("anna", "Started", case="two")).status == "duplicate"
        engine = start()
        assert engine.submit(happened("anna", "Seen", named="e3")).status == "duplicate"
        assert len(engine.store.log("anna")) == 1001

    def test_an_id_is_known_within_its_own_batch(self, start: Start) -> None:
        """5: Also when the ring has lost it and the log does not have it yet."""
        engine = start()
        events = [happened("anna", "Seen", named=f"e{n}") for n in range(100)]
        acks = engine.submit_many([*events, events[0], events[0]])
        assert [a.status for a in acks[100:]] == ["duplicate", "duplicate"]
        assert len(engine.store.log("anna")) == 100

    def test_the_order_of_arrival_does_not_matter(self, start: Start) -> None:
        """2: A journey stands where its events, by their own times, have brought it."""
        ends = set()
        engine = start()
        for n, order in enumerate(permutations(range(4))):
            told = story(f"c{n}")
            engine.submit_many([told[i] for i in order])
            journey = found(engine, f"c{n}").journeys[0]
            steps = tuple((s.status, s.entered, s.done) for s in journey.steps.values())
            ends.add((journey.status, journey.outcome, journey.started, journey.ended, steps))
        assert len(ends) == 1
        assert ends.pop()[:2] == ("completed", "goal")

    def test_customers_are_independent(self, start: Start) -> None:
        """2: How the events of several customers are mixed, and cut in batches, changes nothing."""
        engine = start()
        engine.submit_many(story("anna"))
        for pair in zip(story("berta"), story("clara"), strict=True):
            engine.submit_many(pair)
        for customer in ("berta", "clara"):
            assert found(engine, customer).journeys == found(engine, "anna").journeys
            log = [decode_event(r.body).id for r in engine.store.log(customer)]
            assert log == [e.id for e in story(customer)]
            assert len(list(engine.store.effects(customer))) == 2

    def test_a_refused_commit_leaves_nothing(self, start: Start) -> None:
        """3: No state, timer, effect, decision, dead letter, count or position; nor in memory."""
        engine, store = refusing(start())
        letter = DeadLetter(at=0, kind="raw", origin="f:1", reason="no JSON", raw=b"{")
        with pytest.raises(StoreError, match="disk is full"):
            engine.submit_many(story("anna"), letters=[letter], position=Position("f", 4))
        assert engine.get("anna") is None
        assert everything(store, "anna") == (None, [], [], [])
        assert store.next_due() is None
        assert (store.position("f"), store.dead_letters(), store.counts()) == (None, [], {})

    def test_what_was_refused_can_be_submitted_again(self, start: Start) -> None:
        """3: The retry comes out as if nothing had happened."""
        engine, _ = refusing(start())
        told = story("anna")[:2]
        with pytest.raises(StoreError):
            engine.submit_many(told)
        cast(Refusing, engine.store).refuses = False
        acks = engine.submit_many(told, position=Position("f", 2))
        assert [a.version for a in acks] == [1, 2]
        assert len(engine.store.log("anna")) == 2
        assert engine.store.position("f") == Position("f", 2)
        assert [e.key for e in engine.store.effects("anna")] == ["anna:2:0"]

    def test_a_refused_firing_leaves_the_timer(self, start: Start) -> None:
        """3 and 7: The timer is still there, and fires once when the store takes it."""
        begun = start()
        begun.submit_many(story("anna")[:2])
        engine, store = refusing(begun)
        with pytest.raises(StoreError):
            engine.fire_due(NUDGE)
        assert store.next_due() == NUDGE
        cast(Refusing, engine.store).refuses = False
        assert engine.fire_due(NUDGE) == 1
        assert engine.fire_due(NUDGE) == 0

    def test_now_is_the_engines_and_is_recorded(self, start: Start) -> None:
        """4: The log and the state hold the time at which an input was taken, whatever it says."""
        engine = start(Wall(MONDAY + DAY))
        engine.submit(known("anna", MONDAY))
        assert [r.now for r in engine.store.log("anna")] == [MONDAY + DAY]
        assert found(engine, "anna").now == MONDAY + DAY

    def test_now_never_goes_back_for_one_customer(self, start: Start) -> None:
        """4: A clock that is set back, or a late event, is taken at the time reached already."""
        wall = Wall(MONDAY + DAY)
        engine = start(wall)
        engine.submit(known("anna"))
        wall.time = MONDAY
        engine.submit(happened("anna", "Started", case="one"))
        assert [r.now for r in engine.store.log("anna")] == [MONDAY + DAY] * 2

    def test_an_unchanged_state_is_not_written(self, start: Start) -> None:
        """4: An input that changes nothing is acknowledged, and leaves no trace."""
        engine = start()
        version = engine.submit_many(story("anna"))[-1].version
        before = everything(engine.store, "anna")
        ack = engine.submit(TimerFired(customer="anna", name="0/form/0/a/standard/1", due=NUDGE))
        assert (ack.status, ack.version) == ("accepted", version)
        assert engine.submit(receipt("delivered")).version == version
        assert everything(engine.store, "anna") == before

    def test_a_timer_is_never_early(self, start: Start) -> None:
        """7: Not a microsecond."""
        engine = start()
        engine.submit_many(story("anna")[:2])
        assert engine.store.next_due() == NUDGE
        assert engine.fire_due(NUDGE - 1) == 0
        assert actions(engine) == ["welcome"]
        assert engine.fire_due(NUDGE) == 1
        assert actions(engine) == ["welcome", "nudge"]

    def test_an_overdue_timer_fires_after_a_restart(self, start: Start) -> None:
        """7: At the time it is by then, and once."""
        start().submit_many(story("anna")[:2])
        engine = start(Wall(NUDGE + HOUR))
        assert engine.fire_due(NUDGE + HOUR) == 1
        engine = start()
        assert engine.fire_due(NUDGE + DAY) == 0
        assert [(r.at, r.key) for r in engine.store.effects("anna")][1:] == [
            (NUDGE + HOUR, "anna:3:0")
        ]

    def test_a_timer_comes_before_the_events_after_it(self, start: Start) -> None:
        """7: In a replay it fires at its own due time, between the events."""
        engine = start()
        engine.submit_many([*story("anna")[:2], happened("anna", "Form Sent", NUDGE + HOUR)])
        inputs = [decode_event(r.body) for r in engine.store.log("anna")]
        assert [e.at for e in inputs] == [MONDAY, MONDAY + HOUR, NUDGE, NUDGE + HOUR]
        assert [r.now for r in engine.store.log("anna")] == [e.at for e in inputs]

    def test_a_timer_is_cancelled_with_its_reason(self, start: Start) -> None:
        """7: Lazily: one that comes all the same finds nothing to do."""
        engine = start()
        engine.submit_many(story("anna")[:3])
        assert engine.store.next_due() is None
        engine.submit(TimerFired(customer="anna", name="0/form/0/a/standard/1", due=NUDGE))
        assert "nudge" not in actions(engine)

    def test_an_effect_is_held_once_under_its_key(self, start: Start) -> None:
        """6: The key is customer, version and index; no repeat asks for anything again."""
        engine = start()
        for n in range(3):
            engine.submit_many([*story("anna")[:2], *story("berta")])
            engine = start()
            engine.fire_due(NUDGE + n)
        rows = list(engine.store.effects())
        assert [r.key for r in rows] == ["anna:2:0", "berta:2:0", "berta:3:0", "anna:3:0"]
        assert all(engine.store.effect(r.key) == r for r in rows)

    def test_a_write_is_read_by_its_version(self, start: Start) -> None:
        """8: An acknowledged version is always there; one that never was is refused, in words."""
        engine = start()
        for event in story("anna"):
            ack = engine.submit(event)
            assert found(engine, "anna", ack.version).version == ack.version
        with pytest.raises(UnreadableEvent, match="at version 4, not 5"):
            engine.get("anna", 5)
        with pytest.raises(UnreadableEvent, match="at version 0, not 1"):
            engine.get("nobody", 1)
        assert engine.get("nobody") is None

    def test_an_unusable_event_blocks_nobody(self, start: Start) -> None:
        """9: It is kept whole with its reason; everything beside it, and after it, goes on."""
        engine = start()
        engine.submit_many(two_journeys("anna"))
        unclear = happened("anna", "Form Sent")
        acks = engine.submit_many([*story("berta")[:2], unclear, *story("berta")[2:]])
        letter = engine.store.dead_letters()[0]
        assert [a.status for a in acks] == ["accepted"] * 2 + ["dead letter"] + ["accepted"] * 2
        assert acks[2].reason == letter.reason
        assert "does not say which small journey it is about" in letter.reason
        assert (letter.kind, letter.customer) == ("event", "anna")
        assert decode_event(letter.raw) == unclear
        assert found(engine, "berta").journeys[0].status == "completed"

    def test_an_unusable_event_can_be_taken_later(self, start: Start) -> None:
        """9: Its id was not used up, and the letter is there once however often it is refused."""
        engine = start()
        engine.submit_many(two_journeys("anna"))
        for _ in range(3):
            engine.submit(happened("anna", "Form Sent"))
            engine = start()
        (letter,) = engine.store.dead_letters()
        engine.submit(happened("anna", "Withdrawn", case="two"))
        assert engine.submit(decode_event(letter.raw)).status == "accepted"
        assert found(engine, "anna").journeys[0].steps["form"].status == "done"

    def test_a_fault_of_ours_blocks_nobody(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """9: What should never raise, and does, makes a dead letter as well."""
        engine = start()
        monkeypatch.setattr("ofone.runtime.engine.advance", faulty("anna"))
        acks = engine.submit_many([known("anna"), known("berta")])
        assert [a.status for a in acks] == ["dead letter", "accepted"]
        assert "internal error: RuntimeError('a fault')" in acks[0].reason
        assert engine.get("anna") is None

    def test_a_timer_that_fails_blocks_no_other(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """9: The most overdue may be the one that fails; those behind it still fire."""
        engine = start()
        engine.submit_many([e for c in ("anna", "berta") for e in story(c)[:2]])
        monkeypatch.setattr("ofone.runtime.engine.advance", faulty("anna"))
        fired = [engine.fire_due(NUDGE, limit=1) for _ in range(3)]
        assert sum(fired) == 1
        assert [d.customer for d in engine.store.dead_letters()] == ["anna"]
        monkeypatch.undo()
        assert start().fire_due(NUDGE) == 1

    def test_a_timer_that_fails_is_told_though_the_store_refused(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """3 and 9: The dead letter of a timer is not lost with the batch that was to hold it."""
        begun = start()
        begun.submit_many(story("anna")[:2])
        engine, store = refusing(begun)
        monkeypatch.setattr("ofone.runtime.engine.advance", faulty("anna"))
        with pytest.raises(StoreError):
            engine.fire_due(NUDGE)
        cast(Refusing, engine.store).refuses = False
        engine.fire_due(NUDGE)
        assert len(store.dead_letters()) == 1

    def test_an_erased_customer_is_gone(self, start: Start) -> None:
        """Also after a restart: no state, input, effect or timer; whoever is beside them stays."""
        engine = start()
        engine.submit_many([*story("anna")[:2], *story("berta")])
        before = everything(engine.store, "berta")
        assert engine.submit(erase("anna")).status == "accepted"
        for _ in range(2):
            assert engine.get("anna") is None
            assert everything(engine.store, "anna") == (None, [], [], [])
            assert everything(engine.store, "berta") == before
            assert engine.store.next_due() is None
            engine = start()

    def test_totals_outlive_the_erased(self, start: Start) -> None:
        """One customer less; what was begun has ended; the rest counts as before."""
        engine = start()
        engine.submit_many([*story("anna")[:2], *story("berta")])
        before = engine.store.counts()
        engine.submit(erase("anna"))
        after = engine.store.counts()
        changed = {n: c - before.get(n, 0) for n, c in after.items() if c != before.get(n, 0)}
        assert changed == {
            "customers": -1,
            "erased": 1,
            "small:active:": -1,
            "small:ended:erased": 1,
        }

    def test_what_comes_late_of_the_erased_is_not_taken(self, start: Start) -> None:
        """Repeats and stragglers of their time, also the wish itself; nothing of it is kept."""
        engine = start(Wall(MONDAY + DAY))
        engine.submit_many(story("anna")[:2])
        engine.submit(erase("anna", MONDAY + 5 * HOUR))
        for again in range(2):
            acks = engine.submit_many([*story("anna"), erase("anna"), receipt("failed")])
            assert {a.status for a in acks} == {"duplicate"}
            assert "was erased" in acks[0].reason
            assert engine.get("anna") is None
            assert engine.store.dead_letters() == []
            engine = start(Wall(MONDAY + DAY + again))

    def test_who_comes_back_is_a_stranger(self, start: Start) -> None:
        """Without a consent, address or need; and no effect's key comes a second time."""
        engine = start()
        engine.submit_many(story("anna"))
        used = {r.key for r in engine.store.effects("anna")}
        engine.submit(erase("anna", MONDAY + DAY))
        engine = start()
        engine.submit(happened("anna", "Started", MONDAY + 2 * DAY, case="one", named="again"))
        state = found(engine, "anna")
        assert (state.profile.consents, state.profile.traits) == ({}, {})
        engine.submit(replace(known("anna", MONDAY + 2 * DAY), id="other"))
        engine.submit_many([replace(e, id=f"2{e.id}") for e in story("anna", MONDAY + 3 * DAY)])
        assert used.isdisjoint(r.key for r in engine.store.effects("anna"))
        assert engine.store.counts()["customers"] == 1
        assert check(engine.store).differences == []

    def test_erasing_works_within_a_batch(self, start: Start) -> None:
        """What the same batch took of them before goes; what it takes of them after stays."""
        engine = start()
        told = story("anna")
        later = replace(known("anna", MONDAY + 2 * DAY), id="later")
        acks = engine.submit_many([*told, erase("anna", MONDAY + DAY), told[0], later])
        assert [a.status for a in acks[4:]] == ["accepted", "duplicate", "accepted"]
        assert [decode_event(r.body).id for r in engine.store.log("anna")] == ["later"]
        assert engine.store.counts()["customers"] == 1
        assert check(engine.store).differences == []

    def test_a_refused_erasure_leaves_everything(self, start: Start) -> None:
        """It is not acknowledged; the retry comes out as if nothing had happened."""
        begun = start()
        begun.submit_many(story("anna"))
        before = everything(begun.store, "anna")
        engine, store = refusing(begun)
        with pytest.raises(StoreError):
            engine.submit(erase("anna"))
        assert everything(store, "anna") == before
        assert engine.get("anna") is not None
        cast(Refusing, engine.store).refuses = False
        assert engine.submit(erase("anna")).status == "accepted"
        assert engine.get("anna") is None

    def test_whom_a_backup_brings_back_is_erased_again(self, start: Start) -> None:
        """By the marks alone; and who is not in the backup is not taken again either."""
        engine = start()
        engine.submit_many([*story("anna"), *story("berta")])
        secret = engine.store.secret()
        last = MONDAY + DAY
        graves = [Tombstone(mark(secret, c), last, 40) for c in ("anna", "clara")]
        assert engine.erase_again(graves) == 1
        assert engine.erase_again(graves) == 0
        assert (engine.get("anna"), engine.store.load("anna")) == (None, None)
        assert engine.submit_many(story("clara"))[0].status == "duplicate"
        assert check(engine.store).erased == 1
        assert check(engine.store).differences == []

    def test_the_totals_are_those_of_the_log(self, start: Start) -> None:
        """3: They are counted in the same transaction, and a restart forgets none."""
        for _ in range(2):
            start().submit_many([*story("anna"), *story("berta")[:2]])
        counts = {name: n for name, n in start().store.counts().items() if n}
        assert counts == {
            "customers": 2,
            "events": 6,
            "duplicates": 6,
            "decisions": 6,
            "effects": 3,
            "started": 2,
            "small:active:": 1,
            "small:completed:goal": 1,
        }


def refusing(engine: Engine) -> tuple[Engine, Store]:
    """An engine whose commits are refused until told otherwise, and the store behind it."""
    store = engine.store
    return Engine(cast(Store, Refusing(store)), LIBRARY, engine.clock), store


def faulty(customer: str) -> Callable[[CustomerState, Event, Facts], Transition]:
    """``advance``, with a fault that only this customer meets."""

    def fails(state: CustomerState, event: Event, facts: Facts) -> Transition:
        if event.customer == customer:
            raise RuntimeError("a fault")
        return advance(state, event, facts)

    return fails


def two_journeys(customer: str) -> list[Event]:
    """Two journeys side by side, so that an event must say which one it is about."""
    return [happened(customer, "Started", named=key, case=key) for key in ("one", "two")]


def receipt(status: str) -> Receipt:
    return Receipt(
        customer="anna",
        key="anna:2:0",
        status=status,
        at=MONDAY + HOUR,
        channel="email",
        journey=0,
        step="form",
        action="welcome",
    )


def found(engine: Engine, customer: str, version: int = 0) -> CustomerState:
    state = engine.get(customer, version)
    assert state is not None
    return state


def actions(engine: Engine) -> list[str]:
    """What anna was sent, in order."""
    state = engine.get("anna")
    sent = state.journeys[0].sent if state is not None else {}
    return sorted(sent, key=lambda action: sent[action])


Everything = tuple[bytes | None, list[bytes], list[bytes], list[bytes]]


def erase(customer: str, at: Micros = MONDAY + 4 * HOUR) -> Happened:
    return happened(customer, ERASE, at, by="customer")


def everything(store: Store, customer: str) -> Everything:
    """State, log, decisions and effects of one customer, as bytes."""
    return (
        store.load(customer),
        [r.body for r in store.log(customer)],
        store.decisions(customer),
        [e.body for e in store.effects(customer)],
    )
