"""Logs of process mining through the loan playbook, against an independent count of their ends."""

import gzip
import os
from collections import Counter
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from msgspec import Struct
from tests.cli.conftest import Ofone

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("OFONE_DATA", ROOT / "../shared/data")) / "bpic2012/bpic2012.xes.gz"

ENDS = {"A_APPROVED": "goal", "A_DECLINED": "declined", "A_CANCELLED": "cancelled"}


class Counted(Struct):
    """What a log says of itself: cases, events, and the end of each case."""

    cases: int
    events: int
    ends: Counter[str]


def counted(path: Path) -> Counted:
    """Read with the standard library alone; the first event that ends a case is its end."""
    found = Counted(0, 0, Counter())
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for _, node in ET.iterparse(file):
            if node.tag.endswith("trace"):
                names = [
                    attribute.get("value", "")
                    for event in node
                    if event.tag.endswith("event")
                    for attribute in event
                    if attribute.get("key") == "concept:name"
                ]
                found.cases += 1
                found.events += len(names)
                found.ends[next((ENDS[n] for n in names if n in ENDS), "open")] += 1
                node.clear()
    return found


def assert_equal(summary: dict[str, Any], log: Counted) -> None:
    """No event lost, none twice, no dead letter, and every case ended as the log says."""
    assert (summary["events"], summary["duplicates"]) == (log.events, 0)
    assert (summary["customers"], summary["dead_letters"]) == (log.cases, 0)
    assert summary["outcomes"] == {k: n for k, n in log.ends.items() if k != "open"}
    ended = log.ends["declined"] + log.ends["cancelled"]
    assert summary["journeys"] == {
        "started": log.cases,
        "active": log.ends["open"],
        "completed": log.ends["goal"],
        "ended": ended,
    }


def run_and_check(ofone: Ofone, path: Path, data: Path) -> None:
    """Run the log into a fresh folder, compare, and fold it all again."""
    log = counted(path)
    assert_equal(ofone("run", "loan", "--events", path, "--data", data, "--json").data, log)
    found = ofone("replay", "--check", "--data", data, "--json").data
    assert found["clean"]
    assert found["customers"] == log.cases
    assert found["inputs"] >= log.events


def test_the_small_log_ends_as_it_says(ofone: Ofone, tmp_path: Path) -> None:
    """Forty made-up loans in the words of the real log; it comes with the package."""
    with as_file(files("ofone.journeys") / "bundled" / "small-loan-log.xes") as path:
        assert set(counted(path).ends) == {"goal", "declined", "cancelled", "open"}
        run_and_check(ofone, path, tmp_path / "data")


def test_a_log_fed_in_pieces_ends_the_same(ofone: Ofone, tmp_path: Path) -> None:
    """Run again, everything is a duplicate and every end stays."""
    with as_file(files("ofone.journeys") / "bundled" / "small-loan-log.xes") as path:
        log = counted(path)
        command = ("run", "loan", "--events", path, "--data", tmp_path / "data", "--json")
        first, again = ofone(*command).data, ofone(*command).data
    assert (again["events"], again["duplicates"]) == (0, log.events)
    assert (again["journeys"], again["outcomes"]) == (first["journeys"], first["outcomes"])


@pytest.mark.slow
def test_the_real_log_ends_as_it_says(ofone: Ofone, tmp_path: Path) -> None:
    """BPI Challenge 2012 (van Dongen), whole."""
    if not REAL.exists():
        pytest.skip(f"NO LOG at {REAL}: set OFONE_DATA to the folder that holds bpic2012/")
    log = counted(REAL)
    assert (log.cases, log.events) == (13_087, 262_200)
    run_and_check(ofone, REAL, tmp_path / "data")
