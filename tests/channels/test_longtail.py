"""The long tail, against a real server that one of Apprise's services speaks to."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec
import pytest
from msgspec.structs import replace
from tests.channels.contract import HELLO, ChannelContract
from tests.channels.web import LIES, Says, WebServer, free_port, liar, web_server

from ofone.channels.longtail import LongTail, from_url
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Message, Outcome
from ofone.runtime.ports import Channel

# One of Apprise's many services still imports it, on the first use of any.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def to(url: str, path: str = "/{address}") -> LongTail:
    return LongTail("teamchat", url.replace("http://", "json://") + path)


def sent(url: str, path: str = "/{address}?rto=5") -> Outcome:
    return to(url, path).deliver(HELLO)


class TestLongTail(ChannelContract):
    refuses: ClassVar[tuple[str, ...]] = ("",)

    @pytest.fixture
    def channel(self, server: WebServer) -> Iterator[Channel]:
        self.server = server
        channel = to(server.url)
        yield channel
        channel.close()

    def said(self, message: Message) -> tuple[str, str, str]:
        return message.address, message.subject, message.text.rstrip()

    def seen(self, channel: Channel) -> list[tuple[str, str, str]]:
        bodies = [msgspec.json.decode(asked.body) for asked in self.server.asked]
        return [(HELLO.address, body["title"], body["message"]) for body in bodies]


def test_an_address_cannot_leave_its_place(server: WebServer) -> None:
    """It is the customer's, and goes where the company's address has a place for it."""
    evil = "../../admin?x=1#y @evil.example/"
    assert to(server.url).deliver(replace(HELLO, address=evil)).status == "accepted"
    (asked,) = server.asked
    assert "?x" not in asked.path
    assert "admin" in asked.path
    assert asked.headers["host"] == f"127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("says", "status"),
    [
        (Says(200, b"<html>"), "accepted"),
        (Says(204, b""), "accepted"),
        (Says(400), "failed"),
        (Says(401), "retry"),
        (Says(404), "retry"),
        (Says(429, b"", {"Retry-After": "9"}), "retry"),
        (Says(503), "retry"),
        (Says(500), "unknown"),
        (Says(502), "unknown"),
        (Says(302, b"", {"Location": "/elsewhere"}), "unknown"),
    ],
)
def test_a_no_is_unknown_unless_it_is_a_refusal(says: Says, status: str) -> None:
    with web_server(lambda _: says) as server:
        outcome = sent(server.url)
    assert (outcome.status, len(server.asked)) == (status, 1)
    assert outcome.detail.startswith("teamchat: ")


@pytest.mark.parametrize("name", ["hangs up", "half a header", "no HTTP", "a header that is none"])
def test_a_lost_answer_is_unknown(name: str) -> None:
    with liar(LIES[name]) as server:
        assert sent(server.url).status in ("unknown", "accepted")


def test_silence_is_unknown() -> None:
    """Also where nobody listens: Apprise tells a closed door from a lost answer in no way."""
    with liar(b"", holds=True) as server:
        assert sent(server.url, "/?rto=0.1").status == "unknown"
    assert sent(f"http://127.0.0.1:{free_port()}").status == "unknown"


def test_a_delivery_ends_by_its_deadline() -> None:
    with liar(b"HTTP/1.1 200 OK\r\nX: x", drips=True) as server:
        url = server.url.replace("http://", "json://")
        assert LongTail("teamchat", url, timeout_s=0.3).deliver(HELLO).status == "unknown"


def test_a_message_for_several_may_have_reached_one() -> None:
    """Refused once, taken once: to try again would be twice for the one."""
    answers = iter([Says(200), Says(429)])
    with web_server(lambda _: next(answers)) as server:
        long = replace(HELLO, text="word " * 8000)
        outcome = to(server.url, "/?overflow=split").deliver(long)
    assert (outcome.status, len(server.asked)) == ("unknown", 2)


@pytest.mark.parametrize(
    ("url", "name"),
    [("apprise:json://127.0.0.1:1/x", "json"), ("apprise:desk=jsons://example.com/", "desk")],
)
def test_a_service_is_named_by_an_address(url: str, name: str) -> None:
    assert from_url(url).name == name


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "cannot read which service is meant; write apprise:teamchat=slack://"),
        ("slack://a/b/c", "cannot read which service is meant"),
        ("apprise:Desk 1=json://x", "cannot read which service is meant"),
        ("apprise:carrierpigeon://SECRET", "carrierpigeon: no service of Apprise is spoken to"),
        (
            "apprise:slack://SECRET",
            "slack: no service of Apprise is spoken to like this (slack://…",
        ),
    ],
)
def test_an_address_that_names_no_service_says_what_would(url: str, says: str) -> None:
    with pytest.raises(OfoneError) as caught:
        from_url(url)
    assert says in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_an_address_the_service_cannot_have_is_not_tried() -> None:
    channel = from_url("apprise:whatsapp://TOKENTOKEN@1234567890/{address}")
    outcome = channel.deliver(replace(HELLO, address="angela"))
    assert outcome.status == "failed"
