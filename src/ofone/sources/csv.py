"""Tables as text, with a header, separated by comma, semicolon or tab."""

import csv
import re
from collections.abc import Iterator
from itertools import chain

from ofone.domain.errors import OfoneError
from ofone.sources.columns import Place, places, wire
from ofone.sources.files import LONGEST_LINE, CutShort, Opened, ReadOptions
from ofone.sources.wire import Record, Unreadable, parse_json

_QUOTED = re.compile(r'"[^"]*"?')
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")


def records(file: Opened, options: ReadOptions) -> Iterator[Record]:
    """One record for every row that is not blank; its origin is the line where it begins.

    Raises OfoneError, before the first record, for a header that cannot make an event.
    """
    lines = _Lines(file)
    head = next((line for line in lines if not line.isspace()), "")
    if not head:
        raise OfoneError(f"{file.name}: is empty; begin with a header: id,customer,name,time")
    separator = max(",;\t", key=_QUOTED.sub("", head).count)
    rows = csv.reader(chain([head], lines), delimiter=separator, strict=True)
    try:
        header = [column.strip() for column in next(rows)]
    except csv.Error as error:
        raise OfoneError(f"{file.name}: the header cannot be read: {error}") from None
    columns = places(header, options, file.name)
    while True:
        lines.row.clear()
        lines.fault = ""
        origin = f"{file.name}:{lines.number + 1}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except CutShort as cut:
            raise CutShort(str(cut), tail=b"\n".join([*lines.row, cut.tail])) from None
        except csv.Error as error:
            row, lines.fault = [], f"{error}; look for a quote that is not closed, or not doubled"
        if row or lines.fault:
            yield _record(row, columns, lines, origin)


class _Lines:
    """The lines as text, remembering what the row at hand is made of and what is wrong with it."""

    def __init__(self, file: Opened) -> None:
        self._lines = file.lines()
        self.number = 0
        self.row: list[bytes] = []
        self.fault = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self.row.append(line)
        if len(line) > LONGEST_LINE:
            self.fault = f"a line is longer than {LONGEST_LINE} bytes; only its beginning is kept"
            return "\n"
        if b"\0" in line:
            self.fault = "holds a NUL character; leave it out"
        try:
            return line.decode() + "\n"
        except UnicodeDecodeError as error:
            self.fault = f"is not UTF-8: {error}; save the file as UTF-8"
            return line.decode(errors="replace") + "\n"


def _record(row: list[str], columns: list[Place], lines: _Lines, origin: str) -> Record:
    fault = lines.fault
    if not fault and len(row) != len(columns):
        fault = (
            f"has {len(row)} values for {len(columns)} columns; "
            "quote a value that holds the separator or a line break"
        )
    if fault:
        raw = b"\n".join(lines.row)
        return Unreadable(raw=raw, reason=f"{origin}: {fault}", origin=origin)
    values = [_value(text, place) for text, place in zip(row, columns, strict=True)]
    return parse_json(wire(columns, values), origin)


def _value(text: str, place: Place) -> str | int | float | bool | None:
    """Only what can be nothing else becomes a number: 007, 1e5 and +1 stay as they are."""
    if not text:
        return None
    if not place.section:
        return text
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    # Up to 15 digits a decimal keeps its value as a float; longer ones only if it prints the same.
    if _DECIMAL.fullmatch(text) and (len(text) <= 16 or repr(float(text)) == text):
        return float(text)
    return text
