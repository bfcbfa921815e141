"""Tokens: unguessable, of one kind each, and without a word about anybody."""

from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.runtime.small import LIBRARY, MONDAY, happened, known

from ofone.domain.state import CustomerState, Journey
from ofone.domain.times import DAY
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


def begun(customer: str, *, at: int = MONDAY) -> CustomerState:
    """Somebody with one journey."""
    journey = Journey(number=0, playbook="small", version="1", key="one", started=at)
    return CustomerState(customer=customer, journeys=(journey,), now=at)


@given(st.text(), st.text(alphabet="abcXYZ019-_=", min_size=20, max_size=28))
def test_no_text_is_a_token(anything: str, likely: str) -> None:
    """Whatever somebody sends as a link."""
    made, anna = links(), begun("anna")
    made.token(anna, 0, MONDAY)
    assert made.opened(anything, MONDAY, lambda _: anna) is None
    assert made.opened(likely, MONDAY, lambda _: anna) is None


@given(st.integers(-(10**18), 10**18), st.integers(1, 3650))
def test_a_link_lives_as_long_as_it_says(at: int, life: int) -> None:
    """Whenever it is made, also in a rehearsal far from now: at least ``life`` days, where days
    can still be counted (until 2149), and a month more at most.
    """
    made, anna = Links(MemoryStore(), BASE, life=life), begun("anna")
    token = made.token(anna, 0, at)
    end = int.from_bytes(urlsafe_b64decode(token)[16:], "big") * DAY
    first = made.opened(token, end - 1, lambda _: anna)
    last = made.opened(token, end, lambda _: anna)
    assert (first and first.link, last and last.link) == ("open", "expired")
    if 0 <= at < 60_000 * DAY:
        assert life * DAY < end - at <= (life + 30) * DAY


def test_no_name_can_be_made_to_look_like_another_token() -> None:
    """Sources choose names; whatever stands in one, it is not read as the next word."""
    made = links()
    tricky = ["a", "a\x1f0", "a\x1f0\x1f0", "a\0", "", "\ud800", "ä"]
    tokens = [made.token(begun(name), n, MONDAY) for name in tricky for n in (0, 1, 10)]
    assert len(set(tokens)) == len(tokens)
    assert made.seal("a", "b") != made.seal("ab") != made.seal("a\x1fb")


def test_a_code_is_six_digits_and_another_for_every_key() -> None:
    """Of a thousand, hardly two are alike; the same key gives the same code."""
    made = links()
    codes = [made.code(f"anna:{n}:0") for n in range(1_000)]
    assert all(len(c) == 6 and c.isdecimal() for c in codes)
    assert len(set(codes)) > 990
    assert made.code("anna:7:0") == codes[7]


def test_a_link_that_is_known_is_not_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are drawn more often than links are made, and a transaction takes its time."""
    made, anna = links(), begun("anna")
    made.token(anna, 0, MONDAY)
    monkeypatch.setattr(MemoryStore, "link", lambda *_: pytest.fail("written again"))
    made.token(anna, 0, MONDAY)
