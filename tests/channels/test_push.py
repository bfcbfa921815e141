"""Web Push, against a push service that decrypts as a browser would."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import http_ece  # type: ignore[import-untyped]
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from py_vapid import Vapid02  # type: ignore[import-untyped]
from tests.channels.contract import HELLO, ChannelContract
from tests.channels.web import LIES, Asked, Says, WebServer, free_port, liar, web_server

from ofone.channels.push import Push, from_url
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Message, Outcome
from ofone.domain.state import Dated, Profile
from ofone.profiles.fold import fold
from ofone.runtime.ports import Channel

AUTH = bytes(range(16))
BROWSER = ec.generate_private_key(ec.SECP256R1())


def pem(key: Any) -> bytes:
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return written


KEY = pem(ec.generate_private_key(ec.SECP256R1()))


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


POINT = BROWSER.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def subscription(endpoint: str, point: bytes = POINT) -> str:
    keys = {"p256dh": b64(point), "auth": b64(AUTH)}
    return msgspec.json.encode({"endpoint": endpoint, "keys": keys}).decode()


class Service:
    """Keeps what waits for a browser by topic, and lets only the company's key in."""

    def __init__(self) -> None:
        self.waiting: dict[str, dict[str, Any]] = {}

    def __call__(self, asked: Asked) -> Says:
        if not Vapid02.verify(asked.headers["authorization"]):
            return Says(403, b"unauthorized registration")
        plain = http_ece.decrypt(asked.body, private_key=BROWSER, auth_secret=AUTH)
        self.waiting[asked.headers["topic"]] = msgspec.json.decode(plain)
        return Says(201, b"", {"Location": "/message/1"})


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def server(service: Service) -> Iterator[WebServer]:
    with web_server(service) as running:
        yield running


def hello(url: str, **changed: Any) -> Message:
    return replace(HELLO, channel="push", address=subscription(f"{url}/send/abc"), **changed)


def sent(url: str, **settings: Any) -> Outcome:
    channel = Push(KEY, "mailto:a@harbor.example", private=True, **settings)
    try:
        return channel.deliver(hello(url))
    finally:
        channel.close()


class TestPush(ChannelContract):
    carries: ClassVar[frozenset[str]] = frozenset({"subject"})

    @pytest.fixture
    def channel(self, service: Service, server: WebServer) -> Iterator[Channel]:
        self.service = service
        self.hello: Message = hello(server.url)  # type: ignore[misc]
        channel = Push(KEY, "mailto:a@harbor.example", private=True)
        yield channel
        channel.close()

    def seen(self, channel: Channel) -> list[tuple[str, str, str]]:
        return [(self.hello.address, p["title"], "") for p in self.service.waiting.values()]


def test_a_push_says_how_long_it_waits_and_how_much_it_matters(server: WebServer) -> None:
    assert sent(server.url, ttl_s=60, urgency="high").status == "accepted"
    (asked,) = server.asked
    assert (asked.path, asked.headers["ttl"], asked.headers["urgency"]) == (
        "/send/abc",
        "60",
        "high",
    )
    assert len(asked.headers["topic"]) == 32


def test_a_lock_screen_shows_the_subject_and_nothing_else(
    server: WebServer, service: Service
) -> None:
    """No word of the text, and no key, leaves in a push, not even encrypted."""
    sent(server.url)
    ((topic, payload),) = service.waiting.items()
    assert payload == {"title": HELLO.subject, "tag": topic, "timestamp": HELLO.at // 1000}
    assert b"Tuesday" not in server.asked[0].body


def test_a_browser_subscribes_to_the_key_that_signs(server: WebServer) -> None:
    channel = Push(KEY, "mailto:a@harbor.example", private=True)
    channel.deliver(hello(server.url))
    channel.close()
    assert server.asked[0].headers["authorization"].endswith(f",k={channel.public}")


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_forgotten(status: int) -> None:
    """The event is the same over all attempts; a newer subscription is not touched by it."""
    with web_server(lambda _: Says(status, b"gone")) as server:
        first, again = sent(server.url), sent(server.url)
    assert first.status == "failed"
    assert first.learned == again.learned
    (event,) = first.learned
    old = fold(Profile(traits={"push": Dated("{}", HELLO.at - 1)}), event)
    new = fold(Profile(traits={"push": Dated("{}", HELLO.at + 1)}), event)
    assert (old.traits["push"].value, new.traits["push"].value) == (None, "{}")


@pytest.mark.parametrize(
    ("says", "status", "wait_s"),
    [
        (Says(202, b"<html>"), "accepted", 0),
        (Says(400, b"bad"), "failed", 0),
        (Says(413), "failed", 0),
        (Says(401), "retry", 0),
        (Says(403, b"x" * 5000), "retry", 0),
        (Says(307, b"", {"Location": "http://169.254.169.254/"}), "retry", 0),
        (Says(429, b"", {"Retry-After": "30"}), "retry", 30),
        (Says(500, b"\xff"), "retry", 0),
    ],
)
def test_an_answer_decides_what_becomes_of_a_push(says: Says, status: str, wait_s: float) -> None:
    with web_server(lambda _: says) as server:
        outcome = sent(server.url)
    assert (outcome.status, outcome.wait_s, outcome.learned) == (status, wait_s, ())
    assert outcome.detail.startswith(f"{server.url[7:]}: {says.status}")
    assert ("check the key" in outcome.detail) == (says.status in (401, 403))
    assert "/send/abc" not in outcome.detail


@pytest.mark.parametrize("says", LIES.values(), ids=LIES)
def test_a_lost_answer_is_tried_again(says: bytes) -> None:
    """Under the same topic: a repeat replaces what still waits."""
    with liar(says) as server:
        assert sent(server.url).status == "retry"


def test_silence_is_tried_again() -> None:
    with liar(b"", holds=True) as server:
        assert sent(server.url, timeout_s=0.1).status == "retry"
    assert sent(f"http://127.0.0.1:{free_port()}").status == "retry"


@pytest.mark.parametrize(
    "address",
    [
        *("", "angela", "{}", "[]", '{"endpoint": "https://x.example"}'),
        subscription("http://push.example/1"),
        subscription("file:///etc/passwd"),
        subscription("https://"),
        subscription("https://x.example:port/"),
        subscription("https://ü.example/"),
        subscription("https://x.example/\r\nX: y"),
        subscription("https://me:pw@x.example/"),
        subscription("https://x.example/").replace(b64(AUTH), "AAAA"),
        subscription("https://x.example/").replace(b64(AUTH), "ü"),
        subscription("https://x.example/", point=b"\x04\x00"),
        subscription("https://x.example/", point=b"\x04" * 65),
    ],
)
def test_what_is_no_subscription_is_never_tried(address: str) -> None:
    """It comes from a browser: where it leads and what it holds is checked before."""
    channel = Push(KEY, "mailto:a@harbor.example", lookup=lambda *_: [])
    assert channel.deliver(replace(HELLO, address=address)).status == "failed"
    channel.close()


@given(st.text())
def test_any_address_has_an_outcome(address: str) -> None:
    assert PUSH.deliver(replace(HELLO, address=address)).status == "failed"


PUSH = Push(KEY, "https://harbor.example", lookup=lambda *_: ["10.0.0.1"])


def test_a_subscription_cannot_lead_into_our_network() -> None:
    outcome = PUSH.deliver(replace(HELLO, address=subscription("https://push.example/1")))
    assert outcome.status == "retry"
    assert outcome.detail == (
        "push.example: push.example leads to 10.0.0.1, which is not a public address"
    )


@pytest.mark.parametrize(("subject", "says"), [("", "write one"), ("x" * 3000, "bytes of 3000")])
def test_a_subject_that_cannot_be_shown_is_not_sent(subject: str, says: str) -> None:
    outcome = PUSH.deliver(hello("https://push.example", subject=subject))
    assert outcome.status == "failed"
    assert says in outcome.detail


def test_a_key_is_named_by_an_address(tmp_path: Path) -> None:
    (tmp_path / "my key.pem").write_bytes(KEY)
    url = f"vapid:{tmp_path}/my%20key.pem?subject=mailto:a+b@harbor.example&ttl=2&urgency=low"
    channel = from_url(url)
    assert channel.public == PUSH.public
    channel.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("vapid:", "cannot read where the key for pushes is; write vapid:vapid.pem?subject="),
        ("vapid:k.pem", "cannot read where the key for pushes is"),
        (
            "vapid:nowhere.pem?subject=mailto:a@b",
            "No such file or directory; make one with: openssl",
        ),
        ("vapid:k.pem?subject=mailto:a@b&ttl=1.5", "write whole hours, at most 672"),
        ("vapid:k.pem?subject=mailto:a@b&urgency=now", "write very-low, low, normal, high"),
        ("vapid:k.pem?topic=x", "unknown setting 'topic'; settings are: subject"),
    ],
)
def test_an_address_that_names_no_key_says_what_would(url: str, says: str) -> None:
    with pytest.raises(OfoneError) as caught:
        from_url(url)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        *(b"", b"dear diary"),
        pem(ed25519.Ed25519PrivateKey.generate()),
        pem(ec.generate_private_key(ec.SECP384R1())),
    ],
)
def test_a_key_that_is_none_is_refused_at_once(key: bytes) -> None:
    with pytest.raises(OfoneError, match="must be a P-256 private key in PEM; make one with"):
        Push(key, "mailto:a@harbor.example")


@pytest.mark.parametrize("subject", ["", "angela", "mailto:", "http://harbor.example"])
def test_a_subject_must_be_somebody_to_ask(subject: str) -> None:
    with pytest.raises(OfoneError, match="is nobody to ask; write subject=mailto:service@"):
        Push(KEY, subject)
