"""The engine over a store in memory; for a restart the store is handed over as it is."""

from pathlib import Path

from tests.runtime.contract import EngineContract

from ofone.stores.memory import MemoryStore

KEPT: dict[Path, MemoryStore] = {}


class TestMemoryEngine(EngineContract):
    def open(self, folder: Path) -> MemoryStore:
        return KEPT.setdefault(folder, MemoryStore())
