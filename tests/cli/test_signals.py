"""Signals that are assumptions are called so, and are measured where there is enough."""

from pathlib import Path

import pytest
from tests.app.test_signals import BOOK, STRONG, played
from tests.cli.conftest import Ofone

from ofone.stores.sqlite import SqliteStore

SIGNAL = """\
signals:
  - {event: Worry Told, need: reassurance, score: 1.0, because: Told us.}
  - {event: Deadline Named, need: urgency, score: 1.2, because: Named a date., measured: r = .3}
"""


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A folder with the log of a company of 25 people."""
    with_signals = played(STRONG, 25, BOOK, SqliteStore(tmp_path / "journeys.db"))
    with_signals.close()
    return tmp_path


def test_a_playbook_says_how_many_signals_are_assumptions(ofone: Ofone, small: Path) -> None:
    """Once, with the command that measures them; and nothing of what is measured."""
    assert "assumptions" not in ofone("validate", small).out
    small.write_text(small.read_text(encoding="utf-8") + SIGNAL, encoding="utf-8")
    said = ofone("validate", small)
    assert said.out.count("1 of its 2 signals are assumptions") == 1
    assert "ofone calibrate-signals" in said.out
    assert ofone("validate", small, "--json").data["signals_assumed"] == 1


def test_signals_are_measured_from_a_folder(ofone: Ofone, company: Path) -> None:
    """For people and as JSON: what to write, that it says nothing, or what is too little."""
    how = ("calibrate-signals", "life-insurance", "--data", company, "--least", "10")
    found = ofone(*how, "--json").data["signals"]
    assert all({"write", "says_nothing", "too_few"} & row.keys() for row in found)
    said = ofone(*how).out
    assert all(row["because"] in said for row in found)


def test_too_few_customers_are_counted(ofone: Ofone, company: Path) -> None:
    """No number comes from a handful of people."""
    said = ofone("calibrate-signals", "life-insurance", "--data", company).out
    assert "of 100 people who said something of themselves" in said
    assert "measured" not in said


def test_a_folder_without_journeys_is_named(ofone: Ofone, tmp_path: Path) -> None:
    """And how to begin."""
    said = ofone("calibrate-signals", "life-insurance", "--data", tmp_path / "none")
    assert (said.code, "holds no journeys" in said.err) == (2, True)
