"""What holds for every store, beside what the engine's contract already asks of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ofone.runtime.ports import (
    Batch,
    DeadLetter,
    EffectRow,
    Erasure,
    LogRow,
    Position,
    StateRow,
    Store,
    Tombstone,
)


def one(customer: str, version: int = 1, due: int | None = None) -> Batch:
    """A batch with one row of each kind."""
    return Batch(
        log=[LogRow(customer, 10 * version, 1, b"event", b"decisions")],
        states=[StateRow(customer, version, due, b"state %d" % version)],
        effects=[EffectRow(f"{customer}:{version}:0", customer, 5, b"effect", next_at=version)],
        forgotten=[(customer, -version)],
        counts={"events": 1},
        position=Position("file", version),
    )


def letter(raw: bytes = b"{", origin: str = "f:1") -> DeadLetter:
    return DeadLetter(at=7, kind="raw", origin=origin, reason="is not JSON", raw=raw)


def gone(customer: str, **how: Any) -> Erasure:
    return Erasure(customer=customer, mark=customer[:1].encode(), at=9, version=2, **how)


class StoreContract:
    """Subclass it, and say in ``open`` how the store in that folder is opened."""

    def open(self, folder: Path) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = self.open(tmp_path)
        yield store
        store.close()

    def test_a_batch_is_kept_whole(self, store: Store) -> None:
        """Every row that went in comes out as it was; totals add up, positions move on."""
        first, second = one("anna"), one("anna", 2)
        store.commit(first)
        store.commit(second)
        assert store.load("anna") == b"state 2"
        assert store.log("anna") == [*first.log, *second.log]
        assert list(store.effects("anna")) == [*first.effects, *second.effects]
        assert store.decisions("anna") == [b"decisions", b"decisions"]
        assert store.counts() == {"events": 2}
        assert store.position("file") == Position("file", 2)
        assert store.forgotten("anna", -2)

    def test_a_helper_is_known_by_the_customers(self, store: Store) -> None:
        """Each pair once, however often it is told; somebody without any has none."""
        store.commit(replace(one("bo"), helped={("gil", "bo")}))
        store.commit(replace(one("anna"), helped={("gil", "anna"), ("kim", "anna")}))
        store.commit(replace(one("anna", 2), helped={("gil", "anna")}))
        assert store.helped("gil") == ["anna", "bo"]
        assert (store.helpers(), store.helped("x")) == (["gil", "kim"], [])

    def test_nobody_is_nobody(self, store: Store) -> None:
        """What is not there is empty or None, and no error."""
        assert (store.load("x"), store.log("x"), store.decisions("x")) == (None, [], [])
        assert (list(store.effects("x")), store.effect("x:1:0"), store.effect("x")) == (
            [],
            None,
            None,
        )
        assert not store.forgotten("x", 1)
        assert (store.next_due(), store.position("x"), store.linked("x")) == (None, None, None)

    def test_many_customers_fit_in_one_batch(self, store: Store) -> None:
        """New ones and known ones together, however many names are kept in memory."""
        names = [f"c{n:04}" for n in range(1500)]
        for version in (1, 2):
            rows = [StateRow(c, version, None, b"") for c in names]
            log = [LogRow(c, 0, 1, b"") for c in names]
            store.commit(Batch(states=rows, log=log))
        paged = store.customers()
        paged += store.customers(paged[-1].customer)
        assert [(r.customer, r.version) for r in paged] == [(c, 2) for c in names]
        assert all(len(store.log(c)) == 2 for c in names[::100])
        assert store.recent(2) == ["c1499", "c1498"]

    def test_due_timers_come_most_overdue_first(self, store: Store) -> None:
        """At or before the moment asked for, and at most so many."""
        for customer, due in (("a", 30), ("b", 10), ("c", 20), ("d", None)):
            store.commit(one(customer, due=due))
        assert store.next_due() == 10
        assert store.due(20, 5) == [("b", 10), ("c", 20)]
        assert store.due(99, 1) == [("b", 10)]

    def test_pending_effects_come_in_the_order_asked_for(self, store: Store) -> None:
        """Those to be looked at by now, and none that is finished."""
        for version in (3, 1, 2):
            store.commit(one("anna", version))
        found = store.pending(2, 9)
        assert [r.next_at for r in found] == [1, 2]
        store.settle([replace(found[0], status="delivered", next_at=None, attempts=1)])
        assert [r.next_at for r in store.pending(9, 9)] == [2, 3]
        done = store.effect("anna:1:0")
        assert done is not None
        assert (done.status, done.attempts, done.body) == ("delivered", 1, b"effect")

    def test_a_delivery_keeps_all_that_is_settled(self, store: Store) -> None:
        """Message, detail, attempts and whether an attempt is going on."""
        store.commit(one("anna"))
        row = store.pending(9, 9)[0]
        after = replace(row, attempting=True, message=b"words", detail="why", attempts=3)
        store.settle([after])
        assert store.pending(9, 9) == [after]
        assert list(store.effects()) == [after]

    def test_a_dead_letter_is_kept_once(self, store: Store) -> None:
        """The same bytes from the same place are the same letter; it comes back once replayed."""
        store.commit(Batch(dead=[letter(), letter(), letter(b"\xff\x00")]))
        store.commit(Batch(dead=[letter()]))
        assert [(d.number, d.raw) for d in store.dead_letters()] == [(1, b"{"), (2, b"\xff\x00")]
        assert store.counts() == {"dead_letters": 2}
        store.replayed(1)
        assert [d.number for d in store.dead_letters()] == [2]
        assert [d.status for d in store.dead_letters(waiting=False)] == ["replayed", "waiting"]
        store.commit(Batch(dead=[replace(letter(), reason="still not")]))
        assert store.dead_letters()[0].reason == "still not"

    def test_facts_are_numbered_as_they_come_into_force(self, store: Store) -> None:
        """The last number is what is in force, also when that was so before."""
        numbers = [store.facts(text) for text in ("a", "a", "b", "b", "a")]
        assert numbers == [1, 1, 2, 2, 3]
        assert store.all_facts() == {1: "a", 2: "b", 3: "a"}

    def test_snapshots_of_lengths_are_numbered_and_stay(self, store: Store) -> None:
        """A number means the same for ever: the log names it."""
        assert store.lengths() == []
        assert [store.keep_lengths(body) for body in (b"one", b"two")] == [1, 2]
        assert store.lengths() == [1, 2]
        assert store.read_lengths(1) == b"one"

    def test_playbooks_links_and_the_secret_stay(self, store: Store) -> None:
        """The first word counts: a version and a token mean the same for ever."""
        store.keep_playbook("p", "1", b"text")
        store.keep_playbook("p", "1", b"other")
        store.keep_playbook("p", "2", b"later")
        store.link("token", "anna", 0)
        store.link("token", "berta", 1)
        assert store.playbooks() == [("p", "1", b"text"), ("p", "2", b"later")]
        store.link_all([("token", "carla", 2), ("other", "carla", -1)])
        assert store.linked("token") == ("anna", 0)
        assert store.linked("other") == ("carla", -1)
        assert len(store.secret()) == 32
        assert store.secret() == store.secret()

    def test_an_erased_customer_leaves_no_row(self, store: Store) -> None:
        """Of the others every row stays, and so do the totals."""
        for name in ("anna", "bo"):
            store.commit(replace(one(name, due=3), helped={("gil", name)}))
            store.link(f"token of {name}", name, 0)
        store.commit(Batch(erased=[gone("anna")], counts={"erased": 1}))
        assert (store.load("anna"), store.log("anna"), store.linked("token of anna")) == (
            None,
            [],
            None,
        )
        assert [e.customer for e in store.effects()] == ["bo"]
        assert (store.helped("gil"), store.due(9, 9)) == (["bo"], [("bo", 3)])
        assert store.log("bo") == list(one("bo").log)
        assert not store.forgotten("anna", -1)
        assert store.counts() == {"events": 2, "erased": 1}

    def test_a_stranger_may_come_in_the_batch_that_erases(self, store: Store) -> None:
        """Who is erased goes first; what else the batch has of them came after."""
        store.commit(one("anna"))
        store.commit(replace(one("anna", 3), erased=[gone("anna")]))
        assert store.load("anna") == b"state 3"
        assert [r.now for r in store.log("anna")] == [30]
        assert [e.key for e in store.effects("anna")] == ["anna:3:0"]

    def test_dead_letters_of_the_erased_go(self, store: Store) -> None:
        """Theirs, and those of nobody that speak of them; a number is never given twice."""
        mine = DeadLetter(at=1, kind="event", origin="x", reason="r", raw=b"1", customer="anna")
        spoken, other = letter(b"from anna@x.org"), letter(b"from joanna@x.org")
        store.commit(Batch(dead=[mine, spoken, other, replace(mine, raw=b"2", customer="bo")]))
        store.commit(Batch(erased=[gone("anna", words=(b"anna", b"anna@x.org"))]))
        left = [(d.number, d.raw) for d in store.dead_letters()]
        assert left == [(3, b"from joanna@x.org"), (4, b"2")]
        store.commit(Batch(dead=[letter(b"new")]))
        store.replayed(5)
        assert [d.number for d in store.dead_letters()] == [3, 4]

    def test_links_are_given_anew(self, store: Store) -> None:
        """Where somebody else stood behind the one who is gone."""
        store.link("t", "anna", -1)
        store.commit(Batch(erased=[gone("anna", links=(("t", "bo", -1),))]))
        assert store.linked("t") == ("bo", -1)

    def test_what_came_in_between_is_tidied(self, store: Store) -> None:
        """Links and letters of the erased, but not of who came back, nor later ones."""
        late = DeadLetter(at=5, kind="event", origin="x", reason="r", raw=b"1", customer="anna")
        store.commit(Batch(dead=[late, replace(late, at=6, raw=b"2")]))
        store.commit(one("bo"))
        for name in ("anna", "bo", "clara"):
            store.link(name, name, 0)
        store.tidy(lambda customer, at: customer != "clara" and at <= 5)
        assert [store.linked(n) for n in ("anna", "bo", "clara")] == [
            None,
            ("bo", 0),
            ("clara", 0),
        ]
        assert [d.raw for d in store.dead_letters()] == [b"2"]

    def test_a_tombstone_says_what_is_left_to_wipe(self, store: Store) -> None:
        """Until it was; somebody who is erased again has one still."""
        store.commit(Batch(erased=[gone("anna", told=("k1", "k2")), gone("bo")]))
        assert store.tombstones() == [
            Tombstone(b"a", 9, 2, ("k1", "k2")),
            Tombstone(b"b", 9, 2, ()),
        ]
        assert store.scrub()
        store.scrubbed([b"a", b"b"])
        assert store.tombstones() == [Tombstone(b"a", 9, 2), Tombstone(b"b", 9, 2)]
        store.commit(Batch(erased=[replace(gone("bo"), at=11, version=7)]))
        assert store.tombstones()[1] == Tombstone(b"b", 11, 7, ())
