"""Calls that people make: each message becomes a task on a list, and its end becomes an event.

A task shows what the caller knows anyway: whom to call, about which step, what to say first, until
when. It has no field for a need or an approach, and its number tells no more than its place in the
list. (Words for calls must not differ by approach: see ``docs/how-to/channels.md``.)
"""

import sqlite3
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, assert_never
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from ofone.conversations.templates import printable
from ofone.domain.calling import ENDS, Ended
from ofone.domain.errors import NotFound, OfoneError, StoreError
from ofone.domain.events import Happened
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import DAY, HOUR, Micros
from ofone.profiles.fold import CONSENT_WITHDRAWN
from ofone.runtime.ports import Gone

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
    process's write is waited for. ``later``: the file is made with its first task, not before.
    Raises StoreError when the file cannot be opened.
    """

    name = "call"
    idempotent = True

    def __init__(
        self,
        path: Path | None = None,
        *,
        within: Micros = DAY,
        wait_s: float = 5.0,
        later: bool = False,
    ) -> None:
        self._path = path
        self._place = str(path or ":memory:")
        self._within = within
        self._wait_s = wait_s
        self._lock = Lock()
        self._opened: sqlite3.Connection | None = None
        if not later:
            self._db()

    def _db(self) -> sqlite3.Connection:
        """The open file; asked for under the lock, but by ``__init__``. Raises StoreError."""
        if self._opened is not None:
            return self._opened
        try:
            db = sqlite3.connect(
                self._place, timeout=self._wait_s, check_same_thread=False, isolation_level=None
            )
            db.executescript(_SCHEMA)
        except sqlite3.Error as err:
            raise StoreError(
                f"cannot open the calls {self._place}: {err}; "
                "it must be a file of ours, or none yet, in a folder we may write to"
            ) from err
        self._opened = db
        return db

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
                self._db().execute(_INSERT, row)
        except (sqlite3.Error, StoreError) as err:
            return Outcome(status="retry", detail=f"the calls {self._place} refused it: {err}")
        return Outcome(status="accepted", detail="on the list of calls")

    def open(self, limit: int = 100) -> list[CallTask]:
        """Calls still to be made, the most urgent first. Raises StoreError."""
        return [task for _, task in self.keyed(limit)]

    def keyed(self, limit: int = 100) -> list[tuple[str, CallTask]]:
        """The same, each with the key of the message it came from, which no caller sees."""
        return self._rows("ended = '' ORDER BY answer_by, number LIMIT ?", limit)

    def count(self) -> int:
        """How many calls wait to be made."""
        found = self._read("SELECT count(*) FROM task WHERE ended = ''")
        return int(found[0][0]) if found else 0

    def taken_back(self, since: Micros, limit: int = 20) -> list[tuple[str, CallTask]]:
        """Calls made out since then that nobody needs any more, the newest first; with keys."""
        where = "ended = 'moot' AND made_at >= ? ORDER BY number DESC"
        return self._rows(where, since)[:limit]

    def find(self, number: int) -> CallTask:
        """One call, whatever became of it. Raises NotFound."""
        return self._found(number)[1]

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

    def events_of(self, number: int, ended: Ended, caller: str, at: Micros) -> tuple[Happened, ...]:
        """How a call went, as events, the most pressing first; submit all, then ``finish`` it.

        A wish not to be called withdraws the consent to calls; a wrong number is one for texts too.
        Changes nothing itself. The ids are the call's: reported twice, because of a crash in
        between or a double tap, it counts once. Raises NotFound, or OfoneError when another has the
        call, or it is over and went otherwise.
        """
        if ended not in ENDS:
            raise OfoneError(f"a call cannot end {ended!r}; it ends: {', '.join(ENDS)}")
        key, task = self._found(number)
        if (task.ended and task.ended != ended) or task.caller not in ("", caller):
            raise OfoneError(self._taken(task))
        made = Happened(
            id=f"call:{sha256(key.encode()).hexdigest()[:32]}",
            customer=task.customer,
            name=CALL_MADE,
            at=at,
            properties={"channel": "call", "outcome": ended, "task": number, "by": caller},
            source="calls",
        )
        match ended:
            case "no_calls":
                said = f"Asked not to be called; told to {caller or 'the person who called'}"
                told = replace(
                    made,
                    id=f"{made.id}:no-calls",
                    name=CONSENT_WITHDRAWN,
                    properties={"channel": "call", "wording": said},
                )
                return told, made
            case "wrong_number":
                told = replace(
                    made,
                    id=f"{made.id}:wrong-number",
                    name="Message Bounced",
                    properties={"channels": ["call", "sms"], "hard": True, "by": caller},
                )
                return told, made
            case "reached" | "not_reached":
                return (made,)
            case _:
                assert_never(ended)

    def finish(self, number: int, ended: Ended, caller: str) -> CallTask:
        """Take a call off the list, with how it went. Raises NotFound."""
        return self._change(
            "UPDATE task SET ended = ?, caller = ? WHERE number = ? AND ended = ''",
            (ended, caller, number),
            number,
        )

    def take_back(self, key: str) -> bool:
        """The customer acted, so that nobody needs to call; whether a call was still open."""
        try:
            with self._lock:
                changed = self._db().execute(
                    "UPDATE task SET ended = ? WHERE key = ? AND ended = ''", (_MOOT, key)
                )
        except sqlite3.Error as err:
            raise StoreError(f"the calls {self._place} refused it: {err}; try again") from err
        return changed.rowcount > 0

    def erase(self, gone: Gone, told: Collection[str]) -> None:
        """Wipe the calls to customers who are gone. Raises StoreError."""
        try:
            with self._lock:
                if self._opened is None and self._path is not None and not self._path.exists():
                    return
                db = self._db()
                tasks = db.execute("SELECT number, customer, made_at FROM task").fetchall()
                theirs = [(n,) for n, customer, made_at in tasks if gone(customer, made_at)]
                db.executemany("DELETE FROM task WHERE number = ?", theirs)
                # Only a file that is written anew has no byte of what was deleted.
                db.execute("VACUUM")
                busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as err:
            raise StoreError(f"the calls {self._place} could not be wiped: {err}") from err
        if busy:
            raise StoreError(f"the calls {self._place} are being read; they are wiped after that")

    def close(self) -> None:
        """Close the file; the tasks stay in it."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()

    def _change(self, update: str, values: tuple[object, ...], number: int) -> CallTask:
        try:
            with self._lock:
                self._db().execute(update, values)
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
        return [(key, CallTask(*row)) for key, *row in self._read(query, (value,))]

    def _read(self, query: str, values: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                if self._opened is None and self._path is not None and not self._path.exists():
                    return []
                return self._db().execute(query, values).fetchall()
        except sqlite3.Error as err:
            raise StoreError(f"cannot read the calls {self._place}: {err}") from err

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
