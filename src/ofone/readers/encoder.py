"""The default model: a fine-tuned MiniLM encoder in int8, run by onnxruntime on one thread."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ofone.readers import artifact
from ofone.readers.wordpiece import WordPiece

Floats = NDArray[np.float32]

BATCH = 16
"""Texts at once; larger batches pad more than they gain on one thread."""
LABELS = 28
WIDTH = 384
LONGEST = 128
"""Tokens; a piece of 40 words has rarely more than 60."""


class EncoderModel:
    """Emotions and meaning of a text. Batches are sorted by length: padding costs most.

    Activations are scaled per batch, so that the same text beside others may differ by a hundredth
    or so of a probability; the same list gives the same numbers, always.
    """

    name = "encoder"

    def __init__(self) -> None:
        """Raises ImportError without onnxruntime, OfoneError for a file that was changed."""
        onnxruntime: Any = import_module("onnxruntime")  # it is optional, and has no types

        vocabulary = artifact.read("vocab.txt").decode().splitlines()
        self._tokens = WordPiece(vocabulary, LONGEST)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            artifact.read("encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def look(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Logits [n, 28], uncalibrated, and meanings [n, 384]: the mean of the third layer.

        The upper layers know little but emotions any more; the third still knows what a text is
        about, which is what trust, effort or control need.
        """
        ids = [self._tokens(text) for text in texts]
        order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
        logits = np.empty((len(ids), LABELS), np.float32)
        meanings = np.empty((len(ids), WIDTH), np.float32)
        for at in range(0, len(order), BATCH):
            part = order[at : at + BATCH]
            longest = len(ids[part[-1]])
            tokens = np.zeros((len(part), longest), np.int64)
            mask = np.zeros((len(part), longest), np.int64)
            for row, n in enumerate(part):
                tokens[row, : len(ids[n])] = ids[n]
                mask[row, : len(ids[n])] = 1
            logits[part], meanings[part] = self._session.run(
                ["logits", "meaning"], {"ids": tokens, "mask": mask}
            )
        return logits, meanings
