"""Webhooks, read by the library of the other side."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from standardwebhooks.webhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError
from tests.channels.contract import HELLO, ChannelContract
from tests.channels.web import LIES, Asked, Says, WebServer, free_port, liar, web_server

from ofone.channels.webhook import Webhook, from_url
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Outcome
from ofone.runtime.ports import Channel

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()


class System:
    """Checks signatures with its library and keeps each id once, as Standard Webhooks advise."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}

    def __call__(self, asked: Asked) -> Says:
        try:
            event = Receiver(SECRET).verify(asked.body, asked.headers)
        except WebhookVerificationError as error:
            return Says(401, str(error).encode())
        self.kept.setdefault(asked.headers["webhook-id"], event)
        return Says(204, b"")


@pytest.fixture
def system() -> System:
    return System()


@pytest.fixture
def server(system: System) -> Iterator[WebServer]:
    with web_server(system) as running:
        yield running


def sent(url: str, secret: str = SECRET, **settings: Any) -> Outcome:
    channel = Webhook(url, secret, **settings)
    try:
        return channel.deliver(HELLO)
    finally:
        channel.close()


class TestWebhook(ChannelContract):
    @pytest.fixture
    def channel(self, system: System, server: WebServer) -> Iterator[Channel]:
        self.system = system
        channel = Webhook(server.url, SECRET)
        yield channel
        channel.close()

    def seen(self, channel: Channel) -> list[tuple[str, str, str]]:
        data = [event["data"] for event in self.system.kept.values()]
        return [(d["address"], d["subject"], d["text"]) for d in data]


def test_a_webhook_says_whom_it_is_for_and_what_it_says(server: WebServer, system: System) -> None:
    assert sent(server.url) == Outcome(status="delivered", detail=f"{server.url[7:]}: 204")
    ((identity, event),) = system.kept.items()
    assert event["type"] == "message.requested"
    assert event["timestamp"] == "2026-03-10T14:20:00Z"
    assert event["data"]["to"] == {"kind": "customer", "id": "angela", "name": "Angela Diaz"}
    assert (event["data"]["id"], event["data"]["key"]) == (identity, HELLO.key)


def test_a_webhook_keeps_its_id_and_its_bytes_over_attempts(server: WebServer) -> None:
    """The receiver drops a repeat; the key cannot be read from the id, nor break a header."""
    channel = Webhook(server.url, SECRET)
    for key in ("anna.müller\r\n:1:0", "anna.müller\r\n:1:0", "b:1:0"):
        assert channel.deliver(replace(HELLO, key=key)).status == "delivered"
    channel.close()
    first, again, other = ((a.headers["webhook-id"], a.body) for a in server.asked)
    assert first == again
    assert first[0] != other[0]
    assert first[0].removeprefix("msg_").isalnum()


def test_a_receiver_with_another_secret_takes_nothing(server: WebServer) -> None:
    """It is our mistake, or theirs, not the message's: it waits until somebody mends it."""
    outcome = sent(server.url, "whsec_" + b64encode(b"x" * 32).decode())
    assert outcome.status == "retry"
    assert outcome.detail.endswith(
        "401 No matching signature found; check the address and the secret"
    )


@pytest.mark.parametrize(
    ("says", "status", "wait_s"),
    [
        (Says(200, b"<html>"), "delivered", 0),
        (Says(400, b'{"error": "no such template"}'), "failed", 0),
        (Says(410), "failed", 0),
        (Says(422), "failed", 0),
        (Says(404), "retry", 0),
        (Says(308, b"", {"Location": "https://evil.example/"}), "retry", 0),
        (Says(429, b"", {"Retry-After": "9"}), "retry", 9),
        (Says(500, b"\xff\0\r\n"), "retry", 0),
        (Says(504, b""), "retry", 0),
    ],
)
def test_an_answer_decides_what_becomes_of_a_webhook(
    says: Says, status: str, wait_s: float
) -> None:
    """4xx about this message: failed. All else: again, since the receiver knows the id."""
    with web_server(lambda _: says) as server:
        outcome = sent(server.url)
    assert (outcome.status, outcome.wait_s, len(server.asked)) == (status, wait_s, 1)
    assert outcome.detail.startswith(f"{server.url[7:]}: {says.status}")
    assert outcome.detail.isprintable()


@pytest.mark.parametrize("says", LIES.values(), ids=LIES)
def test_a_lost_answer_is_tried_again(says: bytes) -> None:
    with liar(says) as server:
        assert sent(server.url).status == "retry"


def test_silence_is_tried_again() -> None:
    with liar(b"HTTP", holds=True) as server:
        assert sent(server.url, timeout_s=0.1).detail.endswith("no answer within 0.1 s")
    assert sent(f"http://127.0.0.1:{free_port()}").status == "retry"


def test_a_name_that_leads_into_our_network_is_not_followed() -> None:
    """Not even by https; who wants it says so."""
    inside: dict[str, Any] = {"lookup": lambda *_: ["127.0.0.1"]}
    url = f"https://hooks.example:{free_port()}/"
    assert sent(url, **inside).detail.endswith("which is not a public address")
    assert "refused" in sent(url, private=True, **inside).detail


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/hook", "ftp://example.com", "example.com", "", "https://"),
        *("https://me:secret@example.com/", "https://exämple.com/", "https://e.com/a b"),
        *("https://e.com/\r\nX: y", "https://e.com:port/", "https://[::1/"),
    ],
)
def test_an_address_that_is_not_safe_is_refused_at_once(url: str) -> None:
    with pytest.raises(OfoneError, match=r"write webhook\+https://"):
        Webhook(url, SECRET)


@pytest.mark.parametrize("secret", ["", "hunter2", "whsec_", "whsec_!!!!", "whsec_" + "QUJD" * 3])
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(OfoneError, match="must be whsec_ and base64 of 24 to 64 bytes") as caught:
        Webhook("https://example.com/", secret)
    assert "hunter2" not in str(caught.value)
    assert "QUJD" not in str(caught.value)


def test_a_receiver_is_named_by_an_address(server: WebServer, system: System) -> None:
    """The secret is not sent along; the receiver's own query is."""
    channel = from_url(f"webhook+{server.url}/hook?team=7&secret={SECRET}&x=a%20b")
    assert channel.deliver(HELLO).status == "delivered"
    channel.close()
    assert server.asked[0].path == "/hook?team=7&x=a%20b"
    assert msgspec.json.decode(server.asked[0].body)["data"]["id"] in system.kept


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://e.com/", "no webhook's address; write webhook+https"),
        ("webhook+https://e.com/", "no secret to sign with; write webhook+https"),
        ("webhook+http://e.com/?secret=x", "by http only to this machine"),
        ("webhook+https://e.com/?secret=x", "secret must be whsec_"),
        (f"webhook+https://e.com/?secret={SECRET}&private=yes", "private='yes' means nothing"),
        ("webhook+https://[e.com/", "cannot read the receiver's address: Invalid IPv6"),
    ],
)
def test_an_address_that_names_no_receiver_says_what_would(url: str, says: str) -> None:
    with pytest.raises(OfoneError) as caught:
        from_url(url)
    assert says in str(caught.value)
