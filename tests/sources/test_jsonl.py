"""Lines that are events, and lines that are not."""

from pathlib import Path

from ofone.domain.events import Happened
from ofone.sources import Record, Unreadable, read
from ofone.sources.files import LONGEST_LINE

EVENT = b'{"id":"e","customer":"c","name":"n","time":"2026-01-31T09:00:00Z"}'


def records(tmp_path: Path, content: bytes) -> list[Record]:
    path = tmp_path / "events.jsonl"
    path.write_bytes(content)
    return list(read(path))


def test_blank_lines_windows_ends_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    """Only lines with something in them are records."""
    found = records(tmp_path, b"\xef\xbb\xbf" + EVENT + b"\r\n\r\n  \n" + EVENT)
    assert [type(record) for record in found] == [Happened, Happened]


def test_a_bad_line_keeps_its_number_and_its_bytes(tmp_path: Path) -> None:
    """The lines around it are read."""
    one, bad, two = records(tmp_path, EVENT + b"\n\n\xff\0\n" + EVENT)
    assert isinstance(one, Happened)
    assert isinstance(two, Happened)
    assert isinstance(bad, Unreadable)
    assert (bad.raw, bad.origin) == (b"\xff\0", "events.jsonl:3")


def test_an_endless_line_is_one_dead_letter(tmp_path: Path) -> None:
    """It is refused by its length, and does not become a piece of JSON by being cut."""
    long, after = records(tmp_path, b" " * (2 * LONGEST_LINE) + b"\n" + EVENT)
    assert isinstance(long, Unreadable)
    assert "line is longer than 1048576 bytes" in long.reason
    assert isinstance(after, Happened)
