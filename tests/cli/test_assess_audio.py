"""``ofone assess --audio``: a recorded call as evidence, or as an event of a journey."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Ofone
from tests.readers.sound import noise, speech, wav

from ofone.benchmarks import random_whisper
from ofone.readers import Segment

WORRIED = "I am really worried about the exam."


class Worried:
    """Hears the same worry in every call."""

    name = "worried"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def transcribe(self, samples: object) -> Iterator[Segment]:
        yield Segment(text=WORRIED, start=0, end=2, confidence=0.9, language="en")


@pytest.fixture
def call(tmp_path: Path) -> Path:
    """Speech on the left, something else on the right."""
    left = speech()
    path = wav(tmp_path / "call.wav", left, noise(1, len(left) / 16_000))
    os.utime(path, (1_767_225_600, 1_767_225_600))
    return path


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transcriber that needs no model."""
    monkeypatch.setattr("ofone.cli.main.WhisperTranscriber", Worried)


@pytest.mark.usefixtures("heard")
def test_a_call_is_one_line_of_evidence_with_its_transcript(ofone: Ofone, call: Path) -> None:
    """As of a text, with where and when it was said."""
    found = ofone("assess", "--audio", call, "--transcriber", "m", "--model", "hashed").data
    assert found["transcript"] == WORRIED
    assert found["evidence"]["reassurance"]["score"] > 0
    assert [s["text"] for s in found["segments"]] == [WORRIED]
    assert (found["channel"], found["language"], found["seconds"]) == ("left", "en", 2.99)
    assert set(found) >= {"id", "emotions", "abstained", "note", "unsure"}


@pytest.mark.usefixtures("heard")
def test_a_call_becomes_an_event_at_its_own_time(ofone: Ofone, call: Path) -> None:
    """When the file was written, unless it is said."""
    command = ("assess", "--audio", call, "--transcriber", "m", "--as-event", "anna")
    event = ofone(*command).data
    assert (event["customer"], event["name"]) == ("anna", "Call Transcribed")
    assert event["time"] == "2026-01-01T00:00:00Z"
    assert event["properties"] == {"text": WORRIED, "channel": "phone", "recording": "call.wav"}
    assert ofone(*command, "--at", "2026-03-01T10:00+01:00").data["time"] == "2026-03-01T09:00:00Z"


@pytest.mark.usefixtures("heard")
def test_a_call_is_part_of_a_journey_once(
    ofone: Ofone, call: Path, data: Path, small: Path, tmp_path: Path
) -> None:
    """The same recording twice changes nothing, under another name and at another time too."""
    again = tmp_path / "copy.wav"
    again.write_bytes(call.read_bytes())
    lines = [
        ofone("assess", "--audio", path, "--transcriber", "m", "--as-event", "berta").out
        for path in (call, again)
    ]
    events = tmp_path / "calls.jsonl"
    events.write_text("".join(lines))
    found = ofone("run", small, "--events", events, "--data", data, "--json").data
    assert (found["events"], found["duplicates"], found["dead_letters"]) == (1, 1, 0)
    needs = ofone("show", "berta", "--data", data, "--json").data["assessment"]
    assert needs["reassurance"]["mean"] > 0


def test_the_real_library_is_loaded_from_the_folder(
    ofone: Ofone, call: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random weights know no words: all is unsure, and nothing is evidence."""
    random_whisper.write(tmp_path / "model")
    monkeypatch.setenv("OFONE_TRANSCRIBER", str(tmp_path / "model"))
    found = ofone("assess", "--audio", call).data
    assert found["abstained"]
    assert (found["transcript"], found["evidence"]) == ("", {})
    assert found["unsure"]


def test_without_a_model_it_is_said_that_one_is_needed(ofone: Ofone, call: Path) -> None:
    """None is shipped, and none is fetched."""
    said = ofone("assess", "--audio", call)
    assert (said.code, said.out) == (2, "")
    assert "none is shipped" in said.err
    assert "--transcriber FOLDER" in said.err
    assert "no such folder" in ofone("assess", "--audio", call, "--transcriber", "base").err


@pytest.mark.usefixtures("heard")
def test_a_mono_recording_is_refused(ofone: Ofone, tmp_path: Path) -> None:
    """With the reason, and what would work."""
    mono = wav(tmp_path / "mono.wav", speech())
    said = ofone("assess", "--audio", mono, "--transcriber", "m")
    assert (said.code, said.out) == (2, "")
    assert "one channel, in which the customer cannot be told from the company" in said.err


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "give either --text or --audio"),
        (("--text", "t", "--audio", "a"), "give either --text or --audio"),
        (("--text", "t", "--as-event", "anna"), "belong to --audio"),
        (("--audio", "a", "--at", "2026-03-01T10:00Z"), "give --as-event CUSTOMER with it"),
        (("--audio", "a", "--as-event", "anna", "--at", "now"), "with its zone"),
        (("--audio", "a", "--as-event", "anna", "--at", "2026-03-01"), "with its zone"),
        (("--audio", "a", "--customer-channel", "middle"), "left"),
        (("--audio", "a", "--transcriber", "m"), "a: No such file"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    ofone: Ofone, options: tuple[str, ...], why: str
) -> None:
    """Before anything is read."""
    said = ofone("assess", *options)
    assert (said.code, said.out) == (2, "")
    assert why in said.err
