"""Bytes and lines of a file, of a gzip file or of standard input, in bounded memory."""

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from difflib import get_close_matches
from io import BufferedReader
from pathlib import Path
from typing import cast

from msgspec import Struct

from ofone.domain.errors import OfoneError

LONGEST_LINE = 1 << 20
"""Bytes of a line; a longer one is not read as an event."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHUNK = 1 << 18
_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class ReadOptions(Struct, frozen=True, kw_only=True):
    """How a file names what an event needs; empty where it uses the names usual for its format.

    The usual names are id, customer, name and time for the columns of a table, and for XES
    concept:name (of the trace, and of the event), lifecycle:transition and time:timestamp.
    JSON lines have one form and take no options.
    """

    id: str = ""
    case_key: str = ""
    activity: str = ""
    lifecycle: str = ""
    time: str = ""


class CutShort(Exception):
    """The bytes of a file end, or become unreadable, before its content does.

    Stays within this package: ``read`` tells of it in a last ``Unreadable``. ``tail`` is what was
    read of the record that is cut in two.
    """

    def __init__(self, what: str, tail: bytes = b"") -> None:
        super().__init__(what)
        self.tail = tail


class Opened:
    """A file that was looked at and can be read once. ``-`` is standard input.

    ``progress`` is called with the number of bytes taken from the file so far, compressed as they
    lie there; at the end that is the size of the file.
    Raises OfoneError if there is no such file, or if it is named .gz and is not gzip.
    """

    def __init__(self, path: Path, progress: Callable[[int], None] | None = None) -> None:
        self.path = path
        self.stdin = str(path) == "-"
        self.name = "stdin" if self.stdin else path.name
        self.report = progress or (lambda _: None)
        self.zipped = not self.stdin and _is_gzip(path)

    def chunks(self) -> Iterator[bytes]:
        """The content, decompressed, as it comes. Raises CutShort at the end, if it must."""
        with ExitStack() as stack:
            raw = sys.stdin.buffer if self.stdin else stack.enter_context(_open(self.path))
            file = cast(BufferedReader, raw)
            stream = stack.enter_context(gzip.GzipFile(fileobj=file)) if self.zipped else file
            taken = 0
            while chunk := _next(stream):
                yield chunk
                taken = taken + len(chunk) if self.stdin else file.tell()
                self.report(taken)

    def lines(self) -> Iterator[bytes]:
        r"""The content in lines, without ``\n`` and byte order mark. Raises CutShort as well.

        Of a line longer than LONGEST_LINE only a beginning is given, itself longer than that.
        """
        carry, skipping = b"", False
        try:
            for number, chunk in enumerate(self.chunks()):
                if number == 0 and chunk.startswith(_UTF_16):
                    raise OfoneError(f"{self.name}: is UTF-16; save it as UTF-8")
                carry += chunk if number else chunk.removeprefix(BYTE_ORDER_MARK)
                *whole, carry = carry.split(b"\n")
                for line in whole:
                    if not skipping:
                        yield line
                    skipping = False
                if len(carry) > LONGEST_LINE:
                    if not skipping:
                        yield carry
                    carry, skipping = b"", True
        except CutShort as cut:
            raise CutShort(str(cut), tail=carry) from None
        if carry and not skipping:
            yield carry


def _open(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise OfoneError(f"{path}: {error.strerror}; give a file that can be read") from None


def _is_gzip(path: Path) -> bool:
    if not path.exists():
        near = [other.name for other in path.parent.glob("*")]
        close = get_close_matches(path.name, near, n=3)
        raise OfoneError(
            f"{path}: no such file; "
            + (
                f"near it {'lies' if len(close) == 1 else 'lie'} {', '.join(sorted(close))}"
                if close
                else "check the name and folder"
            )
        )
    if not path.is_file():
        # Looking into a pipe would take its first bytes away.
        raise OfoneError(f"{path}: is not a file; name a file, or pipe JSON lines to -")
    with _open(path) as file:
        begin = file.read(2)
    if path.suffix == ".gz" and begin != _GZIP:
        raise OfoneError(
            f"{path}: is named .gz but does not begin as gzip does; "
            "name it after what is in it, or fetch it again"
        )
    return begin == _GZIP


def _next(stream: BufferedReader | gzip.GzipFile) -> bytes:
    try:
        return stream.read1(_CHUNK)
    except (EOFError, OSError, zlib.error) as error:
        raise CutShort(str(error)) from None
