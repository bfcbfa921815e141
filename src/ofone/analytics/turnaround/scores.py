"""How right told days turned out to be; stays that have not ended count for what they show."""

from math import sqrt

import numpy as np

from ofone.analytics.turnaround.curves import Array, Bools, kaplan_meier


def coverage(lengths: Array, done: Bools, told: Array, each: Array | None = None) -> float:
    """The share done by the day each was told, by Kaplan–Meier on length ÷ told.

    So a stay that was last looked at before its day came is neither kept nor broken: it counts
    as far as it got. ``each``: as how much of a stay each counts.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(np.isinf(told), 0.0, np.nan_to_num(lengths / told, nan=0.0, posinf=np.inf))
    finite = np.where(np.isinf(part), 1e9, part)
    parts, open_, _ = kaplan_meier(finite, done, each)
    place = int(np.searchsorted(parts, 1 + 1e-9, "right")) - 1
    return 1.0 - float(open_[place]) if place >= 0 else 0.0


def pinball(lengths: Array, told: Array, share: float, seen: Array) -> float:
    """The mean loss of quantiles, in days, with both sides cut at ``seen``, the days watched.

    Cut so, the right quantile still loses least, every stay counts, and none is dropped for not
    having ended yet. ``lengths`` are up to the end or to the last look.
    """
    over = np.minimum(lengths, seen) - np.minimum(told, seen)
    return float(np.maximum(share * over, (share - 1) * over).mean())


def wilson(kept: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95% interval of a share of ``n`` (Wilson 1927); ``kept`` is that share."""
    if not n:
        return 0.0, 1.0
    middle = (kept + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(kept * (1 - kept) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)
