"""The desk: calls that people make, the most urgent first, and how each went in one tap.

It is drawn from one projection (``CallDesk``), which has no field for a need. An answer is a form
that is posted, and works without script. Whatever a tap says comes in by the one door; the events'
ids are the call's own, so that a double tap counts once.
"""

import asyncio
import logging
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from msgspec import Struct

from ofone.domain.calling import ENDS, Call, CallDesk, Ended
from ofone.domain.errors import OfoneError, StoreError
from ofone.domain.times import to_micros
from ofone.web.helper import CaseView, case_view, dialled
from ofone.web.moments import Reader, moment
from ofone.web.ports import CallList, Desk

ANSWERS: dict[Ended, str] = {
    "reached": "Reached",
    "not_reached": "Not reached",
    "wrong_number": "Wrong number",
    "no_calls": "Wants no calls",
}
"""What each end is called on its button, in the order of the buttons."""

_NOTED = {
    "reached": "you spoke with them",
    "not_reached": "not reached; the journey goes on, and asks again if it needs to",
    "wrong_number": "wrong number; nobody calls or texts it until there is a new one",
    "no_calls": "they want no calls; none is made from now on",
}
_FORM = 4_096
_NAME = 60
_log = logging.getLogger(__name__)


class CallView(Struct, frozen=True, kw_only=True):
    """A call with its times in words. ``dial`` is the number as a telephone takes it."""

    call: Call
    dial: str
    due: str
    late: bool
    there: str
    wait: str
    case: CaseView | None


@get("/desk")
async def desk_page(
    calls: NamedDependency[CallList],
    now: NamedDependency[datetime],
    by: FromQuery[str] = "",
    noted: FromQuery[int] = 0,
) -> Template:
    """Every call that waits; ``by`` is who looks, ``noted`` the call that was just answered."""
    return await asyncio.to_thread(_page, calls, now, _who(by), noted=noted)


@post("/desk", status_code=303, request_max_body_size=_FORM)
async def called(
    request: Request[Any, Any, Any],
    calls: NamedDependency[CallList],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take how a call went, or who will make it."""
    sent = {name: str(value) for name, value in (await request.form()).items()}
    by, act, number = _who(sent.get("by", "")), sent.get("act", ""), sent.get("number", "")
    if not (re.fullmatch("[0-9]{1,15}", number, re.ASCII) and (act in (*ENDS, *_HOLDING))):
        return _page(calls, now, by, "It is none of the answers to a call.", status=400)
    try:
        if act in _HOLDING:
            _hold(calls, int(number), act, by, sent.get("before", ""))
            return Redirect(f"/desk?{urlencode({'by': by})}#call-{number}", status_code=303)
        ended = next(e for e in ENDS if e == act)
        for event in calls.events_of(int(number), ended, by, to_micros(now)):
            if why_not := await desk.tell(event):
                _log.error("how a call went was refused: %s", why_not)
                return _page(calls, now, by, f"It was refused: {why_not}.", status=422)
        calls.finish(int(number), ended, by)
    except StoreError as error:
        _log.error("how a call went was not kept: %s", error)
        return _page(calls, now, by, "Something failed here; please try again.", status=503)
    except OfoneError as error:
        return _page(calls, now, by, f"{str(error)[:1].upper()}{str(error)[1:]}.", status=409)
    return Redirect(f"/desk?{urlencode({'by': by, 'noted': number})}", status_code=303)


_HOLDING = ("take", "give back", "take over")


def _hold(calls: CallList, number: int, act: str, by: str, before: str) -> None:
    if not by:
        raise OfoneError("say who you are first, at the top of the page")
    if act == "give back":
        calls.give_back(number, by)
        return
    if act == "take over":
        # From that person only: who took it in the meantime keeps it.
        calls.give_back(number, before)
    calls.claim(number, by)


def _who(said: str) -> str:
    return " ".join("".join(c for c in said if c.isprintable()).split())[:_NAME]


def _page(
    calls: CallList,
    now: datetime,
    by: str,
    sorry: str = "",
    *,
    noted: int = 0,
    status: int = 200,
) -> Template:
    try:
        found = calls.desk(to_micros(now))
        name, ended = calls.said(noted) if noted else ("", "")
    except StoreError as error:
        _log.error("the calls cannot be read: %s", error)
        name, ended = "", ""
        found, status = CallDesk(zone="UTC", count=0, calls=(), not_needed=()), 503
        sorry = "The list of calls cannot be read; it is in the log."
    reader = Reader(found.zone)
    views = [_view(call, reader, now) for call in found.calls]
    return Template(
        "desk.html",
        status_code=status,
        context={
            "desk": found,
            "views": views,
            "by": by,
            "reader": reader,
            "answers": ANSWERS,
            "sentence": _sentence(found.count, sum(v.late for v in views)),
            "noted": f"{name}: {_NOTED[ended]}." if ended in _NOTED else "",
            "sorry": sorry,
        },
    )


def _sentence(count: int, late: int) -> str:
    if not count:
        return "No call waits."
    waiting = "One call waits" if count == 1 else f"{count} calls wait"
    if not late:
        return f"{waiting}."
    overdue = "it is overdue" if count == 1 else f"{late} {'is' if late == 1 else 'are'} overdue"
    return f"{waiting}; {overdue}."


def _view(call: Call, reader: Reader, now: datetime) -> CallView:
    there = Reader(call.zone)
    due, opens = moment(call.due), moment(call.not_before)
    wait = ""
    if opens is not None and opens > now:
        wait = f"Not now: call from {there.full_day(opens)}, {there.time(opens)} their time."
    return CallView(
        call=call,
        dial=dialled(call.phone),
        due=_due(due, reader, now) if due is not None else "",
        late=due is not None and due < now,
        there=f"{there.time(now)} in {there.place}{_speaks(call.language)}",
        wait=wait,
        case=case_view(call.case, reader) if call.case is not None else None,
    )


def _speaks(language: str) -> str:
    try:
        return f" · speaks {Locale.parse(language, sep='-').get_display_name('en')}"
    except (ValueError, UnknownLocaleError):
        return f" · speaks {language[:20]}" if language else ""


def _due(due: datetime, reader: Reader, now: datetime) -> str:
    days = reader.days_until(due, now=now)
    day = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days) or reader.full_day(due)
    said = f"{day}, {reader.time(due)}"
    return f"was due {said}" if due < now else f"by {said}"
