"""Calls that people make: each message becomes a task on a list, and its end becomes an event.

A task shows what the caller knows anyway: whom to call, about which step, what to say first, until
when. It has no field for a need or an approach, and its number tells no more than its place in the
list. (Words for calls must not differ by approach: see ``docs/how-to/channels.md``.)
"""

import sqlite3
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal, get_args
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from ofone.conversations.templates import printable
from ofone.domain.errors import NotFound, OfoneError, StoreError
from ofone.domain.events import Happened
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import DAY, HOUR, Micros

Ended = Literal["reached", "not_reached", "declined"]
ENDS: tuple[Ended, ...] = get_args(Ended)

CALL_MADE = "Call Made"

_LIKE = "calls:calls.db?within=24"
# NORMAL may lose the last tasks when the power fails; the repeat has the same key.
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS task (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    customer TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    about TEXT NOT NULL,
    say_first TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    answer_by INTEGER NOT NULL,
    caller TEXT NOT NULL DEFAULT '',
    ended TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS task_open ON task (answer_by) WHERE ended = '';
"""
_INSERT = """
INSERT INTO task (key, customer, name, phone, about, say_first, made_at, answer_by)
VALUES (:key, :customer, :name, :phone, :about, :say_first, :made_at, :answer_by)
ON CONFLICT DO NOTHING
"""
_COLUMNS = "number, customer, name, phone, about, say_first, made_at, answer_by, caller, ended"
_MOOT = "moot"


class CallTask(Struct, frozen=True, array_like=True):
    """One call to make. ``caller`` is who has taken it, ``ended`` how it went; empty until then."""

    number: int
    customer: str
    name: str
    phone: str
    about: str
    say_first: str
    made_at: Micros
    answer_by: Micros
    caller: str = ""
    ended: str = ""


class Calls:
    """Tasks in a SQLite file of their own; in memory when ``path`` is None. Thread-safe.

    ``within``: how long after it was decided a call should be made. ``wait_s``: how long another
    process's write is waited for. Raises StoreError when the file cannot be opened.
    """

    name = "call"
    idempotent = True

    def __init__(
        self, path: Path | None = None, *, within: Micros = DAY, wait_s: float = 5.0
    ) -> None:
        self._place = str(path or ":memory:")
        self._within = within
        self._lock = Lock()
        try:
            self._db = sqlite3.connect(
                self._place, timeout=wait_s, check_same_thread=False, isolation_level=None
            )
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as err:
            raise StoreError(
                f"cannot open the calls {self._place}: {err}; "
                "it must be a file of ours, or none yet, in a folder we may write to"
            ) from err

    def deliver(self, message: Message) -> Outcome:
        """Put the call on the list unless its key is there already: a repeat changes nothing.

        ``failed`` when there is no number to call.
        """
        phone = printable(message.address)
        if sum(char.isdigit() for char in phone) < 3:
            return Outcome(status="failed", detail=f"{phone[:40]!r} is no number to call")
        row = {
            "key": message.key,
            "customer": message.who,
            "name": printable(message.name),
            "phone": phone,
            "about": printable(message.subject),
            "say_first": message.text,
            "made_at": message.at,
            "answer_by": message.at + self._within,
        }
        try:
            with self._lock:
                self._db.execute(_INSERT, row)
        except sqlite3.Error as err:
            return Outcome(status="retry", detail=f"the calls {self._place} refused it: {err}")
        return Outcome(status="accepted", detail="on the list of calls")

    def open(self, limit: int = 100) -> list[CallTask]:
        """Calls still to be made, the most urgent first. Raises StoreError."""
        rows = self._rows("ended = '' ORDER BY answer_by, number LIMIT ?", limit)
        return [task for _, task in rows]

    def claim(self, number: int, caller: str) -> CallTask:
        """Take a call, so that nobody else makes it; again by the same person changes nothing.

        Raises NotFound, or OfoneError when another has it or it is over.
        """
        task = self._change(
            "UPDATE task SET caller = ? WHERE number = ? AND ended = '' AND caller IN ('', ?)",
            (caller, number, caller),
            number,
        )
        if task.ended or task.caller != caller:
            raise OfoneError(self._taken(task))
        return task

    def give_back(self, number: int, caller: str) -> CallTask:
        """Let somebody else make a call that this caller took. Raises NotFound."""
        return self._change(
            "UPDATE task SET caller = '' WHERE number = ? AND ended = '' AND caller = ?",
            (number, caller),
            number,
        )

    def event_of(self, number: int, ended: Ended, caller: str, at: Micros) -> Happened:
        """How a call went, as an event; submit it, then ``finish`` the call.

        Changes nothing itself. The event's id is the call's: reported twice, because of a crash in
        between, it counts once. Raises NotFound, or OfoneError when another has the call, or it is
        over and went otherwise.
        """
        if ended not in ENDS:
            raise OfoneError(f"a call cannot end {ended!r}; it ends: {', '.join(ENDS)}")
        key, task = self._found(number)
        if (task.ended and task.ended != ended) or task.caller not in ("", caller):
            raise OfoneError(self._taken(task))
        return Happened(
            id=f"call:{sha256(key.encode()).hexdigest()[:32]}",
            customer=task.customer,
            name=CALL_MADE,
            at=at,
            properties={"channel": "call", "outcome": ended, "task": number, "by": caller},
            source="calls",
        )

    def finish(self, number: int, ended: Ended, caller: str) -> CallTask:
        """Take a call off the list, with how it went. Raises NotFound."""
        return self._change(
            "UPDATE task SET ended = ?, caller = ? WHERE number = ? AND ended = ''",
            (ended, caller, number),
            number,
        )

    def take_back(self, key: str) -> bool:
        """The customer acted, so that nobody needs to call; whether a call was still open."""
        with self._lock:
            changed = self._db.execute(
                "UPDATE task SET ended = ? WHERE key = ? AND ended = ''", (_MOOT, key)
            )
        return changed.rowcount > 0

    def close(self) -> None:
        """Close the file; the tasks stay in it."""
        with self._lock:
            self._db.close()

    def _change(self, update: str, values: tuple[object, ...], number: int) -> CallTask:
        try:
            with self._lock:
                self._db.execute(update, values)
        except sqlite3.Error as err:
            raise StoreError(f"the calls {self._place} refused it: {err}; try again") from err
        return self._found(number)[1]

    def _found(self, number: int) -> tuple[str, CallTask]:
        """The task's key, which stays inside, and the task. Raises NotFound."""
        found = self._rows("number = ?", number)
        if not found:
            still = ", ".join(str(task.number) for task in self.open(10)) or "none"
            raise NotFound(f"there is no call {number}; open calls are: {still}")
        return found[0]

    def _rows(self, where: str, value: int) -> list[tuple[str, CallTask]]:
        query = f"SELECT key, {_COLUMNS} FROM task WHERE {where}"  # noqa: S608 - our own words
        try:
            with self._lock:
                rows = self._db.execute(query, (value,)).fetchall()
        except sqlite3.Error as err:
            raise StoreError(f"cannot read the calls {self._place}: {err}") from err
        return [(key, CallTask(*row)) for key, *row in rows]

    def _taken(self, task: CallTask) -> str:
        if task.ended == _MOOT:
            return f"call {task.number} is not needed any more; take another from the list"
        if task.ended:
            return f"call {task.number} is over: {task.caller} says {task.ended}"
        return f"call {task.number} is {task.caller}'s; ask {task.caller} to give it back"


def from_url(text: str) -> Calls:
    """The channel of ``calls:FILE?within=HOURS``; 24 hours unless said. Raises OfoneError."""
    url = urlsplit(text)
    said = dict(parse_qsl(url.query, keep_blank_values=True))
    within = said.pop("within", "24")
    if url.scheme != "calls" or not url.path or said:
        raise OfoneError(f"cannot read where calls are listed; write {_LIKE}")
    if not (within.isascii() and within.isdigit() and 0 < int(within[:6]) <= 10_000):
        raise OfoneError(f"within={within!r}: write whole hours, 1 to 10000")
    return Calls(Path(unquote(url.path)), within=int(within) * HOUR)
