"""What the benchmarks share: options, figures, a place to write, and processes of their own."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from msgspec import Struct

from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened
from ofone.journeys.library import Library, library
from ofone.journeys.load import bundled
from ofone.sources.wire import parse_json

PLAYBOOK = "life-insurance"


def options(given: dict[str, str], **defaults: int) -> dict[str, int]:
    """Whole numbers by name. Raises OfoneError that lists the names, with what they are now."""
    working = ", ".join(f"{name}={value}" for name, value in defaults.items())
    chosen = dict(defaults)
    for name, text in given.items():
        if name not in defaults:
            raise OfoneError(f"no option {name!r}; options are: {working}")
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            raise OfoneError(f"{name}={text!r} is no whole number above 0; options are: {working}")
        chosen[name] = int(text)
    return chosen


def say(text: str) -> None:
    """A line about what is going on, on stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  (stdout is for the result)


def spread(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Median, least and most."""
    return {
        "median": round(median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
    }


class Cost(Struct, frozen=True):
    """Seconds: of the processor (user and system, this process), and by the clock on the wall."""

    cpu: float
    wall: float


class Stopwatch:
    """Measures from its making, or from the last ``lap``."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def lap(self) -> Cost:
        """What it took since; then it begins anew."""
        cpu, wall = time.process_time(), time.perf_counter()
        cost = Cost(cpu - self._cpu, wall - self._wall)
        self._cpu, self._wall = cpu, wall
        return cost


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on a real disk (where temporary files live), gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="ofone-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def books() -> Library:
    """The playbook that all benchmarks run."""
    return library([bundled(PLAYBOOK)])


def decoded(lines: Sequence[bytes]) -> list[Happened]:
    """The events of lines that were made here, and so are events."""
    found = [parse_json(line, "stream") for line in lines]
    return [event for event in found if isinstance(event, Happened)]


def own_process(
    function: str, *arguments: object, stdin: int | None = None
) -> "subprocess.Popen[bytes]":
    """Start ``module.function`` of this package in a process of its own; its stdout is a pipe."""
    module, name = function.rsplit(".", 1)
    code = f"import sys; from ofone.benchmarks.{module} import {name}; {name}(*sys.argv[1:])"
    return subprocess.Popen(  # noqa: S603  (our own code, with arguments of ours)
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=stdin,
        stdout=subprocess.PIPE,
    )
