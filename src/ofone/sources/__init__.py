"""Reading what others have written: files of many formats, each record an event or a dead letter.

A new format is one new file, a function from ``Opened`` and ``ReadOptions`` to records, and its
line in ``SOURCES``. Everything but JSON lines is turned into the JSON of ``wire`` first, so that
all formats are held to one set of rules and told of them in the same words.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from ofone.domain.errors import OfoneError
from ofone.sources import csv, jsonl, parquet, xes
from ofone.sources.files import CutShort, Opened, ReadOptions
from ofone.sources.wire import Record, Unreadable, parse_json, to_json

__all__ = ["ReadOptions", "Record", "Unreadable", "parse_json", "read", "size", "to_json"]

Source = Callable[[Opened, ReadOptions], Iterator[Record]]

SOURCES: dict[str, Source] = {
    ".csv": csv.records,
    ".jsonl": jsonl.records,
    ".ndjson": jsonl.records,
    ".parquet": parquet.records,
    ".tsv": csv.records,
    ".xes": xes.records,
}

_USUAL = ReadOptions()


def read(
    path: Path,
    options: ReadOptions = _USUAL,
    *,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Record]:
    """Every record of a file, in its order, in bounded memory. ``-`` is JSON lines from stdin.

    The suffix names the format, ``.gz`` may follow it. ``progress`` gets the bytes taken from the
    file so far; the last number is ``size(path)``.

    What is wrong with one record makes it ``Unreadable`` and the next one is read. What is wrong
    with the whole file (missing, unknown, not what its name says, a column that is not there)
    raises OfoneError, at once or before the first record, never after it: a caller that commits
    in batches loses none. A file that breaks off gives all that lies before the break, and then an
    ``Unreadable`` that tells of it.
    """
    source = _source(path)
    file = Opened(path, progress)
    return _whole(source(file, options), file.name)


def size(path: Path) -> int | None:
    """Bytes of the file as it lies there, the end of ``progress``; None for stdin."""
    return None if str(path) == "-" else path.stat().st_size


def _source(path: Path) -> Source:
    if str(path) == "-":
        return jsonl.records
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix not in SOURCES:
        raise OfoneError(
            f"{path}: format {suffix or 'without suffix'} is not read; formats are: "
            f"{', '.join(SOURCES)}, each also with .gz, and - for JSON lines from stdin"
        )
    return SOURCES[suffix]


def _whole(records: Iterator[Record], name: str) -> Iterator[Record]:
    number = 0
    try:
        for record in records:
            number += 1
            yield record
    except CutShort as cut:
        yield Unreadable(
            raw=cut.tail,
            origin=name,
            reason=f"{name}: breaks off after {number} records: {cut}; fetch it again and read "
            "the whole of it: events that are already here change nothing",
        )
