"""What `ofone run` says of a file that holds something odd, and how far it lets time pass."""

from pathlib import Path

import pytest
from tests.cli.conftest import Ofone
from tests.runtime.small import MONDAY, happened, known, story

from ofone.domain.events import Happened
from ofone.domain.times import DAY, HOUR
from ofone.sources import to_json

CENTURY = 36_500 * DAY


def written(path: Path, *events: Happened) -> Path:
    """A file of these events."""
    path.write_bytes(b"".join(to_json(event) + b"\n" for event in events))
    return path


def test_a_mistyped_year_does_not_move_the_company_on(
    ofone: Ofone, small: Path, tmp_path: Path
) -> None:
    """It is kept as a dead letter that says so, and everybody else stays where they are."""
    wrong = happened("berta", "Form Sent", MONDAY + CENTURY)
    path = written(tmp_path / "e.jsonl", *story("anna")[:2], *story("berta")[:2], wrong)
    data = tmp_path / "data"
    found = ofone("run", small, "--events", path, "--data", data, "--json").data
    assert (found["events"], found["dead_letters"]) == (4, 1)
    (letter,) = ofone("dead-letters", "list", "--data", data, "--json").data["dead_letters"]
    assert letter["reason"].startswith("its time 2126-02-06T10:00:00Z lies ahead of now")
    assert ofone("dead-letters", "replay", "--data", data, "--json").data["replayed"] == 0


def test_time_may_pass_further_than_now_where_that_is_asked_for(
    ofone: Ofone, small: Path, tmp_path: Path
) -> None:
    """A rehearsal of next century: what lies before --until is taken."""
    ahead = happened("anna", "Form Sent", MONDAY + CENTURY)
    path = written(tmp_path / "e.jsonl", *story("anna")[:2], ahead)
    command = ("run", small, "--events", path, "--data", tmp_path / "data", "--json")
    found = ofone(*command, "--until", "2126-02-06T12:00:00+01:00").data
    assert (found["events"], found["dead_letters"]) == (3, 0)


def test_names_that_no_playbook_knows_are_counted(
    ofone: Ofone, small: Path, tmp_path: Path
) -> None:
    """With what was perhaps meant; they are taken all the same, and said once."""
    odd = [happened("anna", "Form Snt", MONDAY + n * HOUR, named=f"{n}") for n in (2, 3)]
    odd += [happened("anna", "consent given", MONDAY, channel="sms")]
    odd += [happened("anna", "Zebra Fed", MONDAY)]
    path = written(tmp_path / "e.jsonl", *story("anna")[:2], *odd)
    data = tmp_path / "data"
    said = ofone("run", small, "--events", path, "--data", data).out
    assert (
        "4 events that no playbook knows: Form Snt (2), did you mean Form Sent?; "
        "Zebra Fed (1); consent given (1), did you mean Consent Given?" in said
    )
    again = ofone("run", small, "--events", path, "--data", data, "--json").data
    assert again["unknown_events"] == {"events": 0, "names": []}


def test_a_log_with_a_thousand_strange_names_is_counted_whole(
    ofone: Ofone, small: Path, tmp_path: Path
) -> None:
    """Fifty are told apart; of the rest it is known how many."""
    odd = [happened("anna", f"{n:x} {n}", MONDAY) for n in range(1000)]
    path = written(tmp_path / "e.jsonl", *odd)
    command = ("run", small, "--events", path, "--data", tmp_path / "data")
    assert "others (990; --json tells more)" in ofone(*command).out
    found = ofone(*command[:-1], tmp_path / "more", "--json").data["unknown_events"]
    assert (found["events"], len(found["names"])) == (1000, 50)


def test_what_says_something_else_needs_no_known_name(
    ofone: Ofone, small: Path, tmp_path: Path
) -> None:
    """Traits, words and remembered properties are read whatever the event is called."""
    traits = Happened(id="1", customer="anna", name="Moved", at=MONDAY, traits={"email": "a@b.c"})
    words = happened("anna", "Zebra Fed", MONDAY, named="2", text="Thank you.")
    room = happened("anna", "Hall Chosen", MONDAY, named="3", room="7b")
    path = written(tmp_path / "e.jsonl", known("anna"), traits, words, room)
    found = ofone("run", small, "--events", path, "--data", tmp_path / "d", "--json").data
    assert (found["events"], found["unknown_events"]["events"]) == (4, 0)


@pytest.mark.parametrize(
    "until",
    [
        "2026-03-10",
        "2026-03-09T23:00:00",
        "2026-03-09T23:00:00Z",
        "2026-03-10T00:00:00+01:00",
    ],
)
def test_until_is_read_with_and_without_a_zone(
    ofone: Ofone, small: Path, tmp_path: Path, until: str
) -> None:
    """ISO 8601; without a zone it is UTC."""
    path = written(tmp_path / "e.jsonl", *story("anna")[:2])
    command = ("run", small, "--events", path, "--data", tmp_path / "d", "--json")
    assert ofone(*command, "--until", until).data["events"] == 2


def test_an_until_that_is_no_time_says_what_would_work(
    ofone: Ofone, small: Path, events: Path, tmp_path: Path
) -> None:
    """With a zone and without."""
    command = ("run", small, "--events", events, "--data", tmp_path / "d")
    said = ofone(*command, "--until", "tomorrow")
    assert said.code == 2
    assert "write 2026-06-30, 2026-06-30T18:00:00Z" in said.err.replace("\n", " ")
