"""Messages to the company's own systems, as webhooks signed by the Standard Webhooks rules.

The id of a webhook is made of the message's key and is the same over all attempts, so a receiver
that drops repeats may be told again: what has no answer is tried again.
"""

import re
import time
from base64 import b64decode
from binascii import Error as NoBase64
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec
from standardwebhooks.webhooks import Webhook as Signer

from ofone.channels.http import Answer, Http, Lookup, NoAnswer
from ofone.conversations.templates import printable
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import iso

_LONGEST = 300
"""Characters kept of what a receiver says."""
_LATER = frozenset({408, 421, 425, 429})
_OURS = frozenset({401, 403, 404, 405, 407, 411, 415})
"""Answers about the address or the secret: no message is to blame, all may be tried again."""
_LIKE = "webhook+https://example.com/messages?secret=whsec_…"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Webhook:
    """One receiver. Thread-safe.

    ``secret`` is ``whsec_`` and base64 of 24 to 64 bytes, as Standard Webhooks has it. ``private``:
    whether the receiver may have an address that is not public; redirects are never followed.

    Raises OfoneError when ``url`` is not https (http is for this machine only) or the secret none.
    """

    name = "webhook"
    idempotent = True

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        private: bool = False,
        timeout_s: float = 20.0,
        lookup: Lookup | None = None,
    ) -> None:
        self._url, self._place = url, _checked(url)
        self._signer = Signer(_secret(secret))
        # Who names this machine means it; any other name must lead outside.
        here = urlsplit(url).hostname in _LOOPBACK
        self._http = Http(timeout_s=timeout_s, private=private or here, lookup=lookup)

    def deliver(self, message: Message) -> Outcome:
        """Post one message; ``delivered`` on 2xx, since the receiver is where it was to go.

        ``failed`` when the receiver says that this message cannot be (400, 410, 422, …); ``retry``
        on everything else, a lost answer too: the receiver knows the id again.
        """
        identity = f"msg_{sha256(message.key.encode()).hexdigest()[:32]}"
        body = write(message, identity)
        at = datetime.fromtimestamp(time.time(), UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signer.sign(identity, at, body.decode()),
        }
        answer = self._http.send("POST", self._url, headers, body)
        if isinstance(answer, NoAnswer):
            return Outcome(status="retry", detail=self._says(answer.why))
        return self._judged(answer)

    def close(self) -> None:
        """Close the connections; may be called again."""
        self._http.close()

    def _judged(self, answer: Answer) -> Outcome:
        words = f"{answer.status} {answer.body[:_LONGEST].decode('utf-8', 'replace')}"
        wait = answer.wait_s(time.time())
        match answer.status // 100:
            case 2:
                return Outcome(status="delivered", detail=self._says(str(answer.status)))
            case 3:
                where = printable(answer.headers.get("location", "nowhere"))[:100]
                hint = f"{answer.status}: it redirects to {where}; name the final address"
                return Outcome(status="retry", detail=self._says(hint))
            case 4 if answer.status in _OURS:
                hint = f"{words}; check the address and the secret"
                return Outcome(status="retry", detail=self._says(hint))
            case 4 if answer.status not in _LATER:
                return Outcome(status="failed", detail=self._says(words))
            case _:
                return Outcome(status="retry", detail=self._says(words), wait_s=wait)

    def _says(self, words: str) -> str:
        return printable(f"{self._place}: {words}")[:_LONGEST]


def from_url(text: str) -> Webhook:
    """The channel of ``webhook+https://host/path?secret=whsec_…``. Raises OfoneError.

    ``private=allow`` lets the receiver live in a private network. What else stands behind the
    ``?`` is the receiver's own and stays.
    """
    address = text.removeprefix("webhook+")
    try:
        url: SplitResult = urlsplit(address)
    except ValueError as error:
        raise OfoneError(f"cannot read the receiver's address: {error}; write {_LIKE}") from None
    parts = [part.partition("=")[::2] for part in url.query.split("&")]
    said = {name: unquote(value) for name, value in parts if name in ("secret", "private")}
    if address == text or "secret" not in said:
        what = "no webhook's address" if address == text else "no secret to sign with"
        raise OfoneError(f"{what}; write {_LIKE}")
    if said.get("private", "") not in ("", "allow"):
        raise OfoneError(f"{url.hostname}: private={said['private']!r} means nothing; write allow")
    kept = "&".join(p for p in url.query.split("&") if p.partition("=")[0] not in said)
    return Webhook(
        url._replace(query=kept, fragment="").geturl(),
        said["secret"],
        private="private" in said,
    )


def write(message: Message, identity: str) -> bytes:
    """The body: ``{type, timestamp, data}``, the same bytes for the same message.

    ``data.key`` is what names the message in receipts; ``timestamp`` when it was decided, in UTC.
    """
    data = {
        "id": identity,
        "key": message.key,
        "to": {"kind": message.to_kind, "id": message.who, "name": message.name},
        "channel": message.channel,
        "address": message.address,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "thread": message.thread,
    }
    return msgspec.json.encode(
        {"type": "message.requested", "timestamp": iso(message.at), "data": data}
    )


def _checked(url: str) -> str:
    """The host, for details. Raises OfoneError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise OfoneError(f"cannot read the receiver's address: {error}; write {_LIKE}") from None
    here = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or here):
        raise OfoneError(
            f"a webhook goes by https, and by http only to this machine; write {_LIKE}"
        )
    if parts.username or not re.fullmatch(r"[!-~]+", url):
        raise OfoneError(f"{parts.hostname}: no login and only ASCII in it; write {_LIKE}")
    return f"{parts.hostname}:{port}" if port else parts.hostname


def _secret(text: str) -> bytes:
    """The bytes to sign with. Raises OfoneError, without repeating the secret."""
    try:
        found = b64decode(text.removeprefix("whsec_"), validate=True)
    except (NoBase64, ValueError):
        found = b""
    if not text.startswith("whsec_") or not 24 <= len(found) <= 64:
        raise OfoneError(
            "the webhook's secret must be whsec_ and base64 of 24 to 64 bytes; make one with: "
            "echo whsec_$(openssl rand -base64 32)"
        )
    return found
