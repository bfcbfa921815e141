"""What every channel promises. A channel's test is a subclass with a ``channel`` and a ``seen``.

A channel that does not carry everything says so beside them.
"""

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

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
    """``seen`` gives what arrived, as (address, subject, text), first things first.

    ``carries``: what of these travels; the rest is seen as "". ``refuses``: texts that fail.
    """

    hello: ClassVar[Message] = HELLO
    carries: ClassVar[frozenset[str]] = frozenset({"subject", "text"})
    refuses: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def seen(self, channel: Channel) -> list[tuple[str, str, str]]: ...

    def said(self, message: Message) -> tuple[str, str, str]:
        """What should be seen of a message."""
        subject = message.subject if "subject" in self.carries else ""
        return message.address, subject, message.text if "text" in self.carries else ""

    def test_a_message_arrives_as_it_was_written(self, channel: Channel) -> None:
        assert channel.deliver(self.hello).status in {"accepted", "delivered"}
        assert self.seen(channel) == [self.said(self.hello)]

    def test_a_repeat_under_the_same_key_does_what_the_channel_says(self, channel: Channel) -> None:
        """An idempotent channel knows the key again; another one would send twice, and says so."""
        outcomes = {channel.deliver(self.hello).status for _ in range(2)}
        assert outcomes <= {"accepted", "delivered"}
        assert len(self.seen(channel)) == (1 if channel.idempotent else 2)

    def test_two_keys_are_two_messages_whatever_they_say(self, channel: Channel) -> None:
        channel.deliver(self.hello)
        channel.deliver(replace(self.hello, key="angela:8:0"))
        assert len(self.seen(channel)) == 2

    @pytest.mark.parametrize("html", ["", "<p>" + "ö" * 2000 + "</p>"])
    @pytest.mark.parametrize("text", ["", ".", "a\n..\n.\nb", "ø – 😀 €", "x" * 3000, "\ttab "])
    def test_any_text_survives_the_way(self, channel: Channel, text: str, html: str) -> None:
        """Empty ones, dots, long lines and any script; or it fails, and nothing is sent."""
        message = replace(self.hello, text=text, html=html)
        outcome = channel.deliver(message)
        assert (outcome.status == "failed") == (text in self.refuses), outcome
        assert self.seen(channel) == ([] if text in self.refuses else [self.said(message)])

    def test_a_name_cannot_add_a_line(self, channel: Channel) -> None:
        """Nothing in name or subject becomes an address, a header or a second message."""
        evil = "A\r\nBcc: evil@example.org\r\n\r\nbody \x00 <evil@example.org>, B"
        channel.deliver(replace(self.hello, name=evil, subject="Hi " + evil))
        ((address, subject, text),) = self.seen(channel)
        assert (address, text) == self.said(self.hello)[::2]
        assert subject.startswith("Hi A" if "subject" in self.carries else "")

    def test_many_threads_may_deliver_at_once(self, channel: Channel) -> None:
        words = [f"No. {n}" for n in range(12)]
        messages = [replace(self.hello, key=w, subject=w, text=w) for w in words]
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(channel.deliver, messages))
        assert {o.status for o in outcomes} <= {"accepted", "delivered"}
        assert sorted(self.seen(channel)) == sorted(map(self.said, messages))

    def test_a_closed_channel_takes_nothing_and_says_so(self, channel: Channel) -> None:
        """It is closed once; what comes later is not lost, it is for another attempt."""
        channel.close()
        channel.close()
        assert channel.deliver(self.hello).status == "retry"
