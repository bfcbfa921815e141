"""Columns with types."""

from pathlib import Path

import duckdb
import pytest

from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened, Value
from ofone.sources import Record, Unreadable, read

TIME = "TIMESTAMPTZ '2026-01-31 09:00:00+01'"


def records(tmp_path: Path, columns: str, rest: str = "") -> list[Record]:
    """What is read from a file with these columns, beside id, customer and name."""
    path = tmp_path / "events.parquet"
    duckdb.sql(
        f"COPY (SELECT 'e1' AS id, 'c1' AS customer, 'Saved' AS name, {columns} {rest}) TO '{path}'"
    )
    return list(read(path))


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("7::TINYINT", 7),
        ("1.50::DECIMAL(10, 2)", 1.5),
        ("0.1::DOUBLE", 0.1),
        ("true", True),
        ("DATE '2026-01-31'", "2026-01-31"),
        (TIME, "2026-01-31T08:00:00Z"),
        ("[1, NULL]", [1, None]),
        ("{'a': 1, 'b': 'x'}", {"a": 1, "b": "x"}),
        ("'[1]'", "[1]"),
        ("NULL", "absent"),
        ("'nan'::FLOAT", "absent"),
    ],
)
def test_a_column_of_any_type_becomes_a_value(tmp_path: Path, sql: str, value: Value) -> None:
    """NULL and NaN are no value; dates and moments are text."""
    (event,) = records(tmp_path, f"{TIME} AS time, {sql} AS x")
    assert isinstance(event, Happened)
    assert repr(event.properties.get("x", "absent")) == repr(value)
    assert event.at == 1_769_846_400_000_000


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("{'a': [1]}", "properties.x.a is a list inside another value"),
        ("'inf'::DOUBLE", "JSON has neither NaN nor Infinity"),
        ("18446744073709551615::UBIGINT", "properties.x is beyond 64 bits"),
        ("'a' || chr(0)", "properties.x holds a NUL character"),
    ],
)
def test_a_value_that_cannot_be_kept_spoils_its_row_only(
    tmp_path: Path, sql: str, reason: str
) -> None:
    """The row's number is its origin."""
    column = f"CASE i WHEN 2 THEN {sql} END"
    one, bad, three = records(tmp_path, f"{TIME} AS time, {column} AS x", "FROM range(1, 4) t(i)")
    assert isinstance(bad, Unreadable)
    assert bad.reason.startswith("events.parquet:2: ")
    assert reason in bad.reason
    assert isinstance(one, Happened)
    assert isinstance(three, Happened)


def test_a_moment_out_of_range_spoils_its_row_only(tmp_path: Path) -> None:
    """DuckDB's infinity is no date of Python's."""
    endless, far = records(tmp_path, "unnest(['infinity', '9999-01-01'])::TIMESTAMPTZ AS time")
    assert isinstance(endless, Unreadable)
    assert isinstance(far, Unreadable)
    assert "years 1970 to 2200 are taken" in far.reason


def test_a_time_as_text_is_read_like_any_other(tmp_path: Path) -> None:
    """The zone is in the text."""
    (event,) = records(tmp_path, "'2026-01-31T09:00:00+01:00' AS time")
    assert isinstance(event, Happened)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("TIMESTAMP '2026-01-31 09:00:00' AS time", "'time' is TIMESTAMP and has no zone"),
        ("DATE '2026-01-31' AS time", "'time' is DATE and has no zone"),
        ("1769846400 AS time", "'time' is INTEGER and has no zone"),
        (f"{TIME} AS time, 1.0::DOUBLE AS source", "'source' is DOUBLE where a text is needed"),
    ],
)
def test_a_column_of_the_wrong_type_is_one_error_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str, message: str
) -> None:
    """The statement that the message gives can be run, and what it writes can be read."""
    with pytest.raises(OfoneError, match=message) as caught:
        records(tmp_path, columns)
    monkeypatch.chdir(tmp_path)
    duckdb.sql(str(caught.value).partition("in DuckDB: ")[2])
    (event,) = read(Path("events-again.parquet"))
    assert isinstance(event, Happened)


def test_a_file_that_is_cut_is_refused_as_a_whole(tmp_path: Path) -> None:
    """Parquet keeps its table of contents at the end."""
    records(tmp_path, f"{TIME} AS time")
    path = tmp_path / "events.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(OfoneError, match=r"events\.parquet: is not a whole Parquet file"):
        list(read(path))


def test_odd_names_are_names_and_not_patterns(tmp_path: Path) -> None:
    """Neither a star nor a folder with an equals sign means anything here."""
    folder = tmp_path / "id=7"
    folder.mkdir()
    records(tmp_path, f"{TIME} AS time")
    odd = (tmp_path / "events.parquet").rename(folder / "e[1]*'.parquet")
    (event,) = read(odd)
    assert isinstance(event, Happened)
    assert event.id == "e1"
