"""What one helper sees, from a data folder: in words, as JSON, and the page's link."""

from importlib.resources import files
from pathlib import Path

import pytest
from tests.cli.conftest import Ofone


@pytest.fixture
def angelas(ofone: Ofone, tmp_path: Path) -> Path:
    """A folder in which Angela's journey was played; Martin is beside her."""
    events, data = str(files("ofone.journeys") / "bundled" / "angela.jsonl"), tmp_path / "data"
    assert ofone("run", "life-insurance", "--events", events, "--data", data).code == 0
    return data


def test_a_helper_is_shown_what_a_helper_may_see(ofone: Ofone, angelas: Path) -> None:
    """The same projection as the page; nothing else is in the export."""
    found = ofone("helper", "martin", "--data", angelas, "--json").data
    assert set(found) == {"helper", "name", "zone", "requests", "cases", "notes"}
    assert [(c["name"], c["status"]) for c in found["cases"]] == [("Angela Ruiz", "completed")]
    assert len(found["notes"]) == 2
    said = ofone("helper", "martin", "--data", angelas).out
    assert said.startswith("Martin Okafor")
    assert "What helps when people read their offer" in said


def test_a_link_is_made_and_revoked(ofone: Ofone, angelas: Path) -> None:
    """The same until it is revoked; looking without asking for it makes none."""
    first = ofone("helper", "martin", "--data", angelas, "--link", "--json").data["link"]
    again = ofone("helper", "martin", "--data", angelas, "--link", "--json").data["link"]
    new = ofone("helper", "martin", "--data", angelas, "--revoke", "--json").data["link"]
    assert first == again
    assert new != again
    assert new.startswith("http://127.0.0.1:8765/h/")


def test_nobody_by_that_name_is_said_with_who_there_is(ofone: Ofone, angelas: Path) -> None:
    """In words, with code 2."""
    said = ofone("helper", "mo", "--data", angelas)
    assert (said.code, said.out) == (2, "")
    assert "no helper 'mo' here; helpers are: martin" in said.err
