"""A mailbox on this machine: whatever would go out can be read here instead.

It serves every channel in demos, rehearsals and tests; nothing leaves the machine.
"""

import sqlite3
from collections.abc import Collection
from pathlib import Path
from threading import Lock

from msgspec import msgpack

from ofone.domain.errors import StoreError
from ofone.domain.messages import Message, Outcome
from ofone.runtime.ports import Gone

# NORMAL may lose the last messages when the power fails; the repeat has the same key.
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    who TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS message_who ON message (who, number);
"""


class Mailbox:
    """Messages in a SQLite file of their own; in memory when ``path`` is None. Thread-safe.

    ``wait_s``: how long another process's write is waited for. Raises StoreError when the file
    cannot be opened.
    """

    name = "mailbox"
    idempotent = True

    def __init__(self, path: Path | None = None, *, wait_s: float = 5.0) -> None:
        self._place = str(path or ":memory:")
        self._lock = Lock()
        self._decode = msgpack.Decoder(Message).decode
        try:
            self._db = sqlite3.connect(
                self._place, timeout=wait_s, check_same_thread=False, isolation_level=None
            )
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as err:
            raise StoreError(
                f"cannot open the mailbox {self._place}: {err}; "
                "it must be a file of ours, or none yet, in a folder we may write to"
            ) from err

    def deliver(self, message: Message) -> Outcome:
        """Keep the message unless its key is there already: a repeat changes nothing."""
        row = (message.key, message.who, msgpack.encode(message))
        try:
            with self._lock:
                self._db.execute(
                    "INSERT INTO message (key, who, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    row,
                )
        except sqlite3.Error as err:
            return Outcome(status="retry", detail=f"the mailbox {self._place} refused it: {err}")
        return Outcome(status="delivered")

    def messages(self, who: str | None = None, limit: int = 500) -> list[Message]:
        """To one person or to all, the last that arrived first. Raises StoreError."""
        asked = "SELECT body FROM message {} ORDER BY number DESC LIMIT :limit"
        query = asked.format("" if who is None else "WHERE who = :who")
        try:
            with self._lock:
                rows = self._db.execute(query, {"who": who, "limit": limit}).fetchall()
        except sqlite3.Error as err:
            raise StoreError(f"cannot read the mailbox {self._place}: {err}") from err
        return [self._decode(body) for (body,) in rows]

    def erase(self, gone: Gone, told: Collection[str]) -> None:
        """Wipe messages to customers who are gone, and those of these keys. Raises StoreError."""
        try:
            with self._lock:
                people = self._db.execute("SELECT DISTINCT who FROM message").fetchall()
                theirs = [
                    (number,)
                    for (who,) in people
                    if gone(who, 0)
                    for number, body in self._db.execute(
                        "SELECT number, body FROM message WHERE who = ?", (who,)
                    )
                    if (m := self._decode(body)).to_kind == "customer" and gone(who, m.at)
                ]
                self._db.executemany("DELETE FROM message WHERE number = ?", theirs)
                keys = [(key,) for key in told]
                self._db.executemany("DELETE FROM message WHERE key = ?", keys)
                # Only a file that is written anew has no byte of what was deleted.
                self._db.execute("VACUUM")
                busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as err:
            raise StoreError(f"the mailbox {self._place} could not be wiped: {err}") from err
        if busy:
            raise StoreError(f"the mailbox {self._place} is being read; it is wiped after that")

    def close(self) -> None:
        """Close the file; the messages stay in it."""
        with self._lock:
            self._db.close()
