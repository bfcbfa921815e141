"""Every command on a small journey: for people in words, with ``--json`` as one object."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.conftest import SMALL_YAML, Ofone

from ofone import __version__


def test_a_good_playbook_is_said_to_be_good(ofone: Ofone, small: Path) -> None:
    """With its version, which is what a journey keeps."""
    found = ofone("validate", small, "--json").data
    assert (found["playbook"], found["steps"]) == ("small", ["form", "visit"])
    assert found["problems"] == []
    assert f"version {found['version']}, 2 steps, 1 approaches" in ofone("validate", small).out


def test_a_playbook_is_described_for_sign_off(ofone: Ofone, small: Path) -> None:
    """In plain English, and as a diagram."""
    found = ofone("describe", small, "--json").data
    assert "The form" in found["text"]
    assert found["mermaid"].split()[0] in ("flowchart", "graph", "stateDiagram-v2")
    said = ofone("describe", small).out
    assert found["text"] in said
    assert ofone("describe", small, "--mermaid").out.strip() == found["mermaid"].strip()


def test_the_schema_is_one_json_object(ofone: Ofone) -> None:
    """For completion in an editor."""
    found = ofone("schema").data
    assert "$defs" in found or "properties" in found


def test_a_run_ends_with_its_figures(ofone: Ofone, small: Path, events: Path) -> None:
    """All that the summary promises, and no more."""
    found = ofone("run", small, "--events", events, "--data", events.parent / "d", "--json").data
    times = (found.pop("cpu_seconds"), found.pop("wall_seconds"))
    assert all(t >= 0 for t in times)
    assert found == {
        "events": 6,
        "duplicates": 0,
        "customers": 2,
        "journeys": {"started": 2, "active": 1, "completed": 1, "ended": 0},
        "outcomes": {"goal": 1},
        "waiting_for_a_journey": 0,
        "decisions": 5,
        "deliveries": 2,
        "timers_fired": 0,
        "dead_letters": 0,
        "unknown_events": {"events": 0, "names": []},
    }


def test_a_run_again_changes_nothing(ofone: Ofone, small: Path, events: Path, data: Path) -> None:
    """Its events are duplicates; the journeys are those of the folder."""
    before = ofone("show", "anna", "--data", data, "--json").data
    found = ofone("run", small, "--events", events, "--data", data, "--json").data
    assert (found["events"], found["duplicates"], found["deliveries"]) == (0, 6, 0)
    assert found["journeys"]["started"] == 2
    assert ofone("show", "anna", "--data", data, "--json").data == before


def test_several_files_are_one_run(ofone: Ofone, small: Path, events: Path) -> None:
    """In the order given; what one holds and the other too is taken once."""
    half = events.with_name("half.jsonl")
    half.write_bytes(b"".join(events.read_bytes().splitlines(keepends=True)[:3]))
    found = ofone(
        *("run", small, "--events", half, "--events", events),
        *("--data", events.parent / "d", "--json"),
    ).data
    assert (found["events"], found["duplicates"]) == (6, 3)


def test_a_customer_is_shown_whole(ofone: Ofone, data: Path) -> None:
    """The shape that the pages and the API share."""
    found = ofone("show", "anna", "--data", data, "--json").data
    (journey,) = found["journeys"]
    assert (found["customer"], found["traits"]["email"]) == ("anna", "anna@example.org")
    assert set(found["assessment"]["reassurance"]) >= {"mean", "sd", "known", "evidence"}
    assert (journey["status"], journey["key"], journey["facts"]) == (
        "completed",
        "one",
        {"room": "7b"},
    )
    assert [(s["id"], s["status"]) for s in journey["steps"]] == [
        ("form", "done"),
        ("visit", "done"),
    ]
    assert [(d["action"], d["status"]) for d in found["deliveries"]] == [("welcome", "delivered")]
    assert found["deliveries"][0]["text"].startswith("Welcome, anna.")


def test_without_a_name_the_newest_customers_are_named(ofone: Ofone, data: Path) -> None:
    """What other commands point to when they know nobody of that name."""
    found = ofone("show", "--data", data, "--json").data
    assert found["customers"] == len(found["newest"]) > 0
    assert ofone("show", "--data", data).out.splitlines() == found["newest"]


def test_every_decision_can_be_explained(ofone: Ofone, data: Path) -> None:
    """By the id that ``show`` gives: options, guards, what was chosen and why."""
    shown = ofone("show", "anna", "--data", data, "--json").data["journeys"][0]["decisions"]
    for decision in shown:
        assert ofone("explain", decision["id"], "--data", data, "--json").data == decision
    touch = next(d for d in shown if d["kind"] == "touch")
    assert touch["chosen"] == "email"
    guards = {v["guard"]: v["reason"] for v in touch["options"][0]["verdicts"]}
    assert guards["consent"] == "the customer agreed to service messages by email"
    said = ofone("explain", touch["id"], "--data", data).out
    assert "✓ consent: the customer agreed" in said


def test_a_check_of_a_real_run_is_clean(ofone: Ofone, data: Path) -> None:
    """States, decisions and effects come out the same from the log."""
    found = ofone("replay", "--check", "--data", data, "--json").data
    assert (found["clean"], found["customers"], found["inputs"]) == (True, 2, 6)
    assert "byte for byte" in ofone("replay", "--check", "--data", data).out


def test_a_check_that_finds_something_ends_with_one(ofone: Ofone, data: Path) -> None:
    """It is no error of the person's; a script can see it."""
    with closing(sqlite3.connect(data / "journeys.db")) as db, db:
        db.execute("UPDATE log SET decisions = NULL WHERE customer = 1")
    said = ofone("replay", "--check", "--data", data, "--json")
    assert said.code == 1
    assert json.loads(said.out)["differences"] == [
        {"customer": "anna", "what": "the decisions differ"}
    ]
    assert "NOT the same" in ofone("replay", "--check", "--data", data).out


def test_a_migration_is_shown_before_it_is_made(ofone: Ofone, small: Path, data: Path) -> None:
    """The dry run changes nothing; after it exactly those move that it named."""
    newer = small.with_name("newer.yaml")
    newer.write_text(SMALL_YAML.replace("title: The visit", "title: Your visit"))
    command = ("migrate", newer, "--data", data, "--json")
    dry = ofone(*command, "--dry-run").data
    assert (dry["dry_run"], dry["moved"]) == (True, 0)
    assert [m["customer"] for m in dry["moves"]] == ["berta"]
    assert ofone(*command, "--dry-run").data == dry
    done = ofone(*command).data
    assert (done["moved"], done["moves"]) == (1, dry["moves"])
    assert ofone(*command).data["moves"] == []
    shown = ofone("show", "berta", "--data", data, "--json").data
    assert shown["journeys"][0]["version"] == done["to"]
    assert ofone("replay", "--check", "--data", data, "--json").data["clean"]


def test_the_doctor_finds_everything_here(ofone: Ofone, data: Path) -> None:
    """And what is in the folder, when one is named."""
    found = ofone("doctor", "--data", data, "--json").data
    assert found["ok"]
    assert found["checks"][-1]["detail"].startswith("2 customers, ")
    assert "✓ playbook loan: version" in ofone("doctor").out


def test_the_doctor_says_what_is_missing(ofone: Ofone, tmp_path: Path) -> None:
    """With what to do about it; it makes nothing itself."""
    said = ofone("doctor", "--data", tmp_path / "none", "--json")
    assert said.code == 1
    assert json.loads(said.out)["checks"][-1]["detail"].endswith("`ofone run` begins them")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("who", ["anna", "berta"])
def test_people_get_words(ofone: Ofone, data: Path, who: str) -> None:
    """Without ``--json``: short, and not a line of JSON."""
    said = ofone("show", who, "--data", data).out
    assert f"{who}, {who}" in said
    assert "The form" in said
    assert "{" not in said
    assert "no dead letters wait" in ofone("dead-letters", "list", "--data", data).out


def test_help_and_version_are_no_errors(ofone: Ofone) -> None:
    """They go to stdout and end with 0."""
    assert __version__ in ofone("--version").out
    for command in ((), ("run",), ("dead-letters", "replay"), ("replay",), ("migrate",)):
        said = ofone(*command, "--help")
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("Usage: ofone")


def test_the_installed_command_reads_from_a_pipe(tmp_path: Path, events: Path, small: Path) -> None:
    """``-`` is JSON lines from stdin; the progress bar keeps out of the way."""
    command = Path(sys.executable).with_name("ofone")
    for expected in ((6, 0), (0, 6)):
        with events.open("rb") as pipe:
            done = subprocess.run(
                [command, "run", small, "--events", "-", "--data", tmp_path / "d", "--json"],
                stdin=pipe,
                capture_output=True,
                check=True,
            )
        found = json.loads(done.stdout)
        assert (found["events"], found["duplicates"]) == expected
        assert done.stderr == b""


def test_the_baseline_is_rehearsed_with_newcomers(ofone: Ofone) -> None:
    """At most four questions, and more often the right approach than the same ones for all."""
    found = ofone("baseline", "--simulate", "--customers", "40", "--json").data
    assert found["playbook"] == "life-insurance"
    assert found == ofone("baseline", "--simulate", "--customers", "40", "--json").data


def test_items_are_calibrated_from_collected_answers(ofone: Ofone, tmp_path: Path) -> None:
    """The report, and the items as a playbook writes them, into a file of their own."""
    path, out = tmp_path / "answers.jsonl", tmp_path / "items.json"
    answers = [
        {"person": f"p{p}", "item": item, "answer": 1 + (p * 7 + len(item) + n * p) % 5}
        for p in range(60)
        for n, item in enumerate(("A1", "A2", "A3"))
    ]
    path.write_text("\n".join(json.dumps(a) for a in answers))
    told = ofone("calibrate-items", "life-insurance", "--answers", path, "--out", out, "--json")
    assert json.loads(out.read_text())["version"] == told.data["items"]["version"]


def test_words_are_assessed_line_by_line(ofone: Ofone, tmp_path: Path) -> None:
    """A line of JSON for each line of input, with the places in the text that counted."""
    path = tmp_path / "words.jsonl"
    path.write_text('{"id": "1", "text": "I am so worried about this."}\n')
    said = ofone("assess", "--text", path, "--model", "hashed")
    found = json.loads(said.out)
    assert (said.code, found["id"], found["abstained"]) == (0, "1", False)
    assert found["evidence"]["reassurance"]["spans"]
