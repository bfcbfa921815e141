"""Words become evidence before an event is logged: the bundled reader behind the runtime's port."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ofone.domain.errors import OfoneError
from ofone.domain.events import Heard
from ofone.readers import TextReader


class Words:
    """Reads texts with the bundled model, which is loaded at the first text (half a second)."""

    def __init__(self, reader: TextReader | None = None) -> None:
        self._reader = reader

    def listen(self, texts: Sequence[str]) -> list[tuple[Heard, ...]]:
        """What each text says about needs, as scores with the variances their weights imply."""
        self._reader = self._reader or TextReader.bundled()
        return [
            tuple(
                Heard(need, heard.score, 1 / heard.weight, self._reader.name)
                for need, heard in reading.evidence.items()
                if heard.weight > 0
            )
            for reading in self._reader.read(texts)
        ]


class Line(msgspec.Struct, frozen=True):
    """One text to assess."""

    id: str
    text: str


def assessed(lines: Iterable[bytes], where: str, reader: TextReader) -> Iterator[dict[str, Any]]:
    """What each line ``{"id", "text"}`` says. Raises OfoneError that names the line that is none.

    In each answer, ``emotions`` are calibrated probabilities by name; ``evidence`` has a score on
    the need's standard-normal scale, a weight (1/variance) and the spans (from, to) that counted.
    """
    for n, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            line = msgspec.json.decode(raw, type=Line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            why = "is nested far too deep" if isinstance(error, RecursionError) else str(error)
            raise OfoneError(
                f'{where}:{n}: {why}; write a line such as {{"id": "1", "text": "…"}}'
            ) from None
        (reading,) = reader.read([line.text])
        yield {"id": line.id, **msgspec.to_builtins(reading)}


def lines_of(file: Path | None) -> Iterable[bytes]:
    """The lines of a file, or of standard input. Raises OfoneError for a file that is not there."""
    if file is None:
        return sys.stdin.buffer
    try:
        return file.read_bytes().splitlines()
    except OSError as error:
        raise OfoneError(f"{file}: {error.strerror}; give a file of JSON lines") from None
