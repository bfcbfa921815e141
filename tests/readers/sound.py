"""Recordings made up for tests, and three seconds of real speech.

``speech.flac`` is from LibriVox's reading of Jane Austen's Sense and Sensibility, public domain.
"""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from ofone.readers.audio import RATE, Samples
from ofone.readers.voice import Segment

Sound = NDArray[np.floating[Any]]

SPEECH = Path(__file__).with_name("speech.flac")


def tone(hertz: float, seconds: float = 2, rate: int = RATE) -> Samples:
    """A sine of half the full scale."""
    at = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * np.pi * hertz * at) / 2).astype(np.float32)


def noise(seed: int, seconds: float = 2, rate: int = RATE) -> Samples:
    """Two seeds stand for two people who do not say the same."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, int(seconds * rate)).astype(np.float32)


def silence(seconds: float = 2) -> Samples:
    """Nothing at all."""
    return np.zeros(int(seconds * RATE), np.float32)


def speech() -> Samples:
    """Three seconds of a woman reading."""
    with av.open(str(SPEECH)) as file:
        blocks = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
    return (np.concatenate(blocks) / 32768).astype(np.float32)


def wav(path: Path, *channels: Sound, rate: int = RATE) -> Path:
    """A WAV file of 16-bit samples."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(_whole(np.stack(channels, 1)).tobytes())
    return path


def coded(path: Path, codec: str, *channels: Sound, rate: int = RATE) -> Path:
    """The same in another format, by the ending of the path."""
    layout = {1: "mono", 2: "stereo"}[len(channels)]
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream(codec, rate=rate, layout=layout)
        size = stream.codec_context.frame_size
        turned = av.AudioResampler(
            format=stream.format.name, layout=layout, rate=rate, frame_size=size or None
        )
        frame = av.AudioFrame.from_ndarray(
            _whole(np.stack(channels, 1)).reshape(1, -1), format="s16", layout=layout
        )
        frame.sample_rate = rate
        for part in [*turned.resample(frame), *turned.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path


def pitch(samples: Sound) -> float:
    """The loudest frequency, in hertz."""
    return float(np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples))


class Parrot:
    """A transcriber that says what it was told to, and keeps what it was given."""

    name = "parrot"

    def __init__(self, *said: tuple[str, float]) -> None:
        self.said = said
        self.given: list[Samples] = []

    def transcribe(self, samples: Samples) -> Iterator[Segment]:
        """Each text with its confidence, one second after the other."""
        self.given.append(samples)
        for n, (text, confidence) in enumerate(self.said):
            yield Segment(text=text, start=n, end=n + 1, confidence=confidence, language="en")

    @property
    def heard(self) -> Samples:
        """Everything that it was given."""
        return np.concatenate(self.given)


def _whole(samples: Sound) -> NDArray[np.int16]:
    return (samples.clip(-1, 1) * 32767).astype(np.int16)
