"""The small model: words, pairs of words and pieces of words, hashed to 2^16 rows of int8.

A text's vector holds ``weight(feature) / norm`` for the set of its features, with weights like
inverse document frequencies; 28 logistic regressions are trained on such vectors (Weinberger et
al. 2009, feature hashing). Needs numpy alone and 1.9 MB, and starts in a tenth of a second.
"""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

ROWS = 1 << 16
GRAMS = (3, 4, 5)
LONGEST = 4000
"""Characters read; what comes after them changes nothing about the tone."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[^\w\s]")
_PRIMES = np.array([2654435761, 2246822519, 3266489917, 668265263, 374761393], np.uint32)


def features(text: str) -> NDArray[np.int64]:
    """Row numbers of the text's features, each once; empty for a text without any word or sign."""
    words = _WORD.findall(text[:LONGEST].lower().replace("’", "'"))
    if not words:
        return np.empty(0, np.int64)
    raw = [word.encode(errors="replace") for word in words]
    hashed = [crc32(word, 1) for word in raw]
    hashed += [crc32(b, crc32(a, 2)) for a, b in zip([b"^", *raw], [*raw, b"$"], strict=True)]
    found = [np.array(hashed, np.uint32)]
    letters = np.frombuffer(b" " + b" ".join(raw) + b" ", np.uint8).astype(np.uint32) + 1
    for n in GRAMS:
        if len(letters) >= n:
            rolling = letters[: len(letters) - n + 1] * _PRIMES[0]
            for k in range(1, n):
                rolling = (rolling ^ (rolling >> np.uint32(15))) + (
                    letters[k : len(letters) - n + 1 + k] * _PRIMES[k]
                )
            found.append(rolling * _PRIMES[1] + np.uint32(n))
    mixed = np.concatenate(found)
    mixed ^= mixed >> np.uint32(16)
    return np.unique(mixed & np.uint32(ROWS - 1)).astype(np.int64)


class HashedModel:
    """``table`` [2^16, labels + 1] int8: a row's coefficients, then its weight.

    ``scales`` [labels + 1] turn them into numbers, ``bias`` [labels].
    """

    name = "hashed"

    def __init__(self, table: NDArray[np.int8], scales: Floats, bias: Floats) -> None:
        self._table, self._scales, self._bias = table, scales, bias

    def look(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Logits [n, 28], uncalibrated; of meaning it knows nothing: [n, 0]."""
        found = np.empty((len(texts), len(self._bias)), np.float32)
        for n, text in enumerate(texts):
            found[n] = self._one(text)
        return found, np.empty((len(texts), 0), np.float32)

    def _one(self, text: str) -> Floats:
        rows = self._table[features(text)].astype(np.float32)
        if not len(rows):
            return self._bias
        weights = rows[:, -1] * self._scales[-1]
        norm = np.sqrt(weights @ weights) or np.float32(1)
        score: Floats = (weights / norm) @ rows[:, :-1] * self._scales[:-1] + self._bias
        return score
