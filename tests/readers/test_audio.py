"""What can be read as a call, whatever the format, and what is refused with its reason."""

from pathlib import Path

import numpy as np
import pytest
from tests.readers.sound import coded, noise, pitch, silence, tone, wav

from ofone.domain.errors import OfoneError
from ofone.readers.audio import RATE, Side, channel, examine


def heard(path: Path, side: Side) -> float:
    return pitch(np.concatenate(list(channel(examine(path), side))))


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.wav", "pcm_s16le", 44_100),
        ("a.wav", "pcm_mulaw", 8_000),
        ("a.wav", "pcm_alaw", 8_000),
        ("a.flac", "flac", 16_000),
        ("a.mp3", "libmp3lame", 16_000),
        ("a.ogg", "libopus", 48_000),
        ("a.m4a", "aac", 22_050),
        ("a.webm", "libopus", 48_000),
    ],
)
def test_every_usual_format_is_read_without_mixing(
    tmp_path: Path, name: str, codec: str, rate: int
) -> None:
    """The customer's 440 Hz stay on the left and the company's 700 Hz on the right, at any rate."""
    path = coded(tmp_path / name, codec, tone(440, rate=rate), tone(700, rate=rate), rate=rate)
    assert examine(path).seconds == pytest.approx(2, abs=0.1)
    assert heard(path, "left") == pytest.approx(440, abs=2)
    assert heard(path, "right") == pytest.approx(700, abs=2)


def test_what_is_above_half_the_rate_is_not_folded_down(tmp_path: Path) -> None:
    """10 kHz cannot be told at 16,000 samples a second; badly resampled it would be heard at 6."""
    path = wav(tmp_path / "a.wav", tone(10_000, rate=44_100), noise(1, rate=44_100), rate=44_100)
    rest = np.concatenate(list(channel(examine(path), "left")))[RATE // 10 : -RATE // 10]
    assert np.abs(rest).max() < 0.005


def test_one_channel_is_refused_with_the_reason(tmp_path: Path) -> None:
    """In a mono recording nobody can tell who said what."""
    path = wav(tmp_path / "mono.wav", noise(1))
    with pytest.raises(
        OfoneError, match=r"one channel, in which the customer cannot be told .*ster"
    ):
        examine(path)


@pytest.mark.parametrize("gain", [1.0, 0.3, -1.0])
@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame")])
def test_one_channel_saved_twice_is_refused(
    tmp_path: Path, name: str, codec: str, gain: float
) -> None:
    """Two channels with the same sound are one, louder or softer, turned over, compressed."""
    path = coded(tmp_path / name, codec, tone(440), tone(440) * np.float32(gain))
    with pytest.raises(OfoneError, match="both channels hold the same sound"):
        examine(path)


def test_crosstalk_is_no_reason_to_refuse(tmp_path: Path) -> None:
    """On a bad line each side hears a tenth of the other."""
    a, b = noise(1), noise(2)
    path = wav(tmp_path / "a.wav", a + b / 10, b + a / 10)
    assert examine(path).silent == ()


def test_more_than_two_channels_are_refused(tmp_path: Path) -> None:
    """Nobody said which of them is whose."""
    path = wav(tmp_path / "a.wav", noise(1), noise(2), noise(3))
    with pytest.raises(OfoneError, match="3 channels, two are needed"):
        examine(path)


def test_silent_channels_are_named(tmp_path: Path) -> None:
    """Silence is below -60 dB, dither included."""
    path = wav(tmp_path / "a.wav", noise(1) / 1000, noise(2))
    assert examine(path).silent == ("left",)
    assert examine(wav(tmp_path / "b.wav", silence(), silence())).silent == ("left", "right")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"Dear Sir or Madam, " * 300, "cannot be read as sound"),
        (bytes(range(256)) * 200, "cannot be read as sound|holds no sound"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "cannot be read as sound"),
        (b"#EXTM3U\n#EXTINF:9,\nhttp://example.com/a.wav\n#EXT-X-ENDLIST\n", "cannot be read"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    """Empty, a letter, any bytes, half a header, a playlist that points elsewhere."""
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(OfoneError, match=rf"call\.wav: .*({why}).*give a"):
        examine(path)


def test_a_header_without_sound_is_refused(tmp_path: Path) -> None:
    """The call was never recorded."""
    with pytest.raises(OfoneError, match="it holds no sound"):
        examine(wav(tmp_path / "a.wav", silence(0), silence(0)))


def test_folders_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    """As for every other file."""
    with pytest.raises(OfoneError, match="a folder; give one recording"):
        examine(tmp_path)
    with pytest.raises(OfoneError, match=r"gone\.wav: No such file"):
        examine(tmp_path / "gone.wav")


@pytest.mark.parametrize(
    ("name", "codec"), [("a.wav", "pcm_s16le"), ("a.flac", "flac"), ("a.mp3", "libmp3lame")]
)
def test_a_recording_cut_off_is_read_as_far_as_it_goes(
    tmp_path: Path, name: str, codec: str
) -> None:
    """The recorder stopped half way: what there is counts, and the note says so."""
    path = coded(tmp_path / name, codec, noise(1, 4), noise(2, 4))
    whole = path.read_bytes()
    assert examine(path).note == ""
    path.write_bytes(whole[: len(whole) // 2])
    found = examine(path)
    assert found.seconds == pytest.approx(2, abs=0.4)
    assert found.note == f"damaged or cut off: {found.seconds:.1f} seconds of it could be read"


def test_damage_in_the_middle_does_not_lose_the_rest(tmp_path: Path) -> None:
    """What cannot be decoded is skipped, and the note says so."""
    path = coded(tmp_path / "a.mp3", "libmp3lame", noise(1, 4), noise(2, 4))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 2000] = bytes(2000)
    path.write_bytes(raw)
    found = examine(path)
    assert found.seconds > 3
    assert found.note.startswith("damaged or cut off")


def test_without_the_extra_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The libraries for sound are large, and most companies need none."""
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(OfoneError, match=r"needs PyAV.*install ofone\[voice\]"):
        examine(wav(tmp_path / "a.wav", noise(1), noise(2)))
