"""Who asked for needs, and what for: a file of JSON lines that is only ever added to."""

import os
from pathlib import Path
from threading import Lock

import msgspec

from ofone.domain.errors import StoreError
from ofone.runtime.purpose import Asked


class FileAudit:
    """One line for each asking, on the disk before it is answered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def note(self, asked: Asked) -> None:
        line = msgspec.json.encode(asked) + b"\n"
        try:
            with self._lock, self.path.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error.strerror}; what is not noted is not told"
            ) from error

    def read(self) -> list[Asked]:
        """Everything noted, oldest first. Raises StoreError for a line that is damaged."""
        if not self.path.exists():
            return []
        found = []
        for n, line in enumerate(self.path.read_bytes().splitlines(), 1):
            try:
                found.append(msgspec.json.decode(line, type=Asked))
            except msgspec.DecodeError as error:
                raise StoreError(
                    f"{self.path}:{n}: this line was changed or cut: {error}"
                ) from error
        return found
