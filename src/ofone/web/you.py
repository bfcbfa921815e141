"""The customer in charge: how we keep in touch, why a message came, what is believed, whose data.

Every page is drawn from the state, works without script, and what it takes goes through the one
door as an event, so that it holds from the next decision on. How we keep in touch needs only the
link; all that lies below needs the code as well, which the gate asks for (``web.access``).
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from ofone.domain.events import Happened, Value
from ofone.domain.times import iso, to_datetime, to_micros
from ofone.domain.words import CHANNELS, NEEDS, PURPOSES, WRITTEN
from ofone.journeys.admit import LINK_REQUESTED
from ofone.journeys.advance import ERASE
from ofone.journeys.stated import stated_words
from ofone.needs.evidence import CORRECTED, FREE, LEVELS
from ofone.profiles.fold import (
    CONSENT_GIVEN,
    CONSENT_WITHDRAWN,
    LINKS_REVOKED,
    PREFERENCE_STATED,
)
from ofone.profiles.stated import ACCOMPANY, CADENCE, read_days, read_hours
from ofone.runtime.admission import Door
from ofone.runtime.own import Held, Own
from ofone.web.charts import Band, band
from ofone.web.language import chosen, named
from ofone.web.moments import Reader, moment
from ofone.web.ports import Book, Desk
from ofone.web.telling import STATUS, told

HOURS = ("09:00-12:00", "12:00-17:00", "17:00-20:00")
DAYS = ("mon-fri", "sat,sun")
PAUSE = timedelta(days=7)
LANGUAGE = "Language Stated"
"""The event by which a customer chooses the language we write in: the trait ``language``."""
_NONCE = re.compile(r"[\w-]{8,64}", re.ASCII)
_FORM = 8_192

Say = tuple[str, dict[str, Value], dict[str, Value]]
"""What a form says: the event's name, its properties, and traits."""


@get("/", sync_to_thread=False)
def touch(page: NamedDependency["Page"], kept: FromQuery[str] = "") -> Template:
    """How we keep in touch: what they stated, and everything they may change without a code."""
    return page.touch(kept=bool(kept))


@post("/", status_code=303, request_max_body_size=_FORM)
async def touched(page: NamedDependency["Page"], desk: NamedDependency[Desk]) -> Response[Any]:
    """Keep what they wish; at once."""
    return await page.take(desk, _wished, "")


@get("/messages", sync_to_thread=False)
def messages(page: NamedDependency["Page"]) -> Template:
    """Why did I get this? Every message with its reason, and why not another."""
    return page.messages()


@get("/beliefs", sync_to_thread=False)
def beliefs(page: NamedDependency["Page"], kept: FromQuery[str] = "") -> Template:
    """What we believe, in words of service, with what it rests on; each can be put right."""
    return page.beliefs(kept=bool(kept))


@post("/beliefs", status_code=303, request_max_body_size=_FORM)
async def corrected(page: NamedDependency["Page"], desk: NamedDependency[Desk]) -> Response[Any]:
    """Their own word on one need, or the switch of all of it."""
    return await page.take(desk, _believed, "beliefs")


@get("/data", sync_to_thread=False)
def data(page: NamedDependency["Page"], kept: FromQuery[str] = "") -> Template:
    """What they agreed to, in the words of then; take it along; have it erased."""
    return page.data(kept=bool(kept))


@post("/data", status_code=303, request_max_body_size=_FORM)
async def agreed(page: NamedDependency["Page"], desk: NamedDependency[Desk]) -> Response[Any]:
    """Give or take back one consent."""
    return await page.take(desk, _agreed, "data")


@get("/data/download.json", sync_to_thread=True)
def download(page: NamedDependency["Page"], book: NamedDependency[Book]) -> Response[bytes]:
    """All that is kept of them here, as one file: indented, so that people can read it as well."""
    body = msgspec.json.format(msgspec.json.encode(book.copy(page.own.customer)), indent=2)
    return Response(
        body,
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
    )


@post("/data/links", status_code=303, request_max_body_size=_FORM)
async def closed(
    page: NamedDependency["Page"], book: NamedDependency[Book], desk: NamedDependency[Desk]
) -> Response[Any]:
    """Make every link to their pages useless, this one too, and send a new one where we can."""
    door = book.door(page.token, page.now)
    to = page.tracker + ("?sent=1" if door is not None and door.ways else "")
    return await page.take(desk, _closed(door), "data", to)


@get("/data/erase", sync_to_thread=False)
def before_erasing(page: NamedDependency["Page"]) -> Template:
    """The second question before what cannot be undone."""
    return page.template("erase", back=page.address("data"))


@post("/data/erase", status_code=200, request_max_body_size=_FORM)
async def erased(page: NamedDependency["Page"], desk: NamedDependency[Desk]) -> Response[Any]:
    """Erase all of it, once and for all, after both questions were answered."""
    last = await page.take(desk, _erased, "")
    if last.status_code != 303:
        return last
    return Template("you/erased.html", context={"language": page.language})


def own_pages() -> Router:
    """The customer's own pages. Each handler gets the ``page`` that its link opens."""
    return Router(
        path="/t/{token:str}/you",
        route_handlers=[
            touch,
            touched,
            messages,
            beliefs,
            corrected,
            data,
            agreed,
            download,
            closed,
            before_erasing,
            erased,
        ],
        dependencies={"page": Provide(_opened, sync_to_thread=False)},
    )


def _opened(
    request: Request[Any, Any, Any],
    book: NamedDependency[Book],
    now: NamedDependency[datetime],
    token: FromPath[str],
    lang: FromQuery[str] = "",
) -> "Page":
    found = book.by_link(token)
    own = book.own(*found) if found else None
    if own is None:
        raise NotFoundException("no journey behind this link")
    return Page(request, book, own, token, lang, now)


def _wished(sent: dict[str, str], own: Own) -> list[Say]:
    """Preferences from a form. Raises KeyError or ValueError for what our form cannot say."""
    if "pause" in sent:
        return [(PREFERENCE_STATED, {"pause": sent["pause"] or None}, {})]
    said: dict[str, Value] = {}
    for name, allowed in _CHOICES.items():
        if name in sent:
            if sent[name] not in ("", *allowed, str(own.wishes.get(name))):
                raise KeyError(sent[name])
            said[name] = sent[name] or None
    if said.get("hours"):
        read_hours(str(said["hours"]))
    if said.get("days"):
        read_days(str(said["days"]))
    changed = {k: v for k, v in said.items() if v != own.wishes.get(k)}
    found: list[Say] = [(PREFERENCE_STATED, changed, {})] if changed else []
    if sent.get("language"):
        if sent["language"] not in named():
            raise KeyError(sent["language"])
        if sent["language"] != own.language:
            found.append((LANGUAGE, {}, {"language": sent["language"]}))
    return found


def _believed(sent: dict[str, str], own: Own) -> list[Say]:
    """One need's level, or the switch. Raises KeyError."""
    if "personalisation" in sent:
        on = {"on": True, "off": False}[sent["personalisation"]]
        return [(PREFERENCE_STATED, {"personalisation": on}, {})]
    need, level = sent["need"], sent["level"]
    if need not in NEEDS or level not in (*LEVELS, FREE):
        raise KeyError(need)
    return [(CORRECTED, {"need": need, "level": level}, {})]


def _agreed(sent: dict[str, str], own: Own) -> list[Say]:
    """One consent given or taken back, with the words that stood beside the button."""
    channel, purpose, wording = sent["channel"], sent["purpose"], sent["wording"]
    if channel not in CHANNELS or purpose not in PURPOSES or not 0 < len(wording) <= 300:
        raise KeyError(channel)
    name = {"give": CONSENT_GIVEN, "withdraw": CONSENT_WITHDRAWN}[sent["do"]]
    said: dict[str, Value] = {"purpose": purpose, "wording": wording}
    said |= {"channels": [channel]} if name == CONSENT_GIVEN else {"channel": channel}
    return [(name, said, {})]


def _closed(door: Door | None) -> Callable[[dict[str, str], Own], list[Say]]:
    """The end of all links; and a new one to the first address that may be written to."""
    found: list[Say] = [(LINKS_REVOKED, {}, {})]
    if door is not None and door.ways:
        found.append((LINK_REQUESTED, {"journey": door.journey, "channel": door.ways[0]}, {}))
    return lambda sent, own: found


def _erased(sent: dict[str, str], own: Own) -> list[Say]:
    """Only with both answers. Raises KeyError."""
    if (sent["sure"], sent["do"]) != ("1", "erase"):
        raise KeyError("sure")
    return [(ERASE, {"by": "customer"}, {})]


_CHOICES: dict[str, tuple[str, ...]] = {
    "channel": WRITTEN,
    "cadence": tuple(CADENCE),
    "accompany": tuple(ACCOMPANY),
    "hours": HOURS,
    "days": DAYS,
}
"""What the form offers of each preference; what was stated elsewhere stays offered beside it."""


class Page:
    """One view of these pages, in the reader's language and zone."""

    def __init__(
        self,
        request: Request[Any, Any, Any],
        book: Book,
        own: Own,
        token: str,
        lang: str,
        now: datetime,
    ) -> None:
        self.book = book
        self.request = request
        self.own = own
        self.token = token
        self.tracker = f"/t/{quote(token, safe='')}"
        self.now = now
        accepted = request.headers.get("accept-language", "")
        self.language = chosen(lang, own.language, accepted, own.own)
        self.switched = self.language if lang and self.language == chosen(lang, "", "", "") else ""
        self.reader = Reader(own.zone, own.locale, self.language)

    def address(self, part: str = "", **query: str) -> str:
        """An address of these pages; the switched language stays."""
        said = {k: v for k, v in {"lang": self.switched, **query}.items() if v}
        path = f"{self.tracker}/you" + (f"/{part}" if part else "")
        return path + (f"?{urlencode(said)}" if said else "")

    async def take(
        self,
        desk: Desk,
        read: Callable[[dict[str, str], Own], list[Say]],
        part: str,
        to: str = "",
    ) -> Response[Any]:
        """Read the form, tell what it says through the one door, and lead back, or to ``to``."""
        sent = {name: str(value) for name, value in (await self.request.form()).items()}
        try:
            nonce = sent["nonce"]
            if not _NONCE.fullmatch(nonce):
                raise KeyError(nonce)
            said = read(sent, self.own)
        except (KeyError, ValueError):
            return self.sorry("unknown", 400)
        for n, (name, properties, traits) in enumerate(said):
            event = Happened(
                # The same form twice is the same event, so a double tap says it once.
                id=f"you:{n}:{nonce}",
                customer=self.own.customer,
                name=name,
                at=to_micros(self.now),
                properties=properties,
                traits=traits,
                source="own page",
            )
            if why := await told(desk, event):
                return self.sorry(why, STATUS[why])
        return Redirect(to or self.address(part, kept="1"), status_code=303)

    def touch(self, *, kept: bool) -> Template:
        words = stated_words()
        spoken = words.get(self.language) or words["en"]
        wishes = self.own.wishes
        paused = moment(str(wishes.get("pause") or ""))
        offered = {
            name: [*allowed, *([str(wishes[name])] if self._other(name, allowed) else [])]
            for name, allowed in _CHOICES.items()
        }
        return self.template(
            "touch",
            kept=kept,
            wishes=wishes,
            where=spoken["where"],
            pace=spoken["pace"],
            offered=offered,
            spans={value: self._span(value) for value in offered["hours"]},
            paused=paused if paused is not None and paused > self.now else None,
            week=iso(to_micros(self.now + PAUSE)),
            written_in=named(),
        )

    def _span(self, hours: str) -> str:
        """``17:00-20:00`` as the reader writes it: ``5:00 PM – 8:00 PM``."""
        ends = [divmod(minutes % (24 * 60), 60) for minutes in read_hours(hours)]
        return " – ".join(self.reader.clock(*end) for end in ends)

    def _other(self, name: str, allowed: tuple[str, ...]) -> bool:
        return name in self.own.wishes and self.own.wishes[name] not in allowed

    def messages(self) -> Template:
        return self.template("messages", reasons=self.book.reasons(self.own.customer))

    def beliefs(self, *, kept: bool) -> Template:
        held = sorted(
            self.book.held(self.own.customer), key=lambda h: (h.level is None, not h.pieces)
        )
        return self.template(
            "beliefs",
            kept=kept,
            held=[(h, self._band(h)) for h in held],
            off=self.own.wishes.get("personalisation") is False,
        )

    def _band(self, held: Held) -> Band | None:
        """The belief over time, with a dot for each piece; the words beside it say the same."""
        if len(held.pieces) < 2:
            return None
        points = [{"at": c.at, "mean": c.mean, "sd": c.sd, "known": True} for c in held.course]
        evidence = [{"at": p.at, "score": p.score, "kind": p.says} for p in held.pieces]
        return band(held.need, points, evidence, reader=self.reader, width=300, height=64)

    def data(self, *, kept: bool) -> Template:
        words = sorted(self.book.words(self.own.customer), key=lambda w: w.at, reverse=True)
        return self.template("data", kept=kept, words=[(w, to_datetime(w.at)) for w in words])

    def sorry(self, why: str, status: int) -> Template:
        """Why a word was not taken, kindly, and the way on."""
        return self.template("sorry", status, why=why)

    def template(self, shows: str, status: int = 200, **more: Any) -> Template:
        part = {"touch": "", "sorry": "", "erase": "data/erase"}.get(shows, shows)
        return Template(
            f"you/{shows}.html",
            status_code=status,
            context={
                "own": self.own,
                "shows": shows,
                "language": self.language,
                "switched": self.switched,
                "reader": self.reader,
                "nonce": token_urlsafe(12),
                "action": self.address(part),
                "tracker": self.tracker + (f"?lang={self.switched}" if self.switched else ""),
                "parts": [(p, self.address(p)) for p in ("", "messages", "beliefs", "data")],
                "languages": [(code, name, self._in(part, code)) for code, name in named().items()],
                **more,
            },
        )

    def _in(self, part: str, code: str) -> str:
        return self.address(part).partition("?")[0] + f"?lang={code}"
