"""Tables as text."""

from pathlib import Path

import pytest

from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened, Value
from ofone.sources import ReadOptions, Record, Unreadable, read

HEAD = "id,customer,name,time,x\n"
ROW = "{},c1,Saved,2026-01-31T09:00:00Z,{}\n"


def records(tmp_path: Path, content: str | bytes, options: ReadOptions) -> list[Record]:
    path = tmp_path / "events.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read(path, options))


def read_text(tmp_path: Path, content: str | bytes) -> list[Record]:
    return records(tmp_path, content, ReadOptions())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_in_the_header(tmp_path: Path, separator: str) -> None:
    """What stands within quotes does not count."""
    text = "id,customer,name,time," + '"a b c d e f g"\n' + ROW.format("e1", "7")
    other = ";" if separator == "," else ","
    (event,) = read_text(tmp_path, text.replace(",", separator).replace(" ", other))
    assert isinstance(event, Happened)
    assert event.properties == {other.join("abcdefg"): 7}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3.5", -3.5),
        ("10.50", 10.5),
        ("0", 0),
        ("0.30000000000000004", 0.30000000000000004),
        ("true", True),
        ("007", "007"),
        ("-0", "-0"),
        ("1e5", "1e5"),
        ("+1", "+1"),
        (".5", ".5"),
        ("1.", "1."),
        ("1_000", "1_000"),
        (" 1", " 1"),
        ("١٢", "١٢"),
        ("True", "True"),
        ("nan", "nan"),
        ("1234567890123456789", "1234567890123456789"),
        ("0.1234567890123456789", "0.1234567890123456789"),
    ],
)
def test_only_what_can_be_nothing_else_becomes_a_number(
    tmp_path: Path, text: str, value: Value
) -> None:
    """A postal code, an exponent or a long digit string keeps its spelling."""
    (event,) = read_text(tmp_path, HEAD + ROW.format("007", text))
    assert isinstance(event, Happened)
    assert (event.id, repr(event.properties["x"])) == ("007", repr(value))


def test_columns_become_fields_traits_and_properties(tmp_path: Path) -> None:
    """An empty cell is no value."""
    head = "messageId,userId,event,timestamp,source,trait.city,trait.zip,amount,empty\n"
    (event,) = read_text(tmp_path, head + "e1,c1,Saved,2026-01-31T09:00:00Z,crm,Ulm,89073,12,\n")
    assert isinstance(event, Happened)
    assert (event.id, event.customer, event.name, event.source) == ("e1", "c1", "Saved", "crm")
    assert (event.traits, event.properties) == ({"city": "Ulm", "zip": 89073}, {"amount": 12})


def test_options_choose_the_columns_of_an_event_log(tmp_path: Path) -> None:
    """What was chosen replaces the usual column, which is then a property."""
    head = "row,case,activity,stage,when,name\n"
    options = ReadOptions(
        id="row", case_key="case", activity="activity", lifecycle="stage", time="when"
    )
    (event,) = records(tmp_path, head + "1,c1,Call,START,2026-01-31T09:00:00Z,Ann\n", options)
    assert isinstance(event, Happened)
    assert (event.id, event.name, event.properties) == ("1", "Call/start", {"name": "Ann"})


def test_line_numbers_count_the_line_breaks_within_quotes(tmp_path: Path) -> None:
    """The origin is where an editor finds the row."""
    text = "\ufeff\r\n" + HEAD + '\n1,c1,n,2026-01-31T09:00:00Z,"a\r\nb\n"\n' + "2,c1,n,never,\n"
    event, bad = read_text(tmp_path, text)
    assert isinstance(event, Happened)
    assert event.properties == {"x": "a\r\nb\n"}
    assert isinstance(bad, Unreadable)
    assert bad.reason.startswith("events.csv:7: time 'never' is not a time")
    assert bad.raw == b'{"id":"2","customer":"c1","name":"n","time":"never"}'


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1,c1,n", "has 3 values for 5 columns; quote a value"),
        (b"1,c1,n,2026-01-31T09:00:00Z,a,b", "has 6 values for 5 columns"),
        (b"1,c1,n,2026-01-31T09:00:00Z,\xff", "is not UTF-8"),
        (b"1,c1,n,2026-01-31T09:00:00Z,\0", "holds a NUL character"),
        (b'1,c1,n,2026-01-31T09:00:00Z,"a"b', "look for a quote that is not closed"),
        (b"1,c1,n,2026-01-31T09:00:00Z," + b"x" * 200_000, "field larger than"),
        (b"1,c1,n,2026-01-31T09:00:00Z," + b"x," * 2**20, "a line is longer than 1048576 bytes"),
    ],
)
def test_a_bad_row_keeps_its_bytes_and_spoils_no_other(
    tmp_path: Path, row: bytes, reason: str
) -> None:
    """One record for each row, in order."""
    good = ROW.format("2", "").encode()
    bad, event = read_text(tmp_path, HEAD.encode() + row + b"\n" + good)
    assert isinstance(bad, Unreadable)
    assert reason in bad.reason
    assert row.startswith(bad.raw)
    assert isinstance(event, Happened)


def test_an_open_quote_loses_nothing(tmp_path: Path) -> None:
    """It takes the rows after it into one dead letter, which holds them all."""
    rows = ROW.format("1", '"open') + ROW.format("2", "")
    (bad,) = read_text(tmp_path, HEAD + rows)
    assert isinstance(bad, Unreadable)
    assert bad.raw == rows.removesuffix("\n").encode()


@pytest.mark.parametrize(
    ("header", "options", "message"),
    [
        ("", ReadOptions(), "events.csv: is empty; begin with a header"),
        ("id,name,time", ReadOptions(), "no column 'customer'; rename .* columns are: id, name"),
        ("id,who,name,time", ReadOptions(), "or choose it with --case-key; columns are: id, who"),
        ("id,Customer,name,time", ReadOptions(), "no column 'customer'; is it 'Customer'"),
        ("id,customer,name,time,,", ReadOptions(), "column 5 has no name"),
        ("id,id,customer,name,time", ReadOptions(), "two columns are named 'id'"),
        (
            "id,messageId,customer,name,time",
            ReadOptions(),
            "two columns give the id; choose with --id",
        ),
        ("id,customer,name,time", ReadOptions(case_key="case"), "no column 'case'; columns are"),
    ],
)
def test_a_header_that_cannot_make_an_event_stops_the_file(
    tmp_path: Path, header: str, options: ReadOptions, message: str
) -> None:
    """One error with the columns there are, not a dead letter for each row."""
    with pytest.raises(OfoneError, match=message):
        records(tmp_path, header, options)
