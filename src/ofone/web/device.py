"""The tracker on a customer's own device: installed as a web app, told when something changes.

Both are there for whoever wants them, and the page is whole without. A browser subscribes for one
tracker: the service worker's scope is that page, so that a tap on a notification leads there and
nowhere else. What the browser gives comes in by the one door, as one event: the subscription and,
with the words that were tapped, the consent. Turning it off is one event as well.
"""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta, Struct

from ofone.domain.events import Happened
from ofone.domain.times import to_micros
from ofone.profiles.fold import CONSENT_GIVEN, CONSENT_WITHDRAWN
from ofone.web.language import catalogues
from ofone.web.ports import Book, Desk, Devices, Pushing
from ofone.web.telling import told

OFFER = "Tell me on this device when something changes"
"""The words on the button (``push.html``), which are the proof of the consent."""
STOP = "Stop telling me on this device"

_WORKER = Path(__file__).parent / "static" / "worker.js"
_LARGEST = 4_096
_PAPER = "#FBFAF7"
_ICONS = [
    {"src": "/static/app.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
    *(
        {
            "src": f"/static/app-{size}.png",
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in (192, 512)
    ),
]


class _Keys(Struct):
    p256dh: Annotated[str, Meta(pattern=r"^[\w-]{80,100}={0,2}$")]
    auth: Annotated[str, Meta(pattern=r"^[\w-]{16,32}={0,2}$")]


class _Subscription(Struct):
    """What a browser gives (Push API, ``PushSubscription.toJSON``); the rest of it is not kept."""

    endpoint: Annotated[str, Meta(max_length=1_500)]
    keys: _Keys


class _Asked(Struct):
    subscription: _Subscription
    lang: str = ""


@get("/worker.js", sync_to_thread=False)
def worker() -> Response[bytes]:
    """The service worker; at the root, since a worker's scope lies below its own address."""
    return Response(_WORKER.read_bytes(), media_type="text/javascript")


@get("/t/{token:str}/manifest.webmanifest", sync_to_thread=False)
def manifest(
    book: NamedDependency[Book], devices: NamedDependency[Devices], token: FromPath[str]
) -> Response[bytes]:
    """The tracker as a web app (W3C Web Application Manifest); it starts at its own address."""
    found = book.by_link(token)
    named = devices.named(*found) if found else None
    if named is None:
        raise NotFoundException("no tracker behind this link")
    title, company, language = named
    here = f"/t/{quote(token, safe='')}"
    said = {
        "id": here,
        "name": f"{title} · {company}" if company else title,
        "short_name": (company or title)[:30],
        "lang": language,
        "start_url": here,
        "scope": here,
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _PAPER,
        "icons": _ICONS,
    }
    return Response(msgspec.json.encode(said), media_type="application/manifest+json")


@get("/t/{token:str}/push", sync_to_thread=False)
def push_offer(
    book: NamedDependency[Book], devices: NamedDependency[Devices], token: FromPath[str]
) -> Response[dict[str, str] | None]:
    """The key to subscribe with, and which subscription is told: its SHA-256, "" for none.

    204 where nothing is offered: every page asks, so that is no error.
    """
    found = book.by_link(token)
    offer = devices.pushing(*found) if found else None
    if offer is None:
        return Response(None, status_code=204)
    on = digest(offer.endpoint) if offer.endpoint else ""
    return Response({"key": offer.key, "on": on})


@post("/t/{token:str}/push", status_code=200, request_max_body_size=_LARGEST)
async def push_on(
    request: Request[Any, Any, Any],
    book: NamedDependency[Book],
    devices: NamedDependency[Devices],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
    token: FromPath[str],
) -> Response[Any]:
    """Take a browser's subscription, and the consent with it; the same again changes nothing."""
    offer = _offer(book, devices, token)
    try:
        asked = msgspec.json.decode(await request.body(), type=_Asked)
        url = urlsplit(asked.subscription.endpoint)
        whole = url.scheme == "https" and bool(url.hostname) and not url.username
    except (msgspec.DecodeError, ValueError):
        return _sorry(400, "it is no subscription of a browser")
    if not whole or not asked.subscription.endpoint.isascii():
        return _sorry(400, "the endpoint is no https address")
    named = digest(asked.subscription.endpoint)
    if asked.subscription.endpoint == offer.endpoint:
        return Response({"on": named})
    words = catalogues().get(asked.lang)
    event = Happened(
        id=f"push:on:{named[:32]}:{offer.since}",
        customer=offer.customer,
        name=CONSENT_GIVEN,
        at=max(to_micros(now), offer.since + 1),
        properties={
            "channel": "push",
            "purpose": "service",
            "wording": words.gettext(OFFER) if words else OFFER,
        },
        traits={"push": msgspec.json.encode(asked.subscription).decode()},
        source="tracker",
    )
    return await _told(desk, event, "")


@post("/t/{token:str}/push/off", status_code=200, request_max_body_size=_LARGEST)
async def push_off(
    request: Request[Any, Any, Any],
    book: NamedDependency[Book],
    devices: NamedDependency[Devices],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
    token: FromPath[str],
) -> Response[Any]:
    """Withdraw the consent and forget the subscription; a second time changes nothing."""
    offer = _offer(book, devices, token)
    if not offer.endpoint:
        return Response({"on": ""})
    event = Happened(
        id=f"push:off:{offer.since}",
        customer=offer.customer,
        name=CONSENT_WITHDRAWN,
        at=max(to_micros(now), offer.since + 1),
        properties={"channel": "push", "purpose": "service", "wording": STOP},
        traits={"push": None},
        source="tracker",
    )
    return await _told(desk, event, "")


def digest(endpoint: str) -> str:
    """Says whether an endpoint is this one, and tells nobody which: an endpoint is a key."""
    return sha256(endpoint.encode()).hexdigest()


def _offer(book: Book, devices: Devices, token: str) -> Pushing:
    found = book.by_link(token)
    offer = devices.pushing(*found) if found else None
    if offer is None:
        raise NotFoundException("nothing is told to devices behind this link")
    return offer


async def _told(desk: Desk, event: Happened, on: str) -> Response[Any]:
    match await told(desk, event):
        case "later":
            return _sorry(503, "something failed here; please try again")
        case "refused":
            return _sorry(422, "it could not be taken in")
        case _:
            return Response({"on": on})


def _sorry(status: int, why: str) -> Response[dict[str, str]]:
    return Response({"detail": why}, status_code=status)
