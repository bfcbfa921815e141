"""What the commands for a customer's rights do over a data folder: take along, erase, back up."""

import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from ofone.app import AUDIT, DATABASE, ERASED, MAILBOX, App, existing
from ofone.app.calling import CALLS
from ofone.domain.effects import Send
from ofone.domain.errors import NotFound, OfoneError, StoreError
from ofone.domain.events import Happened
from ofone.domain.times import iso
from ofone.journeys.advance import ERASE
from ofone.runtime.codec import decode_effect, decode_state
from ofone.runtime.erase import mark
from ofone.runtime.ports import Store
from ofone.stores.graves import FileGraves


class Holdings(Struct, frozen=True, kw_only=True):
    """How much is kept of one customer."""

    customer: str
    name: str
    events: int
    journeys: int
    messages: int
    waiting: int
    dead_letters: int


def holdings(store: Store, customer: str) -> Holdings:
    """What an erasure would take. Raises NotFound with who there is."""
    body = store.load(customer)
    if body is None:
        if any(t.mark == mark(store.secret(), customer) for t in store.tombstones()):
            raise NotFound(f"{customer!r} was erased; nothing is left here to erase or to show")
        near = ", ".join(store.recent(5)) or "nobody yet"
        raise NotFound(f"no customer {customer!r} here; the newest are: {near}")
    state = decode_state(body)
    sends = [r for r in store.effects(customer) if isinstance(decode_effect(r.body), Send)]
    known = state.profile.traits.get("name")
    return Holdings(
        customer=customer,
        name=str(known.value) if known is not None and known.value else "",
        events=len(store.log(customer)),
        journeys=len(state.journeys),
        messages=len(sends),
        waiting=sum(r.next_at is not None for r in sends),
        dead_letters=sum(d.customer == customer for d in store.dead_letters(waiting=False)),
    )


def erase(data: Path, customer: str, carried: Sequence[str] = ()) -> bool:
    """Erase one customer, in all files; whether that is done, or goes on with the next start.

    Raises NotFound for nobody, and StoreError when it could not be kept (then nothing was erased),
    or while another process serves the folder.
    """
    now = time.time_ns() // 1000
    try:
        app = App(existing(data), carried=carried, alone=True)
    except StoreError as error:
        raise StoreError(
            f"{error}; to erase while it is served, POST to its /v1/events: "
            f'{{"id": "erase-{now}", "customer": "{customer}", "name": "{ERASE}", '
            f'"time": "{iso(now)}"}}'
        ) from None
    with closing(app):
        holdings(app.store, customer)
        app.engine.submit(
            Happened(id=f"erase:{now}", customer=customer, name=ERASE, at=now, source="command")
        )
        return app.clean() == 0


def erase_again(data: Path, listed: Path) -> int:
    """Erase in a folder, a backup say, whom another one's list names; how many were in it.

    Raises NotFound for a folder without journeys or a list that is not there.
    """
    if not listed.is_file():
        raise NotFound(f"{listed} is no file; give the {ERASED} of the folder that is served")
    graves = FileGraves(listed).read()
    FileGraves(existing(data) / ERASED).add(graves)
    before = _erased(data)
    with closing(App(data, alone=True)) as app:
        app.clean()
    return _erased(data) - before


def _erased(data: Path) -> int:
    with closing(sqlite3.connect(data / DATABASE)) as db:
        row = db.execute("SELECT n FROM counts WHERE name='erased'").fetchone()
    return int(row[0]) if row is not None else 0


def back_up(data: Path, to: Path) -> list[Path]:
    """Copy a data folder whole into a new one, also while it is served; the files made.

    Raises OfoneError when something is in the way, StoreError when it cannot be written.
    """
    existing(data)
    if to.exists() and any(to.iterdir() if to.is_dir() else [to]):
        raise OfoneError(f"{to} is not empty; give a folder that is new, such as one by its date")
    made = []
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name in (DATABASE, MAILBOX, CALLS):
            if (data / name).exists():
                made.append(to / name)
                with closing(
                    sqlite3.connect(f"{(data / name).resolve().as_uri()}?mode=ro", uri=True)
                ) as db:
                    db.execute("VACUUM INTO ?", (str(to / name),))
        for name in (AUDIT, ERASED):
            if (data / name).exists():
                made.append(to / name)
                (to / name).write_bytes((data / name).read_bytes())
        for path in made:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{to}: {error}; the backup is not whole, remove it") from error
    return made
