"""Taking along, erasing and backing up, as a person types it on a bad day."""

import io
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.conftest import Ofone

from ofone.app import opened
from ofone.domain.events import Happened
from ofone.sources import parse_json
from ofone.stores.sqlite import SqliteStore


def typing(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def holds(folder: Path, word: bytes) -> list[str]:
    """The files of a folder in which a word is to be read."""
    return sorted(p.name for p in folder.iterdir() if word in p.read_bytes())


def test_an_export_is_one_object(ofone: Ofone, data: Path, tmp_path: Path) -> None:
    """On the screen or in a file: the same."""
    found = ofone("export", "anna", "--data", data).data
    assert (found["customer"], len(found["events"])) == ("anna", 4)
    out = tmp_path / "anna.json"
    said = ofone("export", "anna", "--data", data, "--out", out)
    assert (said.code, said.out) == (0, "")
    assert json.loads(out.read_bytes()) == {**found, "made": json.loads(out.read_bytes())["made"]}
    refused = ofone("export", "anna", "--data", data, "--out", tmp_path / "no" / "anna.json")
    assert (refused.code, "give --out a file you may write" in refused.err) == (2, True)


def test_erasing_says_what_goes_and_asks(
    ofone: Ofone, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the customer's id, typed once more, is a yes."""
    typing(monkeypatch, "yes\n")
    said = ofone("erase", "anna", "--data", data)
    assert "Of anna (anna) there would be erased:\n      4 inputs, and every" in said.out
    assert (said.code, "nothing was erased: 'yes' is not 'anna'" in said.err) == (2, True)
    assert ofone("show", "anna", "--data", data).code == 0
    typing(monkeypatch, "anna\n")
    said = ofone("erase", "anna", "--data", data)
    assert (said.code, "anna is erased" in said.out) == (0, True)
    assert holds(data, b"anna") == []


def test_who_leaves_at_the_question_erases_nothing(
    ofone: Ofone, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of the input is no yes."""
    typing(monkeypatch, "")
    assert ofone("erase", "anna", "--data", data).code == 130
    assert ofone("show", "anna", "--data", data).code == 0


def test_after_erasing_the_rest_is_proved(ofone: Ofone, data: Path) -> None:
    """And it is said how many are not there to compare."""
    found = ofone("erase", "anna", "--data", data, "--yes", "--json").data
    assert (found["erased"], found["wiped"], found["events"]) == ("anna", True, 4)
    said = ofone("replay", "--check", "--data", data)
    assert said.out.splitlines()[0].startswith("1 customers, 2 inputs")
    assert said.out.splitlines()[1] == "1 more were erased; nothing of them is left to compare"
    refused = [ofone(c, "anna", "--data", data) for c in ("show", "export", "erase")]
    assert {(r.code, r.out) for r in refused} == {(2, "")}
    assert "'anna' was erased; nothing is left" in refused[2].err


def test_the_same_events_bring_nobody_back(
    ofone: Ofone, data: Path, small: Path, events: Path
) -> None:
    """A file that is run again is older than the wish."""
    ofone("erase", "anna", "--data", data, "--yes")
    found = ofone("run", small, "--events", events, "--data", data, "--json").data
    assert (found["customers"], found["events"]) == (1, 0)
    assert holds(data, b"anna") == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nobody"], "no customer 'nobody' here; the newest are: "),
        ([], "give a CUSTOMER, or --from FILE"),
        (["anna", "--from", "x"], "give a CUSTOMER, or --from FILE"),
        (["anna", "--json"], "--json asks nothing; give --yes with it"),
        (["--from", "no.jsonl"], "no.jsonl is no file; give the erased.jsonl"),
    ],
)
def test_a_wish_that_cannot_be_read_erases_nothing(
    ofone: Ofone, data: Path, arguments: list[str], told: str
) -> None:
    """It says what would work."""
    said = ofone("erase", *arguments, "--data", data)
    assert (said.code, told in said.err) == (2, True)
    assert ofone("show", "anna", "--data", data).code == 0


def test_while_journeys_are_served_the_intake_erases(ofone: Ofone, data: Path) -> None:
    """One process advances a folder; the refusal says where to ask."""
    with opened(data, alone=True):
        said = ofone("erase", "anna", "--data", data, "--yes")
    assert said.code == 2
    told = json.loads(said.err[said.err.rindex("{") :])
    assert (told["customer"], told["name"]) == ("anna", "Erase Requested")
    assert isinstance(parse_json(json.dumps(told).encode(), "x"), Happened)


def test_a_reader_delays_the_wiping_and_it_is_said(
    ofone: Ofone, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is erased at once, and wiped with the next command that writes."""
    usual = SqliteStore.__init__.__kwdefaults__ or {}
    monkeypatch.setattr(SqliteStore.__init__, "__kwdefaults__", usual | {"wait_s": 0})
    with closing(sqlite3.connect(data / "journeys.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM customers").fetchall()
        said = ofone("erase", "anna", "--data", data, "--yes")
        assert "another process reads the files" in said.out
        assert holds(data, b"anna") != []
        assert ofone("show", "anna", "--data", data).code == 2
    with opened(data, alone=True):
        pass
    assert holds(data, b"anna") == []


def test_a_backup_is_whole_and_erased_later_as_well(
    ofone: Ofone, data: Path, tmp_path: Path
) -> None:
    """Made while somebody writes; the list of who was erased cleans it, and only the first time."""
    copy = tmp_path / "backup"
    with opened(data, alone=True):
        assert len(ofone("backup", copy, "--data", data, "--json").data["made"]) == 2
    assert ofone("replay", "--check", "--data", copy).code == 0
    ofone("erase", "anna", "--data", data, "--yes")
    assert holds(copy, b"anna") != []
    for again in (1, 0):
        found = ofone("erase", "--from", data / "erased.jsonl", "--data", copy, "--json").data
        assert found == {"erased_again": again}
        assert holds(copy, b"anna") == []


def test_a_restored_backup_erases_by_itself(ofone: Ofone, data: Path, tmp_path: Path) -> None:
    """The newest list lies in it, and the next command that writes does the rest."""
    copy = tmp_path / "backup"
    ofone("backup", copy, "--data", data)
    ofone("erase", "anna", "--data", data, "--yes")
    shutil.copy(data / "erased.jsonl", copy)
    with opened(copy, alone=True) as app:
        assert app.engine.get("anna") is None
    assert holds(copy, b"anna") == []


def test_a_backup_overwrites_nothing(ofone: Ofone, data: Path, tmp_path: Path) -> None:
    """Neither a folder with something in it nor a file."""
    (tmp_path / "file").write_text("text")
    for taken in (data, tmp_path / "file"):
        said = ofone("backup", taken, "--data", data)
        assert (said.code, "is not empty; give a folder that is new" in said.err) == (2, True)


def test_a_damaged_list_is_said(ofone: Ofone, data: Path) -> None:
    """With its line, and what to do; nothing is opened over it."""
    (data / "erased.jsonl").write_text('{"mark": "zz", "at": 1, "version": 1}\n')
    said = ofone("erase", "anna", "--data", data, "--yes")
    assert said.code == 2
    assert "erased.jsonl:1: this line was changed or cut" in said.err
