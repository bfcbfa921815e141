"""Forgetting a customer: whatever comes before, after or twice, only a mark stays."""

import random
from collections.abc import Collection

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.runtime.contract import erase
from tests.runtime.small import LIBRARY, MONDAY, happened, known, story

from ofone.domain.events import Happened
from ofone.domain.times import DAY, HOUR
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.engine import Engine
from ofone.runtime.erase import clean, erasure, gone, mark, mentions
from ofone.runtime.links import Links
from ofone.runtime.ports import DeadLetter, Gone, Tombstone
from ofone.runtime.replay import check
from ofone.stores.memory import MemoryStore

ERASED_AT = MONDAY + 5 * HOUR


def engine() -> Engine:
    return Engine(MemoryStore(), LIBRARY, VirtualClock())


def kept(store: MemoryStore) -> str:
    """Everything a store holds, but totals and tombstones, as text to search in."""
    parts = {k: v for k, v in vars(store).items() if k not in ("_tombstones", "_counts", "_secret")}
    return repr(parts)


TOLD = [*story("anna"), *story("berta"), known("clara"), *story("anna")]
LATER = replace(known("anna", ERASED_AT + DAY), id="back")


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(len(TOLD))), st.integers(0, len(TOLD)), st.integers(1, 5))
def test_nothing_of_the_erased_stays_in_any_order(order: list[int], at: int, size: int) -> None:
    """Wherever the wish stands among repeats, stragglers and others, in batches of any size."""
    told: list[Happened] = [TOLD[n] for n in order]
    told.insert(at, erase("anna", ERASED_AT))
    tried = engine()
    for start in range(0, len(told), size):
        tried.submit_many(told[start : start + size])
    assert isinstance(tried.store, MemoryStore)
    assert "anna" not in kept(tried.store)
    assert tried.store.counts()["customers"] == 2
    assert check(tried.store).differences == []
    alone = engine()
    alone.submit_many([e for e in told if e.customer != "anna"])
    for name in ("berta", "clara"):
        assert tried.store.load(name) == alone.store.load(name)


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_who_comes_back_owes_nothing_to_before(dice: random.Random, times: int) -> None:
    """Erased so many times, and back with the same events: as a stranger who never was here."""
    tried = engine()
    for n in range(times):
        begun = MONDAY + 20 * n * DAY
        tried.submit_many(story("anna", begun)[: dice.randint(0, 4)])
        tried.submit(replace(erase("anna", begun + DAY), id=f"erase{n}"))
    begun = MONDAY + 20 * times * DAY
    tried.submit_many(story("anna", begun))
    fresh = engine()
    fresh.submit_many(story("anna", begun))
    back, new = tried.get("anna"), fresh.get("anna")
    assert back is not None
    assert new is not None
    assert replace(back, version=new.version) == new
    assert check(tried.store).differences == []


def test_a_mark_tells_nothing_without_the_secret() -> None:
    """The same for the same store and customer; another store has another one."""
    assert mark(b"one", "anna") == mark(b"one", "anna")
    assert len({mark(b"one", "anna"), mark(b"two", "anna"), mark(b"one", "berta")}) == 3
    assert b"anna" not in mark(b"one", "anna")


def test_an_erasure_covers_what_was_by_then() -> None:
    """The moment itself included; of others, nothing."""
    whose = gone(b"s", [Tombstone(mark(b"s", "anna"), 9, 1)])
    assert [whose("anna", 9), whose("anna", 10), whose("berta", 1)] == [True, False, False]


def test_events_from_a_clock_that_is_ahead_are_covered() -> None:
    """A repeat of what was taken is late, also where its sender's clock ran ahead of ours."""
    tried = engine()
    tried.submit(known("anna", MONDAY + HOUR))
    state = tried.get("anna")
    assert state is not None
    assert erasure(tried.store, state, MONDAY).at == MONDAY + HOUR


def about(raw: str, customer: str = "") -> DeadLetter:
    return DeadLetter(
        at=1, kind="raw", origin="mail", reason="r", raw=raw.encode(), customer=customer
    )


def test_a_letter_is_known_by_whole_words() -> None:
    """By id, address or name, as text or as JSON writes it; not by a part of another's."""
    words = [w.encode() for w in ("c1", "zoë@example.org", "Zoë Ruiz")]
    for told in ('{"customer":"c1"}', "From: <zoë@example.org>", '{"n": "Zo\\u00eb Ruiz"}'):
        assert mentions(about(told), "c1", words)
    for other in ("c10 and c-c1", "chloe.zoë@example.org", "Zoë Ruizinho", "zoë"):
        assert not mentions(about(other), "c1", words)
    assert not mentions(about("c1", "c2"), "c1", words)
    assert mentions(about("", "c1"), "c1", words)


def test_who_shares_a_telephone_is_still_found() -> None:
    """Three wrote from one number; the first and the second go, the third still answers."""
    store = MemoryStore()
    links = Links(store, "")
    for who in ("anna", "berta", "clara"):
        links.number(who, "+442071234567")
    for who in ("anna", "berta"):
        given = links.closed_up(who, ["+442071234567"])
        store._links = {t: to for t, to in store._links.items() if to[0] != who}
        store._links |= {t: (heir, journey) for t, heir, journey in given}
        assert "clara" in links.customers_at("+442071234567")
        assert who not in links.customers_at("+442071234567")
    assert links.customers_at("+442071234567") == ["clara"]
    assert links.closed_up("clara", ["+442071234567"]) == []


class Place:
    """Something beside the store; it fails as often as it is told to."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.asked: list[tuple[bool, bool, list[str]]] = []

    def erase(self, gone: Gone, told: Collection[str]) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("the process ended")
        self.asked.append((gone("anna", ERASED_AT), gone("berta", 0), sorted(told)))


def test_wiping_goes_on_after_a_crash() -> None:
    """What is left to be done is in the tombstone; once done, it is not done again."""
    tried, broken, whole = engine(), Place(fails=1), Place()
    tried.submit_many([*story("anna"), erase("anna", ERASED_AT)])
    for _ in range(3):
        try:
            clean(tried.store, [whole, broken])
        except OSError:
            assert tried.store.tombstones()[0].told is not None
    assert broken.asked == [(True, False, [])]
    assert len(whole.asked) == 2
    assert tried.store.tombstones()[0].told is None


def test_wiping_waits_for_readers() -> None:
    """While somebody reads the database, nothing counts as done."""

    class Read(MemoryStore):
        read = True

        def scrub(self) -> bool:
            return not self.read

    store = Read()
    Engine(store, LIBRARY, VirtualClock()).submit_many([known("anna"), erase("anna")])
    assert clean(store, []) == 0
    store.read = False
    assert (clean(store, []), clean(store, [])) == (1, 0)


def test_the_wish_of_a_stranger_is_kept_as_well() -> None:
    """Nobody of that id is here; what comes late of them is not taken all the same."""
    tried = engine()
    tried.submit(erase("anna", ERASED_AT))
    assert tried.submit(happened("anna", "Seen", ERASED_AT)).status == "duplicate"
    assert tried.submit(LATER).status == "accepted"
    assert tried.store.counts().get("erased", 0) == 0
    assert check(tried.store).differences == []
