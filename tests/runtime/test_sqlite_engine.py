"""The default engine: a restart closes the file, and opens it again."""

from pathlib import Path

from tests.runtime.contract import EngineContract

from ofone.stores.sqlite import SqliteStore


class TestSqliteEngine(EngineContract):
    def open(self, folder: Path) -> SqliteStore:
        return SqliteStore(folder / "journeys.db")
