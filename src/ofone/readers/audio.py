"""Sound files as blocks of two channels at 16 kHz, whatever format a telephone system writes.

Read with PyAV (extra ``voice``) in two passes, block by block: an hour takes no more memory than
a minute. Nothing is measured of how a voice sounds; the first pass looks at loudness and sameness
only, to tell silence and one-channel recordings from a call that can be used.
"""

import hashlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ofone.domain.errors import OfoneError

Samples = NDArray[np.float32]
Side = Literal["left", "right"]

RATE = 16_000
"""Samples a second, of everything that leaves this module."""
SILENT = 1e-3
"""A channel that never rises above -60 dB of full scale holds no voice."""
SAME = 0.98
"""Correlation from which two channels count as one sound. Whatever the gain or the codec, a
doubled mono recording is above it; two people who take turns are near 0, crosstalk included."""

_FORMATS = "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,mov,matroska,amr"
"""Containers that are opened. Playlists are not: they could name other files and addresses."""
_WORKS = "give a WAV, FLAC, MP3, Ogg, Opus, M4A or WebM file"
_TWO = (
    "give a recording with the customer on a channel of their own and the company on the other "
    "(telephone systems call it stereo, dual-channel or split recording)"
)


class Recording(Struct, frozen=True, kw_only=True):
    """What the first pass found: the file, SHA-256 of its bytes in hex, seconds of sound, which
    channels are silent, and what to bear in mind about the file (empty when it is whole).
    """

    path: Path
    digest: str
    seconds: float
    silent: tuple[Side, ...]
    note: str


def examine(path: Path) -> Recording:
    """Read a recording once, to see whether it can be used.

    Raises OfoneError for what is no file, no sound, or no recording of two channels: in one channel
    the customer cannot be told from the company, whose words are no evidence.
    """
    before = _digest(path)
    with _opened(path) as container:
        announced = container.duration / 1e6 if container.duration else 0.0
        channels = container.streams.audio[0].codec_context.layout.nb_channels
        several = len(container.streams.audio)
    if channels != 2 or several > 1:
        raise OfoneError(_refused(path, channels, several))
    samples = damaged = 0
    peak, sums, products = np.zeros(2), np.zeros(2), np.zeros((2, 2))
    for block in _decoded(path):
        if block is None:
            damaged += 1
            continue
        wide = block.astype(float)
        samples += wide.shape[1]
        peak = np.maximum(peak, np.abs(wide).max(axis=1, initial=0))
        sums += wide.sum(axis=1)
        products += wide @ wide.T
    if not samples:
        raise OfoneError(f"{path}: it holds no sound; {_WORKS}")
    seconds = samples / RATE
    left, right = (bool(p < SILENT) for p in peak)
    if not (left or right) and _correlation(samples, sums, products) > SAME:
        raise OfoneError(
            f"{path}: both channels hold the same sound, so this is one channel saved twice, in "
            f"which the customer cannot be told from the company; {_TWO}"
        )
    lost = announced - seconds
    cut = _is_cut(path) or damaged or lost > max(1.0, 0.02 * announced)
    sides: tuple[tuple[Side, bool], ...] = (("left", left), ("right", right))
    return Recording(
        path=path,
        digest=before,
        seconds=seconds,
        silent=tuple(side for side, quiet in sides if quiet),
        note=f"damaged or cut off: {seconds:.1f} seconds of it could be read" if cut else "",
    )


def channel(recording: Recording, side: Side) -> Iterator[Samples]:
    """The blocks of one channel; of the other nothing gets further than this line."""
    row = 0 if side == "left" else 1
    return (block[row] for block in _decoded(recording.path) if block is not None)


def _refused(path: Path, channels: int, several: int) -> str:
    if several > 1:
        return f"{path}: it holds {several} sound tracks, two channels in one are needed; {_TWO}"
    if channels == 1:
        return (
            f"{path}: it has one channel, in which the customer cannot be told from the company; "
            f"{_TWO}"
        )
    return f"{path}: it has {channels} channels, two are needed; {_TWO}"


def _digest(path: Path) -> str:
    if path.is_dir():
        raise OfoneError(f"{path}: a folder; give one recording")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise OfoneError(f"{path}: {error.strerror}; {_WORKS}") from None


def _av() -> Any:
    try:
        return import_module("av")
    except ImportError as why:
        raise OfoneError(
            f"reading a recording needs PyAV, which is not here ({why}); install ofone[voice]"
        ) from why


def _opened(path: Path) -> Any:
    if not path.stat().st_size:
        raise OfoneError(f"{path}: it is empty; {_WORKS}")
    av = _av()
    try:
        container = av.open(
            str(path), options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
        )
    except av.FFmpegError as error:
        raise OfoneError(
            f"{path}: it cannot be read as sound ({error.strerror}); {_WORKS}"
        ) from None
    if not container.streams.audio:
        container.close()
        raise OfoneError(f"{path}: it holds no sound; {_WORKS}")
    return container


def _decoded(path: Path) -> Iterator[Samples | None]:
    """Blocks [2, n] in -1 to 1 at 16 kHz; None for a part that is damaged, and skipped."""
    av = _av()
    with _opened(path) as container:
        stream = container.streams.audio[0]
        # The layout stays the file's own: asking for another one would mix the channels.
        resampler = av.AudioResampler(format="fltp", rate=RATE)
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                yield None
                continue
            for frame in frames:
                yield from (made.to_ndarray() for made in resampler.resample(frame))
        yield from (made.to_ndarray() for made in resampler.resample(None))


def _correlation(n: int, sums: NDArray[np.float64], products: NDArray[np.float64]) -> float:
    """Pearson's, of the two channels over the whole recording, from its running sums."""
    spread = products - np.outer(sums, sums) / n
    scale = float(spread[0, 0] * spread[1, 1])
    return float(spread[0, 1] ** 2 / scale) ** 0.5 if scale > 0 else 0.0


def _is_cut(path: Path) -> bool:
    """Whether a WAV file ends before the end its header announces; the decoder does not tell."""
    with path.open("rb") as file:
        head = file.read(8)
    if len(head) < 8 or head[:4] != b"RIFF":
        return False
    announced = int.from_bytes(head[4:], "little")
    # Recorders that stream write 0 or the largest number: they announce nothing.
    return 0 < announced < 0xFFFFFFF0 and announced + 8 > path.stat().st_size + 1
