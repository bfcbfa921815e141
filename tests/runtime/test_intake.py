"""Group commit: many callers, one transaction at a time, and each hears of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag

import pytest
from tests.runtime.small import LIBRARY, happened, story

from ofone.domain.errors import StoreError
from ofone.runtime.clocks import RealClock
from ofone.runtime.engine import Ack, Engine
from ofone.runtime.intake import Intake
from ofone.runtime.ports import Batch, DeadLetter
from ofone.stores.memory import MemoryStore
from ofone.stores.sqlite import SqliteStore

SOON = 20
"""Seconds after which a future that nobody answers is a fault."""

BAD = DeadLetter(at=0, kind="raw", origin="intake:1", reason="is not JSON", raw=b"{")


class Slow(MemoryStore):
    """A disk that waits for the test, and may then fail."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = Flag(), Flag()
        self.fault: Exception | None = None
        self.commits = 0

    def commit(self, batch: Batch) -> None:
        self.asked.set()
        assert self.go.wait(SOON)
        if self.fault is not None:
            raise self.fault
        self.commits += 1
        super().commit(batch)


@contextmanager
def intake(store: MemoryStore | SqliteStore, most: int = 512) -> Iterator[Intake]:
    taken = Intake(Engine(store, LIBRARY, RealClock()), most=most)
    try:
        yield taken
    finally:
        taken.close()


def test_what_many_callers_hear_acknowledged_is_durable(tmp_path: Path) -> None:
    """Another connection sees it the moment that the caller is told."""
    path = tmp_path / "journeys.db"
    store, reader = SqliteStore(path), SqliteStore(path)

    def call(n: int) -> bool:
        (ack,) = taken.submit([happened(f"c{n % 40}", "Seen", named=f"e{n}")]).result(SOON)
        return ack.status == "accepted" and len(reader.log(f"c{n % 40}")) >= ack.version

    with intake(store) as taken, ThreadPoolExecutor(8) as callers:
        assert all(callers.map(call, range(200)))
    assert sum(len(store.log(f"c{n}")) for n in range(40)) == 200
    store.close()
    reader.close()


def test_a_group_shares_one_transaction() -> None:
    """While the disk is busy the next group gathers by itself."""
    store = Slow()
    with intake(store) as taken:
        first = taken.submit(story("anna"))
        assert store.asked.wait(SOON)
        rest = [taken.submit(story(f"c{n}")) for n in range(9)]
        store.go.set()
        acks = [f.result(SOON) for f in (first, *rest)]
    assert store.commits == 2
    assert acks == [[Ack("accepted", v) for v in (1, 2, 3, 4)]] * 10


def test_a_group_has_a_limit() -> None:
    """So that nobody waits for an endless transaction."""
    store = Slow()
    store.go.set()
    with intake(store, most=8) as taken:
        futures = [taken.submit(story(f"c{n}")) for n in range(10)]
        assert all(len(f.result(SOON)) == 4 for f in futures)
    assert store.commits >= 5


def test_a_refused_group_is_told_to_every_caller() -> None:
    """Nobody is acknowledged; those who come later are served."""
    store = Slow()
    store.fault = StoreError("the disk is full")
    with intake(store) as taken:
        futures = [taken.submit(story(f"c{n}")) for n in range(5)]
        store.go.set()
        for future in futures:
            with pytest.raises(StoreError, match="disk is full"):
                future.result(SOON)
        store.fault = None
        assert len(taken.submit(story("anna")).result(SOON)) == 4


def test_a_fault_of_ours_is_told_to_every_caller() -> None:
    """Whatever goes wrong, nobody waits for ever, and the next caller is served."""
    store = Slow()
    store.fault = ZeroDivisionError("a fault")
    store.go.set()
    with intake(store) as taken:
        with pytest.raises(ZeroDivisionError):
            taken.submit(story("anna")).result(SOON)
        store.fault = None
        assert len(taken.submit(story("anna")).result(SOON)) == 4


def test_a_caller_who_went_away_holds_up_nobody() -> None:
    """A request that was cancelled while it waited."""
    store = Slow()
    with intake(store) as taken:
        first = taken.submit(story("anna"))
        assert store.asked.wait(SOON)
        gone = taken.submit(story("berta"))
        gone.cancel()
        stays = taken.submit(story("clara"))
        store.go.set()
        assert len(first.result(SOON)) == len(stays.result(SOON)) == 4


def test_what_is_no_event_is_durable_with_the_rest() -> None:
    """The dead letters of a request are in its transaction."""
    store = Slow()
    store.go.set()
    with intake(store) as taken:
        assert taken.submit([], [BAD]).result(SOON) == []
    assert [d.raw for d in store.dead_letters()] == [b"{"]


def test_closing_takes_what_was_submitted() -> None:
    """And refuses what comes after it, instead of never answering."""
    store = Slow()
    store.go.set()
    taken = Intake(Engine(store, LIBRARY, RealClock()))
    future = taken.submit(story("anna"))
    taken.close()
    assert len(future.result(0)) == 4
    with pytest.raises(StoreError, match="closed"):
        taken.submit(story("berta")).result(SOON)
