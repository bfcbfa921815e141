"""How many e-mails a second one process renders and hands to a mail server on this machine.

The server runs in a process of its own and takes everything. Beside it, in the same run, stands the
least that could do it: a loop around aiosmtplib that sends the same bytes over as many connections
and keeps no record of anything.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.headerregistry import Address
from statistics import median, quantiles
from typing import Any

import aiosmtplib

from ofone.benchmarks.measure import (
    Cost,
    Stopwatch,
    books,
    folder,
    options,
    own_process,
    say,
    spread,
)
from ofone.channels.smtp import CONNECTIONS, Smtp, write
from ofone.domain.effects import Send
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened, Value
from ofone.domain.times import DAY, HOUR, MINUTE, Micros, iso
from ofone.journeys.library import Library
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_effect, decode_message
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.feed import FAR
from ofone.runtime.links import Links
from ofone.runtime.words import write as render
from ofone.stores.sqlite import SqliteStore

_TEN: Micros = 1_772_463_600_000_000
"""A Monday in March, ten in the morning in New York: messages may go out."""
_SENDER = Address("Alder Life", "service", "alder.example")
_BASE = "https://journeys.alder.example"
_DAYS: Sequence[tuple[str, dict[str, Value]]] = (
    ("Application Submitted", {}),
    ("E-Sign Completed", {}),
    ("Exam Booked", {"appointment_at": iso(_TEN + 9 * DAY), "appointment_place": "12 Elm Street"}),
)


def dispatch(given: dict[str, str]) -> dict[str, Any]:
    """E-mails a second of this process's CPU and of the clock, rendering in ms, and a bare loop.

    ``cpu_to_bare``: how many times the CPU of the bare loop. Options: customers (some four e-mails
    each), runs.
    """
    o = options(given, customers=400, runs=3)
    library = books()
    ours: list[Cost] = []
    bare: list[Cost] = []
    rendered: list[float] = []
    count = 0
    with folder() as place:
        for n in range(o["runs"]):
            store = SqliteStore(place / f"{n}.db")
            engine = Engine(store, library, VirtualClock())
            _live(engine, o["customers"])
            rendered += _rendering(engine, library)
            with _server() as port:
                smtp = Smtp("127.0.0.1", port, tls="none", sender=str(_SENDER))
                dispatcher = Dispatcher(
                    engine, {"email": smtp, "in_app": smtp}, Links(store, _BASE), real=False
                )
                watch = Stopwatch()
                count = dispatcher.run_until_idle(FAR)
                cost = watch.lap()
                smtp.close()
                messages = [decode_message(r.message) for r in store.effects() if r.message]
                if count != len(messages):
                    raise OfoneError(f"{len(messages) - count} of {len(messages)} were not taken")
                mails = [(m.address, write(m, _SENDER)) for m in messages]
                watch.lap()
                asyncio.run(_bare(port, mails))
                alone = watch.lap()
            store.close()
            ours.append(Cost(count / cost.cpu, count / cost.wall))
            bare.append(Cost(count / alone.cpu, count / alone.wall))
            say(f"dispatch: {_said(ours[-1])}; bare {_said(bare[-1])}")
    return {
        "emails": count,
        "emails_per_second_of_cpu": spread([c.cpu for c in ours], 0),
        "emails_per_second": spread([c.wall for c in ours], 0),
        "bare_per_second_of_cpu": spread([c.cpu for c in bare], 0),
        "bare_per_second": spread([c.wall for c in bare], 0),
        "cpu_to_bare": spread([b.cpu / a.cpu for a, b in zip(ours, bare, strict=True)], 2),
        "rendering_ms": {
            "median": round(median(rendered), 3),
            "p99": round(quantiles(rendered, n=100)[98], 3),
        },
    }


def _said(rate: Cost) -> str:
    return f"{rate.cpu:,.0f}/s of CPU ({rate.wall:,.0f}/s by the clock)"


def _live(engine: Engine, customers: int) -> None:
    """Everybody applies, signs and books within four days: e-mails are asked for, none is sent."""
    for n in range(customers):
        who = f"c{n}"
        traits: dict[str, Value] = {
            "name": f"Person No. {n}",
            "email": f"{who}@example.org",
            "zone": "America/New_York",
        }
        at = _TEN + n % 60 * MINUTE
        said: list[tuple[str, Micros, dict[str, Value]]] = [
            ("Application Started", at, {"application_id": who}),
            ("Consent Given", at, {"channels": ["email"], "purpose": "service"}),
        ]
        said += [
            (name, at + day * DAY + HOUR, properties)
            for day, (name, properties) in enumerate(_DAYS, 1)
        ]
        events = [
            Happened(
                id=name, customer=who, name=name, at=when, properties=properties, traits=traits
            )
            for name, when, properties in said
        ]
        engine.submit_many(events)


def _rendering(engine: Engine, library: Library) -> list[float]:
    """Milliseconds to render each e-mail, from the state that is in memory to the message."""
    links = Links(engine.store, _BASE).gathering()
    found = []
    for row in engine.store.effects():
        effect, state = decode_effect(row.body), engine.get(row.customer)
        if state is not None and isinstance(effect, Send):
            begin = time.perf_counter()
            render(effect, state, library, links)
            found.append((time.perf_counter() - begin) * 1e3)
    return found


async def _bare(port: int, mails: Sequence[tuple[str, bytes]]) -> None:
    """The same mails, written beforehand, over as many connections."""
    todo = iter(mails)

    async def work() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for address, raw in todo:
                await client.sendmail(_SENDER.addr_spec, [address], raw)

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))


@contextmanager
def _server() -> Iterator[int]:
    """A mail server in a process of its own; its port."""
    process = own_process("dispatch.take_all")
    try:
        assert process.stdout is not None  # noqa: S101  (own_process gives it a pipe)
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def take_all() -> None:
    """Serve SMTP on a free port, said on stdout, until terminated; everything is taken."""
    asyncio.run(_serve())


async def _serve() -> None:
    server = await asyncio.start_server(_talk, "127.0.0.1", 0, limit=10_000_000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 here\r\n")
    while line := await reader.readline():
        match line[:4].upper():
            case b"EHLO":
                writer.write(b"250-here\r\n250 SIZE 10000000\r\n")
            case b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
            case b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            case _:
                writer.write(b"250 ok\r\n")
    writer.close()
