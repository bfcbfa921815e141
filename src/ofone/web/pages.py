"""Every page but the demo, and the application that serves them all."""

import logging
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect, Template
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from ofone.web import access, baseline, calendar, demo, language, tracked, unsubscribe, words, you
from ofone.web.charts import Band, band, score, tone
from ofone.web.desk import called, desk_page
from ofone.web.device import manifest, push_off, push_offer, push_on, worker
from ofone.web.headers import NOWHERE, Site, headers
from ofone.web.helper import helped, helper_page
from ofone.web.live import Streams, live_handler
from ofone.web.mail import mail_page
from ofone.web.moments import Reader, moment
from ofone.web.ports import Book, CallList, ClosedDesk, Desk, Devices, NoCalls, NoDevices
from ofone.web.tracker import tracker
from ofone.web.words import sentence, spoken

_HERE = Path(__file__).parent
_PLAIN = re.compile(r"[A-Za-z0-9_@:|-][A-Za-z0-9_.@:|-]*")
_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
SHOWN = 200
"""Customers listed at most; more are found by their id."""


def create_app(
    book: Book,
    desk: Desk | None = None,
    calls: CallList | None = None,
    devices: Devices | None = None,
    streams: Streams | None = None,
    *,
    clock: Clock = lambda: datetime.now(UTC),
    site: Site = NOWHERE,
    more: Sequence[ControllerRouterHandler] = (),
) -> Litestar:
    """The pages over ``book``; ``more`` handlers (an API) are served beside them.

    ``desk`` takes what customers say; without one, the pages only show. ``calls`` is the list of
    calls that people make, ``devices`` what a customer's own may do; ``streams`` tell open trackers
    that something moved. ``clock`` gives the moment the tracker is drawn for, and that of an
    answer: an aware datetime. ``site``: where all this is served.
    """
    counter = desk or ClosedDesk()
    listed = calls or NoCalls()
    known = devices or NoDevices()
    gate = access.Gate(book, clock, site)
    live = [live_handler(book, streams)] if streams is not None else []

    def refused(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        return _refused(request, error, gate)

    return Litestar(
        route_handlers=[*page_handlers(), *live, *more],
        guards=[gate],
        state=State({"house": tracked.House(book=book, clock=clock, secure=site.secure)}),
        dependencies={
            "book": Provide(lambda: book, sync_to_thread=False),
            "desk": Provide(lambda: counter, sync_to_thread=False),
            "devices": Provide(lambda: known, sync_to_thread=False),
            "calls": Provide(lambda: listed, sync_to_thread=False),
            "now": Provide(clock, sync_to_thread=False),
            "gate": Provide(lambda: gate, sync_to_thread=False),
        },
        template_config=TemplateConfig(
            instance=JinjaTemplateEngine(
                engine_instance=_environment(
                    live=streams is not None,
                    installs=devices is not None,
                    has_story=lambda: book.story() is not None,
                )
            )
        ),
        exception_handlers={HTTPException: refused, Exception: refused},
        before_send=[headers(site)],
        openapi_config=None,
    )


def page_handlers() -> list[ControllerRouterHandler]:
    """Routes of all the pages and their files; they ask for book, desk, calls, devices and now."""
    return [
        index,
        mailbox,
        mailbox_html,
        tracked.tracker_page,
        tracked.tracker_status,
        tracked.tracker_fragment,
        access.code_page,
        access.code_told,
        access.renewed,
        baseline.questions,
        baseline.answered,
        helper_page,
        helped,
        desk_page,
        called,
        worker,
        manifest,
        push_offer,
        push_on,
        push_off,
        unsubscribe.asked,
        unsubscribe.left,
        you.own_pages(),
        calendar.download,
        customers,
        customer_page,
        demo.demo,
        demo.story_json,
        demo.demo_mail,
        create_static_files_router(path="/static", directories=[_HERE / "static"]),
    ]


@get("/", sync_to_thread=False)
def index(book: NamedDependency[Book]) -> Template:
    """The front door: the demo, the mailbox, the customers."""
    story = book.story()
    return Template(
        "index.html",
        context={
            "story": story,
            "score": score(story) if story else None,
            "count": book.count(),
            "dead": book.dead_letters(),
        },
    )


@get("/mailbox", sync_to_thread=False)
def mailbox(
    book: NamedDependency[Book],
    who: FromQuery[str] = "",
    open: FromQuery[str] = "",  # noqa: A002 - the query's word
) -> Template:
    """Everything that was sent here, as one person's phone and inbox show it."""
    people = _people(book)
    chosen = next((p for p in people if p["id"] == who), None) if who else None
    if who and chosen is None:
        raise NotFoundException(f"nothing was sent to {who!r} here")
    chosen = chosen or (people[0] if people else None)
    context: dict[str, Any] = {"people": people, "chosen": chosen, "reader": Reader()}
    if chosen is None:
        return Template("mailbox.html", context=context)
    if chosen["kind"] == "helper":
        inbox = book.helper_inbox(chosen["id"])
        zone = next((str(note["zone"]) for note in inbox if note.get("zone")), "UTC")
        return Template("mailbox.html", context=context | {"inbox": inbox, "reader": Reader(zone)})
    messages = book.mailbox(chosen["id"])
    mails = [m for m in messages if m.get("channel") == "email"]
    opened = next((m for m in mails if m.get("key") == open), mails[0] if mails else None)
    traits = (book.customer(chosen["id"]) or {}).get("traits") or {}
    return Template(
        "mailbox.html",
        context=context
        | {
            "reader": _reader(traits),
            "mails": mails,
            "opened": opened,
            "texts": [m for m in messages if m.get("channel") == "sms"],
            "notes": [m for m in messages if m.get("channel") not in {"sms", "email"}],
        },
    )


@get("/mailbox/{key:str}/html", sync_to_thread=False)
def mailbox_html(book: NamedDependency[Book], key: FromPath[str]) -> Response[str]:
    """One mail's own HTML, for the sandboxed frame on the mailbox page."""
    message = next((m for m in book.mailbox() if m.get("key") == identifier_in(key)), None)
    if message is None:
        raise NotFoundException(f"no message {key!r} in the mailbox")
    return mail_page(message)


@get("/customers", sync_to_thread=False)
def customers(book: NamedDependency[Book], find: FromQuery[str] = "") -> Template | Redirect:
    """Who there is, the newest first; ``find`` is an id, and leads to its page."""
    asked = find.strip()
    if asked and book.customer(asked) is not None:
        return Redirect(f"/customers/{segment(asked)}", status_code=303)
    found = ((c, book.customer(c)) for c in book.customers(SHOWN))
    records = [r | {"customer": c} for c, r in found if r]
    return Template(
        "customers.html",
        context={"records": records, "count": max(book.count(), len(records)), "asked": asked},
    )


@get("/customers/{customer:str}", sync_to_thread=False)
def customer_page(
    book: NamedDependency[Book], now: NamedDependency[datetime], customer: FromPath[str]
) -> Template:
    """One customer for staff: journeys, needs over time, decisions with their reasons."""
    customer = identifier_in(customer)
    record = book.customer(customer)
    if record is None:
        raise NotFoundException(f"no customer {customer!r}")
    traits = record.get("traits") or {}
    reader = _reader(traits)
    zone, locale = _zone(traits), _locale(traits)
    return Template(
        "customer.html",
        context={
            "record": record | {"customer": customer},
            "reader": reader,
            "views": [
                tracker(j, now=_drawn_for(record, now), zone=zone, locale=locale)
                for j in record.get("journeys", ())
            ],
            "bands": _bands(record, _drawn_for(record, now), reader),
            "days": [_days(j, reader) for j in record.get("journeys", ())],
        },
    )


def _days(journey: dict[str, Any], reader: Reader) -> list[tuple[str, list[dict[str, Any]]]]:
    """A journey's decisions by the reader's day, the newest first."""
    decided = reversed(journey.get("decisions") or ())
    days = groupby(decided, key=lambda d: reader.short_day(moment(d["at"]) or datetime.now(UTC)))
    return [(day, list(found)) for day, found in days]


def _drawn_for(record: dict[str, Any], now: datetime) -> datetime:
    """The moment a record stands for: its own where it has one (a replay lives in the past)."""
    return moment(record.get("now")) or now


def _bands(record: dict[str, Any], now: datetime, reader: Reader) -> list[tuple[str, Band | None]]:
    """Every need that has evidence, as it stood at each decision and as it stands now."""
    past: dict[str, list[dict[str, Any]]] = {}
    for journey in record.get("journeys", ()):
        for decision in journey.get("decisions", ()):
            for seen in decision.get("evidence", ()):
                past.setdefault(seen["need"], []).append({**seen, "at": decision["at"]})
    charts: list[tuple[str, Band | None]] = []
    for need, estimate in (record.get("assessment") or {}).items():
        evidence = estimate.get("evidence") or ()
        points = estimate.get("points") or [
            *past.get(need, ()),
            {**estimate, "at": now.isoformat()},
        ]
        if evidence or estimate.get("known") or estimate.get("stated"):
            charts.append(
                (need, band(need, points, evidence, reader=reader, width=340, height=110))
            )
    return charts


def _people(book: Book) -> list[dict[str, str]]:
    """Everybody a message went to, most recent first; helpers after the customers."""
    people: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for message in book.mailbox():
        who = str(message.get("who") or "")
        name = str(message.get("name") or who)
        if message.get("to_kind") == "helper":
            names.setdefault(who, name)
        else:
            people.setdefault(who, {"id": who, "name": name, "kind": "customer"})
    for helper in book.helpers():
        name = names.get(helper) or spoken(helper)
        people.setdefault(helper, {"id": helper, "name": name, "kind": "helper"})
    return list(people.values())


def _full_name(record: dict[str, Any]) -> str:
    traits = record.get("traits") or {}
    parts = (traits.get("first_name"), traits.get("last_name"))
    both = " ".join(str(part) for part in parts if part)
    return str(traits.get("name") or both or record.get("customer") or "")


def _zone(traits: dict[str, Any]) -> str:
    return str(traits.get("zone") or traits.get("timezone") or "UTC")


def _locale(traits: dict[str, Any]) -> str:
    return str(traits.get("locale") or "en_US")


def _reader(traits: dict[str, Any]) -> Reader:
    return Reader(_zone(traits), _locale(traits))


def unwrapped(text: object) -> str:
    """Plain text whose lines end where paragraphs and points do, not at a mail's 72nd letter."""
    return re.sub(r"(?<=[^\n])\n(?![\n\-*•\d])", " ", str(text))


def clamped(text: object, most: int = 80) -> str:
    """At most that many characters: a name is a label here, however long somebody made it."""
    whole = str(text)
    return whole if len(whole) <= most else whole[: most - 1] + "…"


def segment(identifier: str) -> str:
    """An identifier as one part of a path: itself when it is plain, else ``~`` and base64.

    Sources choose identifiers. Percent signs would not do: servers decode a path before they split
    it, so an identifier with a slash would open another page.
    """
    if _PLAIN.fullmatch(identifier):
        return identifier
    return "~" + urlsafe_b64encode(identifier.encode()).decode().rstrip("=")


def identifier_in(part: str) -> str:
    """The identifier that ``segment`` wrote; a part nobody wrote is read as it stands."""
    if not part.startswith("~"):
        return part
    try:
        return urlsafe_b64decode(part[1:] + "==").decode()
    except ValueError:
        return part


def _environment(*, live: bool, installs: bool, has_story: Callable[[], bool]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    language.install(environment)
    environment.filters |= {
        "believed": words.believed,
        "clamped": clamped,
        "full_name": _full_name,
        "asked_for": words.asked_for,
        "liked": words.liked,
        "guard": words.guard,
        "moment": moment,
        "reason": words.reason,
        "segment": segment,
        "sentence": sentence,
        "spoken": spoken,
        "tone": tone,
        "unwrapped": unwrapped,
    }
    environment.globals |= {
        "has_story": has_story,
        "installs": installs,
        "live": live,
        "awaited": words.awaited,
        "because": words.because,
        "channels": words.CHANNELS,
        "fate": words.fate,
        "option_name": words.option,
        "sheets": _sheets,
        "told": words.told,
    }
    return environment


@cache
def _sheets(*names: str) -> Markup:
    """The links to these style sheets; a sheet that changed has another address."""
    found = ((name, (_HERE / "static" / name).read_bytes()) for name in names)
    links = (f"/static/{name}?v={sha256(sheet).hexdigest()[:8]}" for name, sheet in found)
    return Markup("\n").join(Markup('<link rel="stylesheet" href="{}">').format(a) for a in links)


_TRACKER_ASKED = "/t/"
_API = "/v1"


def _refused(request: Request[Any, Any, Any], error: Exception, gate: access.Gate) -> Response[Any]:
    """A page, or JSON for a program, that says what was refused and what works."""
    token = request.path_params.get("token")
    if isinstance(error, access.Unproved):
        return Redirect(error.onward, status_code=303)
    if isinstance(error, access.Gone):
        return access.gone(request, gate.book, str(token), gate.clock())
    if (
        isinstance(error, NotFoundException)
        and token is not None
        and (wait := gate.missed(request))
    ):
        error = access.Later(wait)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _error_page(request, error.status_code, error.detail, error.headers, error)
    # The route and not the path: that may hold somebody's key or name.
    _log.error("page %s failed", request.scope.get("path_template") or "?", exc_info=error)
    return _error_page(request, 500, "")


def _error_page(
    request: Request[Any, Any, Any],
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    error: Exception | None = None,
) -> Response[Any]:
    accepts = request.headers.get("accept", "")
    content = {"status": status, "detail": detail or "Something failed here; it is in the log."}
    if (request.url.path + "/").startswith(_API + "/"):
        # Programs ask here, whatever they accept (RFC 9457).
        problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, **content}
        return Response(
            problem,
            status_code=status,
            media_type="application/problem+json",
            headers=headers,
        )
    if "application/json" in accepts and "text/html" not in accepts:
        return Response(content, status_code=status, media_type=MediaType.JSON, headers=headers)
    for_customer = request.url.path.startswith(_TRACKER_ASKED)
    asked, accepted = (
        request.query_params.get("lang", ""),
        request.headers.get("accept-language", ""),
    )
    return Template(
        "error.html",
        context={
            "status": status,
            "detail": detail,
            "for_customer": for_customer,
            "elsewhere": isinstance(error, access.Elsewhere),
            "back": request.url.path,
            "wait_s": error.wait_s if isinstance(error, access.Later) else 0,
            # The rest of the house speaks English.
            "language": language.chosen(asked, "", accepted, "") if for_customer else "en",
        },
        status_code=status,
        headers=headers,
    )
