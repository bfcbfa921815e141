"""SQLite in WAL mode, ``synchronous=FULL``: one process, one file, a commit is on the disk.

Every batch is one transaction. Statements are few and prepared once by SQLite's own cache; the
names of customers are turned into small numbers, of which the active ones are kept in memory. The
log needs no index: each row says where the one before it of the same customer is.
"""

import secrets
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

from ofone.domain.errors import StoreError
from ofone.domain.times import Micros
from ofone.runtime.erase import mentions
from ofone.runtime.ports import (
    Batch,
    DeadLetter,
    EffectRow,
    Erasure,
    Gone,
    LogRow,
    Position,
    StateRow,
    Tombstone,
)

SCHEMA = 4
_NAMES_KEPT = 50_000
_LENGTHS = "lengths:"
Place = tuple[int, int]
"""A customer's number, and where the log has their last input (0: nowhere yet)."""
P = ParamSpec("P")
T = TypeVar("T")


def _said(
    method: Callable[Concatenate["SqliteStore", P], T],
) -> Callable[Concatenate["SqliteStore", P], T]:
    """One caller at a time; what SQLite refuses is said as a StoreError, with the way out."""

    def wrapped(self: "SqliteStore", /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with self._lock:
                return method(self, *args, **kwargs)
        except sqlite3.Error as error:
            raise _store_error(self.path, error) from error

    wrapped.__doc__ = method.__doc__
    return wrapped


def _store_error(path: Path, error: sqlite3.Error) -> StoreError:
    text = str(error)
    if "locked" in text or "busy" in text:
        hint = "another process is writing to it; stop that one, or choose another --data folder"
    elif "full" in text:
        hint = "the disk is full; free some space and run the same command again: nothing is lost"
    elif "not a database" in text or "malformed" in text:
        hint = "the file is damaged or not ours; restore a backup, or choose another --data folder"
    elif "readonly" in text or "unable to open" in text:
        hint = "check that the folder exists and may be written"
    else:
        hint = "nothing of this batch was kept; run the same command again"
    return StoreError(f"{path}: {text}; {hint}")


class SqliteStore:
    """The default store. ``path`` is the database file; its folder is made when it is missing.

    ``reading`` opens an existing file without changing anything, also where nothing may be
    written (a backup); what writes is then refused.
    """

    def __init__(
        self, path: Path, *, wait_s: float = 5.0, cache_mb: int = 64, reading: bool = False
    ) -> None:
        self.path = path
        self._lock = RLock()
        self._places: OrderedDict[str, Place] = OrderedDict()
        try:
            if not reading:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                _reading(path) if reading else path,
                uri=reading,
                isolation_level=None,
                timeout=wait_s,
                check_same_thread=False,
            )
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}; choose a folder you may write") from error
        except sqlite3.Error as error:
            raise _store_error(path, error) from error
        try:
            version = self._known()
            self._db.execute(f"PRAGMA cache_size=-{cache_mb * 1024}")
            if not reading:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=FULL")
                self._db.execute("PRAGMA wal_autocheckpoint=4000")
                self._make(version)
        except sqlite3.Error as error:
            self._db.close()
            raise _store_error(path, error) from error
        except StoreError:
            self._db.close()
            raise

    def _known(self) -> int:
        """The schema in the file, 0 for none. Raises StoreError before anything is changed."""
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if tables and version != SCHEMA:
            raise StoreError(
                f"{self.path}: schema {version}, this program knows {SCHEMA}; "
                "use the version of ofone that wrote it, or another --data folder"
            )
        return version

    def _make(self, version: int) -> None:
        if version < SCHEMA:
            sql = (files("ofone.stores") / "sqlite.sql").read_text(encoding="utf-8")
            self._db.executescript(f"BEGIN;{sql}PRAGMA user_version={SCHEMA};COMMIT;")
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO meta VALUES ('secret', ?)", (secrets.token_bytes(32),)
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction already; then there is nothing to undo.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _place(self, customer: str) -> Place | None:
        place = self._places.get(customer)
        if place is None:
            row = self._db.execute(
                "SELECT pk, last FROM customers WHERE id=?", (customer,)
            ).fetchone()
            if row is None:
                return None
            place = self._remember(customer, row)
        return place

    def _pk(self, customer: str) -> int | None:
        place = self._place(customer)
        return None if place is None else place[0]

    def _remember(self, customer: str, place: Place) -> Place:
        self._places[customer] = place
        if len(self._places) > _NAMES_KEPT:
            self._places.popitem(last=False)
        return place

    @_said
    def load(self, customer: str) -> bytes | None:
        row = self._db.execute(
            "SELECT pk, last, body FROM customers WHERE id=?", (customer,)
        ).fetchone()
        if row is None:
            return None
        self._remember(customer, row[:2])
        return bytes(row[2])

    @_said
    def forgotten(self, customer: str, digest: int) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM forgotten WHERE customer=? AND digest=?", (self._pk(customer), digest)
        ).fetchone()
        return row is not None

    @_said
    def commit(self, batch: Batch) -> None:
        places: dict[str, Place] = {}
        db = self._db
        with self._transaction():
            for gone in batch.erased:
                self._erase(gone)
            pk, seq = db.execute(
                "SELECT (SELECT ifnull(max(pk), 0) FROM customers),"
                " (SELECT ifnull(max(seq), 0) FROM log)"
            ).fetchone()
            newest = pk
            for s in batch.states:
                place = self._place(s.customer)
                if place is None:
                    pk += 1
                places[s.customer] = place or (pk, 0)
            log = []
            for r in batch.log:
                seq += 1
                number, last = places[r.customer]
                places[r.customer] = number, seq
                log.append((seq, number, last, r.now, r.facts, r.body, r.decisions or None))
            db.executemany(
                "INSERT INTO log (seq, customer, before, now, facts, body, decisions)"
                " VALUES (?,?,?,?,?,?,?)",
                log,
            )
            new, known = [], []
            for s in batch.states:
                number, last = places[s.customer]
                row = (s.version, s.due, last, s.body, number)
                if number > newest:
                    new.append((s.customer, *row))
                else:
                    known.append(row)
            db.executemany(
                "INSERT INTO customers (id, version, due, last, body, pk) VALUES (?,?,?,?,?,?)", new
            )
            db.executemany(
                "UPDATE customers SET version=?, due=?, last=?, body=? WHERE pk=?", known
            )
            db.executemany(
                "INSERT OR IGNORE INTO forgotten (customer, digest) VALUES (?,?)",
                [(places[customer][0], digest) for customer, digest in batch.forgotten],
            )
            if batch.helped:
                db.executemany(
                    "INSERT OR IGNORE INTO helped (helper, customer) VALUES (?,?)",
                    [(helper, places[customer][0]) for helper, customer in batch.helped],
                )
            if batch.effects:
                db.executemany(
                    "INSERT INTO outbox (customer, key, at, body, status, next_at, attempts,"
                    " message, detail, attempting) VALUES (?,?,?,?,?,?,?,?,?,?)",
                    [
                        (
                            places[e.customer][0],
                            e.key,
                            e.at,
                            e.body,
                            e.status,
                            e.next_at,
                            e.attempts,
                            e.message,
                            e.detail,
                            e.attempting,
                        )
                        for e in batch.effects
                    ],
                )
            if batch.dead:
                self._bury(batch.dead)
            db.executemany(
                "INSERT INTO counts VALUES (?,?) ON CONFLICT (name) DO UPDATE SET n=n+excluded.n",
                list(batch.counts.items()),
            )
            if batch.position is not None:
                p = batch.position
                db.execute(
                    "INSERT OR REPLACE INTO positions VALUES (?,?,?)",
                    (p.source, p.count, p.finished),
                )
        self._places.update(places)
        while len(self._places) > _NAMES_KEPT:
            self._places.popitem(last=False)

    def _erase(self, e: Erasure) -> None:
        db = self._db
        place = self._place(e.customer)
        if place is not None:
            self._places.pop(e.customer, None)
            db.execute(
                "WITH RECURSIVE mine (seq, before) AS ("
                " SELECT seq, before FROM log WHERE seq=?"
                " UNION ALL SELECT l.seq, l.before FROM mine m JOIN log l ON l.seq=m.before)"
                " DELETE FROM log WHERE seq IN (SELECT seq FROM mine)",
                (place[1],),
            )
            for table in ("outbox", "forgotten", "helped"):
                db.execute(f"DELETE FROM {table} WHERE customer=?", place[:1])  # noqa: S608
            db.execute("DELETE FROM customers WHERE pk=?", place[:1])
        db.execute("DELETE FROM links WHERE customer=?", (e.customer,))
        db.executemany("INSERT OR REPLACE INTO links VALUES (?,?,?)", e.links)
        db.executemany(
            "DELETE FROM dead_letters WHERE number=?",
            [(d.number,) for d in self._letters() if mentions(d, e.customer, e.words)],
        )
        db.execute(
            "INSERT OR REPLACE INTO tombstones VALUES (?,?,?,?)",
            (e.mark, e.at, e.version, "\n".join(e.told)),
        )

    def _bury(self, letters: Iterable[DeadLetter]) -> None:
        for d in letters:
            mark = blake2b(f"{d.kind}\x1f{d.origin}\x1f".encode() + d.raw, digest_size=16).digest()
            cursor = self._db.execute(
                "INSERT INTO dead_letters (digest, at, kind, origin, reason, raw, customer, status)"
                " VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (digest) DO UPDATE SET"
                " reason=excluded.reason, status=excluded.status WHERE status='replayed'",
                (mark, d.at, d.kind, d.origin, d.reason, d.raw, d.customer, d.status),
            )
            if cursor.rowcount:
                self._db.execute(
                    "INSERT INTO counts VALUES ('dead_letters', 1)"
                    " ON CONFLICT (name) DO UPDATE SET n=n+1"
                )

    @_said
    def due(self, now: Micros, limit: int) -> list[tuple[str, Micros]]:
        return self._db.execute(
            "SELECT id, due FROM customers WHERE due<=? ORDER BY due, pk LIMIT ?", (now, limit)
        ).fetchall()

    @_said
    def next_due(self) -> Micros | None:
        row = self._db.execute("SELECT min(due) FROM customers WHERE due IS NOT NULL").fetchone()
        return None if row[0] is None else int(row[0])

    _EFFECT = (
        "SELECT o.key, c.id, o.at, o.body, o.status, o.next_at, o.attempts, o.message, o.detail,"
        " o.attempting FROM outbox o JOIN customers c ON c.pk=o.customer "
    )

    @_said
    def pending(self, now: Micros, limit: int) -> list[EffectRow]:
        rows = self._db.execute(
            self._EFFECT + "WHERE o.next_at<=? ORDER BY o.next_at, o.seq LIMIT ?", (now, limit)
        )
        return [_effect(r) for r in rows]

    @_said
    def settle(self, rows: Iterable[EffectRow]) -> None:
        values = [
            (r.status, r.next_at, r.attempts, r.message, r.detail, r.attempting, pk, r.key)
            for r in rows
            if (pk := self._pk(r.customer)) is not None
        ]
        with self._transaction():
            self._db.executemany(
                "UPDATE outbox SET status=?, next_at=?, attempts=?, message=?, detail=?,"
                " attempting=? WHERE customer=? AND key=?",
                values,
            )

    def effects(self, customer: str | None = None) -> Iterator[EffectRow]:
        after = 0
        while True:
            rows = self._effects_after(customer, after)
            for seq, row in rows:
                after = seq
                yield row
            if len(rows) < 1000:
                return

    @_said
    def _effects_after(self, customer: str | None, after: int) -> list[tuple[int, EffectRow]]:
        select = self._EFFECT.replace("SELECT", "SELECT o.seq,", 1)
        if customer is None:
            rows = self._db.execute(
                select + "WHERE o.seq>? ORDER BY o.seq LIMIT 1000", (after,)
            ).fetchall()
        else:
            rows = self._db.execute(
                select + "WHERE o.customer=? AND o.seq>? ORDER BY o.seq LIMIT 1000",
                (self._pk(customer), after),
            ).fetchall()
        return [(r[0], _effect(r[1:])) for r in rows]

    @_said
    def effect(self, key: str) -> EffectRow | None:
        pk = self._pk(key.rsplit(":", 2)[0])
        row = self._db.execute(
            self._EFFECT + "WHERE o.customer=? AND o.key=?", (pk, key)
        ).fetchone()
        return None if row is None else _effect(row)

    @_said
    def decisions(self, customer: str) -> list[bytes]:
        return [r.decisions for r in self.log(customer) if r.decisions]

    @_said
    def log(self, customer: str) -> list[LogRow]:
        rows = self._db.execute(
            "WITH RECURSIVE mine (seq, before, now, facts, body, decisions) AS ("
            " SELECT l.seq, l.before, l.now, l.facts, l.body, l.decisions"
            " FROM customers c JOIN log l ON l.seq=c.last WHERE c.id=?"
            " UNION ALL SELECT l.seq, l.before, l.now, l.facts, l.body, l.decisions"
            " FROM mine m JOIN log l ON l.seq=m.before)"
            " SELECT now, facts, body, ifnull(decisions, x'') FROM mine ORDER BY seq",
            (customer,),
        )
        return [LogRow(customer, *r) for r in rows]

    @_said
    def customers(self, after: str = "", limit: int = 1000) -> list[StateRow]:
        rows = self._db.execute(
            "SELECT id, version, due, body FROM customers WHERE id>? ORDER BY id LIMIT ?",
            (after, limit),
        )
        return [StateRow(*r) for r in rows]

    @_said
    def recent(self, limit: int) -> list[str]:
        rows = self._db.execute("SELECT id FROM customers ORDER BY pk DESC LIMIT ?", (limit,))
        return [r[0] for r in rows]

    @_said
    def dead_letters(self, *, waiting: bool = True) -> list[DeadLetter]:
        return self._letters(waiting=waiting)

    def _letters(self, *, waiting: bool = False) -> list[DeadLetter]:
        rows = self._db.execute(
            "SELECT number, at, kind, origin, reason, raw, customer, status FROM dead_letters"
            " WHERE status='waiting' OR ? ORDER BY number",
            (not waiting,),
        )
        return [
            DeadLetter(
                number=r[0],
                at=r[1],
                kind=r[2],
                origin=r[3],
                reason=r[4],
                raw=r[5],
                customer=r[6],
                status=r[7],
            )
            for r in rows
        ]

    @_said
    def replayed(self, number: int) -> None:
        with self._transaction():
            self._db.execute("UPDATE dead_letters SET status='replayed' WHERE number=?", (number,))

    @_said
    def counts(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, n FROM counts").fetchall())

    @_said
    def position(self, source: str) -> Position | None:
        row = self._db.execute(
            "SELECT count, finished FROM positions WHERE source=?", (source,)
        ).fetchone()
        return None if row is None else Position(source, row[0], bool(row[1]))

    @_said
    def facts(self, text: str) -> int:
        with self._transaction():
            newest = "SELECT number, text FROM facts ORDER BY number DESC LIMIT 1"
            row = self._db.execute(newest).fetchone()
            if row is not None and row[1] == text:
                return int(row[0])
            cursor = self._db.execute("INSERT INTO facts (text) VALUES (?)", (text,))
        return int(cursor.lastrowid or 0)

    @_said
    def all_facts(self) -> dict[int, str]:
        return dict(self._db.execute("SELECT number, text FROM facts").fetchall())

    @_said
    def keep_lengths(self, body: bytes) -> int:
        with self._transaction():
            number = 1 + max(self._numbers(), default=0)
            self._db.execute("INSERT INTO meta VALUES (?,?)", (f"{_LENGTHS}{number}", body))
        return number

    @_said
    def lengths(self) -> list[int]:
        return self._numbers()

    def _numbers(self) -> list[int]:
        rows = self._db.execute("SELECT name FROM meta WHERE name GLOB ?", (f"{_LENGTHS}*",))
        return sorted(int(name.removeprefix(_LENGTHS)) for (name,) in rows)

    @_said
    def read_lengths(self, number: int) -> bytes:
        row = self._db.execute(
            "SELECT value FROM meta WHERE name=?", (f"{_LENGTHS}{number}",)
        ).fetchone()
        return bytes(row[0])

    @_said
    def keep_playbook(self, name: str, version: str, text: bytes) -> None:
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO playbooks (name, version, body) VALUES (?,?,?)",
                (name, version, text),
            )

    @_said
    def playbooks(self) -> list[tuple[str, str, bytes]]:
        return self._db.execute("SELECT name, version, body FROM playbooks ORDER BY seq").fetchall()

    @_said
    def helped(self, helper: str) -> list[str]:
        rows = self._db.execute(
            "SELECT c.id FROM helped h JOIN customers c ON c.pk=h.customer WHERE h.helper=?"
            " ORDER BY c.id",
            (helper,),
        )
        return [r[0] for r in rows]

    @_said
    def helpers(self) -> list[str]:
        rows = self._db.execute("SELECT DISTINCT helper FROM helped ORDER BY helper")
        return [r[0] for r in rows]

    @_said
    def link(self, token: str, customer: str, journey: int) -> None:
        self.link_all([(token, customer, journey)])

    @_said
    def link_all(self, links: Iterable[tuple[str, str, int]]) -> None:
        with self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO links VALUES (?,?,?)", list(links))

    @_said
    def linked(self, token: str) -> tuple[str, int] | None:
        row = self._db.execute(
            "SELECT customer, journey FROM links WHERE token=?", (token,)
        ).fetchone()
        return None if row is None else (row[0], row[1])

    @_said
    def secret(self) -> bytes:
        return bytes(self._db.execute("SELECT value FROM meta WHERE name='secret'").fetchone()[0])

    @_said
    def tombstones(self) -> list[Tombstone]:
        rows = self._db.execute("SELECT mark, at, version, told FROM tombstones ORDER BY at, mark")
        return [Tombstone(m, at, v, _told(told)) for m, at, v, told in rows]

    @_said
    def tidy(self, gone: Gone) -> None:
        known = self._db.execute(
            "SELECT DISTINCT customer FROM links"
            " WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE c.id=links.customer)"
        )
        links = [r for r in known.fetchall() if gone(r[0], 0)]
        letters = [(d.number,) for d in self._letters() if d.customer and gone(d.customer, d.at)]
        with self._transaction():
            self._db.executemany("DELETE FROM links WHERE customer=?", links)
            self._db.executemany("DELETE FROM dead_letters WHERE number=?", letters)

    @_said
    def scrub(self) -> bool:
        # Deleted rows leave bytes in pages that were split, also with secure_delete: only a file
        # that is written anew has none.
        if self._checkpointed():
            self._db.execute("VACUUM")
            return self._checkpointed()
        return False

    def _checkpointed(self) -> bool:
        """Whether all of the log beside the file was moved into it, and the log cut to nothing."""
        busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    @_said
    def scrubbed(self, marks: Collection[bytes]) -> None:
        with self._transaction():
            self._db.executemany(
                "UPDATE tombstones SET told=NULL WHERE mark=?", [(m,) for m in marks]
            )

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _reading(path: Path) -> str:
    """The address that opens a file without writing beside it.

    Without a log of its own the file is whole, and nothing needs to be written next to it.
    """
    whole = not path.with_name(path.name + "-wal").exists()
    return f"{path.resolve().as_uri()}?" + ("immutable=1" if whole else "mode=ro")


def _told(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(text.split("\n")) if text else ()


def _effect(r: Any) -> EffectRow:
    return EffectRow(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], bool(r[9]))
