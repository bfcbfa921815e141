"""Free text to evidence for needs: offline, on a CPU, the same answer every time.

A text is cleaned (``clean``), read in pieces by a trained model of 28 emotions (``encoder``, or
``hashed`` without onnxruntime) and by explicit cues (``cues``), and a small head per need turns
both into a probability (``heads``). Nothing here decides anything: what comes out is a score with
a weight, for the posterior to fold in like any other.
"""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any, Literal, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ofone.domain.errors import OfoneError
from ofone.domain.words import Need
from ofone.readers import artifact
from ofone.readers.clean import (
    LONGEST,
    Span,
    clean,
    is_english,
    is_sarcastic,
    is_text,
    pieces,
    sentences,
)
from ofone.readers.cues import CUES, cues
from ofone.readers.hashed import HashedModel
from ofone.readers.heads import HEADS, Heads, inputs

VALIDITY = 0.32
"""Correlation of language with self-report; raise it only with a measured validity."""
PRECISION = 1 / (1 / VALIDITY**2 - 1)
"""What a text adds when it is sure, on the scale of ``1 / variance`` of a score."""
LOUD = 1.5
"""Score of a text that surely expresses a need: a little above the declared signals (0.6-1.2)."""
SURE = 0.4
"""Below this probability nothing is heard. One text in ten says anything of a given need, so that
0.4 is six times the odds of any text; on unseen folds 0.87 of what is heard is there."""
FOREIGN = 0.25
"""Factor on the weight of a text that is not English: its words are mostly unknown here."""
MOST_PIECES = 48
"""Pieces of one text that are read: the first 32 and the last 16; about 1,900 words."""

Floats = NDArray[np.float64]
Choice = Literal["best", "encoder", "hashed"]


class Heard(Struct, frozen=True, gc=False, kw_only=True):
    """Evidence for one need in one text.

    ``score`` on the need's standard-normal scale, between -1.5 and 1.5; ``weight`` its precision
    (1/variance), 0.114 at most; ``spans`` the places in the original text that counted.
    """

    score: float
    weight: float
    spans: tuple[Span, ...]


class Reading(Struct, frozen=True, kw_only=True):
    """What one text says. ``abstained``: no evidence for any need; ``note`` says why, or what to
    bear in mind. ``emotions`` are calibrated probabilities by name, empty for what is no text.
    """

    emotions: dict[str, float]
    evidence: dict[Need, Heard]
    abstained: bool
    note: str = ""


class Reader(Protocol):
    """The port: texts in, a reading for each in their order. Total: no text makes it raise."""

    name: str

    def read(self, texts: Sequence[str]) -> list[Reading]: ...


class Model(Protocol):
    """28 raw logits a text in the order of ``calibration.json``, and its meaning (or nothing)."""

    name: str

    def look(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]: ...


def load_hashed() -> HashedModel:
    """The small model. Raises OfoneError if its file was changed."""
    with np.load(BytesIO(artifact.read("hashed.npz"))) as stored:
        return HashedModel(stored["table"], stored["scales"], stored["bias"])


def load_model(choice: Choice = "best") -> Model:
    """The encoder, or without onnxruntime the small model when ``best`` is asked for.

    Raises OfoneError if the encoder is asked for by name and cannot run, or a file was changed.
    """
    if choice == "hashed":
        return load_hashed()
    from ofone.readers.encoder import EncoderModel

    try:
        return EncoderModel()
    except ImportError as why:
        if choice == "best":
            return load_hashed()
        raise OfoneError(
            f"the encoder needs onnxruntime, which is not here ({why}); install onnxruntime, "
            "or ask for the model 'hashed'"
        ) from why


class TextReader:
    """Reads texts with one model. Thread-safe; holds some 100 MB with the encoder."""

    def __init__(self, model: Model, calibration: dict[str, Any], heads: dict[str, Any]) -> None:
        self.name = model.name
        self.labels: tuple[str, ...] = tuple(calibration["labels"])
        self._model = model
        self._share = np.array(calibration["share"])
        self._slope, self._bend, self._offset = np.array(calibration[model.name]["beta"]).T
        self._centre = np.array(heads[model.name]["centre"])
        self._heads = Heads(heads[model.name])

    @classmethod
    def bundled(cls, model: Choice = "best") -> "TextReader":
        """The shipped models, each file checked. Raises OfoneError (see ``load_model``)."""
        return _bundled(model)

    def odds(self, texts: Sequence[str]) -> Floats:
        """Calibrated log odds [n, 28] of whole texts, nothing cleaned or cut: for measuring."""
        return self._look(texts)[0]

    def _look(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Calibrated log odds, and meanings as unit vectors from their usual centre."""
        found, meanings = self._model.look(texts)
        logits = found.astype(float)
        odds = logits * self._slope + np.logaddexp(0, logits) * self._bend + self._offset
        away = meanings.astype(float) - self._centre
        away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
        return odds, away

    def inputs(self, texts: Sequence[str]) -> Floats:
        """What the heads see of texts of one piece each: for fitting them."""
        given = np.array([cues(text, (0, len(text)))[0] for text in texts])
        odds, meaning = self._look(texts)
        return inputs(odds, self._share, given, meaning)

    def expressed(self, texts: Sequence[str]) -> Floats:
        """Probabilities [n, 14] in the order of ``HEADS``, of texts of one piece each."""
        return self._heads.probabilities(self.inputs(texts))

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """A reading for each text, in their order; never raises for what a text holds."""
        prepared = [_prepare(text) for text in texts]
        parts = [(n, span) for n, p in enumerate(prepared) for span in p.spans]
        if not parts:
            return [_silent(p.note) for p in prepared]
        found = [cues(prepared[n].text, span) for n, span in parts]
        odds, meaning = self._look([prepared[n].text[a:b] for n, (a, b) in parts])
        heard = self._heads.probabilities(
            inputs(odds, self._share, np.array([strength for strength, _ in found]), meaning)
        )
        emotions = 1 / (1 + np.exp(-odds))
        readings, at = [], 0
        for p in prepared:
            rows = slice(at, at + len(p.spans))
            at += len(p.spans)
            if not p.spans:
                readings.append(_silent(p.note))
                continue
            places = [spans for _, spans in found[rows]]
            readings.append(self._reading(p, emotions[rows], heard[rows], places))
        return readings

    def _reading(
        self,
        p: "_Prepared",
        emotions: Floats,
        heard: Floats,
        places: Sequence[dict[str, list[Span]]],
    ) -> Reading:
        # The loudest piece speaks for the text: a worry among small talk is still a worry.
        loudest = emotions.max(0)
        usable = heard * p.trusted[:, None]
        evidence: dict[Need, Heard] = {}
        for k in range(0, len(HEADS), 2):
            much, little = usable[:, k].max(), usable[:, k + 1].max()
            sure = max(much, little)
            if sure < SURE:
                continue
            head = k if much >= little else k + 1
            evidence[HEADS[k][0]] = Heard(
                score=round(LOUD * float(much - little), 4),
                weight=round(PRECISION * float(sure) * (1.0 if p.english else FOREIGN), 4),
                spans=self._spans(p, usable[:, head], head, places),
            )
        note = p.note
        if not evidence:
            note = note or "nothing in it speaks clearly of a need"
        return Reading(
            emotions={
                label: round(float(value), 4)
                for label, value in zip(self.labels, loudest, strict=True)
            },
            evidence=evidence,
            abstained=not evidence,
            note=note,
        )

    def _spans(
        self, p: "_Prepared", heard: Floats, head: int, places: Sequence[dict[str, list[Span]]]
    ) -> tuple[Span, ...]:
        """Per piece that was loud enough: the cues that spoke for it, or else its sentences."""
        found: list[Span] = []
        for piece, probability, spoken in zip(p.spans, heard, places, strict=True):
            if probability < SURE:
                continue
            own = [
                span
                for cue, spans in spoken.items()
                if self._heads.weight(head, len(self.labels) + CUES.index(cue)) > 0.5
                for span in spans
            ]
            found += own or self._loud_sentences(p.text, piece, head)
        return _merged(found)

    def _loud_sentences(self, text: str, piece: Span, head: int) -> list[Span]:
        """Sentences of a piece that are loud enough alone; the whole piece if none of them is."""
        parts = sentences(text, *piece)
        if len(parts) == 1:
            return parts
        alone = self.expressed([text[a:b] for a, b in parts])[:, head]
        return [s for s, p in zip(parts, alone, strict=True) if p >= SURE] or [piece]


class _Prepared(Struct, frozen=True, kw_only=True):
    """A text made ready: cleaned, its pieces, and which of them may count (1) or not (0)."""

    text: str
    spans: tuple[Span, ...] = ()
    trusted: Any = None
    english: bool = True
    note: str = ""


def _prepare(text: str) -> _Prepared:
    if not text.strip():
        return _Prepared(text="", note="empty")
    if not is_text(text):
        return _Prepared(text="", note="not text: it holds bytes that no one writes")
    cleaned = clean(text)
    spans = tuple(pieces(cleaned))
    if not spans:
        return _Prepared(text="", note="nothing of the customer's own: only quotes or boilerplate")
    if not any(c.isalpha() for c in cleaned):
        return _Prepared(text="", note="no words in it: signs alone are no evidence")
    notes = []
    if len(text) > LONGEST or len(spans) > MOST_PIECES:
        notes.append("very long: only a part of it was read")
        spans = spans if len(spans) <= MOST_PIECES else (*spans[:32], *spans[-16:])
    english = is_english(cleaned)
    if not english:
        notes.append(
            "not English: most of its words are unknown here, so it says little or nothing"
        )
    trusted = np.array([0.0 if is_sarcastic(cleaned[a:b]) else 1.0 for a, b in spans])
    if not trusted.all():
        notes.append("sounds sarcastic: that part is no evidence")
    return _Prepared(
        text=cleaned, spans=spans, trusted=trusted, english=english, note="; ".join(notes)
    )


def _silent(note: str) -> Reading:
    return Reading(emotions={}, evidence={}, abstained=True, note=note)


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """In order, with those that touch made one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


@cache
def _bundled(choice: Choice) -> TextReader:
    return TextReader(
        load_model(choice), artifact.read_json("calibration.json"), artifact.read_json("heads.json")
    )
