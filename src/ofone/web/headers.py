"""What every answer says to the browser: load nothing else, tell nobody, be framed by nobody."""

import re
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope
from msgspec import Struct

from ofone.domain.errors import OfoneError

_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {}; object-src 'none'"
)
PAGE_POLICY = _POLICY.format("'none'")
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""For a mail's own HTML: its inline styles, and nothing that could act or load."""


_ALWAYS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_OWN = "same-origin"
_YEAR = "max-age=31536000"
_EMBEDDED = re.compile(r"/t/[^/]+/(fragment|status\.json)/?")
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?")

Adds = Callable[[Message, Scope], Coroutine[Any, Any, None]]


class Site(Struct, frozen=True, kw_only=True):
    """Where the pages are served, and the one other site that may show a journey's status.

    ``base`` is the address customers reach the pages at; ``embed_on`` an origin, or empty. Raises
    OfoneError for one that is none.
    """

    base: str = ""
    embed_on: str = ""

    def __post_init__(self) -> None:
        if self.embed_on and not _ORIGIN.fullmatch(self.embed_on):
            raise OfoneError(
                f"{self.embed_on!r} cannot embed pages: it takes an origin, without a path and in "
                "small letters, such as https://www.example.com (http:// only on this machine)"
            )

    @property
    def secure(self) -> bool:
        """Whether customers come by https alone."""
        return urlsplit(self.base).scheme == "https"


NOWHERE = Site()
"""On this machine, and embedded by nobody."""


def headers(site: Site) -> Adds:
    """What adds the headers that the handler did not set itself; for error pages and files too."""
    always = _ALWAYS | ({"Strict-Transport-Security": _YEAR} if site.secure else {})
    own = always | {"Cross-Origin-Resource-Policy": _OWN}
    embedded = always | {
        "Content-Security-Policy": _POLICY.format(site.embed_on),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": site.embed_on,
        "Vary": "Origin",
    }

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        said = MutableScopeHeaders.from_message(message)
        if scope["path"].startswith("/static/") and scope["query_string"].startswith(b"v="):
            # The address names the content, so it never changes.
            said.setdefault("Cache-Control", "public, max-age=31536000, immutable")
        elsewhere = bool(site.embed_on) and _EMBEDDED.fullmatch(scope["path"]) is not None
        for name, value in (embedded if elsewhere else own).items():
            said.setdefault(name, value)

    return add
