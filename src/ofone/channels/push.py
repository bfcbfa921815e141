"""Web Push: encrypted to one browser (RFC 8291), signed as the company (VAPID, RFC 8292).

A lock screen is read by whoever passes: only the subject travels, which names nothing of health.
A push is asked for under a topic made of the message's key. A repeat replaces one that still waits
(RFC 8030 §5.4), and the browser replaces one that is shown (``tag``): what has no answer is tried
again. The one thing a repeat can do is to show again what was wiped away.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import unquote, urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from msgspec import Struct
from py_vapid import Vapid02, VapidException  # type: ignore[import-untyped]
from pywebpush import WebPusher, WebPushException  # type: ignore[import-untyped]

from ofone.channels.http import Answer, Http, Lookup, NoAnswer, settings
from ofone.conversations.templates import printable
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened
from ofone.domain.messages import Message, Outcome

Urgency = Literal["very-low", "low", "normal", "high"]

LONGEST_PAYLOAD = 3000
"""Bytes before encryption; every push service takes 4096 after it."""
FORGOTTEN = "Push Subscription Ended"

_LONGEST = 300
"""Characters kept of what a push service says."""
_EXPIRES_S = 12 * 3600
_SETTINGS = {
    "subject": "who to ask about our pushes: mailto:… or https://…",
    "ttl": "hours that a push waits for a browser that is away; 24 unless said",
    "urgency": "very-low, low, normal or high; normal unless said",
}
_LIKE = "vapid:vapid.pem?subject=mailto:service@example.com"


class _Keys(Struct):
    p256dh: str
    auth: str


class _Subscription(Struct):
    """What a browser gives us (Push API, ``PushSubscription.toJSON``)."""

    endpoint: str
    keys: _Keys


class Push:
    """Pushes to browsers. Thread-safe. The address of a message is its subscription as JSON text.

    ``key`` is the PEM of a P-256 private key; browsers subscribe to its ``public``. ``subject`` is
    whom a push service asks about us. ``ttl_s``: how long a push waits for a browser that is away.
    ``private`` lets a push service live on this machine, for tests.

    Raises OfoneError for a key or a subject that is none.
    """

    name = "push"
    idempotent = True

    def __init__(
        self,
        key: bytes,
        subject: str,
        *,
        ttl_s: int = 24 * 3600,
        urgency: Urgency = "normal",
        private: bool = False,
        timeout_s: float = 20.0,
        lookup: Lookup | None = None,
    ) -> None:
        owner = _private_key(key)
        self._vapid = Vapid02(owner)
        point = owner.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = urlsafe_b64encode(point).decode().rstrip("=")
        self._subject = subject
        self._headers = {"TTL": str(ttl_s), "Urgency": urgency, "Content-Encoding": "aes128gcm"}
        self._private = private
        try:
            self._signed("https://push.example")
        except VapidException:
            raise OfoneError(
                f"{subject!r} is nobody to ask; write subject=mailto:service@example.com"
            ) from None
        self._http = Http(timeout_s=timeout_s, private=private, lookup=lookup)

    def deliver(self, message: Message) -> Outcome:
        """Hand one push to the browser's push service; details name the service, never the address.

        ``failed`` when the subscription is none, or is gone (then that is ``learned``: its address
        is forgotten); ``retry`` on everything that may pass, a lost answer too.
        """
        topic = urlsafe_b64encode(sha256(message.key.encode()).digest()).decode()[:32]
        payload = write(message, topic)
        place = "the push service"
        try:
            if not printable(message.subject):
                raise ValueError("a push shows its subject, and there is none; write one")
            if len(payload) > LONGEST_PAYLOAD:
                raise ValueError(f"the subject takes {len(payload)} bytes of {LONGEST_PAYLOAD}")
            target = self._subscription(message.address)
            place = str(urlsplit(target.endpoint).netloc)
            body: bytes = WebPusher(msgspec.to_builtins(target)).encode(payload)["body"]
            headers = self._headers | self._signed(target.endpoint) | {"Topic": topic}
        except (ValueError, VapidException, WebPushException) as error:
            return Outcome(status="failed", detail=printable(f"{place}: {error}")[:_LONGEST])
        answer = self._http.send("POST", target.endpoint, headers, body)
        if isinstance(answer, NoAnswer):
            return Outcome(status="retry", detail=printable(f"{place}: {answer.why}")[:_LONGEST])
        return _judged(message, place, answer)

    def close(self) -> None:
        """Close the connections; may be called again."""
        self._http.close()

    def _signed(self, endpoint: str) -> dict[str, str]:
        parts = urlsplit(endpoint)
        claims = {
            "sub": self._subject,
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + _EXPIRES_S,
        }
        signed: dict[str, str] = self._vapid.sign(claims)
        return signed

    def _subscription(self, address: str) -> _Subscription:
        """Raises ValueError: a browser's word is not to be trusted, least with where we connect."""
        try:
            found = msgspec.json.decode(address, type=_Subscription)
            url = urlsplit(found.endpoint)
            _ = url.port
            secret = found.keys.auth + "=" * (-len(found.keys.auth) % 4)
            whole = len(urlsafe_b64decode(secret)) == 16
        except (msgspec.DecodeError, NoBase64, ValueError):
            raise ValueError(
                'the address is no subscription; it is {"endpoint": …, "keys": {"p256dh": …, '
                '"auth": …}} as the browser gives it'
            ) from None
        safe = url.scheme == "https" or (self._private and url.scheme == "http")
        if not (
            safe and url.hostname and found.endpoint.isascii() and found.endpoint.isprintable()
        ):
            raise ValueError("the subscription's endpoint is no https address")
        if not whole or url.username:
            raise ValueError("the subscription's keys are none")
        return found


def from_url(text: str) -> Push:
    """The channel of ``vapid:FILE.pem?subject=mailto:…``. Raises OfoneError."""
    url, said = settings(text, _SETTINGS, _LIKE)
    if url.scheme != "vapid" or not url.path or "subject" not in said:
        raise OfoneError(f"cannot read where the key for pushes is; write {_LIKE}")
    ttl, urgency = said.get("ttl", "24"), said.get("urgency", "normal")
    if not (ttl.isascii() and ttl.isdigit() and int(ttl[:6]) <= 24 * 28):
        raise OfoneError(f"ttl={ttl!r}: write whole hours, at most {24 * 28} (four weeks)")
    if urgency not in get_args(Urgency):
        raise OfoneError(f"urgency={urgency!r}: write {', '.join(get_args(Urgency))}")
    file = Path(unquote(url.path))
    try:
        key = file.read_bytes()
    except OSError as error:
        raise OfoneError(
            f"the key for pushes cannot be read: {file}: {error.strerror}; make one with: "
            f"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {file}"
        ) from None
    return Push(
        key,
        said["subject"],
        ttl_s=int(ttl) * 3600,
        urgency=msgspec.convert(urgency, Urgency),
    )


def write(message: Message, topic: str) -> bytes:
    """What the service worker reads: the title to show, the tag to show it under, and when (ms)."""
    said = {"title": printable(message.subject), "tag": topic, "timestamp": message.at // 1000}
    return msgspec.json.encode(said)


def _judged(message: Message, place: str, answer: Answer) -> Outcome:
    said = f"{place}: {answer.status} {answer.body[:_LONGEST].decode('utf-8', 'replace')}"
    detail = printable(said)[:_LONGEST]
    if answer.status // 100 == 2:
        return Outcome(status="accepted", detail=detail)
    if answer.status in (404, 410):
        return Outcome(status="failed", detail=detail, learned=_forgotten(message))
    if answer.status in (400, 413):
        return Outcome(status="failed", detail=detail)
    if answer.status in (401, 403):
        detail = f"{detail[: _LONGEST - 60]}; check the key and its subject"
    return Outcome(status="retry", detail=detail, wait_s=answer.wait_s(time.time()))


def _forgotten(message: Message) -> tuple[Happened, ...]:
    """The browser took the subscription back: the address is not known any more."""
    if message.to_kind != "customer":
        return ()
    event = Happened(
        id=f"{message.key}:gone",
        customer=message.who,
        name=FORGOTTEN,
        at=message.at,
        traits={"push": None},
        source="push",
    )
    return (event,)


def _private_key(pem: bytes) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise OfoneError(
            "the key for pushes must be a P-256 private key in PEM; make one with: "
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out vapid.pem"
        )
    return key
