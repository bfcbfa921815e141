"""The benchmark of calls counts errors as they are counted everywhere, and runs."""

from pathlib import Path

import pytest
from tests.readers.sound import speech, tone, wav

from ofone.benchmarks import benchmark, random_whisper
from ofone.benchmarks.text import Sentence
from ofone.benchmarks.voice import errors, spoilt
from ofone.domain.errors import OfoneError


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two samples, in the layout of the data folder."""
    sets = (("librivox", "transcription", speech()), ("cards", "cards.transcription", tone(700)))
    for part, words, sound in sets:
        folder = tmp_path / "speech_samples" / "pocketsphinx" / part
        folder.mkdir(parents=True)
        wav(folder / "001.wav", sound)
        (folder / words).write_text("<s> he was not an ill disposed young man </s> (001)\n")
    wav(tmp_path / "speech_samples" / "jfk.flac", tone(440))
    monkeypatch.setenv("OFONE_DATA", str(tmp_path))
    monkeypatch.delenv("OFONE_TRANSCRIBER", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("heard", "wrong"),
    [
        ("Four queens of clubs.", 1),
        ("4 queen, of Clubs", 0),
        ("queen of clubs", 1),
        ("four queen of the clubs", 1),
        ("", 4),
    ],
)
def test_errors_are_words_wrong_missing_and_too_many(heard: str, wrong: int) -> None:
    """Case, signs and figures do not count."""
    assert errors("four queen of clubs", heard) == (wrong, 4)


def test_words_are_spoilt_at_the_share_that_is_asked_for() -> None:
    """With the same seed in the same way; without any, not at all."""
    said = [Sentence(id="1", text=" ".join(map(str, range(1000))), voice="calm", needs={})]
    assert spoilt(said, 0, 1) == said
    assert spoilt(said, 0.2, 1) == spoilt(said, 0.2, 1)
    kept = set(said[0].text.split()) & set(spoilt(said, 0.2, 1)[0].text.split())
    assert 700 < len(kept) < 900


def test_a_model_that_knows_no_words_has_them_all_wrong(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random weights are unsure of all they say, and what is unsure is no evidence."""
    random_whisper.write(data / "random")
    monkeypatch.setenv("OFONE_TRANSCRIBER", str(data / "random"))
    found = benchmark("voice")({"minutes": "1", "minutes_read": "1"})
    assert found["word_error_rate"]["librivox"] == {"words": 8, "rate": 1.0}
    assert found["transcribed"]["segments"] > 0
    assert found["only_read"]["real_time_factor_cpu"] < found["transcribed"]["real_time_factor_cpu"]


def test_without_samples_it_says_where_to_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The samples are not part of the package."""
    monkeypatch.setenv("OFONE_DATA", str(tmp_path))
    with pytest.raises(OfoneError, match="set OFONE_DATA to the folder"):
        benchmark("voice")({})
