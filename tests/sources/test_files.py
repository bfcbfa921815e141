"""Bytes and lines, whole and broken."""

import gzip
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from ofone.domain.errors import OfoneError
from ofone.sources import Unreadable, read, size
from ofone.sources.files import LONGEST_LINE, Opened

LINE = b'{"id":"%d","customer":"c","name":"n","time":"2026-01-31T09:00:00Z"}\n'


def lines(path: Path, content: bytes) -> list[bytes]:
    path.write_bytes(content)
    return list(Opened(path).lines())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("event.jsonl", r"event\.jsonl: no such file; near it lies events\.jsonl"),
        ("zzz.csv", "no such file; check the name and folder"),
        ("folder.csv", "is not a file; name a file, or pipe JSON lines to -"),
        ("plain.csv.gz", "is named .gz but does not begin as gzip does"),
        ("events.xlsx", r"format \.xlsx is not read; formats are: \.csv, \.jsonl, .*stdin"),
        ("events", "format without suffix is not read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(
    tmp_path: Path, name: str, message: str
) -> None:
    """Before anything is read: a list of files can be checked first."""
    (tmp_path / "events.jsonl").touch()
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "plain.csv.gz").write_bytes(b"id,customer")
    with pytest.raises(OfoneError, match=message):
        read(tmp_path / name)


def test_lines_end_with_or_without_a_newline(tmp_path: Path) -> None:
    """The last line needs none."""
    assert lines(tmp_path / "a", b"one\n\ntwo") == [b"one", b"", b"two"]


def test_a_line_without_end_is_cut_and_the_next_one_is_whole(tmp_path: Path) -> None:
    """Memory stays bounded; what follows is not shifted."""
    first, second = lines(tmp_path / "a", b"x" * (3 * LONGEST_LINE) + b"\nnext\n")
    assert LONGEST_LINE < len(first) < 2 * LONGEST_LINE
    assert second == b"next"


def test_utf_16_is_named_as_such(tmp_path: Path) -> None:
    """One error for the file, not one for each line."""
    with pytest.raises(OfoneError, match="a: is UTF-16; save it as UTF-8"):
        lines(tmp_path / "a", "one\n".encode("utf-16"))


def test_gzip_of_several_members_is_read_to_its_end(tmp_path: Path) -> None:
    """Log collectors append one member at a time."""
    members = gzip.compress(b"one\n") + gzip.compress(b"two\n")
    assert lines(tmp_path / "a.gz", members) == [b"one", b"two"]


def test_a_file_is_gzip_by_what_is_in_it(tmp_path: Path) -> None:
    """Downloads lose their suffix."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(gzip.compress(LINE % 1))
    assert len(list(read(path))) == 1


def test_a_gzip_file_with_a_flaw_tells_of_it_after_what_it_gave(tmp_path: Path) -> None:
    """A wrong checksum means that something before it is not what was written."""
    path = tmp_path / "events.jsonl.gz"
    whole = gzip.compress(LINE % 1)
    path.write_bytes(whole[:-8] + b"\0" * 8)
    *_, last = read(path)
    assert isinstance(last, Unreadable)
    assert "breaks off after 1 records: CRC check failed" in last.reason


def test_stdin_is_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` has no size, and counts what it took."""
    taken: list[int] = []
    content = LINE % 1 + LINE % 2
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(content)))
    assert len(list(read(Path("-"), progress=taken.append))) == 2
    assert taken == [len(content)]
    assert size(Path("-")) is None


def test_files_near_a_misspelt_name_are_told(tmp_path: Path) -> None:
    """One lies there, several lie there."""
    for name in ("events1.csv", "events2.csv"):
        (tmp_path / name).touch()
    with pytest.raises(OfoneError, match=r"near it lie events1\.csv, events2\.csv$"):
        read(tmp_path / "events.csv")
