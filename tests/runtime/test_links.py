"""Tokens: unguessable, of one kind each, and without a word about anybody."""

import pytest
from tests.runtime.small import LIBRARY, MONDAY, happened, known

from ofone.domain.state import CustomerState
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.stores.memory import MemoryStore

BASE = "https://a.example"
ANNA = CustomerState(customer="anna", journeys=(), now=MONDAY)


def links() -> Links:
    return Links(MemoryStore(), BASE)


def last(address: str) -> str:
    return address.rpartition("/")[2]


def test_a_token_of_one_kind_opens_nothing_of_another() -> None:
    """Who sees a Message-ID can neither read the tracker nor end the messages."""
    made = links()
    tracker = made.token(ANNA, 0, MONDAY)
    leave = last(made.leave("anna", "email", "service"))
    thread, letter = made.thread("anna", 0), made.letter("anna", "anna:2:0")
    assert len({tracker, leave, thread, letter, made.appointment("anna", 0, "visit")}) == 5
    assert [made.leaving(t) for t in (tracker, thread, letter, "", "ä")] == [None] * 5
    assert [made.thread_of(t) for t in (tracker, leave, letter)] == [None] * 3
    assert [made.letter_of(t) for t in (tracker, leave, thread)] == [None] * 3
    assert {made.store.linked(t) for t in (leave, letter)} == {("anna", -1)}


def test_the_way_out_is_for_one_channel_and_one_purpose() -> None:
    """The token says which; nothing of it can be read from the token."""
    made = links()
    service = made.leave("anna", "email", "service")
    assert made.leaving(last(service)) == ("anna", "email", "service")
    marketing = made.leave("anna", "email", "marketing")
    assert made.leaving(last(marketing)) == ("anna", "email", "marketing")
    assert "anna" not in service + marketing


def test_a_letter_leads_back_to_its_effect_and_a_thread_to_its_journey() -> None:
    store = MemoryStore()
    engine, made = Engine(store, LIBRARY, VirtualClock()), Links(store, BASE)
    for event in (known("anna"), happened("anna", "Started", case="one")):
        engine.submit(event)
    (row,) = store.effects("anna")
    found = made.letter_of(made.letter("anna", row.key))
    assert found is not None
    assert (found.key, found.at) == (row.key, MONDAY)
    assert made.thread_of(made.thread("anna", 3)) == ("anna", 3)


def test_another_stores_tokens_are_other_ones() -> None:
    """Each store has a secret of its own."""
    assert links().token(ANNA, 0, MONDAY) != links().token(ANNA, 0, MONDAY)


def test_what_is_gathered_opens_nothing_until_it_is_kept() -> None:
    """One transaction for all the links of a round of messages."""
    made = links()
    gathered = made.gathering()
    token = gathered.token(ANNA, 0, MONDAY)
    assert made.store.linked(token) is None
    gathered.keep()
    gathered.keep()
    assert made.store.linked(token) == ("anna", 0)


@pytest.mark.parametrize("remember", [True, False])
def test_who_only_reads_makes_no_link(remember: bool) -> None:
    store = MemoryStore()
    token = Links(store, BASE, remember=remember).token(ANNA, 0, MONDAY)
    assert (store.linked(token) is not None) == remember
