"""The way out of e-mails: a page that asks once, and the one click of mail programs (RFC 8058).

Opening the link changes nothing, since scanners and previews open every link. A POST withdraws the
consent at once, whoever's button sent it: a mail program posts from another site, without cookies,
and the token is all that it has. So there is no second lock here; what a stranger with the token
could do is no more than silence, and the customer can take it back.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from ofone.domain.events import Happened
from ofone.domain.times import to_micros
from ofone.profiles.fold import CONSENT_WITHDRAWN
from ofone.web.language import chosen, named
from ofone.web.ports import Book, Desk, Leaving
from ofone.web.telling import STATUS, told

_FORM = 4_096
"""Bytes of the largest form; a mail program's has 26."""
_ONE_CLICK = "List-Unsubscribe=One-Click"


@get("/u/{token:str}", sync_to_thread=False)
def asked(
    request: Request[Any, Any, Any],
    book: NamedDependency[Book],
    token: FromPath[str],
    lang: FromQuery[str] = "",
) -> Template:
    """Whether these e-mails should end; or, where they have, that they did."""
    leaving = _leaving(book, token)
    return _page(request, leaving, token, lang, "over" if leaving.over else "asks")


@post("/u/{token:str}", status_code=200, request_max_body_size=_FORM, from_anywhere=True)
async def left(
    request: Request[Any, Any, Any],
    book: NamedDependency[Book],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
    token: FromPath[str],
    lang: FromQuery[str] = "",
) -> Response[Any]:
    """Withdraw the consent; a second time changes nothing. 503 when it could not be kept."""
    leaving = _leaving(book, token)
    one_click = b"One-Click" in await request.body()
    if not leaving.over:
        event = Happened(
            # One word for each that it takes back: a consent that is given anew can be left anew.
            id=f"unsubscribe:{leaving.channel}:{leaving.purpose}:{leaving.since}",
            customer=leaving.customer,
            name=CONSENT_WITHDRAWN,
            at=max(to_micros(now), leaving.since),
            properties={
                "channel": leaving.channel,
                "purpose": leaving.purpose,
                "wording": _ONE_CLICK if one_click else "Stop these emails",
            },
            source="unsubscribe link",
        )
        if why := await told(desk, event):
            return _page(request, leaving, token, lang, why, STATUS[why])
    return _page(request, leaving, token, lang, "over")


def _leaving(book: Book, token: str) -> Leaving:
    found = book.leaving(token)
    if found is None:
        raise NotFoundException("no messages behind this link")
    return found


def _page(
    request: Request[Any, Any, Any],
    leaving: Leaving,
    token: str,
    lang: str,
    shows: str,
    status: int = 200,
) -> Template:
    accepted = request.headers.get("accept-language", "")
    language = chosen(lang, leaving.language, accepted, leaving.own)
    here = f"/u/{quote(token, safe='')}"
    return Template(
        "unsubscribe.html",
        status_code=status,
        context={
            "leaving": leaving,
            "shows": shows,
            "language": language,
            "action": f"{here}?{urlencode({'lang': language})}",
            "languages": [
                (code, name, f"{here}?{urlencode({'lang': code})}")
                for code, name in named().items()
            ],
        },
    )
