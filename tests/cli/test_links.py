"""Links are revoked on the command line, and while the journeys are served it says how."""

from importlib.resources import files
from pathlib import Path

import pytest
from tests.cli.conftest import Ofone

from ofone.app import opened


@pytest.fixture
def angelas(ofone: Ofone, tmp_path: Path) -> Path:
    """A folder in which Angela's journey was played."""
    events, data = str(files("ofone.journeys") / "bundled" / "angela.jsonl"), tmp_path / "data"
    assert ofone("run", "life-insurance", "--events", events, "--data", data).code == 0
    return data


def test_revoking_makes_new_links(ofone: Ofone, angelas: Path) -> None:
    """Each time others: what was sent before is useless."""
    first = ofone("links", "revoke", "angela", "--data", angelas, "--json").data["links"]
    again = ofone("links", "revoke", "angela", "--data", angelas, "--json").data["links"]
    assert len(first) == 1
    assert first[0].startswith("http://127.0.0.1:8765/t/")
    assert first != again


def test_the_tracker_of_each_journey_is_shown_also_while_it_is_served(
    ofone: Ofone, angelas: Path
) -> None:
    """Somebody is on the telephone: the address is one that opens, where the pages are served."""
    base = ("--base", "https://status.example")
    with opened(angelas, alone=True) as app:
        said = ofone("links", "show", "angela", "--data", angelas, *base)
        found = ofone("links", "show", "angela", "--data", angelas, *base, "--json").data["links"]
        token = found[0]["link"].removeprefix("https://status.example/t/")
        assert said.out == f"life-insurance AL-2041 (completed): {found[0]['link']}\n"
        assert app.store.linked(token) == ("angela", 0)


@pytest.mark.parametrize("command", ["show", "revoke"])
def test_nobody_of_that_name_is_said_with_who_there_is(
    ofone: Ofone, angelas: Path, command: str
) -> None:
    """Nothing is written down for somebody who is not there."""
    said = ofone("links", command, "bob", "--data", angelas)
    assert (said.code, "the newest are: angela" in said.err) == (2, True)


def test_while_it_is_served_the_event_is_named(ofone: Ofone, angelas: Path) -> None:
    """Somebody is in a hurry: the message holds what to send."""
    with opened(angelas, alone=True):
        said = ofone("links", "revoke", "angela", "--data", angelas)
    assert said.code != 0
    assert '"name": "Links Revoked"' in said.err
