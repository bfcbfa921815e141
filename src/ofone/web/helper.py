"""A helper's own page: requests to answer, the customers beside whom they are, what helps people.

It is drawn from one projection (``HelperInbox``) and from nothing else. Opening it, from a mail as
well, changes nothing; an answer is a form that is posted, and works without script.
"""

import logging
import re
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec import Struct

from ofone.domain.errors import StoreError
from ofone.domain.events import Happened
from ofone.domain.helping import HelperCase, HelperInbox, HelperRequest, HelperStep
from ofone.domain.times import to_micros
from ofone.journeys.helper import ACKNOWLEDGED, ANSWERED
from ofone.web.moments import Reader, moment
from ofone.web.ports import Book, Desk

ANSWERS = {
    "done": "It is done",
    "reached": "I spoke with them",
    "not_reached": "I could not reach them",
    ACKNOWLEDGED: "I will see to it",
    "declined": "I cannot do this",
}
"""What each outcome is called on its button, in the order of the buttons."""

_SAID = {
    "done": "you told us that it is done",
    "reached": "you told us that you spoke with them",
    "not_reached": "you told us that you could not reach them",
    "declined": "you told us that you cannot do this",
    ACKNOWLEDGED: "you told us that you will see to it",
}
_NONCE = re.compile(r"[\w-]{8,64}", re.ASCII)
_FORM = 4_096
_log = logging.getLogger(__name__)


class CaseView(Struct, frozen=True, kw_only=True):
    """A case as one line: where it stands, and when that should be done; the steps below."""

    case: HelperCase
    here: str
    when: str
    late: bool
    steps: tuple[tuple[str, str, str], ...]


@get("/h/{token:str}", sync_to_thread=False)
def helper_page(
    book: NamedDependency[Book], now: NamedDependency[datetime], token: FromPath[str]
) -> Template:
    """The page of the helper whom the link belongs to."""
    return _page(_inbox(book, token), token, now)


@post("/h/{token:str}", status_code=303, request_max_body_size=_FORM)
async def helped(
    request: Request[Any, Any, Any],
    book: NamedDependency[Book],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
    token: FromPath[str],
) -> Response[Any]:
    """Take the answer to one request."""
    inbox = _inbox(book, token)
    sent = {name: str(value) for name, value in (await request.form()).items()}
    asked = next((r for r in inbox.requests if r.reference == sent.get("reference")), None)
    known = sent.get("outcome") in ANSWERS and _NONCE.fullmatch(sent.get("nonce", ""))
    if asked is None or not known:
        return _page(inbox, token, now, "It is none of the answers to a request of yours.", 400)
    event = Happened(
        # The same form twice is the same event, so a double tap answers once.
        id=f"{ANSWERED}:{asked.reference}:{sent['nonce']}",
        customer=asked.customer,
        name=ANSWERED,
        at=to_micros(now),
        properties={
            "reference": asked.reference,
            "outcome": sent["outcome"],
            "by": inbox.helper,
        },
        source="helper page",
    )
    try:
        why_not = await desk.tell(event)
    except StoreError as error:
        _log.error("a helper's answer was not kept: %s", error)
        return _page(inbox, token, now, "Something failed here; please try again.", 503)
    if why_not:
        _log.error("a helper's answer was refused: %s", why_not)
        return _page(inbox, token, now, "We could not take it in; it is not your doing.", 422)
    return Redirect(f"/h/{quote(token, safe='')}#{asked.reference}", status_code=303)


def _inbox(book: Book, token: str) -> HelperInbox:
    found = book.helping(token)
    if found is None:
        raise NotFoundException("no page behind this link; ask us for a new one")
    return found


def _page(
    inbox: HelperInbox, token: str, now: datetime, sorry: str = "", status: int = 200
) -> Template:
    reader = Reader(inbox.zone)
    waiting = [r for r in inbox.requests if r.state in ("open", "taken up")]
    cases = [case_view(c, reader) for c in inbox.cases]
    return Template(
        "helper.html",
        status_code=status,
        context={
            "inbox": inbox,
            "action": f"/h/{quote(token, safe='')}",
            "reader": reader,
            "waiting": [(r, _due(r, reader, now), dialled(r.phone)) for r in waiting],
            "earlier": [(r, _fate(r, inbox.helper)) for r in inbox.requests if r not in waiting],
            "sentence": _sentence(len(waiting), len(inbox.cases)),
            "going": [c for c in cases if c.case.status == "active"],
            "ended": [c for c in cases if c.case.status != "active"],
            "answers": ANSWERS,
            "nonce": token_urlsafe(12),
            "sorry": sorry,
        },
    )


def _sentence(waiting: int, cases: int) -> str:
    if not waiting:
        return "Nothing waits for you." if cases else "Nobody is with you yet."
    return f"{'One request waits' if waiting == 1 else f'{waiting} requests wait'} for you."


def _due(r: HelperRequest, reader: Reader, now: datetime) -> str:
    due = moment(r.due)
    if due is None:
        return ""
    said = f"{reader.full_day(due)}, {reader.time(due)}"
    return f"was due on {said}" if due < now else f"please answer by {said}"


def dialled(number: str) -> str:
    """A number as a telephone takes it; "" for what is none."""
    return re.sub(r"[^0-9+*#]", "", number)


def _fate(r: HelperRequest, helper: str) -> str:
    if r.state == "passed on":
        return "somebody else was asked since"
    if r.state == "answered":
        said = _SAID.get(r.outcome, "answered")
        return said if r.by == helper else f"answered by {r.by}"
    return "not needed any more"


def case_view(case: HelperCase, reader: Reader) -> CaseView:
    """A case in the words of its pages, with times as this reader has them."""
    current = [s for s in case.steps if s.status == "current"]
    here = " and ".join(s.title for s in current) or case.end or "Done"
    quoted = [_when(s, reader) for s in current]
    return CaseView(
        case=case,
        here=here,
        when=", ".join(w for w in quoted if w),
        late=any(s.late for s in current),
        steps=tuple((s.title, s.status, _when(s, reader)) for s in case.steps),
    )


def _when(step: HelperStep, reader: Reader) -> str:
    """When a step is or was, in the words of the customer's own page."""
    done, booked = moment(step.done), moment(step.appointment)
    start, end = moment(step.expected_from), moment(step.expected_to)
    if step.status == "skipped":
        return "not needed"
    if step.status == "done":
        return reader.day(done) if done else "done"
    if step.late:
        return "longer than usual"
    if step.status == "current" and booked is not None and start == end == booked:
        return f"{reader.full_day(booked)}, {reader.time(booked)}"
    return f"expected {reader.range(start, end)}" if start and end else ""
