"""The long tail (Slack, Teams, WhatsApp, Matrix, …) through Apprise, one address a channel.

Apprise says yes or no. Yes is ``accepted``. No is anything from a typing error to a message that
arrived while its answer was lost: it is ``unknown``, unless all that happened was one answer that
is a refusal.
"""

import re
from typing import Literal
from urllib.parse import quote

import apprise
from apprise.common import PersistentStoreMode
from apprise.plugins import NotifyBase

from ofone.conversations.templates import printable
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Message, Outcome

ADDRESS = "{address}"
"""In a channel's address: where the customer's own goes, quoted."""

_LONGEST = 300
"""Characters kept of what a service says."""
_LATER = frozenset({401, 403, 404, 408, 425, 429, 503})
_NEVER = frozenset({400, 410, 413, 415, 422})
_SAMPLES = ("+14155550123", "14155550123", "name@example.org", "name")
_FORM = re.compile(r"apprise:(?:([a-z][a-z0-9_]{0,30})=)?([a-z0-9+]+)(://.*)", re.IGNORECASE)
_LIKE = "apprise:teamchat=slack://TOKENA/TOKENB/TOKENC, or apprise:whatsapp://TOKEN@FROM/{address}"


class LongTail:
    """One service, named by an Apprise address. Thread-safe.

    ``{address}`` in ``url`` stands for the customer's address there. ``timeout_s`` holds for a
    whole delivery. Redirects are not followed, and nothing is kept on disk.

    Raises OfoneError for an address that Apprise cannot read.
    """

    idempotent = False

    def __init__(self, name: str, url: str, *, timeout_s: float = 20.0) -> None:
        self.name = name
        self._url, self._timeout = url, timeout_s
        self._closed = False
        self._asset = apprise.AppriseAsset(
            app_id="ofone", http_redirects=False, storage_mode=PersistentStoreMode.MEMORY
        )
        if not any(self._service(sample) for sample in _SAMPLES):
            scheme = url.partition("://")[0]
            raise OfoneError(
                f"{name}: no service of Apprise is spoken to like this ({scheme}://…); "
                "see https://github.com/caronc/apprise/wiki for how"
            )

    def deliver(self, message: Message) -> Outcome:
        """Hand one message to the service; blanks at the end of its text are not kept.

        ``failed`` when the address or the text cannot be, or the service refuses the message;
        ``retry`` when it refuses us or is busy; ``unknown`` when all we know is "no".
        """
        if self._closed:
            return self._says("retry", "closed on our side")
        # Made for each message: a kept one would pause for seconds between two.
        service = self._service(message.address)
        # A target that a service cannot have is dropped by it, with a warning and no error.
        lost = ADDRESS in self._url and not getattr(service, "targets", True)
        if service is None or lost:
            shown = printable(message.address)[:40]
            return self._says("failed", f"{shown!r} is no address of this service")
        if not message.text.strip():
            return self._says("failed", "the text is empty; this service needs words")
        hub = apprise.Apprise(asset=self._asset)
        hub.add(service)
        result = hub.notify(
            body=message.text,
            title=printable(message.subject),
            body_format=apprise.NotifyFormat.TEXT,
            timeout=self._timeout,
        )
        if result:
            return self._says("accepted", "the service took it")
        words = [str(entry.message) for entry in result.logs()]
        # To several, or in several pieces, a part of it may have arrived.
        whole = len(service) == 1 and len(message.subject + message.text) < service.body_maxlen
        return self._says(_meaning(words) if whole else "unknown", "; ".join(words) or "no")

    def close(self) -> None:
        """Take nothing more; may be called again."""
        self._closed = True

    def _service(self, address: str) -> NotifyBase | None:
        url = self._url.replace(ADDRESS, quote(address, safe=""))
        return apprise.Apprise.instantiate(url, asset=self._asset)

    def _says(
        self, status: Literal["accepted", "failed", "retry", "unknown"], words: str
    ) -> Outcome:
        return Outcome(status=status, detail=printable(f"{self.name}: {words}")[:_LONGEST])


def from_url(text: str) -> LongTail:
    """The channel of ``apprise:NAME=URL`` (or ``apprise:URL``, named as its scheme).

    Raises OfoneError.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise OfoneError(f"cannot read which service is meant; write {_LIKE}")
    name, scheme, rest = found.groups()
    return LongTail((name or scheme).lower(), scheme + rest)


def _meaning(words: list[str]) -> Literal["failed", "retry", "unknown"]:
    """What a no means: one line with the status that was answered says why.

    Apprise's services write ``error=429`` for an answer, and nothing like it where there was none.
    """
    said = re.search(r"\berror=(\d{3})\b", words[0]) if len(words) == 1 else None
    code = int(said[1]) if said else 0
    return "retry" if code in _LATER else "failed" if code in _NEVER else "unknown"
