"""How many trackers a second one process shows, how long a page takes, and what an open one costs.

The house that is measured is the one that is served: the same application over a store on disk. It
runs in a process of its own; the load comes from this one, over the loopback. Beside the tracker
stands a bare route of the same application, which renders the same template from contexts that lie
in memory, for as many different journeys.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from subprocess import PIPE, Popen
from typing import Any

import msgspec
from litestar import get
from litestar.response import Template

from ofone.app import App, opened
from ofone.app.book import AppBook, AppDesk
from ofone.app.server import intake_handler, listening
from ofone.benchmarks.measure import folder, options, own_process, say, spread
from ofone.domain.events import Happened, Value
from ofone.domain.times import DAY, HOUR, iso, to_micros
from ofone.journeys.load import bundled
from ofone.runtime.intake import Intake
from ofone.web.live import EACH, Streams
from ofone.web.pages import create_app
from ofone.web.tracked import context, shown

BATCH = 512
CONNECTIONS = 16
BARE = 256
"""Journeys whose contexts the bare route has in memory."""
_STEPS: Sequence[tuple[str, float]] = (
    ("Application Submitted", 1),
    ("E-Sign Completed", 2),
    ("Exam Booked", 4),
    ("Exam Completed", 11),
    ("Lab Results Received", 15),
)
"""Events and how many days after the first; each journey has come to another one of them."""


class Ready(msgspec.Struct):
    """The server says that it serves: where, for whom, and what it took to get there."""

    port: int
    tokens: list[str]
    filled_s: float


def tracker(given: dict[str, str]) -> dict[str, Any]:
    """Pages a second beside a bare route; milliseconds at half of that rate; kB an open stream.

    Options: journeys, seconds (of each run), runs, streams.
    """
    o = options(given, journeys=100_000, seconds=8, runs=5, streams=2_000)
    with folder() as place, _served(place, o["journeys"]) as (process, ready):
        say(f"tracker: {o['journeys']:,} journeys taken in within {ready.filled_s:.0f} s")
        pages = [f"/t/{token}" for token in ready.tokens]
        asyncio.run(_rate(ready.port, pages, 2.0))
        asyncio.run(_rate(ready.port, ["/bare"], 2.0))
        ours: list[float] = []
        bare: list[float] = []
        for _ in range(o["runs"]):
            # In turns, so that a busy minute weighs on both.
            bare.append(asyncio.run(_rate(ready.port, ["/bare"], o["seconds"])))
            ours.append(asyncio.run(_rate(ready.port, pages, o["seconds"])))
            say(f"tracker: {ours[-1]:,.0f} pages/s; bare {bare[-1]:,.0f}/s")
        half = spread(ours, 0)["median"] / 2
        waits = []
        for _ in range(o["runs"]):
            marks = quantiles(asyncio.run(_arrivals(ready.port, pages, half, o["seconds"])), n=100)
            waits.append((marks[49] * 1e3, marks[98] * 1e3))
            say(f"tracker: at {half:,.0f}/s p50 {waits[-1][0]:.1f} ms, p99 {waits[-1][1]:.1f}")
        streams = asyncio.run(_streams(ready.port, process.pid, ready.tokens, o["streams"]))
        size = asyncio.run(_first_load(ready.port, pages[0]))
    return {
        "journeys": o["journeys"],
        "pages_per_second": spread(ours, 0),
        "bare_pages_per_second": spread(bare, 0),
        "share_of_bare": spread([a / b for a, b in zip(ours, bare, strict=True)], 3),
        "at_half_of_the_rate": {
            "per_second": round(half),
            "p50_ms": spread([p50 for p50, _ in waits]),
            "p99_ms": spread([p99 for _, p99 in waits]),
        },
        "streams": streams,
        "page_bytes": size,
    }


@contextmanager
def _served(place: Path, journeys: int) -> Iterator[tuple[Popen[bytes], Ready]]:
    process = own_process("tracker.house", place, journeys, stdin=PIPE)
    try:
        assert process.stdout is not None  # noqa: S101  (own_process gives it a pipe)
        yield process, msgspec.json.decode(process.stdout.readline(), type=Ready)
    finally:
        process.kill()
        process.wait()


def house(place: str, journeys: str) -> None:
    """Take in so many journeys, then serve their trackers until terminated; ``Ready`` on stdout."""
    begin = time.perf_counter()
    with opened(Path(place) / "data", [bundled("life-insurance")], alone=True) as app:
        now = datetime.now(UTC)
        customers = _fill(app, int(journeys), now)
        app.links.base = "http://127.0.0.1"
        links = app.links.gathering()
        states = (app.engine.get(c) for c in customers)
        tokens = [links.token(s, 0, to_micros(now)) for s in states if s is not None]
        links.keep()
        intake, streams = Intake(app.engine), Streams()
        app.engine.watch(streams.moved)
        book = AppBook(app)
        known = [
            (t, shown(book, (c, 0), now=now))
            for c, t in zip(customers, tokens[:BARE], strict=False)
        ]
        kept = cycle([context(it, f"/t/{token}") for token, it in known if it is not None])

        @get("/bare", sync_to_thread=False)
        def bare() -> Template:
            return Template("tracker.html", context=next(kept))

        doors = [bare, intake_handler(intake)]
        pages = create_app(book, AppDesk(intake), streams=streams, more=doors)
        with listening("127.0.0.1", 0) as door:
            port = door.bound.getsockname()[1]
            ready = Ready(port, tokens, time.perf_counter() - begin)
            sys.stdout.buffer.write(msgspec.json.encode(ready) + b"\n")
            sys.stdout.buffer.flush()
            door.serve(pages, "/", stopping=streams.close)


def _fill(app: App, journeys: int, now: datetime) -> list[str]:
    """Everybody has applied, and has come to one step or another, within the last weeks."""
    today = to_micros(now)
    waiting: list[Happened] = []
    customers = [f"c{n}" for n in range(journeys)]
    for n, who in enumerate(customers):
        reached = n % (len(_STEPS) + 1)
        began = today - int((_STEPS[reached - 1][1] if reached else 0) * DAY) - (1 + n % 24) * HOUR
        traits: dict[str, Value] = {
            "first_name": f"Person {n}",
            "email": f"{who}@example.org",
            "zone": "America/New_York",
            "advisor_id": f"advisor-{n % 500}",
            "advisor_name": f"Sam Reyes {n % 500}",
        }
        happened: list[tuple[str, float, dict[str, Value]]] = [
            ("Application Started", 0, {"application_id": who}),
            ("Consent Given", 0, {"channels": ["email", "in_app"], "purpose": "service"}),
        ]
        happened += [(name, days, {}) for name, days in _STEPS[:reached]]
        if reached == 3:
            happened[-1] = ("Exam Booked", 4, {"appointment_at": iso(today + (1 + n % 9) * DAY)})
        waiting += [
            Happened(
                id=name,
                customer=who,
                name=name,
                at=began + int(days * DAY),
                properties=properties,
                traits=traits,
            )
            for name, days, properties in happened
        ]
        if len(waiting) >= BATCH:
            app.engine.submit_many(waiting)
            waiting.clear()
    app.engine.submit_many(waiting)
    return customers


class _Line(asyncio.Protocol):
    """One kept-alive connection that asks one thing at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._got = bytearray()
        self._whole = 0
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (a TCP connection)
        self.transport = transport

    def ask(self, path: str) -> "asyncio.Future[int]":
        """The bytes of the answer; a status other than 200 is an error."""
        assert self.transport is not None  # noqa: S101  (connected before it is used)
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._whole and (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._got[:end]).lower()
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self._whole = end + 4 + int(length or 0)
        if self._whole and len(self._got) >= self._whole and self._answer is not None:
            status, size = bytes(self._got[9:12]), len(self._got)
            self._got.clear()
            self._whole = 0
            if status == b"200":
                self._answer.set_result(size)
            else:
                self._answer.set_exception(RuntimeError(f"the page answered {status.decode()}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed"))


async def _line(port: int) -> _Line:
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(_Line, "127.0.0.1", port))[1]


async def _rate(port: int, paths: Sequence[str], seconds: float) -> float:
    """Pages a second when as many are asked for as can be answered."""
    todo = cycle(paths)
    answered = 0
    end = time.perf_counter() + seconds

    async def work() -> None:
        nonlocal answered
        line = await _line(port)
        while time.perf_counter() < end:
            await line.ask(next(todo))
            answered += 1

    begin = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return answered / (time.perf_counter() - begin)


async def _arrivals(port: int, paths: Sequence[str], rate: float, seconds: float) -> list[float]:
    """Waits, each from when its visitor was due to come (an open loop; see ``ack``)."""
    free: asyncio.Queue[_Line] = asyncio.Queue()
    for _ in range(4 * CONNECTIONS):
        free.put_nowait(await _line(port))
    waits: list[float] = []

    async def visit(path: str, due: float) -> None:
        line = await free.get()
        await line.ask(path)
        waits.append(time.perf_counter() - due)
        free.put_nowait(line)

    begin = time.perf_counter()
    async with asyncio.TaskGroup() as visits:
        for n, path in zip(range(int(rate * seconds)), cycle(paths), strict=False):
            due = begin + n / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            visits.create_task(visit(path, due))
    return waits


async def _streams(port: int, server: int, tokens: Sequence[str], count: int) -> dict[str, Any]:
    """What so many open streams cost the server, and how soon all of them hear of one event."""
    for token in tokens[-64:]:
        await _open(port, token)
    before = _resident(server)
    # One page each; where there are fewer customers than streams, several of one.
    watched = [tokens[n % len(tokens)] for n in range(min(count, EACH * len(tokens)))]
    streams = [await _open(port, token) for token in watched]
    after = _resident(server)
    lines = [
        msgspec.json.encode(
            {
                "id": "bench",
                "customer": f"c{n}",
                "name": "Page Viewed",
                "time": datetime.now(UTC).isoformat(),
            }
        )
        for n in range(min(len(watched), len(tokens)))
    ]
    body = b"\n".join(lines)
    head = f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begin = time.perf_counter()
    writer.write(head.encode() + body)
    await asyncio.gather(*(stream.readuntil(b"data: moved\n\n") for stream in streams))
    heard = time.perf_counter() - begin
    await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return {
        "open": len(streams),
        "kb_each": round((after - before) / len(streams), 1) if before else "not known here",
        "all_heard_after_ms": round(heard * 1e3),
    }


async def _open(port: int, token: str) -> asyncio.StreamReader:
    """An open stream that has said hello."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    _HELD.append(writer)
    request = f"GET /t/{token}/live HTTP/1.1\r\nHost: 127.0.0.1\r\n{_BROWSER}\r\n"
    writer.write(request.encode())
    await reader.readuntil(b"retry: ")
    return reader


_HELD: list[asyncio.StreamWriter] = []
"""Connections close when nobody holds them."""
_BROWSER = "".join(
    f"{line}\r\n"
    for line in (
        "Accept: text/event-stream",
        "Accept-Language: de-DE,de;q=0.9,en;q=0.8",
        "Cache-Control: no-cache",
        "User-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile",
        "Sec-Fetch-Site: same-origin",
        "Sec-Fetch-Mode: cors",
    )
)


def _resident(process: int) -> int:
    """Resident memory in kB; 0 where the system does not say."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


async def _first_load(port: int, path: str) -> dict[str, int]:
    """Bytes of a first visit, with headers, by file: the page and all that it names."""
    line = await _line(port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    page = (await reader.read()).decode()
    writer.close()
    named = sorted({part.split('"')[0] for part in page.split('"') if part.startswith("/static/")})
    sizes = {name: await line.ask(name) for name in named}
    return {"page": len(page.encode()), **sizes, "all": len(page.encode()) + sum(sizes.values())}
