"""What holds for every format. A new one needs a writer here, and is found out if it has none."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened
from ofone.domain.times import iso
from ofone.sources import SOURCES, Unreadable, read, size, to_json


def events(count: int) -> list[Happened]:
    """Three events to a customer, with text that is hard to quote and to compress."""
    return [
        Happened(
            id=f"c{n // 3}:{n % 3}",
            customer=f"c{n // 3}",
            name="Saved; again",
            at=1_769_846_400_000_000 + n,
            properties={
                "case": f"c{n // 3}",
                "amount": 12 + n,
                "rate": 2.5,
                "vip": True,
                "note": f'"a",\n\t<ü>;{sha256(b"%d" % n).hexdigest()}',
            },
            traits={} if n % 3 else {"city": "Ulm"},
        )
        for n in range(count)
    ]


def row(event: Happened) -> dict[str, object]:
    said: dict[str, Any] = json.loads(to_json(event))
    said |= said.pop("properties")
    return said | {"trait.city": said.pop("traits", {}).get("city")}


def write_jsonl(path: Path, wanted: list[Happened]) -> None:
    path.write_bytes(b"".join(to_json(event) + b"\n" for event in wanted))


def write_csv(path: Path, wanted: list[Happened]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row(wanted[0])))
        writer.writeheader()
        writer.writerows({**row(event), "vip": "true"} for event in wanted)


def write_parquet(path: Path, wanted: list[Happened]) -> None:
    rows = path.with_suffix(".rows")
    rows.write_text("\n".join(json.dumps(row(event)) for event in wanted), encoding="utf-8")
    duckdb.sql(
        "COPY (SELECT * REPLACE (time::TIMESTAMPTZ AS time) "
        f"FROM read_json('{rows}', format = 'nd')) TO '{path}' (FORMAT parquet)"
    )


def attributes(values: dict[str, object]) -> Iterator[str]:
    tags = {int: "int", float: "float", bool: "boolean", str: "string"}
    for key, value in values.items():
        text = json.dumps(value) if isinstance(value, bool) else str(value)
        quoted = quoteattr(text, {"\n": "&#10;", "\t": "&#9;"})
        yield f"<{tags[type(value)]} key={quoteattr(key)} value={quoted}/>"


def write_xes(path: Path, wanted: list[Happened]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("<log>")
        for case, group in groupby(wanted, lambda event: event.customer):
            file.write("<trace>" + "".join(attributes({"concept:name": case, "city": "Ulm"})))
            for event in group:
                named = {"concept:name": event.name, "time:timestamp": iso(event.at)}
                said = "".join(attributes({**event.properties, **named}))
                file.write(f"<event>{said}</event>")
            file.write("</trace>")
        file.write("</log>")


Writer = Callable[[Path, list[Happened]], None]
WRITERS: dict[str, Writer] = {
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".ndjson": write_jsonl,
    ".parquet": write_parquet,
    ".tsv": write_csv,
    ".xes": write_xes,
}


every_format = pytest.mark.parametrize("suffix", SOURCES)


def written(folder: Path, suffix: str, wanted: list[Happened], *, zipped: bool = False) -> Path:
    path = folder / f"events{suffix}"
    WRITERS[suffix](path, wanted)
    if not zipped:
        return path
    (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    return folder / f"{path.name}.gz"


@every_format
@pytest.mark.parametrize("zipped", [False, True])
def test_what_was_written_is_read(tmp_path: Path, suffix: str, *, zipped: bool) -> None:
    """Every field, in the order of the file, plain or zipped."""
    wanted = events(30)
    assert list(read(written(tmp_path, suffix, wanted, zipped=zipped))) == wanted


@every_format
@pytest.mark.parametrize("zipped", [False, True])
def test_progress_grows_to_the_size_of_the_file(
    tmp_path: Path, suffix: str, *, zipped: bool
) -> None:
    """In bytes of the file as it lies there."""
    path = written(tmp_path, suffix, events(9_000), zipped=zipped)
    taken: list[int] = []
    assert sum(1 for _ in read(path, progress=taken.append)) == 9_000
    assert taken == sorted(taken)
    assert len(taken) > 1
    assert taken[-1] == size(path)


@every_format
def test_a_bad_record_leaves_its_neighbours_alone(tmp_path: Path, suffix: str) -> None:
    """It is told of in its place, with where it stands."""
    wanted = events(3)
    wanted[1] = replace(wanted[1], name=" ")
    one, bad, three = read(written(tmp_path, suffix, wanted))
    assert (one, three) == (wanted[0], wanted[2])
    assert isinstance(bad, Unreadable)
    assert bad.reason.startswith(f"{bad.origin}: ")
    assert bad.origin.startswith(f"events{suffix}:")


@every_format
def test_a_zipped_file_that_is_cut_gives_all_before_the_cut(tmp_path: Path, suffix: str) -> None:
    """And then a dead letter that says so, whatever the format; nothing is made up."""
    wanted = events(3_000)
    path = written(tmp_path, suffix, wanted, zipped=True)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    *before, last = read(path)
    assert before == wanted[: len(before)]
    assert len(before) > 1_000 or suffix == ".parquet"
    assert isinstance(last, Unreadable)
    assert last.reason.startswith(f"{path.name}: breaks off after {len(before)} records: ")


@every_format
def test_a_reader_that_is_left_alone_leaves_no_file_open(tmp_path: Path, suffix: str) -> None:
    """A caller may stop at any record."""
    records = read(written(tmp_path, suffix, events(3)))
    next(records)
    del records


@every_format
@given(content=st.binary(), at=st.floats(0, 1))
def test_no_bytes_in_a_file_raise_anything_but_our_errors(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes, at: float
) -> None:
    """Bytes from anywhere, put into a good file at any place."""
    path = written(tmp_path_factory.mktemp("any"), suffix, events(3))
    good = path.read_bytes()
    place = int(at * len(good))
    path.write_bytes(good[:place] + content + good[place + len(content) :])
    with suppress(OfoneError):
        assert all(isinstance(record, Happened | Unreadable) for record in read(path))
