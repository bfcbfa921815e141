"""``ofone turnaround``: measured, kept under a number, told, and accounted for."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from ofone.benchmarks.stream import stream
from ofone.cli.main import cli


def said(*arguments: str | Path) -> str:
    done = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def data(*arguments: str | Path) -> Any:
    return msgspec.json.decode(said(*arguments, "--json"))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 150 of 200 made-up customers' events, run, and a snapshot made of them."""
    folder = tmp_path_factory.mktemp("turnaround")
    lines = stream(300, 2600, 4)
    for name, part in (("first", lines[:1500]), ("then", lines[1500:])):
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(part))
    said("run", "life-insurance", "--events", folder / "first.jsonl", "--data", folder / "data")
    return folder


def test_a_snapshot_is_measured_kept_and_told_from_then_on(lived: Path) -> None:
    """It has a number; the same again is no other; what is run next is told from it, and checks."""
    before = data("turnaround", "report", "--data", lived / "data")
    assert before["snapshot"] is None
    made = data("turnaround", "fit", "--data", lived / "data")
    again = data("turnaround", "fit", "--data", lived / "data")
    assert (made["number"], made["new"], again["number"], again["new"]) == (1, True, 1, False)
    assert "from snapshot 1 as soon as" in said("turnaround", "report", "--data", lived / "data")
    (lab,) = made["playbooks"]["life-insurance"]["lab"]["told"]
    assert lab["stays"] > 50
    assert lab["from"] < lab["to"]
    said("run", "life-insurance", "--events", lived / "then.jsonl", "--data", lived / "data")
    assert "byte for byte" in said("replay", "--check", "--data", lived / "data")
    after = data("turnaround", "report", "--data", lived / "data")
    assert after["snapshot"]["number"] == 1
    assert after["kept"] == [1]


def test_the_account_counts_what_held_of_what_was_told(lived: Path, tmp_path: Path) -> None:
    """By step with how many and an interval, in words and as a picture that says the same."""
    picture = tmp_path / "calibration.svg"
    found = data("turnaround", "report", "--data", lived / "data", "--svg", picture)
    book = found["playbooks"]["life-insurance"]
    first = book["steps"][0]
    assert first["step"] == "application"
    low, high = first["by_last_day"]["interval"]
    assert low < first["by_last_day"]["share"] < high
    assert [p["said"] for p in book["calibration"]] == [n / 10 for n in range(1, 10)]
    assert "held" in picture.read_text(encoding="utf-8")
    assert "application" in said("turnaround", "report", "--data", lived / "data")


def test_nobody_to_learn_from_is_said(tmp_path: Path) -> None:
    """A folder in which nobody ever was in a step keeps the playbook's figures."""
    nobody = tmp_path / "nobody.jsonl"
    nobody.write_text(
        '{"id":"1","customer":"c","name":"Page Viewed","time":"2026-03-02T10:00:00Z"}'
    )
    said("run", "life-insurance", "--events", nobody, "--data", tmp_path / "data")
    done = CliRunner().invoke(cli, ["turnaround", "fit", "--data", str(tmp_path / "data")])
    assert "nobody was ever in a step here" in str(done.exception)
