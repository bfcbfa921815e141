"""The store in memory."""

from pathlib import Path

from tests.stores.contract import StoreContract

from ofone.stores.memory import MemoryStore


class TestMemoryStore(StoreContract):
    def open(self, folder: Path) -> MemoryStore:
        return MemoryStore()
