"""The tracker: the customer's page of one journey, the same as JSON, and as a part of other pages.

Nothing is told to anybody when a page is opened. What changed since the last visit is found with a
cookie that only this page reads, and that holds two moments and nothing else.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from msgspec import Struct

from ofone.domain.times import Micros, iso, to_datetime, to_micros
from ofone.runtime.links import Opened
from ofone.runtime.tracking import Tracked
from ofone.web.language import chosen, named
from ofone.web.moments import Reader, moment
from ofone.web.ports import Book
from ofone.web.tracker import TrackerView, changes, titled, tracker

VISIT = timedelta(minutes=30)
"""Who comes back sooner is still on the same visit."""
SEEN = "seen"
NOTES = 3
"""Messages that are open on the page, one on a quiet one; the others are behind one line."""
_SEEN = re.compile(r"(\d{1,11})\.(\d{1,11})", re.ASCII)
_YEAR_S = 365 * 24 * 3600
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[A-Za-z0-9.-]{1,190}")


class House(Struct, frozen=True, kw_only=True):
    """What these pages need of the application: they are opened more than all others together.

    They read it from the application's state: Litestar runs several dependencies as tasks, and that
    would cost more than the page.
    """

    book: Book
    clock: Callable[[], datetime]
    secure: bool = False


class Shown(Struct, frozen=True, kw_only=True):
    """A journey that a link opened, and how it is told."""

    tracked: Tracked
    view: TrackerView
    reader: Reader
    language: str
    now: datetime


@get("/t/{token:str}", sync_to_thread=False)
def tracker_page(
    request: Request[Any, Any, Any], token: FromPath[str], lang: FromQuery[str] = ""
) -> Template:
    """The customer's own page for one journey. Whoever has the link sees it."""
    it = _opened(request, token, lang)
    since, seen = visit(request.cookies.get(SEEN, ""), it.now)
    secure = "; Secure" if request.app.state.house.secure else ""
    at = f"/t/{token}"
    return Template(
        "tracker.html",
        context=context(it, at, since=since, switched=f"?lang={it.language}" if lang else ""),
        headers={
            "Set-Cookie": f"{SEEN}={seen}; Path={at}; Max-Age={_YEAR_S}; HttpOnly; SameSite=Lax"
            + secure
        },
    )


@get("/t/{token:str}/status.json", sync_to_thread=False)
def tracker_status(
    request: Request[Any, Any, Any], token: FromPath[str], lang: FromQuery[str] = ""
) -> dict[str, Any]:
    """The same for the company's own site: ``docs/how-to/tracker.md`` says what stands in it."""
    it = _opened(request, token, lang)
    steps = [
        {
            "title": step.title,
            "status": step.status,
            "words": step.words,
            "needs_you": step.needs_you,
            "from": _iso(step.expected_from),
            "to": _iso(step.expected_to),
        }
        for step in it.view.steps
    ]
    current = [s for s in steps if s["status"] == "current"]
    ahead = [s for s in steps if s["status"] == "ahead"]
    return {
        "at": iso(to_micros(it.now)),
        "language": it.language,
        "status": it.view.status,
        "sentence": it.view.sentence,
        "end": it.view.end,
        "next": next(iter(current + ahead), None) if it.view.status == "active" else None,
        "steps": steps,
    }


@get("/t/{token:str}/fragment", sync_to_thread=False)
def tracker_fragment(
    request: Request[Any, Any, Any], token: FromPath[str], lang: FromQuery[str] = ""
) -> Template:
    """The sentence and the steps alone, for a frame on the site that may show them (``Site``)."""
    it = _opened(request, token, lang)
    page = f"/t/{token}?lang={it.language}"
    return Template(
        "fragment.html",
        context={"language": it.language, "view": it.view, "page": page, "framed": True},
    )


def shown(
    book: Book,
    found: tuple[str, int],
    *,
    now: datetime,
    lang: str = "",
    accepted: str = "",
) -> Shown | None:
    """Customer and journey, in the reader's language: asked for, stated, or what browsers accept.

    None where there is no such journey. ``now`` counts where the book knows no moment of its own.
    """
    tracked = book.tracked(*found)
    if tracked is None:
        return None
    language = chosen(lang, tracked.language, accepted, tracked.own)
    now = to_datetime(tracked.now) if tracked.now else now
    return Shown(
        tracked=tracked,
        view=tracker(
            tracked.journey,
            now=now,
            zone=tracked.zone,
            locale=tracked.locale,
            language=language,
            own=tracked.own,
        ),
        reader=Reader(tracked.zone, tracked.locale, language),
        language=language,
        now=now,
    )


def context(
    it: Shown, at: str, *, since: datetime | None = None, switched: str = ""
) -> dict[str, Any]:
    """What ``tracker.html`` draws, for the page at that path; ``since``: the visit before this."""
    tracked = it.tracked
    most = NOTES if it.view.prominence == "front" else 1
    return {
        "language": it.language,
        "languages": [(c, n, f"{at}?lang={c}") for c, n in named().items()],
        "title": titled(tracked.journey, it.language),
        "company": tracked.journey.get("company") or "",
        "name": tracked.name,
        "view": it.view,
        "reader": it.reader,
        "since": since,
        "news": _news(it, since) if since is not None else None,
        "fresh": iso(to_micros(since)) if since is not None else "9",
        "notes": tracked.notes[:most],
        "older": tracked.notes[most:],
        "person": tracked.person,
        "person_title": _own(tracked.person.title, it) if tracked.person else "",
        "ways": ways(tracked),
        "hours": tracked.contact.hours_in.get(it.language, tracked.contact.hours)
        if tracked.contact
        else "",
        "hours_lang": _foreign(tracked.contact.hours_in, it) if tracked.contact else "",
        "paused": to_datetime(tracked.paused) if tracked.paused else None,
        "meets": tracked.calendar,
        "calendar": f"{at}/calendar/{tracked.calendar}.ics",
        "questions": f"{at}/questions{switched}" if tracked.asks else "",
        "yours": f"{at}/you",
        "switched": switched,
        "version": tracked.version,
    }


def _opened(request: Request[Any, Any, Any], token: str, lang: str) -> Shown:
    """What a link opens, as the gate has found it. Raises NotFoundException."""
    house: House = request.app.state.house
    found: Opened | None = request.scope["state"].get("opened")
    accepted = request.headers.get("accept-language", "")
    it = None
    if found is not None and found.link == "open":
        who = (found.customer, found.journey)
        it = shown(house.book, who, now=house.clock(), lang=lang, accepted=accepted)
    if it is None:
        raise NotFoundException("no tracker behind this link")
    return it


def _iso(at: str | Micros | None) -> str | None:
    return iso(at) if isinstance(at, int) else at


def visit(cookie: str, now: datetime) -> tuple[datetime | None, str]:
    """When the visit before this one was, None for a first one; and what to keep until next time.

    A cookie holds two moments in seconds: the end of the visit before, and the last look.
    """
    at = int(now.timestamp())
    found = _SEEN.fullmatch(cookie)
    before, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < last <= at or before > last:
        return None, f"0.{at}"
    if at - last > VISIT.total_seconds():
        before = last
    return datetime.fromtimestamp(before, UTC) if before else None, f"{before}.{at}"


def ways(tracked: Tracked) -> list[tuple[str, str]]:
    """One tap to a person: (kind, address) of the person beside the customer, else of the company.

    Beside a person who has an e-mail alone stands the company's number: a call is answered today.
    The kinds of the company begin with ``our ``, so that nobody calls a switchboard by a name.
    """
    person, contact = tracked.person, tracked.contact
    found = _ways(person.phone, person.email) if person is not None else {}
    if contact is not None and "phone" not in found:
        ours = {f"our {k}": v for k, v in _ways(contact.phone, contact.email).items()}
        if found:
            return [*found.items(), *((k, v) for k, v in ours.items() if k == "our phone")]
        found = ours
        if contact.url:
            found["our page"] = contact.url
    return list(found.items())


def _ways(phone: str, email: str) -> dict[str, str]:
    """What is no number and no address is left out: a tap on it would do nothing."""
    number = re.sub(r"[^\d+]", "", phone)[:20]
    found = {"phone": f"tel:{number}"} if len(number) > 2 else {}
    if _EMAIL.fullmatch(email):
        found["email"] = f"mailto:{quote(email, safe='@.+-_')}"
    return found


def _own(text: str, it: Shown) -> str:
    """What the playbook says in its own language alone, where the page speaks it."""
    return "" if _foreign({}, it) else text


def _foreign(said: Mapping[str, str], it: Shown) -> str:
    """The language of the playbook's own words, where they are shown on a page in another one."""
    own = it.tracked.own.partition("-")[0].lower()
    return "" if it.language == own or it.language in said else own


def _news(it: Shown, since: datetime) -> tuple[list[str], int]:
    """What moved since then, and how many messages are new."""
    tracked = it.tracked
    moved = changes(
        tracked.journey,
        since,
        now=it.now,
        zone=tracked.zone,
        locale=tracked.locale,
        language=it.language,
        own=tracked.own,
    )
    return moved, sum((at := moment(n.at)) is not None and at > since for n in tracked.notes)
