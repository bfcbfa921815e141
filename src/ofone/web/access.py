"""Who may see what: one gate that every request passes, and the page that asks for a code.

The gate is asked before any handler, so no page can forget it. It refuses forms that another site
sent; links that were never made, that ended or were revoked; too many tries; and, below
``/t/TOKEN/you/``, whoever has the link and not the code that was sent to the customer.
"""

import hmac
import math
import re
import unicodedata
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from litestar import Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from ofone.domain.events import Happened, Value
from ofone.domain.times import MINUTE, SECOND, Micros, to_micros
from ofone.journeys.admit import CODE_ACCEPTED, CODE_REQUESTED, LINK_REQUESTED
from ofone.runtime.admission import Door
from ofone.web.headers import Site
from ofone.web.language import chosen, named
from ofone.web.limits import Pace, Tries, place
from ofone.web.ports import Book, Desk
from ofone.web.telling import told

PROVED = 30 * MINUTE
"""How long a code lets the customer in."""
COOKIE = "proof"
TRIES = 5
_SAFE = ("GET", "HEAD", "OPTIONS")
_TRACKER = "/t/{token"
_PERSONAL = re.compile(r"/t/\{token[^}]*\}/you/.+")
_BELOW = re.compile(r"(/[\w~-]+)*(\?[\w=&%.~+-]*)?", re.ASCII)
_NONCE = re.compile(r"[\w-]{8,64}", re.ASCII)
_FORM = 4_096

Asked = Request[Any, Any, Any]


class Elsewhere(HTTPException):
    """A form that another site sent."""

    status_code = 403


class Gone(HTTPException):
    """A link that opened a page once."""

    status_code = 410


class Later(HTTPException):
    """Too much of it; ``wait_s`` seconds from now it may be tried again."""

    status_code = 429

    def __init__(self, wait_s: float) -> None:
        self.wait_s = math.ceil(wait_s)
        super().__init__(
            f"too many tries; try again in {self.wait_s} seconds",
            headers={"Retry-After": str(self.wait_s)},
        )


class Unproved(HTTPException):
    """A page that asks for a code first; ``onward`` is where."""

    status_code = 303

    def __init__(self, onward: str) -> None:
        self.onward = onward
        super().__init__("a code is needed first")


class Gate:
    """What stands before every page. A route may say more of itself:

    ``from_anywhere=True``: its forms may come from other sites. ``closed_too=True``: a link that
    ended opens it. ``personal=True`` or ``False``: whether it asks for a code, where its path does
    not say it.
    """

    def __init__(self, book: Book, clock: Any, site: Site) -> None:
        self.book = book
        self.clock = clock
        self.site = site
        self.misses = Pace(30, 2.0)
        self.posts = Pace(60, 1.0)
        self.tries = Tries(TRIES)

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler
    ) -> None:
        """The guard of the application. Raises what ``pages`` turns into an answer."""
        scope = connection.scope
        form = str(scope.get("method", "GET")) not in _SAFE
        if form and not route.opt.get("from_anywhere") and from_elsewhere(connection):
            raise Elsewhere("it came from another website")
        token = connection.path_params.get("token")
        if token is None:
            return
        now: datetime = self.clock()
        if form and (wait := self.posts.take(str(token), now.timestamp())):
            raise Later(wait)
        path = str(scope.get("path_template") or "")
        if not path.startswith(_TRACKER):
            return
        found = self.book.opened(str(token), now)
        if found is None:
            raise NotFoundException("no page behind this link")
        if found.link != "open" and not route.opt.get("closed_too"):
            raise Gone("this link has ended")
        scope["state"]["opened"] = found  # so that the page need not ask again
        personal = route.opt.get("personal", _PERSONAL.fullmatch(path) is not None)
        if personal and not proved(connection, self.book, str(token), now):
            query = "" if form else connection.url.query
            asked = scope["path"] + (f"?{query}" if query else "")
            raise Unproved(f"/t/{quote(str(token))}/code?{urlencode({'next': asked})}")

    def missed(self, request: Asked) -> float:
        """Note a link that opens nothing; the seconds to wait where there were too many from here.

        Who holds a good link is never kept out: it is not asked for those.
        """
        host = request.client.host if request.client is not None else None
        return self.misses.take(place(host), self.clock().timestamp())

    def counting(self, door: Door) -> tuple[str, ...]:
        """The codes that were not tried too often."""
        return tuple(key for key in door.codes if self.tries.left(key))


def from_elsewhere(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether another site sent the form. The link is the key; this is the second lock.

    Our pages send no referrer, so that browsers give their forms the origin "null"; where the
    browser says how the sites relate (Fetch Metadata), that decides. Programs say neither.
    """
    relation = connection.headers.get("sec-fetch-site")
    if relation is not None:
        return relation not in ("same-origin", "none")
    origin = connection.headers.get("origin", "null")
    return origin != "null" and urlsplit(origin).netloc != connection.headers.get("host")


def proved(
    connection: ASGIConnection[Any, Any, Any, Any], book: Book, token: str, now: datetime
) -> bool:
    """Whether this browser has typed a right code on this link within ``PROVED``.

    The cookie is bound to the token, and through it to the customer, to the journey and to the last
    time that the links were revoked.
    """
    until, _, seal = connection.cookies.get(COOKIE, "").partition(".")
    if not (until.isascii() and until.isdigit() and len(until) <= 17):
        return False
    own = book.seal(COOKIE, token, until)
    if not hmac.compare_digest(seal.encode("utf-8", "replace"), own.encode()):
        return False
    return 0 < int(until) - to_micros(now) <= PROVED


def onward(token: str, asked: str) -> str:
    """Where to go after the code: a page below this link, and nothing else."""
    home = f"/t/{token}"
    rest = asked.removeprefix(home)
    return asked if rest != asked and rest and _BELOW.fullmatch(rest) else home


@get("/t/{token:str}/code", sync_to_thread=False)
def code_page(
    request: Asked,
    book: NamedDependency[Book],
    gate: NamedDependency[Gate],
    now: NamedDependency[datetime],
    token: FromPath[str],
    lang: FromQuery[str] = "",
) -> Response[Any]:
    """Ask for a code, or where to send one."""
    to = onward(token, request.query_params.get("next", ""))
    if proved(request, book, token, now):
        return Redirect(to, status_code=303)
    return _Page(request, _door(book, token, now), gate, token, to, lang, now).shows()


@post("/t/{token:str}/code", status_code=303, request_max_body_size=_FORM)
async def code_told(
    request: Asked,
    book: NamedDependency[Book],
    desk: NamedDependency[Desk],
    gate: NamedDependency[Gate],
    now: NamedDependency[datetime],
    token: FromPath[str],
) -> Response[Any]:
    """Send a code, or take the one that was typed."""
    sent = {name: str(value) for name, value in (await request.form()).items()}
    door = _door(book, token, now)
    to = onward(token, sent.get("next", ""))
    page = _Page(request, door, gate, token, to, sent.get("lang", ""), now)
    if "send" in sent:
        why = await _send(desk, door, CODE_REQUESTED, sent, now)
        if why:
            return page.shows(why)
        return Redirect(page.address(sent="1"), status_code=303)
    keys = gate.counting(door)
    if not keys:
        return page.shows("over")
    key = book.matching(keys, digits(sent.get("code", "")))
    if not key:
        for one in keys:
            gate.tries.count(one)
        return page.shows("wrong" if gate.counting(door) else "over")
    # Before anything is waited for, so that two forms at once do not both open.
    gate.tries.spend(key)
    said: dict[str, Value] = {"journey": door.journey, "key": key}
    why = await _tell(desk, door, CODE_ACCEPTED, f"code accepted:{key}", said, now)
    if why:
        return page.shows(why)
    until = str(to_micros(now) + PROVED)
    proof = Cookie(
        key=COOKIE,
        value=f"{until}.{book.seal(COOKIE, token, until)}",
        path=f"/t/{token}",
        max_age=PROVED // SECOND,
        httponly=True,
        secure=gate.site.secure,
        samesite="strict",
    )
    return Redirect(to, status_code=303, cookies=[proof])


@post("/t/{token:str}/renew", status_code=303, request_max_body_size=_FORM, closed_too=True)
async def renewed(
    request: Asked,
    book: NamedDependency[Book],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
    token: FromPath[str],
) -> Response[Any]:
    """Send a new link to the address that is known."""
    found = book.opened(token, now)
    if found is not None and found.link == "open":
        return Redirect(f"/t/{token}", status_code=303)
    sent = {name: str(value) for name, value in (await request.form()).items()}
    lang = sent.get("lang", "")
    why = await _send(desk, _door(book, token, now), LINK_REQUESTED, sent, now)
    if why:
        return gone(request, book, token, now, why=why, lang=lang)
    query = urlencode({"sent": "1"} | ({"lang": lang} if lang else {}))
    return Redirect(f"/t/{token}?{query}", status_code=303)


def gone(
    request: Asked, book: Book, token: str, now: datetime, *, why: str = "", lang: str = ""
) -> Template:
    """A link that ended: nothing of whose it was, and one button for a new one."""
    door = _door(book, token, now)
    lang = lang or request.query_params.get("lang", "")
    sent = "sent" in request.query_params and not why
    # The customer's own language would say something about them.
    language = chosen(lang, "", request.headers.get("accept-language", ""), door.own)
    wait = max(0, door.again - to_micros(now))
    return Template(
        "gone.html",
        status_code=STATUS.get(why, 410),
        context={
            "door": door,
            "ways": () if wait else door.ways,
            "why": why,
            "sent": sent,
            "wait": _wait(wait),
            "language": language,
            "switched": language if lang else "",
            "action": f"/t/{token}/renew",
            "nonce": token_urlsafe(12),
            "languages": [
                (code, name, f"/t/{token}?{urlencode({'lang': code})}")
                for code, name in named().items()
            ],
        },
    )


STATUS = {"wrong": 422, "over": 422, "refused": 422, "often": 429, "unknown": 400, "later": 503}
"""By what the page says went wrong."""


class _Page:
    """One view of the page that asks for a code. ``to``: where to go on."""

    def __init__(
        self, request: Asked, door: Door, gate: Gate, token: str, to: str, lang: str, now: datetime
    ) -> None:
        accepted = request.headers.get("accept-language", "")
        self.door = door
        self.gate = gate
        self.token = token
        self.to = to
        self.now = now
        self.sent = "sent" in request.query_params
        self.language = chosen(lang, door.language, accepted, door.own)
        self.switched = self.language if lang else ""

    def address(self, **query: str) -> str:
        said = {"next": self.to, "lang": self.switched} | query
        return f"/t/{self.token}/code?{urlencode({k: v for k, v in said.items() if v})}"

    def shows(self, why: str = "") -> Template:
        """The page; ``why`` what was asked did not work."""
        door, now = self.door, to_micros(self.now)
        keys = self.gate.counting(door)
        wait = max(0, door.again - now)
        answer = Template(
            "code.html",
            status_code=STATUS.get(why, 200),
            context={
                "door": door,
                "ways": () if wait else door.ways,
                "typing": bool(keys),
                "left": max((self.gate.tries.left(key) for key in keys), default=0),
                "minutes": math.ceil(max(0, door.until - now) / MINUTE),
                "why": why or ("refused" if self.sent and not door.codes else ""),
                "wait": _wait(wait),
                "language": self.language,
                "switched": self.switched,
                "action": f"/t/{self.token}/code",
                "tracker": f"/t/{self.token}",
                "to": self.to,
                "nonce": token_urlsafe(12),
                "languages": [
                    (code, name, self.address(lang=code)) for code, name in named().items()
                ],
            },
        )
        if why == "often":
            answer.headers["Retry-After"] = str(math.ceil(wait / SECOND))
        return answer


class Wait(Struct, frozen=True):
    """How long, in minutes below an hour, else in hours; both 0: not at all."""

    minutes: int = 0
    hours: int = 0


def _wait(micros: Micros) -> Wait:
    minutes = math.ceil(micros / MINUTE)
    return Wait(minutes=minutes) if minutes < 60 else Wait(hours=math.ceil(minutes / 60))


def _door(book: Book, token: str, now: datetime) -> Door:
    door = book.door(token, now)
    if door is None:
        raise NotFoundException("no page behind this link")
    return door


async def _send(desk: Desk, door: Door, name: str, sent: dict[str, str], now: datetime) -> str:
    """Ask for a code or a link to be sent; why that is not possible, or nothing."""
    channel, nonce = sent.get("send", ""), sent.get("nonce", "")
    if channel not in door.ways or not _NONCE.fullmatch(nonce):
        return "unknown"
    if door.again > to_micros(now):
        return "often"
    said: dict[str, Value] = {"journey": door.journey, "channel": channel}
    # The same form twice is the same event, so a double tap sends one.
    return await _tell(desk, door, name, f"{name.lower()}:{nonce}", said, now)


async def _tell(
    desk: Desk, door: Door, name: str, named: str, said: dict[str, Value], now: datetime
) -> str:
    event = Happened(
        id=named,
        customer=door.customer,
        name=name,
        at=to_micros(now),
        properties=said,
        source="own pages",
    )
    return await told(desk, event)


def digits(said: str) -> str:
    """What was typed as digits, in whatever script and with whatever between them."""
    found = (unicodedata.decimal(c, None) for c in said[:64])
    return "".join(str(n) for n in found if n is not None)
