"""Calls that people make."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from msgspec.structs import fields, replace
from tests.channels.contract import HELLO, ChannelContract

from ofone.channels.calls import Calls, CallTask, from_url
from ofone.domain.errors import NotFound, OfoneError, StoreError
from ofone.domain.messages import Message
from ofone.domain.times import DAY, HOUR
from ofone.runtime.ports import Channel

CALL = replace(HELLO, channel="call", address="+14155550123", html="")


@pytest.fixture
def calls() -> Iterator[Calls]:
    listed = Calls()
    listed.deliver(CALL)
    yield listed
    listed.close()


class TestCalls(ChannelContract):
    hello: ClassVar[Message] = CALL

    @pytest.fixture
    def channel(self) -> Iterator[Channel]:
        calls = Calls()
        yield calls
        calls.close()

    def seen(self, channel: Channel) -> list[tuple[str, str, str]]:
        assert isinstance(channel, Calls)
        return [(t.phone, t.about, t.say_first) for t in channel.open()]


class TestCallsInAFile(TestCalls):
    @pytest.fixture
    def channel(self, tmp_path: Path) -> Iterator[Channel]:
        calls = Calls(tmp_path / "calls.db")
        yield calls
        calls.close()


def test_a_task_says_whom_to_call_about_what_until_when(calls: Calls) -> None:
    (task,) = calls.open()
    assert task == CallTask(
        number=1,
        customer="angela",
        name="Angela Diaz",
        phone="+14155550123",
        about="Your visit on Tuesday",
        say_first=HELLO.text,
        made_at=HELLO.at,
        answer_by=HELLO.at + DAY,
    )


def test_a_caller_sees_nothing_of_how_the_customer_is_accompanied(calls: Calls) -> None:
    """No field for it; and what differs inside (key, thread, HTML) shows nowhere."""
    names = {field.name for field in fields(CallTask)}
    assert not names & {"key", "approach", "need", "needs", "html", "thread", "step_count"}
    other = Calls()
    other.deliver(replace(CALL, key="angela:99:4", thread="angela:3", html="<p>!</p>"))
    assert other.open() == calls.open()
    other.close()


def test_the_most_urgent_call_comes_first() -> None:
    calls = Calls(within=HOUR)
    for n, at in enumerate([30, 10, 20]):
        calls.deliver(replace(CALL, key=str(n), at=at))
    assert [t.made_at for t in calls.open(limit=2)] == [10, 20]
    assert [t.answer_by - t.made_at for t in calls.open()] == [HOUR] * 3
    calls.close()


def test_a_call_is_made_by_one_person(calls: Calls) -> None:
    assert calls.claim(1, "Ben").caller == "Ben"
    assert calls.claim(1, "Ben").caller == "Ben"
    with pytest.raises(OfoneError, match="call 1 is Ben's; ask Ben to give it back"):
        calls.claim(1, "Cleo")
    with pytest.raises(OfoneError, match="call 1 is Ben's"):
        calls.events_of(1, "reached", "Cleo", at=5)
    calls.give_back(1, "Cleo")
    assert calls.open()[0].caller == "Ben"
    calls.give_back(1, "Ben")
    assert calls.claim(1, "Cleo").caller == "Cleo"


def test_how_a_call_went_is_an_event(calls: Calls) -> None:
    """The same however often it is reported, so that a crash before it is closed counts once."""
    (event,) = calls.events_of(1, "not_reached", "Ben", at=HELLO.at + HOUR)
    assert (event.customer, event.name, event.at) == ("angela", "Call Made", HELLO.at + HOUR)
    assert event.properties == {
        "channel": "call",
        "outcome": "not_reached",
        "task": 1,
        "by": "Ben",
    }
    assert [t.number for t in calls.open()] == [1]
    calls.finish(1, "not_reached", "Ben")
    assert calls.open() == []
    assert calls.events_of(1, "not_reached", "Ben", at=HELLO.at + HOUR) == (event,)


def test_a_wish_not_to_be_called_comes_before_all_else(calls: Calls) -> None:
    """If the second event were lost, the wish would not be."""
    wish, made = calls.events_of(1, "no_calls", "Ben", at=5)
    assert (wish.name, wish.properties) == (
        "Consent Withdrawn",
        {"channel": "call", "wording": "Asked not to be called; told to Ben"},
    )
    assert wish.id != made.id


def test_an_event_keeps_its_id_when_the_list_is_begun_anew() -> None:
    """Numbers begin at 1 again; what was one call stays one, and two stay two."""
    ids = []
    for key in ("angela:7:0", "angela:7:0", "angela:8:0"):
        calls = Calls()
        calls.deliver(replace(CALL, key=key))
        ids.append(calls.events_of(1, "reached", "Ben", at=1)[0].id)
        calls.close()
    assert ids[0] == ids[1] != ids[2]
    assert "angela" not in ids[0]


def test_a_call_that_is_over_stays_as_it_was(calls: Calls) -> None:
    calls.finish(1, "reached", "Ben")
    assert calls.finish(1, "no_calls", "Cleo").ended == "reached"
    for attempt in (
        lambda: calls.claim(1, "Cleo"),
        lambda: calls.events_of(1, "no_calls", "Ben", at=1),
    ):
        with pytest.raises(OfoneError, match="call 1 is over: Ben says reached"):
            attempt()


def test_a_call_nobody_needs_any_more_is_taken_back(calls: Calls) -> None:
    """The customer acted; who had the call in mind is told so."""
    assert calls.take_back(CALL.key)
    assert not calls.take_back(CALL.key)
    assert not calls.take_back("another")
    assert calls.open() == []
    with pytest.raises(OfoneError, match="call 1 is not needed any more"):
        calls.claim(1, "Ben")


def test_a_repeat_does_not_open_a_call_again(calls: Calls) -> None:
    calls.finish(1, "reached", "Ben")
    assert calls.deliver(CALL).status == "accepted"
    assert calls.open() == []


@pytest.mark.parametrize("address", ["", "angela@example.org", "12", "+"])
def test_what_is_no_number_is_never_listed(address: str) -> None:
    calls = Calls()
    outcome = calls.deliver(replace(CALL, address=address))
    assert outcome.status == "failed"
    assert outcome.detail.endswith("is no number to call")
    assert calls.open() == []
    calls.close()


def test_a_call_that_is_not_there_is_not_found(calls: Calls) -> None:
    with pytest.raises(NotFound, match="there is no call 7; open calls are: 1"):
        calls.claim(7, "Ben")


def test_a_call_cannot_end_in_any_word(calls: Calls) -> None:
    with pytest.raises(OfoneError, match="it ends: reached, not_reached, wrong_number, no_calls"):
        calls.events_of(1, "sold", "Ben", at=1)  # type: ignore[arg-type]


def test_calls_are_remembered_over_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        calls = from_url(f"calls:{tmp_path}/my%20calls.db?within=2")
        calls.deliver(CALL)
        calls.close()
    calls = Calls(tmp_path / "my calls.db")
    assert [t.answer_by - t.made_at for t in calls.open()] == [2 * HOUR]
    calls.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "cannot read where calls are listed; write calls:calls.db"),
        ("calls:", "cannot read where calls are listed"),
        ("calls:x.db?until=5", "cannot read where calls are listed"),
        ("calls:x.db?within=soon", "within='soon': write whole hours, 1 to 10000"),
        ("calls:x.db?within=0", "write whole hours"),
    ],
)
def test_an_address_that_names_no_list_says_what_would(url: str, says: str) -> None:
    with pytest.raises(OfoneError) as caught:
        from_url(url)
    assert says in str(caught.value)


def test_a_list_is_made_with_its_first_call(tmp_path: Path) -> None:
    """Looking makes no file; a task does."""
    calls = Calls(tmp_path / "calls.db", later=True)
    assert (calls.open(), calls.count(), calls.taken_back(0)) == ([], 0, [])
    assert list(tmp_path.iterdir()) == []
    calls.deliver(CALL)
    assert calls.count() == 1
    calls.close()


def test_a_file_that_is_no_list_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("dear diary " * 500)
    with pytest.raises(StoreError, match=r"cannot open the calls .*notes.txt: file is not a"):
        Calls(tmp_path / "notes.txt")
