"""Bad input: exit code 2 and a message on stderr that says the way out; nothing is lost."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.conftest import SMALL_YAML, Ofone, Said
from tests.runtime.small import story

from ofone.domain.errors import OfoneError
from ofone.sources import to_json
from ofone.stores import sqlite

GOOD = (
    b'{"id": "e1", "customer": "anna", "name": "Started", "properties": {"case": "1"}, '
    b'"time": "2026-03-02T10:00:00Z"}'
)

BAD_LINES = {
    "malformed JSON": (b'{"id": "e2", "customer": ', "is not JSON"),
    "no object": (b"[1, 2]", "is a list; write one object to a line"),
    "a number for an id": (GOOD.replace(b'"e1"', b"7"), 'id 7 is a number; quote it: "7"'),
    "a list for properties": (GOOD.replace(b'{"case": "1"}', b"[]"), "properties is a list"),
    "an unknown field": (GOOD[:-1] + b', "propertys": {}}', "did you mean 'properties'?"),
    "no id": (GOOD.replace(b'"id": "e1", ', b""), 'has no id; an event needs "id"'),
    "no customer": (GOOD.replace(b'"customer": "anna", ', b""), "has no customer"),
    "no time": (GOOD.replace(b', "time": "2026-03-02T10:00:00Z"', b""), "has no time"),
    "a time without a zone": (GOOD.replace(b"00Z", b"00"), "has no zone; write 2026-03-02T10"),
    "no UTF-8": (GOOD.replace(b"anna", b"\xff"), "is not UTF-8"),
}


def refused(said: Said, *parts: str) -> None:
    """Exit code 2, nothing on stdout, and a message without a traceback that holds the parts."""
    assert (said.code, said.out) == (2, "")
    assert "Traceback" not in said.err
    for part in parts:
        assert part in said.err


@pytest.mark.parametrize("kind", BAD_LINES)
def test_a_bad_line_becomes_a_dead_letter(
    ofone: Ofone, small: Path, tmp_path: Path, kind: str
) -> None:
    """The line whole, with file, line number and reason; the lines around it are taken."""
    raw, reason = BAD_LINES[kind]
    path, data = tmp_path / "bad.jsonl", tmp_path / "data"
    path.write_bytes(b"\n".join([GOOD, raw, GOOD.replace(b"e1", b"e3")]))
    found = ofone("run", small, "--events", path, "--data", data, "--json").data
    assert (found["events"], found["dead_letters"]) == (2, 1)
    (letter,) = ofone("dead-letters", "list", "--data", data, "--json").data["dead_letters"]
    assert letter["reason"].startswith("bad.jsonl:2: ")
    assert reason in letter["reason"]
    assert letter["raw"] == raw.decode("utf-8", "backslashreplace")


def test_dead_letters_wait_until_they_go_through(ofone: Ofone, small: Path, tmp_path: Path) -> None:
    """They are counted once, listed until replayed, and can be listed after it."""
    path, data = tmp_path / "bad.jsonl", tmp_path / "data"
    begun = [
        GOOD.replace(b'"e1"', b'"%s"' % key).replace(b'"case": "1"', b'"case": "%s"' % key)
        for key in (b"1", b"2")
    ]
    unclear = GOOD.replace(b"e1", b"e3").replace(b"Started", b"Form Sent")
    unclear = unclear.replace(b'"properties": {"case": "1"}, ', b"")
    path.write_bytes(b"\n".join([*begun, unclear, b"{"]))
    for dead in (2, 0):
        found = ofone("run", small, "--events", path, "--data", data, "--json").data
        assert found["dead_letters"] == dead
    said = ofone("dead-letters", "replay", "--data", data, "--json").data
    assert (said["replayed"], [d["kind"] for d in said["left"]]) == (0, ["event", "raw"])
    assert "set its property 'case' to one of: 1, 2" in said["left"][0]["reason"]


def test_an_unknown_field_in_a_playbook_is_placed(ofone: Ofone, small: Path) -> None:
    """File, line and column, and the field that was meant; with --json as data for an editor."""
    small.write_text(SMALL_YAML.replace("    happens: You visit", "    hapens: You visit"))
    where = f"{small}:20:5: unknown field 'hapens'; did you mean 'happens'?"
    refused(ofone("validate", small), where)
    said = ofone("validate", small, "--json")
    (problem,) = json.loads(said.out)["problems"]
    assert (said.code, problem["line"], problem["column"]) == (2, 20, 5)
    assert where in said.err


def test_a_template_with_a_missing_variable_is_placed(ofone: Ofone, small: Path) -> None:
    """It is found before anybody is written to: no run begins with it."""
    small.write_text(SMALL_YAML.replace("customer.name", "customer.nmae"))
    refused(ofone("validate", small), f"{small}:28:35", "did you mean customer.name?")
    data = small.with_name("data")
    refused(ofone("run", small, "--events", small, "--data", data), "customer.nmae")
    assert not data.exists()


def test_all_problems_of_a_playbook_are_told_at_once(ofone: Ofone, small: Path) -> None:
    """One line for each, so that one round of mending is enough."""
    broken = SMALL_YAML.replace("goal: visit", "goal: vist").replace("send: welcome", "send: hello")
    small.write_text(broken)
    said = ofone("validate", small)
    refused(said, f"{small}:4:1: ", "unknown step 'vist'", "unknown action 'hello'")
    assert len(said.err.splitlines()) == 2


def test_what_is_no_yaml_is_said(ofone: Ofone, small: Path) -> None:
    """With the place where it stops being YAML."""
    small.write_text("playbook: small\n  title: [")
    refused(ofone("validate", small), f"{small}:2:", "this is not YAML")


def test_an_unknown_playbook_lists_those_there_are(ofone: Ofone, tmp_path: Path) -> None:
    """By name, and by file."""
    refused(ofone("validate", "life"), "no bundled playbook 'life'", "life-insurance, loan")
    refused(ofone("describe", tmp_path / "no.yaml"), "no.yaml; bundled playbooks are: ")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("event.jsonl", "no such file; near it lies events.jsonl"),
        ("events.doc", "format .doc is not read; formats are: .csv, .jsonl"),
        (".", "format without suffix is not read"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    ofone: Ofone, small: Path, events: Path, name: str, reason: str, more: tuple[str, ...]
) -> None:
    """Also when it is the second one: no folder is made, and nothing of the first is taken."""
    data = events.parent / "new"
    given = ("--events", events, "--events", events.parent / name)
    refused(ofone("run", small, *given, "--data", data, *more), reason)
    assert not data.exists()


def test_a_folder_without_journeys_says_how_to_begin(ofone: Ofone, tmp_path: Path) -> None:
    """Every command that reads one says the same, and makes nothing."""
    data = tmp_path / "none"
    for command in (
        ("show", "anna"),
        ("explain", "anna:d0"),
        ("dead-letters", "list"),
        ("dead-letters", "replay"),
        ("replay", "--check"),
        ("migrate", "loan"),
    ):
        refused(ofone(*command, "--data", data), f"{data} holds no journeys; begin with: ofone run")
    assert not data.exists()


def test_who_is_not_there_is_said_with_who_is(ofone: Ofone, data: Path) -> None:
    """The newest customers for a customer; for a decision, where its id is shown."""
    refused(ofone("show", "ana", "--data", data), "no customer 'ana' here", "berta, anna")
    refused(ofone("explain", "anna:d99", "--data", data), "no decision 'anna:d99' here")
    refused(ofone("explain", "nonsense", "--data", data), "`ofone show CUSTOMER` lists their ids")


def test_a_misused_command_shows_how_it_is_used(ofone: Ofone, data: Path, events: Path) -> None:
    """Options and commands that are not there, or not given."""
    refused(ofone("shwo"), "No such command 'shwo'")
    refused(ofone("show", "anna"), "Missing option '--data'")
    refused(ofone("run", "loan", "--data", data), "Missing option '--events'")
    refused(ofone("show", "anna", "--data", events), "is a file")
    refused(ofone("replay", "--data", data), "Missing option '--check'")
    refused(ofone("run", "loan", "--events", events, "--data", data, "--smtp", "x"), "smtp://host")


def test_a_damaged_folder_is_said(ofone: Ofone, data: Path) -> None:
    """The file is left as it is."""
    database = data / "journeys.db"
    for rest in data.glob("journeys.db-*"):
        rest.unlink()
    database.write_bytes(b"Dear Anna, " * 1000)
    refused(ofone("show", "anna", "--data", data), str(database), "restore a backup")
    assert database.read_bytes() == b"Dear Anna, " * 1000


def test_a_newer_folder_is_said(ofone: Ofone, data: Path) -> None:
    """An older program does not touch it."""
    with closing(sqlite3.connect(data / "journeys.db")) as db:
        db.execute("PRAGMA user_version=99")
    refused(ofone("show", "anna", "--data", data), "schema 99", "use the version of ofone")


def test_a_locked_folder_is_said(
    ofone: Ofone, small: Path, events: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds the database: nothing is taken, and the next run takes it."""
    fast = {"wait_s": 0, "cache_mb": 1, "reading": False}
    monkeypatch.setattr(sqlite.SqliteStore.__init__, "__kwdefaults__", fast)
    more = events.with_name("more.jsonl")
    more.write_bytes(GOOD.replace(b"anna", b"clara"))
    command = ("run", small, "--events", more, "--data", data)
    with closing(sqlite3.connect(data / "journeys.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused(ofone(*command), "locked; another process is writing to it")
    assert ofone(*command, "--json").data["events"] == 1


def test_a_full_disk_is_said(
    ofone: Ofone, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a run: what was kept stays, and the same command goes on from there."""
    path, data = tmp_path / "many.jsonl", tmp_path / "data"
    told = [event for n in range(300) for event in story(f"c{n}")]
    path.write_bytes(b"".join(to_json(e) + b"\n" for e in told))
    command = ("run", small, "--events", path, "--data", data)
    made = sqlite.SqliteStore._make

    def tiny(store: sqlite.SqliteStore, version: int) -> None:
        made(store, version)
        store._db.execute("PRAGMA max_page_count=400")

    monkeypatch.setattr(sqlite.SqliteStore, "_make", tiny)
    refused(ofone(*command), "the disk is full; free some space and run the same command again")
    monkeypatch.undo()
    found = ofone(*command, "--json").data
    assert 0 < found["events"] < 1200
    assert (found["duplicates"], found["journeys"]["completed"]) == (0, 300)
    assert ofone("replay", "--check", "--data", data, "--json").data["clean"]
    with closing(sqlite3.connect(data / "journeys.db")) as db:
        statuses = db.execute("SELECT status, count(*) FROM outbox GROUP BY status").fetchall()
    assert statuses == [("delivered", 300)]


def test_a_fault_of_ours_keeps_its_traceback(
    ofone: Ofone, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what a person can mend is said in words."""

    def fault(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ofone.cli.main.check", fault)
    with pytest.raises(ZeroDivisionError):
        ofone("replay", "--check", "--data", data)
    assert not issubclass(ZeroDivisionError, OfoneError)


def test_a_folder_is_no_playbook(ofone: Ofone, tmp_path: Path) -> None:
    """In words, with what would be one."""
    refused(ofone("validate", tmp_path), "is a folder; name a playbook file in it", "loan")
