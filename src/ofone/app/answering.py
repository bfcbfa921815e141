"""How a call went, from the command line: into the folder, or to the server that has it."""

import os
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from ofone.app import existing, opened, opened_to_read
from ofone.app.calling import AppCalls, listed
from ofone.channels.calls import CallTask
from ofone.channels.http import Answer, Http
from ofone.domain.calling import CallDesk, Ended
from ofone.domain.errors import OfoneError, StoreError
from ofone.domain.events import Happened
from ofone.sources import to_json


def waiting(data: Path, file: Path | None) -> CallDesk:
    """The list of a folder, or of a file of its own, as it stands. Raises NotFound, StoreError."""
    with opened_to_read(data) as app, closing(listed(data, file)) as calls:
        return AppCalls(calls, app.store, app.library).desk(time.time_ns() // 1000)


def answer(
    data: Path, file: Path | None, number: int, ended: Ended, by: str, server: str
) -> CallTask:
    """Take how a call went; with ``server``, by the intake of the one that serves the folder.

    Raises NotFound for a call that is not there, OfoneError for one that another has or that is
    over, and for events that were not taken: the call then stays on the list.
    """
    with closing(listed(existing(data), file)) as calls:
        events = calls.events_of(number, ended, by, time.time_ns() // 1000)
        if server:
            _post(server, events)
        else:
            _submit(data, events)
        return calls.finish(number, ended, by)


def _submit(data: Path, events: Sequence[Happened]) -> None:
    try:
        with opened(data, alone=True) as app:
            acks = [app.engine.submit(event) for event in events]
    except StoreError as error:
        raise StoreError(
            f"{error}\nthe server that has the folder takes it with --server http://HOST:PORT, "
            "or on its page /desk"
        ) from None
    for ack in acks:
        if ack.status == "dead letter":
            raise OfoneError(f"how the call went was kept as a dead letter: {ack.reason}")


def _post(server: str, events: Sequence[Happened]) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    if key := os.environ.get("OFONE_INTAKE_KEY", ""):
        headers["Authorization"] = f"Bearer {key}"
    url = f"{server.rstrip('/')}/v1/events"
    with closing(Http(private=True)) as http:
        found = http.send("POST", url, headers, b"\n".join(map(to_json, events)))
    if not isinstance(found, Answer):
        raise OfoneError(f"{url} did not take it: {found.why}; the call is still on the list")
    said = found.body.decode("utf-8", "replace")[:300]
    if found.status != 200 or msgspec.json.decode(found.body).get("kept_as_dead_letters"):
        raise OfoneError(
            f"{url} did not take it: {found.status} {said}; the call is still on the list"
        )
