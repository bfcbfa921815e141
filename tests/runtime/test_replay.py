"""The check: a log folded again gives the same bytes, and a single changed one is found."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from tests.runtime.contract import NUDGE, found
from tests.runtime.small import LIBRARY, MONDAY, PLAYBOOK, SMALL, happened, story

from ofone.domain.effects import Send
from ofone.domain.times import DAY
from ofone.journeys.compiled import compile_playbook
from ofone.journeys.lengths import Course, Lengths
from ofone.journeys.library import library
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_effect
from ofone.runtime.engine import Engine
from ofone.runtime.replay import check
from ofone.stores.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in which anna reached the goal, and berta was sent her nudge."""
    path = tmp_path / "journeys.db"
    with closing(SqliteStore(path)) as store:
        engine = Engine(store, LIBRARY, VirtualClock())
        engine.submit_many([*story("anna"), *story("berta")[:2]])
        engine.fire_due(NUDGE)
        engine.submit(happened("anna", "Started"))
    return path


def differences(path: Path) -> list[tuple[str, str]]:
    with closing(SqliteStore(path)) as store:
        return [(d.customer, d.what) for d in check(store).differences]


def test_a_real_run_comes_out_the_same(path: Path) -> None:
    """Everything is read, and nothing differs."""
    with closing(SqliteStore(path)) as store:
        done = check(store)
    assert (done.customers, done.inputs, done.decisions, done.effects) == (2, 7, 7, 4)
    assert done.differences == []


def test_a_later_playbook_does_not_change_the_past(path: Path) -> None:
    """Each input is folded with the playbooks that were in force when it was taken."""
    guards = replace(PLAYBOOK.guards, stale="9 days")
    newer = compile_playbook(replace(PLAYBOOK, title="Another", guards=guards))
    with closing(SqliteStore(path)) as store:
        engine = Engine(store, library([newer], [SMALL]), VirtualClock())
        engine.submit_many(story("clara", MONDAY + 9 * DAY))
        engine.submit(happened("berta", "Form Sent", MONDAY + 9 * DAY))
        versions = [found(engine, c).journeys[0].version for c in ("anna", "berta", "clara")]
    assert versions == [SMALL.version, SMALL.version, newer.version]
    assert differences(path) == []


def test_a_later_snapshot_of_lengths_does_not_change_the_past(path: Path) -> None:
    """Each input is folded with the lengths that were in force: none, then these."""
    curve = tuple(n * DAY for n in range(1, 100))
    steps = {name: Course(curves=(curve,), counts=(50,)) for name in SMALL.steps}
    lengths = Lengths(playbooks={SMALL.name: steps})
    with closing(SqliteStore(path)) as store:
        number = store.keep_lengths(msgspec.json.encode(lengths))
        before = len(store.all_facts())
        books = library([SMALL], lengths=replace(lengths, number=number))
        engine = Engine(store, books, VirtualClock())
        engine.submit_many(story("clara", MONDAY + 9 * DAY))
        effects = [decode_effect(row.body) for row in store.effects("clara")]
        told = [e.expected for e in effects if isinstance(e, Send) and e.expected]
        assert told[0][1] - told[0][0] == 40 * DAY
        assert len(store.all_facts()) == before + 1
    assert differences(path) == []


KEPT = [
    ("customers", "body", "the state differs"),
    ("log", "decisions", "the decisions differ"),
    ("outbox", "body", "the effects differ"),
]
GONE = [
    ("UPDATE log SET decisions = NULL WHERE seq = {first}", "the decisions differ"),
    ("DELETE FROM outbox WHERE seq = 1", "the effects differ"),
]


@pytest.mark.parametrize(("table", "column", "what"), KEPT)
def test_a_changed_byte_is_found(path: Path, table: str, column: str, what: str) -> None:
    """In a state, a decision or an effect: it is said whose, and which of the three."""
    tamper(path, table, column)
    assert differences(path) == [("anna", what)]


@pytest.mark.parametrize(("sql", "what"), GONE)
def test_what_is_gone_is_found(path: Path, sql: str, what: str) -> None:
    """What came out once must still be there."""
    first = "(SELECT min(seq) FROM log WHERE decisions IS NOT NULL)"
    execute(path, sql.format(first=first))
    assert differences(path) == [("anna", what)]


def test_a_log_that_cannot_be_read_is_found(path: Path) -> None:
    """The others are checked all the same."""
    execute(path, "UPDATE log SET body = x'c1' WHERE seq = 2")
    said = differences(path)
    assert ("anna", "input 2 cannot be read") in said
    assert {customer for customer, _ in said} == {"anna"}


def test_a_log_that_was_changed_is_found(path: Path) -> None:
    """A missing input shows in what comes of the others."""
    execute(path, "DELETE FROM log WHERE seq = 2")
    assert ("anna", "the state differs") in differences(path)


def test_a_customer_who_is_gone_is_found(path: Path) -> None:
    """The log still knows of somebody who has no state any more."""
    execute(path, "DELETE FROM customers WHERE id = 'berta'")
    assert differences(path) != []


def test_a_list_of_differences_has_an_end(path: Path) -> None:
    """The first few say enough."""
    for table, column, _ in KEPT:
        tamper(path, table, column)
    with closing(SqliteStore(path)) as store:
        assert len(check(store, most=2).differences) == 2


def tamper(path: Path, table: str, column: str) -> None:
    """Change the last byte of that column in the first row."""
    changed = f"CAST(substr({column}, 1, length({column}) - 1) || x'07' AS BLOB)"
    first = f"(SELECT min(rowid) FROM {table} WHERE {column} IS NOT NULL)"
    execute(path, f"UPDATE {table} SET {column} = {changed} WHERE rowid = {first}")


def execute(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        assert db.execute(sql).rowcount == 1
