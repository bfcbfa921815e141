"""Who asked for needs, and what for: a file of JSON lines that is only ever added to."""

import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from threading import Lock

import msgspec
from msgspec.structs import replace

from ofone.domain.errors import StoreError
from ofone.domain.times import to_micros
from ofone.runtime.ports import Gone
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

    def erase(self, gone: Gone, told: Collection[str]) -> None:
        """That somebody asked stays; about whom does not. Raises StoreError."""
        with self._lock:
            if not self.path.exists():
                return
            lines = self.path.read_bytes().splitlines()
            after = [_nameless(line, gone) for line in lines]
            if after != lines:
                replaced(self.path, b"".join(line + b"\n" for line in after))

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


def _nameless(line: bytes, gone: Gone) -> bytes:
    """The line without its customer, if that one is gone; what is damaged stays as it is."""
    try:
        asked = msgspec.json.decode(line, type=Asked)
        at = to_micros(datetime.fromisoformat(asked.at))
    except (msgspec.DecodeError, ValueError):
        return line
    return msgspec.json.encode(replace(asked, customer="")) if gone(asked.customer, at) else line


def replaced(path: Path, body: bytes) -> None:
    """Put a whole file in place of another, durably; a crash leaves one or the other."""
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; what was erased is still in it") from error
