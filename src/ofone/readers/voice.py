"""A recorded call becomes text evidence: the customer's channel only, and its words only.

``hear`` gives a transcript through any ``Transcriber``; the transcript is read by the same
``TextReader`` as an e-mail, in one piece, so that a call counts as one contact however long it is.
Nothing is computed of how a voice sounds: no pitch, no pace, no emotion, no voiceprint.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from msgspec import Struct

from ofone.domain.errors import OfoneError
from ofone.readers.audio import RATE, Recording, Samples, Side, channel, examine

STRETCH = 300
"""Seconds that are transcribed at once, at most: what bounds the memory that a long call takes."""
SEAM = 30
"""Seconds at the end of a stretch in which the quietest moment is looked for, to cut there."""
SHORTEST = 0.5
"""Seconds below which a recording holds no words."""
UNSURE = 0.37
"""Confidence below which a segment is not read as evidence. It is exp(-1): at a mean log
probability of -1, Whisper's own authors count decoding as failed (Radford et al. 2022, 4.5)."""


class Segment(Struct, frozen=True, kw_only=True):
    """Words that were recognised together. ``start`` and ``end`` in seconds; ``confidence`` between
    0 and 1 as the model itself sees it; ``language`` an ISO 639-1 code.
    """

    text: str
    start: float
    end: float
    confidence: float
    language: str


class Transcriber(Protocol):
    """The port: sound of one speaker (mono, 16 kHz, -1 to 1) to segments in the order of time.

    Silence gives no segments. Segments may be given as they are found.
    """

    name: str

    def transcribe(self, samples: Samples) -> Iterable[Segment]: ...


class Call(Struct, frozen=True, kw_only=True):
    """What the customer said in a recording.

    ``id`` is made from the bytes of the file: the same recording is the same call, whatever its
    name. ``transcript`` joins the segments that are sure enough, in one line: on lines of its own
    "Cheers." would look like the end of an e-mail. ``unsure`` are the others, which are shown and
    say nothing. ``language`` is the one of most of the time, or "".
    ``note`` is what to bear in mind, in words.
    """

    id: str
    transcript: str
    segments: tuple[Segment, ...]
    unsure: tuple[Segment, ...]
    seconds: float
    channel: Side
    language: str
    note: str


Progress = Callable[[float, float], None]
"""Seconds done, seconds in all."""


def hear(
    path: Path, side: Side, transcriber: Transcriber, progress: Progress = lambda done, of: None
) -> Call:
    """Transcribe the customer's channel of a recording.

    Raises OfoneError for what cannot be read, and for recordings in which the customer has no
    channel of their own. A silent channel is no error: nothing was said.
    """
    recording = examine(path)
    segments: list[Segment] = []
    notes = [recording.note]
    quiet = _nothing_to_hear(recording, side)
    if quiet:
        notes.append(quiet)
    else:
        for offset, samples in stretches(channel(recording, side)):
            end = offset + len(samples) / RATE
            for found in transcriber.transcribe(samples):
                segment = _placed(found, offset, end)
                progress(segment.end, recording.seconds)
                if segment.text:
                    segments.append(segment)
            progress(end, recording.seconds)
        if not segments:
            notes.append(f"no words were found in the {side} channel")
    sure = tuple(s for s in segments if s.confidence >= UNSURE)
    unsure = tuple(s for s in segments if s.confidence < UNSURE)
    if unsure:
        notes.append(f"{len(unsure)} of {len(segments)} segments are too unsure to be evidence")
    return Call(
        id=f"call-{recording.digest[:32]}",
        transcript=" ".join(s.text for s in sure),
        segments=sure,
        unsure=unsure,
        seconds=round(recording.seconds, 2),
        channel=side,
        language=_language(sure),
        note="; ".join(n for n in notes if n),
    )


def stretches(blocks: Iterable[Samples]) -> Iterator[tuple[float, Samples]]:
    """Sound in parts of at most STRETCH seconds, cut where it is quietest, each with the second it
    begins at. Holds one part at a time.
    """
    held: list[Samples] = []
    size = begun = 0
    for block in blocks:
        held.append(block)
        size += len(block)
        while size >= STRETCH * RATE:
            together = np.concatenate(held)
            cut = _quietest(together[: STRETCH * RATE])
            yield begun / RATE, together[:cut]
            begun += cut
            held, size = [together[cut:].copy()], size - cut
    if size:
        yield begun / RATE, np.concatenate(held)


def _quietest(samples: Samples) -> int:
    """The middle of the quietest 0.2 seconds of the last SEAM seconds."""
    frame = RATE // 5
    seam = samples[-SEAM * RATE :].reshape(-1, frame)
    at = int(np.square(seam).sum(axis=1).argmin())
    return len(samples) - seam.size + at * frame + frame // 2


def _nothing_to_hear(recording: Recording, side: Side) -> str:
    """Why a transcriber need not be asked, or "". Raises OfoneError for one channel beside none."""
    other: Side = "right" if side == "left" else "left"
    if recording.seconds < SHORTEST:
        return f"{recording.seconds:.2f} seconds are too short to hold words"
    if recording.silent == ("left", "right"):
        return "both channels are silent"
    if side in recording.silent:
        return f"the {side} channel is silent; was the customer recorded on the {other} one?"
    if other in recording.silent:
        raise OfoneError(
            f"{recording.path}: the {other} channel is silent from beginning to end, so this may "
            "be a one-channel recording, in which the customer cannot be told from the company; "
            "give a recording with both of them on it, each on a channel of their own"
        )
    return ""


def _placed(segment: Segment, offset: float, end: float) -> Segment:
    """At its time in the recording; models think in windows, and may point beyond the end."""
    return Segment(
        # In subtitles ">>" begins a turn, and Whisper learnt from them; in an e-mail it is a quote.
        text=" ".join(segment.text.split()).lstrip("> "),
        start=round(min(offset + segment.start, end), 2),
        end=round(min(offset + segment.end, end), 2),
        confidence=round(segment.confidence, 3),
        language=segment.language,
    )


def _language(segments: Iterable[Segment]) -> str:
    spoken: dict[str, float] = {}
    for s in segments:
        spoken[s.language] = spoken.get(s.language, 0.0) + s.end - s.start
    return max(spoken, key=lambda language: spoken[language], default="")
