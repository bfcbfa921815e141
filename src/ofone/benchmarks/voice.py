"""How well, how fast and in how much memory calls are turned into words, by the model at hand.

The model folder is named by ``OFONE_TRANSCRIBER``. Without one, random weights in the shape of
Whisper base show the cost, and no word error rate is given. Each sample of speech is put on the
customer's channel of a call whose other channel holds another sample: what leaked would count as
errors. What such errors would do to the evidence is tried on our own labelled sentences, with words
spoilt at random. Data: ``speech_samples`` of the folder that ``OFONE_DATA`` names, else
``../shared/data``.
"""

import os
import random
import re
import sys
import wave
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from ofone.benchmarks import random_whisper
from ofone.benchmarks.measure import Stopwatch, folder, options, own_process, say
from ofone.benchmarks.text import Sentence, domain, labelled, peak_mb
from ofone.domain.errors import OfoneError
from ofone.readers import Segment, TextReader, Transcriber, WhisperTranscriber, hear
from ofone.readers.audio import RATE, Samples

_JFK = (
    "and so my fellow americans ask not what your country can do for you "
    "ask what you can do for your country"
)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SAME = {str(n): word for n, word in enumerate(_NUMBERS, 1)}
_SAME |= {"mr": "mister", "mrs": "missus"}
"""Spellings that are no errors."""
_TOLD = ("auc_worried_against_calm", "precision_of_what_is_heard", "recall", "wrong_direction")
_TURN = 8
"""Seconds for which one side of the made-up call speaks."""


class Deaf:
    """Hears nothing: what is left is the cost of reading the file."""

    name = "none"

    def transcribe(self, samples: Samples) -> Iterator[Segment]:
        return iter(())


def voice(given: dict[str, str]) -> dict[str, Any]:
    """Word error rates, real-time factors (CPU seconds for a second of call) and peak memory.

    Options: minutes (of the made-up call that is transcribed), minutes_read (of the one that is
    only read), seed (of the words spoilt). Raises OfoneError that says what is missing.
    """
    o = options(given, minutes=5, minutes_read=60, seed=1)
    named = os.environ.get("OFONE_TRANSCRIBER", "")
    samples, sentences = speech(), labelled()
    with folder() as place:
        model = Path(named) if named else place / "base"
        if not named:
            say("voice: OFONE_TRANSCRIBER is not set: random weights, so cost only")
            random_whisper.write(model, width=512, layers=6, heads=8)
        told: dict[str, Any] = {
            "model": WhisperTranscriber(model).name if named else "random, in the shape of base",
            "word_error_rate": _errors(model, samples, place) if named else None,
        }
        for what, transcriber, seconds in (
            ("transcribed", str(model), 60 * o["minutes"]),
            ("only_read", "", 60 * o["minutes_read"]),
        ):
            say(f"voice: {what}, {seconds} seconds")
            call = _call(place / "call.wav", samples, seconds)
            process = own_process("voice.child", call, transcriber)
            answer, _ = process.communicate()
            if process.returncode:
                raise RuntimeError(f"the measuring process ended with {process.returncode}")
            told[what] = msgspec.json.decode(answer)
    say("voice: sentences with words spoilt")
    reader = TextReader.bundled()
    told["words_spoilt"] = {
        f"{share:.0%}": {name: found[name] for name in _TOLD}
        for share in (0.0, 0.1, 0.2, 0.4)
        for found in [domain(reader, spoilt(sentences, share, o["seed"]))]
    }
    return told


def child(call: str, model: str) -> None:
    """Hear one call and read its words, in a process of its own; JSON on stdout."""
    watch = Stopwatch()
    transcriber: Transcriber = WhisperTranscriber(Path(model)) if model else Deaf()
    start, loaded_mb = watch.lap(), peak_mb()
    found = hear(Path(call), "left", transcriber)
    heard, heard_mb = watch.lap(), peak_mb()
    TextReader.bundled().read([found.transcript])
    told = {
        "call_seconds": found.seconds,
        "segments": len(found.segments) + len(found.unsure),
        "start_s": round(start.wall, 2),
        "cpu_s": round(heard.cpu, 1),
        "wall_s": round(heard.wall, 1),
        "real_time_factor_cpu": round(heard.cpu / found.seconds, 4),
        "real_time_factor_wall": round(heard.wall / found.seconds, 4),
        "words_read_s": round(watch.lap().wall, 2),
        "loaded_mb": round(loaded_mb, 1),
        "peak_rss_mb": round(heard_mb, 1),
        "with_reader_mb": round(peak_mb(), 1),
    }
    sys.stdout.buffer.write(msgspec.json.encode(told))


Sample = tuple[str, Samples, str]
"""Of which set, its sound, the words in it."""


def speech() -> list[Sample]:
    """The samples with known words. Raises OfoneError if they are not there."""
    place = Path(os.environ.get("OFONE_DATA", "../shared/data")) / "speech_samples"
    if not place.exists():
        raise OfoneError(f"{place} is not there; set OFONE_DATA to the folder that holds it")
    found: list[Sample] = []
    for name, words in (("librivox", "transcription"), ("cards", "cards.transcription")):
        part = place / "pocketsphinx" / name
        for line in (part / words).read_text(encoding="utf-8").splitlines():
            said = re.fullmatch(r"<s> (.*?) *</s> \((.*)\)", line)
            if said:
                found.append((name, sound(part / f"{said[2]}.wav"), said[1]))
    return [*found, ("jfk", sound(place / "jfk.flac"), _JFK)]


def sound(path: Path) -> Samples:
    """The first channel of a file at 16 kHz."""
    import av

    resampler = av.AudioResampler(format="fltp", rate=RATE)
    with av.open(str(path)) as file:
        frames = [*file.decode(audio=0), None]
        blocks = [part.to_ndarray()[0] for f in frames for part in resampler.resample(f)]
    return np.concatenate(blocks)


def errors(said: str, heard: str) -> tuple[int, int]:
    """Words wrong, missing and too many (Levenshtein 1966, over words), and words that were said.

    Case and punctuation do not count, nor do the spellings in ``_SAME``.
    """
    truth, found = _words(said), _words(heard)
    row = list(range(len(found) + 1))
    for n, word in enumerate(truth, 1):
        before, row[0] = row[0], n
        for k, other in enumerate(found, 1):
            before, row[k] = row[k], min(row[k] + 1, row[k - 1] + 1, before + (word != other))
    return row[-1], len(truth)


def spoilt(sentences: Sequence[Sentence], share: float, seed: int) -> list[Sentence]:
    """The sentences with that share of their words left out, or others from anywhere instead.

    Errors of a real recogniser sound like what was said, and are kinder to some words than to
    others; these are not.
    """
    chance = random.Random(seed)
    every = [word for s in sentences for word in s.text.split()]

    def heard(word: str) -> list[str]:
        if chance.random() >= share:
            return [word]
        return [chance.choice(every)] if chance.random() < 2 / 3 else []

    return [
        replace(s, text=" ".join(w for word in s.text.split() for w in heard(word)))
        for s in sentences
    ]


def _words(text: str) -> list[str]:
    found = re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))
    return [_SAME.get(word, word) for word in found]


def _errors(model: Path, samples: Sequence[Sample], place: Path) -> dict[str, dict[str, float]]:
    """Per set: words said, and the share of errors in what would count as evidence."""
    transcriber = WhisperTranscriber(model)
    counted: dict[str, tuple[int, int]] = {}
    for (name, spoken, words), (_, beside, _) in zip(
        samples, [*samples[1:], samples[0]], strict=True
    ):
        path = _wav(place / "sample.wav", [(spoken, np.resize(beside, len(spoken)))])
        wrong, said = errors(words, hear(path, "left", transcriber).transcript)
        so_far = counted.get(name, (0, 0))
        counted[name] = (so_far[0] + wrong, so_far[1] + said)
    return {
        name: {"words": said, "rate": round(wrong / said, 3)}
        for name, (wrong, said) in counted.items()
    }


def _call(path: Path, samples: Sequence[Sample], seconds: int) -> Path:
    """A call in which the two sides take turns, made of the samples over and over."""
    longest = np.concatenate([spoken for _, spoken, _ in samples])
    size, quiet = _TURN * RATE, np.zeros(_TURN * RATE, np.float32)

    def turns() -> Iterator[tuple[Samples, Samples]]:
        for n in range(seconds // _TURN):
            spoken = np.resize(np.roll(longest, -n * size), size)
            yield (spoken, quiet) if n % 2 == 0 else (quiet, spoken)

    return _wav(path, turns())


def _wav(path: Path, blocks: Iterable[tuple[Samples, Samples]]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for pair in blocks:
            whole = np.stack(pair, 1).clip(-1, 1) * 32767
            file.writeframes(whole.astype("<i2").tobytes())
    return path
