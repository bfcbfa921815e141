"""Who was erased, in a file beside the store, so that a backup put back does not bring them back.

One line of JSON for each: the mark that stands for them, until when they were erased, and their
last version. No line holds personal data; without the store's secret a mark is a random number.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from ofone.domain.errors import StoreError
from ofone.domain.times import Micros
from ofone.runtime.ports import Tombstone


class _Line(Struct, frozen=True):
    mark: str
    at: Micros
    version: int


class FileGraves:
    """The file; it is only ever added to, and need not be there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Tombstone]:
        """The last word on everybody. Raises StoreError for a line that is damaged."""
        found: dict[bytes, Tombstone] = {}
        lines = self.path.read_bytes().splitlines() if self.path.exists() else ()
        for n, line in enumerate(lines, 1):
            try:
                said = msgspec.json.decode(line, type=_Line)
                mark = bytes.fromhex(said.mark)
            except (msgspec.DecodeError, ValueError) as error:
                raise StoreError(
                    f"{self.path}:{n}: this line was changed or cut: {error}; it says who was "
                    "erased: take the file from a newer backup, or remove that line"
                ) from error
            if mark not in found or found[mark].at <= said.at:
                found[mark] = Tombstone(mark, said.at, said.version)
        return list(found.values())

    def add(self, tombstones: Iterable[Tombstone]) -> None:
        """Those that are not in it yet, on the disk when it returns. Raises StoreError."""
        known = {(t.mark, t.at) for t in self.read()}
        fresh = [t for t in tombstones if (t.mark, t.at) not in known]
        if not fresh:
            return
        lines = [msgspec.json.encode(_Line(t.mark.hex(), t.at, t.version)) + b"\n" for t in fresh]
        try:
            with self.path.open("ab") as file:
                file.write(b"".join(lines))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error.strerror}; erasing goes on once it can be written"
            ) from error
