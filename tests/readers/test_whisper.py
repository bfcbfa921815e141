"""Speech to text by the real library, on a real model folder whose weights are random.

Its words are noise: what is tested is that a folder is loaded, searched and refused as it should.
"""

import shutil
import sys
from pathlib import Path

import pytest
from tests.readers.sound import noise, silence, speech, tone, wav

from ofone.benchmarks import random_whisper
from ofone.domain.errors import OfoneError
from ofone.readers import WhisperTranscriber, hear
from ofone.readers.voice import UNSURE

pytest.importorskip("faster_whisper")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A multilingual model of 16 dimensions."""
    made = tmp_path_factory.mktemp("models") / "random"
    random_whisper.write(made)
    return made


@pytest.fixture
def broken(folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(folder, tmp_path / "broken"))


def test_speech_is_decoded_by_the_model_of_the_folder(folder: Path) -> None:
    """Random weights are unsure of all they say, and say the same again."""
    transcriber = WhisperTranscriber(folder)
    first, second = (list(transcriber.transcribe(speech())) for _ in range(2))
    assert transcriber.name == "whisper:random"
    assert first == second != []
    assert {s.language for s in first} <= set(random_whisper.LANGUAGES)
    assert all(0 <= s.confidence < UNSURE and s.start <= s.end for s in first)


def test_nothing_is_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading and decoding work where no connection can be made."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert list(WhisperTranscriber(folder).transcribe(speech()))


@pytest.mark.parametrize("sound", [silence(5), noise(1, 5) / 10, tone(300, 5)])
def test_where_nobody_speaks_nothing_is_made_up(folder: Path, sound: object) -> None:
    """Left to itself, Whisper hears thanks and subtitles in silence, noise and dialling tones."""
    assert list(WhisperTranscriber(folder).transcribe(sound)) == []  # type: ignore[arg-type]


def test_what_random_weights_say_is_no_evidence(folder: Path, tmp_path: Path) -> None:
    """The whole way from a file: the unsure words are there, and the transcript is empty."""
    path = wav(tmp_path / "call.wav", speech(), noise(1, len(speech()) / 16_000))
    found = hear(path, "left", WhisperTranscriber(folder))
    assert (found.transcript, found.segments, found.language) == ("", (), "")
    assert found.unsure
    assert "too unsure" in found.note


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_a_missing_file_is_named(broken: Path, name: str) -> None:
    """Before the library is asked, which would look for it on the network."""
    (broken / name).unlink()
    with pytest.raises(OfoneError, match=rf"broken: no {name} in it\. A model folder is"):
        WhisperTranscriber(broken)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A name such as base is no folder, and nothing is fetched for it."""
    with pytest.raises(OfoneError, match="base: no such folder"):
        WhisperTranscriber(tmp_path / "base")


def test_a_model_of_another_library_is_told_how_to_be_converted(broken: Path) -> None:
    """The usual mistake."""
    (broken / "model.bin").rename(broken / "model.safetensors")
    with pytest.raises(OfoneError, match=r"no model\.bin in it; .* ct2-transformers-converter"):
        WhisperTranscriber(broken)


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "vocabulary.json"])
def test_a_spoilt_file_is_an_error_in_words(broken: Path, name: str) -> None:
    """A download that stopped half way."""
    content = (broken / name).read_bytes()
    (broken / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(OfoneError, match="broken: the model cannot be loaded: "):
        WhisperTranscriber(broken)


def test_a_model_that_hears_otherwise_than_its_folder_says_is_refused(broken: Path) -> None:
    """The large models hear 128 bands; without this file they would be given 80."""
    file = broken / "preprocessor_config.json"
    file.write_text('{"feature_size": 128}')
    with pytest.raises(OfoneError, match=r"hears 80 bands, its preprocessor_config\.json 128"):
        WhisperTranscriber(broken)


def test_without_the_extra_it_is_said_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library is large, and optional."""
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(OfoneError, match=r"needs faster-whisper.*install ofone\[voice\]"):
        WhisperTranscriber(folder)
