"""What comes back from the provider of text messages: news of a text, and customers' answers."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Request, Response, post
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from ofone.app import App
from ofone.channels.sms import (
    e164,
    learned,
    onward,
    read_inbound,
    read_status,
    receipt,
    signed,
    twiml,
)
from ofone.domain.effects import Send
from ofone.domain.errors import UnreadableEvent
from ofone.domain.events import Event
from ofone.domain.times import Micros
from ofone.runtime.codec import decode_effect
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.runtime.ports import Batch, DeadLetter

ORIGIN = "sms"
"""The origin of a dead letter that holds a provider's form."""


def news(token: str, form: Mapping[str, str], engine: Engine, links: Links, now: Micros) -> None:
    """Take in news of a text. Doubled, late and out of order they change nothing."""
    try:
        said = read_status(form)
        row = links.letter_of(token)
        if row is None and links.of_erased(token):
            return
        if row is None:
            raise UnreadableEvent("news of a text that nobody here sent")
    except UnreadableEvent as error:
        _keep(form, str(error), engine, now)
        return
    send, status = decode_effect(row.body), onward(row.status, said.status)
    if status == row.status or not isinstance(send, Send):
        return
    events: list[Event] = list(learned(send, said))
    if status == "failed":
        events.append(receipt(send, said))
    # The journey hears of it first: after a crash it is told again, which changes nothing.
    engine.submit_many(events)
    engine.store.settle([replace(row, status=status, next_at=None, detail=said.detail)])


def answer(form: Mapping[str, str], engine: Engine, links: Links, now: Micros) -> str:
    """Take in a customer's text; what the provider texts back, as its XML."""
    try:
        people = links.customers_at(e164(form.get("From", "")))
        found = [read_inbound(form, customer=customer, at=now) for customer in people]
        if not found:
            raise UnreadableEvent("a text from a number that nobody here has written to")
        if len(found) > 1 and found[0].asks != "stop":
            raise UnreadableEvent(f"a text from the number of {' and '.join(people)}: whose is it?")
    except (UnreadableEvent, ValueError) as error:
        _keep(form, str(error), engine, now)
        return twiml()
    # Who wants no more texts at this number means the number, whoever shares it.
    engine.submit_many([one.event for one in found])
    if found[0].answered or found[0].asks not in ("help", "start"):
        return twiml()
    return twiml(_reply(people[0], engine, links, now))


def _reply(customer: str, engine: Engine, links: Links, now: Micros) -> str:
    state = engine.get(customer)
    if state is None or not state.journeys:
        return ""
    journey = state.journeys[-1]
    company = engine.library.version(journey.playbook, journey.version).playbook.company
    return f"{company}: {links.tracker(state, journey.number, now)} STOP = no more texts."


def _keep(form: Mapping[str, str], reason: str, engine: Engine, now: Micros) -> None:
    raw = urlencode(form).encode()
    letter = DeadLetter(at=now, kind="raw", origin=ORIGIN, reason=reason, raw=raw)
    engine.store.commit(Batch(dead=[letter]))


def sms_handlers(app: App, secret: str) -> list[ControllerRouterHandler]:
    """``POST /v1/sms/status/{token}`` and ``/v1/sms/inbound``, for signed forms only."""

    @post("/v1/sms/status/{token:str}", status_code=204)
    async def status(request: Request[Any, Any, Any], token: FromPath[str]) -> None:
        news(token, await _form(request), app.engine, app.links, time.time_ns() // 1000)

    @post("/v1/sms/inbound", status_code=200)
    async def inbound(request: Request[Any, Any, Any]) -> Response[str]:
        form = await _form(request)
        said = answer(form, app.engine, app.links, time.time_ns() // 1000)
        return Response(said, media_type=MediaType.XML)

    async def _form(request: Request[Any, Any, Any]) -> dict[str, str]:
        pairs = [(name, str(value)) for name, value in (await request.form()).multi_items()]
        url = f"{app.links.base}{request.url.path}"
        if request.url.query:
            url += f"?{request.url.query}"
        if not signed(secret, url, pairs, request.headers.get("x-twilio-signature", "")):
            raise NotAuthorizedException("the form is not signed with this account's token")
        return dict(pairs)

    return [status, inbound]
