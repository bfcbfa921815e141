"""JSON lines: one event to a line."""

from collections.abc import Iterator

from ofone.sources.files import LONGEST_LINE, Opened, ReadOptions
from ofone.sources.wire import Record, Unreadable, parse_json


def records(file: Opened, _: ReadOptions) -> Iterator[Record]:
    """One record for every line that is not blank; lines count from 1."""
    for number, line in enumerate(file.lines(), 1):
        if len(line) > LONGEST_LINE:
            origin = f"{file.name}:{number}"
            yield Unreadable(
                raw=line,
                origin=origin,
                reason=f"{origin}: the line is longer than {LONGEST_LINE} bytes, of which only the "
                "beginning is kept here; write one event to a line",
            )
        elif line and not line.isspace():
            yield parse_json(line, f"{file.name}:{number}")
