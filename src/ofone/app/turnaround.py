"""``ofone turnaround``: measure how long steps take, keep it under a number, and account for it."""

from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from ofone.analytics.turnaround.drawing import calibration
from ofone.analytics.turnaround.report import report
from ofone.analytics.turnaround.snapshot import snapshot
from ofone.app import DATABASE, existing, opened_to_read
from ofone.journeys.lengths import Lengths
from ofone.stores.sqlite import SqliteStore


def fit(data: Path) -> tuple[Lengths, bool]:
    """A snapshot of what the folder knows now, and whether it is a new one.

    It is kept for ever. Whoever serves the folder takes it up within minutes.
    Raises NotFound for a folder without journeys, TooFew where nobody was ever in a step.
    """
    with opened_to_read(existing(data)) as reading:
        made = snapshot(reading.store, reading.library)
        body = msgspec.json.encode(made)
        newest = max(reading.store.lengths(), default=0)
        if newest and reading.store.read_lengths(newest) == body:
            return replace(made, number=newest), False
    with closing(SqliteStore(data / DATABASE)) as store:
        return replace(made, number=store.keep_lengths(body)), True


def accounted(data: Path) -> dict[str, Any]:
    """What was told and what held, as plain data."""
    with opened_to_read(existing(data)) as reading:
        return report(reading.store, reading.library)


def drawn(found: dict[str, Any]) -> str:
    """The calibration of an account as SVG: of its playbook with the most stays."""
    name, book = max(found["playbooks"].items(), key=lambda b: int(b[1]["stays"]))
    return calibration(book["calibration"], f"{name}: what was told, and what held")
