"""The SQLite store: what only a file can do wrong, said in words, and nothing lost by it."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from tests.stores.contract import StoreContract, gone, letter, one

from ofone.domain.errors import StoreError
from ofone.runtime.ports import Batch, LogRow, StateRow
from ofone.stores import sqlite
from ofone.stores.sqlite import SCHEMA, SqliteStore


class TestSqliteStore(StoreContract):
    def open(self, folder: Path) -> SqliteStore:
        return SqliteStore(folder / "journeys.db")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journeys.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, wait_s=0)) as store:
        yield store


class Breaking:
    """A connection whose statement number ``at`` fails, as a bad disk would make it."""

    def __init__(self, db: sqlite3.Connection, at: int) -> None:
        self.db = db
        self.left = at

    def _step(self, sql: str) -> None:
        if sql != "ROLLBACK":
            self.left -= 1
            if self.left == 0:
                raise sqlite3.OperationalError("disk I/O error")

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        self._step(sql)
        return self.db.execute(sql, values)

    def executemany(self, sql: str, values: Iterable[Any]) -> sqlite3.Cursor:
        self._step(sql)
        return self.db.executemany(sql, values)

    @property
    def in_transaction(self) -> bool:
        return self.db.in_transaction


def contents(path: Path) -> dict[str, list[Any]]:
    """Every row of every table, read by a connection of its own."""
    with closing(sqlite3.connect(path)) as db:
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {t: db.execute(f"SELECT * FROM {t}").fetchall() for t in tables}


def test_a_commit_is_whole_or_not_at_all(path: Path, store: SqliteStore) -> None:
    """Whichever statement fails, the last one included: no row stays, and the retry succeeds."""
    for name in ("anna", "clara"):
        store.commit(one(name))
    before = contents(path)
    batch = Batch(
        log=[*one("anna", 2).log, *one("berta").log],
        states=[*one("anna", 2).states, *one("berta").states],
        effects=[*one("anna", 2).effects, *one("berta").effects],
        forgotten=one("berta").forgotten,
        dead=[letter()],
        counts={"events": 2},
        position=one("anna", 9).position,
        erased=[gone("clara", links=(("t", "berta", 0),))],
    )
    whole = store._db
    failed = 0
    for at in range(1, 99):
        store._db = cast(sqlite3.Connection, Breaking(whole, at))
        try:
            store.commit(batch)
            break
        except StoreError:
            failed += 1
            assert contents(path) == before
    store._db = whole
    assert failed > 10
    assert (store.load("anna"), store.load("berta")) == (b"state 2", b"state 1")
    assert (store.load("clara"), store.linked("t")) == (None, ("berta", 0))
    assert len(store.log("anna")) == 2


def test_names_that_were_pushed_out_are_looked_up(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch may hold more customers than names are kept in memory."""
    monkeypatch.setattr(sqlite, "_NAMES_KEPT", 2)
    names = [f"c{n}" for n in range(5)]
    for version in (1, 2, 3):
        rows = [StateRow(c, version, None, b"") for c in names]
        store.commit(Batch(states=rows, log=[LogRow(c, 0, 1, b"") for c in names]))
    assert [len(store.log(c)) for c in names] == [3] * 5


def test_a_locked_database_is_said_and_loses_nothing(path: Path, store: SqliteStore) -> None:
    """Another process writes: the message names the file and the way out; later it goes on."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked; another process is writing to it") as caught:
            store.commit(one("anna"))
        assert str(path) in str(caught.value)
        with pytest.raises(StoreError, match="choose another --data folder"):
            SqliteStore(path, wait_s=0)
        assert store.load("anna") is None
    store.commit(one("anna"))
    assert store.load("anna") == b"state 1"


def test_a_full_disk_is_said_and_loses_nothing(path: Path, store: SqliteStore) -> None:
    """Nothing of the batch is kept, what was there stays, and with room the retry succeeds."""
    store.commit(one("anna"))
    before = contents(path)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count={pages + 2}")
    large = Batch(states=[StateRow("berta", 1, None, bytes(50_000))], log=one("berta").log)
    with pytest.raises(StoreError, match="the disk is full; free some space"):
        store.commit(large)
    assert contents(path) == before
    store._db.execute("PRAGMA max_page_count=100000")
    store.commit(large)
    assert store.load("berta") == bytes(50_000)


def test_what_is_no_database_is_left_alone(path: Path) -> None:
    """A file that is not ours is refused, and not a byte of it changes."""
    path.write_bytes(b"Dear Anna, " * 1000)
    with pytest.raises(StoreError, match=r"damaged or not ours; restore a backup, or choose"):
        SqliteStore(path)
    assert path.read_bytes() == b"Dear Anna, " * 1000


def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    """SQLite, but not our tables."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (name)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another --data folder"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused(path: Path) -> None:
    """An old program never writes into a file that it does not understand."""
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={SCHEMA + 1}")
    with pytest.raises(StoreError, match=rf"schema {SCHEMA + 1}, this program knows {SCHEMA}"):
        SqliteStore(path)


def test_a_schema_of_a_version_in_development_is_refused(path: Path) -> None:
    """A file whose tables are other ones is left alone."""
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={SCHEMA - 1}")
    with pytest.raises(StoreError, match="use the version of ofone that wrote it"):
        SqliteStore(path)


def test_a_damaged_page_is_said(path: Path) -> None:
    """A store that can be opened and not be read says so, and what to do."""
    with closing(SqliteStore(path)) as store:
        store.commit(Batch(states=[StateRow(f"c{n}", 1, None, bytes(900)) for n in range(99)]))
    body = bytearray(path.read_bytes())
    body[-4096 * 9 : -4096] = b"\xab" * 4096 * 8
    path.write_bytes(body)
    with closing(SqliteStore(path)) as store, pytest.raises(StoreError, match="restore a backup"):
        store.customers()


def test_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    """The folder is made when it is missing; where a file is in the way, that is said."""
    SqliteStore(tmp_path / "new" / "folder" / "journeys.db").close()
    (tmp_path / "file").write_text("text")
    with pytest.raises(StoreError, match="choose a folder you may write"):
        SqliteStore(tmp_path / "file" / "journeys.db")


def test_what_is_committed_is_synced(store: SqliteStore) -> None:
    """FULL: in WAL mode every commit reaches the disk before it is acknowledged."""
    assert store._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert store._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_file_is_scrubbed_once_nobody_reads_it(path: Path, store: SqliteStore) -> None:
    """A reader would still need the old pages: it is said, and asked again later."""
    store.commit(one("anna"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM customers").fetchall()
        store.commit(Batch(erased=[gone("anna")]))
        assert not store.scrub()
    assert store.scrub()
    assert path.with_name("journeys.db-wal").stat().st_size == 0


def test_an_erased_customer_leaves_no_byte(path: Path, store: SqliteStore) -> None:
    """Pages that were split keep copies of rows; a file that is written anew has none."""
    names = [f"customer-{n:04}-end" for n in range(400)]
    for version in range(1, 12):
        rows = [
            StateRow(c, version, None, c.encode() * (n % 7 * version)) for n, c in enumerate(names)
        ]
        store.commit(Batch(states=rows, log=[LogRow(c, 0, 1, c.encode()) for c in names]))
        store.link_all([(f"{version}{c}{n * 7919 % 400}", c, 0) for n, c in enumerate(names)])
    store.commit(Batch(erased=[gone(c) for c in names[::5]]))
    assert store.scrub()
    raw = b"".join(p.read_bytes() for p in path.parent.iterdir())
    assert [c for c in names if c.encode() not in raw] == names[::5]


def test_a_folder_that_may_not_be_written_can_be_read(tmp_path: Path) -> None:
    """A backup is looked into as it is, and nothing is left beside it."""
    path = tmp_path / "journeys.db"
    SqliteStore(path).close()
    before = path.read_bytes()
    store = SqliteStore(path, reading=True)
    assert (store.customers(), store.counts()) == ([], {})
    with pytest.raises(StoreError, match="readonly"):
        store.facts("{}")
    store.close()
    assert [p.name for p in tmp_path.iterdir()] == ["journeys.db"]
    assert path.read_bytes() == before
