"""What every channel promises. A channel's test is a subclass with a ``channel`` and a ``seen``."""

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from ofone.domain.messages import Message
from ofone.runtime.ports import Channel

HELLO = Message(
    key="angela:7:0",
    to_kind="customer",
    who="angela",
    name="Angela Diaz",
    channel="email",
    address="angela@example.org",
    subject="Your visit on Tuesday",
    text="Hello Angela,\n\n.it is at 10:20 – bring your card.",
    html="<p>Hello Angela</p>",
    at=1_773_152_400_000_000,
    thread="angela:1",
)


class ChannelContract(ABC):
    """``seen`` gives what arrived, as (address, subject, text), first things first."""

    @abstractmethod
    def seen(self, channel: Channel) -> list[tuple[str, str, str]]: ...

    def test_a_message_arrives_as_it_was_written(self, channel: Channel) -> None:
        assert channel.deliver(HELLO).status in {"accepted", "delivered"}
        assert self.seen(channel) == [(HELLO.address, HELLO.subject, HELLO.text)]

    def test_a_repeat_under_the_same_key_does_what_the_channel_says(self, channel: Channel) -> None:
        """An idempotent channel knows the key again; another one would send twice, and says so."""
        outcomes = {channel.deliver(HELLO).status for _ in range(2)}
        assert outcomes <= {"accepted", "delivered"}
        assert len(self.seen(channel)) == (1 if channel.idempotent else 2)

    def test_two_keys_are_two_messages_whatever_they_say(self, channel: Channel) -> None:
        channel.deliver(HELLO)
        channel.deliver(replace(HELLO, key="angela:8:0"))
        assert len(self.seen(channel)) == 2

    @pytest.mark.parametrize("html", ["", "<p>" + "ö" * 2000 + "</p>"])
    @pytest.mark.parametrize("text", ["", ".", "a\n..\n.\nb", "ø – 😀 €", "x" * 3000, "\ttab "])
    def test_any_text_survives_the_way(self, channel: Channel, text: str, html: str) -> None:
        """Empty ones, dots, long lines and any script."""
        channel.deliver(replace(HELLO, text=text, html=html))
        assert self.seen(channel) == [(HELLO.address, HELLO.subject, text)]

    def test_a_name_cannot_add_a_line(self, channel: Channel) -> None:
        """Nothing in name or subject becomes an address, a header or a second message."""
        evil = "A\r\nBcc: evil@example.org\r\n\r\nbody \x00 <evil@example.org>, B"
        channel.deliver(replace(HELLO, name=evil, subject="Hi " + evil))
        ((address, subject, text),) = self.seen(channel)
        assert (address, text) == (HELLO.address, HELLO.text)
        assert subject.startswith("Hi A")

    def test_many_threads_may_deliver_at_once(self, channel: Channel) -> None:
        messages = [replace(HELLO, key=str(n), subject=f"No. {n}") for n in range(12)]
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(channel.deliver, messages))
        assert {o.status for o in outcomes} <= {"accepted", "delivered"}
        assert sorted(s for _, s, _ in self.seen(channel)) == sorted(m.subject for m in messages)

    def test_a_closed_channel_takes_nothing_and_says_so(self, channel: Channel) -> None:
        """It is closed once; what comes later is not lost, it is for another attempt."""
        channel.close()
        channel.close()
        assert channel.deliver(HELLO).status == "retry"
