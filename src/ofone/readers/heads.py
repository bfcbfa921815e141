"""From emotions and cues to the probability that a piece of text expresses a need, or its lack.

There are two heads a need: "much of it" (``reassurance+``: worried) and "little of it"
(``reassurance-``: at ease); most texts say neither. Each head is a logistic regression whose
weights were fitted around documented prior weights, and Platt-scaled on folds it had not seen.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ofone.domain.words import NEEDS, Need

Floats = NDArray[np.float64]

HEADS: tuple[tuple[Need, int], ...] = tuple((need, sign) for need in NEEDS for sign in (1, -1))


def head_name(need: Need, sign: int) -> str:
    """``reassurance+`` or ``reassurance-``."""
    return need + ("+" if sign > 0 else "-")


def inputs(emotions: Floats, share: Floats, cues: Floats, meaning: Floats) -> Floats:
    """[n, 28 + cues + 1 + 384 or 0]: how far each emotion is above its usual level, the cues, a
    one, and the direction of the meaning, which is a unit vector.

    ``emotions`` are calibrated log odds, ``share`` the base rates that the calibration knew.
    """
    usual = np.log(share / (1 - share))
    above = np.clip((emotions - usual) / 2, -2, 3)
    return np.hstack([above, cues, np.ones((len(cues), 1)), meaning])


class Heads:
    """Weights [14, inputs] and Platt's a, b [14, 2], in the order of ``HEADS``."""

    def __init__(self, stored: dict[str, Any]) -> None:
        names = [head_name(need, sign) for need, sign in HEADS]
        self._weights = np.array([stored[name]["weights"] for name in names])
        platt = np.array([stored[name]["platt"] for name in names])
        self._a, self._b = platt[:, 0], platt[:, 1]

    def probabilities(self, given: Floats) -> Floats:
        """[n, 14], calibrated."""
        odds = (given @ self._weights.T) * self._a + self._b
        found: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        return found

    def weight(self, head: int, cue: int) -> float:
        """What one cue adds to a head's log odds."""
        return float(self._weights[head, cue])
