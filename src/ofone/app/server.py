"""Serve: the pages, the intake, and a clock that never sleeps past a timer."""

import asyncio
import contextlib
import gc
import hmac
import logging
import os
import socket
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath

from ofone.app import App, as_letter, dated, opened
from ofone.app import post as post_office
from ofone.app.book import AppBook, AppDesk
from ofone.app.carriers import secret_of
from ofone.app.device import AppDevices
from ofone.app.phone import sms_handlers
from ofone.app.preview import AppPreviews
from ofone.domain.errors import NotFound, OfoneError, PurposeRefused, StoreError
from ofone.domain.events import Happened
from ofone.domain.times import SECOND, Micros
from ofone.journeys.compiled import Compiled
from ofone.runtime.intake import Intake
from ofone.runtime.links import LIFE
from ofone.runtime.ports import DeadLetter
from ofone.runtime.purpose import assessment_for
from ofone.sources import parse_json
from ofone.web.headers import Site
from ofone.web.live import Streams
from ofone.web.pages import create_app
from ofone.web.preview import preview_handlers

_log = logging.getLogger(__name__)

IDLE_S = 0.5
"""How long the timekeeper waits when nothing is due; also how late a timer may fire."""
LARGEST_MAIL = 50_000_000
"""Bytes; more than mail servers pass on."""
CLEAN_EVERY = 10 * SECOND
"""How often it is looked whether somebody was erased, of whom bytes are left in files."""
NIGHT = 3
"""The hour, on this machine's clock, in which a large database is written anew for that."""


def serve(
    data: Path,
    playbooks: Sequence[Compiled],
    *,
    host: str,
    port: int,
    base: str,
    smtp: str,
    carried: Sequence[str] = (),
    embed_on: str = "",
    link_days: int = LIFE,
) -> None:
    """Serve one data folder until interrupted.

    ``embed_on``: the origin that may show a journey's status in its own pages. ``link_days``: how
    long a new link to a customer's pages opens them.
    """
    site = Site(base=base, embed_on=embed_on)
    with (
        listening(host, port) as door,
        opened(
            data,
            playbooks,
            base=base or door.address,
            smtp=smtp,
            carried=carried,
            listing=True,
            link_days=link_days,
            alone=True,
        ) as app,
    ):
        keeper = Timekeeper(app)
        intake = Intake(app.engine)
        try:
            doors = [intake_handler(intake), mail_handler(app), assessment_handler(app)]
            if secret := secret_of(carried):
                doors += sms_handlers(app, secret)
            doors += preview_handlers(AppPreviews(app))
            book, streams = AppBook(app), Streams()
            app.engine.watch(streams.moved)
            pages = create_app(
                book, AppDesk(intake), app.calls, AppDevices(app), streams, site=site, more=doors
            )
            door.serve(pages, "/", stopping=streams.close)
        finally:
            intake.close()
            keeper.close()


class Door:
    """A socket that listens already, so that its address is known before anything is linked."""

    def __init__(self, bound: socket.socket, host: str) -> None:
        self.bound = bound
        self.local = host in ("127.0.0.1", "localhost", "::1")
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{bound.getsockname()[1]}"

    def serve(
        self, pages: Litestar, path: str, *, stopping: Callable[[], None] = lambda: None
    ) -> None:
        """Serve until interrupted; ``path`` is what a person should open.

        ``stopping`` is called then, before it is waited for what is still being answered.
        """
        print(f"Open {self.address}{path}   (Ctrl+C ends)", flush=True)  # noqa: T201
        if not self.local:
            _log.warning("the staff pages ask for no login: keep %s behind one", self.address)
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(f"{self.address}{path}")
        config = uvicorn.Config(pages, log_level="warning", access_log=False, server_header=False)
        # What is loaded by now stays loaded: walking it again and again would hold up pages.
        gc.collect()
        gc.freeze()
        _Server(config, stopping).run(sockets=[self.bound])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self.stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.stopping()
        await super().shutdown(sockets)


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[Door]:
    """A door on that address; port 0 takes any free one. Raises OfoneError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Said to be TCP, so that asyncio sends what is small at once (TCP_NODELAY): else the body of an
    # answer waits 40 ms for the receipt of its headers.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with contextlib.closing(made) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen()
        except OSError as error:
            raise OfoneError(
                f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port, "
                "or --port 0 for any free one"
            ) from None
        yield Door(bound, host)


class Timekeeper:
    """A thread that fires due timers and dispatches what is pending, by the wall clock."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._stop = Flag()
        self._clean_at: Micros = 0
        self._left = 0
        self._thread = Thread(target=self._run, name="timekeeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the round at hand, then stop."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                now = time.time_ns() // 1000
                busy = self.app.engine.fire_due(now) or self.app.dispatcher.run_once(now).attempts
                if now >= self._clean_at:
                    self._clean_at = now + CLEAN_EVERY
                    self._clean()
                    self.app.renew()
            except StoreError as error:
                # Nothing is lost: the same timers and effects are there for the next round.
                _log.error("%s", error)
                busy = 0
            if not busy:
                self._stop.wait(IDLE_S)

    def _clean(self) -> None:
        """Here nothing is on its way to a channel. What takes long waits for the night."""
        left = sum(t.told is not None for t in self.app.store.tombstones())
        night = time.localtime().tm_hour == NIGHT
        if left and (left != self._left or night or not self.app.large):
            self._left = self.app.clean(whole=night)


def intake_handler(intake: Intake) -> Any:
    """``POST /v1/events``: one event, a list of them, or a line each; answered once durable."""

    @post("/v1/events", status_code=200)
    async def events(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        _authorise(request)
        body = await request.body()
        records = [dated(as_letter(parse_json(r, f"intake:{n}")), raw=r) for n, r in _split(body)]
        taken = [r for r in records if isinstance(r, Happened)]
        letters = [r for r in records if isinstance(r, DeadLetter)]
        acks = await asyncio.wrap_future(intake.submit(taken, letters))
        refused = [{"origin": d.origin, "reason": d.reason} for d in letters]
        refused += [
            {"origin": f"{e.customer}/{e.id}", "reason": a.reason}
            for e, a in zip(taken, acks, strict=True)
            if a.status == "dead letter"
        ]
        answer = {
            "accepted": sum(a.status == "accepted" for a in acks),
            "duplicates": sum(a.status == "duplicate" for a in acks),
            "kept_as_dead_letters": refused,
        }
        return Response(
            answer, status_code=422 if refused and len(refused) == len(records) else 200
        )

    return events


def mail_handler(app: App) -> Any:
    """``POST /v1/mail``: one mail as it came over the wire; answered once it is durable.

    Always 200 then, also for a mail that is kept as a dead letter: no mail server need try again.
    """

    @post("/v1/mail", status_code=200, request_max_body_size=LARGEST_MAIL)
    async def mail(request: Request[Any, Any, Any]) -> dict[str, Any]:
        _authorise(request)
        raw = await request.body()
        now = time.time_ns() // 1000
        found = await asyncio.to_thread(post_office.take, raw, app.engine, app.links, now)
        return post_office.said_of([found])

    return mail


def assessment_handler(app: App) -> Any:
    """``GET /v1/customers/ID/assessment?purpose=service``: needs, for our own service only.

    Any other purpose, or none, is refused with 403 and noted; ``X-Asked-By`` says who asks.
    """

    @get("/v1/customers/{customer:str}/assessment", sync_to_thread=True)
    def assessment(
        request: Request[Any, Any, Any], customer: FromPath[str]
    ) -> Response[dict[str, Any]]:
        _authorise(request)
        host = request.client.host if request.client is not None else "?"
        named = request.headers.get("x-asked-by", "")
        try:
            found = assessment_for(
                app.store,
                app.library,
                app.audit,
                customer=customer,
                purpose=request.query_params.get("purpose", ""),
                who=f"{named} ({host})" if named else host,
                now=time.time_ns() // 1000,
            )
        except PurposeRefused as error:
            return _problem(403, "Needs are for service only", error)
        except NotFound as error:
            return _problem(404, "No such customer", error)
        return Response(found)

    return assessment


def _problem(status: int, title: str, error: OfoneError) -> Response[dict[str, Any]]:
    """An error as RFC 9457 has it."""
    return Response(
        {"type": "about:blank", "title": title, "status": status, "detail": str(error)},
        status_code=status,
        media_type="application/problem+json",
    )


def _authorise(request: Request[Any, Any, Any]) -> None:
    key = os.environ.get("OFONE_INTAKE_KEY", "")
    said = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key and not hmac.compare_digest(key.encode(), said.encode()):
        raise NotAuthorizedException("send the header Authorization: Bearer KEY")


def _split(body: bytes) -> list[tuple[int, bytes]]:
    """The events of a body, numbered from 1: a JSON list, or lines, or one object."""
    if body.lstrip()[:1] == b"[":
        with contextlib.suppress(msgspec.DecodeError, RecursionError):
            found = msgspec.json.decode(body, type=list[msgspec.Raw])
            return [(n, bytes(raw)) for n, raw in enumerate(found, 1)]
    with contextlib.suppress(msgspec.DecodeError, RecursionError):
        msgspec.json.decode(body, type=msgspec.Raw)
        return [(1, body.strip())]
    return [(n, line) for n, line in enumerate(body.splitlines(), 1) if line.strip()]
