"""Speech to text with faster-whisper, from a model folder of the company's own; never a download.

A folder holds Whisper in CTranslate2's form (Radford et al. 2022). It runs on the CPU, in int8.
"""

import os
from collections.abc import Iterator
from importlib import import_module
from math import exp
from pathlib import Path
from typing import Any

from ofone.domain.errors import OfoneError
from ofone.readers.audio import Samples
from ofone.readers.voice import Segment

REPEATS = 2.4
"""Compression ratio above which text runs in circles: Whisper's own sign of failed decoding."""

_FILES = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARY = ("vocabulary.json", "vocabulary.txt")
HOW = (
    "A model folder is Whisper as converted for CTranslate2: model.bin, config.json, "
    "tokenizer.json and vocabulary.json; docs/how-to/voice.md says how to get one"
)


class WhisperTranscriber:
    """Whisper in a local folder. Loading takes seconds, and about the memory of ``model.bin``.

    The same sound gives the same words: it decodes by beam search alone, without the chance that
    Whisper falls back on; what fails that way has a confidence of 0 or near it.
    """

    def __init__(self, folder: Path) -> None:
        """Raises OfoneError that names the missing file, the missing library, or what is wrong."""
        check(folder)
        try:
            whisper: Any = import_module("faster_whisper")  # it is optional, and has no types
        except ImportError as why:
            raise OfoneError(
                f"transcribing needs faster-whisper, which is not here ({why}); install "
                "ofone[voice]"
            ) from why
        try:
            self._model: Any = whisper.WhisperModel(
                str(folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=min(4, os.cpu_count() or 1),
                local_files_only=True,
            )
        except Exception as why:  # (the tokenizer's library raises nothing narrower)
            raise OfoneError(f"{folder}: the model cannot be loaded: {why}. {HOW}") from why
        self.name = f"whisper:{folder.resolve().name}"
        wanted, given = self._model.model.n_mels, self._model.feature_extractor.mel_filters.shape[0]
        if wanted != given:
            raise OfoneError(
                f"{folder}: the model hears {wanted} bands, its preprocessor_config.json "
                f"{given if (folder / 'preprocessor_config.json').exists() else 'is missing'}; "
                "take that file from the model it was converted from"
            )

    def transcribe(self, samples: Samples) -> Iterator[Segment]:
        """Segments as they are found; stretches without a voice are skipped before."""
        found, about = self._model.transcribe(
            samples,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            vad_filter=True,
        )
        for s in found:
            yield Segment(
                text=s.text,
                start=s.start,
                end=s.end,
                confidence=0.0 if s.compression_ratio > REPEATS else min(1.0, exp(s.avg_logprob)),
                language=about.language,
            )


def check(folder: Path) -> None:
    """Raises OfoneError that names what a model folder lacks, before anything is loaded."""
    if not folder.is_dir():
        raise OfoneError(f"{folder}: no such folder. {HOW}")
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _VOCABULARY):
        missing.append(_VOCABULARY[0])
    if not missing:
        return
    what = f"{folder}: no {', no '.join(missing)} in it"
    if (folder / "model.safetensors").exists() or (folder / "pytorch_model.bin").exists():
        raise OfoneError(
            f"{what}; it looks like a model for transformers, which has to be converted: "
            f"ct2-transformers-converter --model {folder} --output_dir … --quantization int8 "
            "--copy_files tokenizer.json preprocessor_config.json"
        )
    raise OfoneError(f"{what}. {HOW}")
