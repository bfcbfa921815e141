"""Parquet tables, read by DuckDB in batches."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from glob import escape
from pathlib import Path
from typing import NamedTuple

import duckdb
from msgspec import Raw

from ofone.domain.errors import OfoneError
from ofone.sources.columns import Place, places, wire
from ofone.sources.files import CutShort, Opened, ReadOptions
from ofone.sources.wire import Record, parse_json

_BATCH = 2048
_FROM = "FROM read_parquet(?, hive_partitioning = false)"
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT"}
_INTEGERS |= {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_NUMBERS = {"FLOAT", "DOUBLE", *_INTEGERS}
_MOMENTS = {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"}


class _Column(NamedTuple):
    place: Place
    sql: str
    is_json: bool


def records(file: Opened, options: ReadOptions) -> Iterator[Record]:
    """One record for every row; its origin is the number of the row, from 1.

    Raises OfoneError, before the first record, for a file that is not Parquet, lacks a column or
    keeps the time without a zone.
    """
    if not file.zipped:
        yield from _rows(file, file.path, options)
        return
    with tempfile.NamedTemporaryFile(suffix=".parquet") as plain:
        for chunk in file.chunks():
            plain.write(chunk)
        plain.flush()
        yield from _rows(file, Path(plain.name), options)


def _rows(file: Opened, path: Path, options: ReadOptions) -> Iterator[Record]:
    bound = [escape(str(path.resolve()))]
    with closing(duckdb.connect()) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            schema = connection.execute(f"DESCRIBE SELECT * {_FROM}", bound).fetchall()
            total = connection.execute(f"SELECT count(*) {_FROM}", bound).fetchall()[0][0]
        except duckdb.Error as error:
            raise OfoneError(
                f"{file.name}: is not a whole Parquet file: {_first_line(error)}; fetch it again"
            ) from None
        found = places([name for name, *_ in schema], options, file.name)
        columns = [
            _column(file.name, place, name, kind)
            for place, (name, kind, *_) in zip(found, schema, strict=True)
        ]
        size, number = file.path.stat().st_size, 0
        for rows in _batches(connection, ", ".join(column.sql for column in columns), bound):
            for row in rows:
                number += 1
                values = map(_value, columns, row)
                yield parse_json(wire(found, values), f"{file.name}:{number}")
            if not file.zipped:
                file.report(size * number // total)


def _batches(
    connection: duckdb.DuckDBPyConnection, wanted: str, bound: list[str]
) -> Iterator[list[tuple[object, ...]]]:
    try:
        cursor = connection.execute(f"SELECT {wanted} {_FROM}", bound)
        while rows := cursor.fetchmany(_BATCH):
            yield rows
    except duckdb.Error as error:
        raise CutShort(_first_line(error)) from None


def _column(where: str, place: Place, name: str, kind: str) -> _Column:
    quoted = '"' + name.replace('"', '""') + '"'
    moment = f"strftime({quoted}::TIMESTAMPTZ, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if place == Place("", "time") and kind not in {"VARCHAR", *_MOMENTS}:
        clock = f"{quoted}::TIMESTAMP AT TIME ZONE 'Europe/Berlin'"
        zoned = f"to_timestamp({quoted})" if kind in _NUMBERS else clock
        raise OfoneError(
            f"{where}: column {name!r} is {kind} and has no zone; write the file again with the "
            "zone that the clock had, or counting seconds from 1970 in UTC, for instance in "
            f"DuckDB: {_again(where, quoted, zoned)}"
        )
    if kind in _MOMENTS:
        return _Column(place, moment, is_json=False)
    if not place.section:
        if kind not in {"VARCHAR", "UUID", *_INTEGERS}:
            text = _again(where, quoted, f"{quoted}::VARCHAR")
            raise OfoneError(
                f"{where}: column {name!r} is {kind} where a text is needed; write the file again "
                f"with text in it, for instance in DuckDB: {text}"
            )
        return _Column(place, f"{quoted}::VARCHAR", is_json=False)
    if kind in {"VARCHAR", "BOOLEAN", *_INTEGERS}:
        return _Column(place, quoted, is_json=False)
    if kind in {"FLOAT", "DOUBLE"}:
        # Data frames write NaN for what is missing.
        return _Column(place, f"to_json(nullif({quoted}, 'nan'::{kind}))", is_json=True)
    return _Column(place, f"to_json({quoted})", is_json=True)


def _again(where: str, quoted: str, cast: str) -> str:
    return (
        f"COPY (FROM '{where}' SELECT * REPLACE ({cast} AS {quoted})) "
        f"TO '{where.partition('.')[0]}-again.parquet'"
    )


def _value(column: _Column, value: object) -> object:
    if isinstance(value, str):
        return Raw(value.encode()) if column.is_json else value.replace(".000000Z", "Z")
    return value


def _first_line(error: duckdb.Error) -> str:
    return str(error).partition("\n")[0]
