"""Drawn lives: what lies ahead of a customer, added up over ``DRAWS`` of them at once.

Each life draws its own length of each step, from strata of equal chance in an order that a hash of
the step's name gives: no chance, and the same at every asking. Whole numbers only, so that another
machine comes to the same dates. Imported only where a snapshot of lengths is in force.
"""

from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ofone.domain.times import MINUTE, Micros
from ofone.journeys.lengths import LEVELS, Curve

DRAWS = 200
Lives = NDArray[np.int64]
"""A moment or a length for each life, in microseconds."""
STRATA = tuple((k + 0.5) / DRAWS for k in range(DRAWS))
"""The shares that lives stand for, in their own order."""
_PARTS = 1_000_000
"""Shares are counted in millionths, lengths in minutes: products of both fit 64 bits."""
_LEVEL = _PARTS // 100


def all_at(moment: Micros) -> Lives:
    """The same moment in each life."""
    return np.full(DRAWS, moment, np.int64)


def latest(moments: list[Lives]) -> Lives:
    """When all of them have come."""
    found = moments[0]
    for one in moments[1:]:
        found = np.maximum(found, one)
    return found


def range_of(moments: Lives) -> tuple[Micros, Micros]:
    """By when it has come in half of the lives, and in nine of ten."""
    half, nine = DRAWS // 2 - 1, DRAWS * 9 // 10 - 1
    parted = np.partition(moments, (half, nine))
    return int(parted[half]), int(parted[nine])


@lru_cache(maxsize=4096)
def takes(curve: Curve, name: str, again: Curve | None, reopens: float, opens: float) -> Lives:
    """The length of a step that lies ahead.

    With the chance ``reopens`` it is taken up ``again``; with 1 − ``opens`` it does not come.
    """
    found = _lengths(curve, _strata(name))
    if again is not None:
        more = _lengths(again, _strata(f"{name} again"))
        found = found + np.where(_chosen(f"{name} reopens", reopens), more, 0)
    return np.where(_chosen(f"{name} opens", opens), found, 0)


def ordered(lengths: tuple[Micros, ...], name: str) -> Lives:
    """Lengths at ``STRATA``, dealt to the lives."""
    return np.array(lengths, np.int64)[_order(name)]


def left(curve: Curve, name: str, elapsed: Micros) -> Lives:
    """The whole length of a stay that has taken ``elapsed``, which is within its curve."""
    minutes = _minutes(curve)
    passed = elapsed // MINUTE
    low = int(np.searchsorted(minutes, passed, "right")) - 1
    span = int(minutes[low + 1] - minutes[low])
    gone = low * _LEVEL + (passed - int(minutes[low])) * _LEVEL // span
    lengths = _lengths(curve, gone + _strata(name) * (_PARTS - gone) // _PARTS)
    return np.maximum(lengths, elapsed)


def _lengths(curve: Curve, shares: Lives) -> Lives:
    """By when these shares are done; nothing is made up beyond 99 in a hundred."""
    minutes = _minutes(curve)
    low = np.minimum(shares // _LEVEL, len(LEVELS))
    first = minutes[low]
    step = minutes[np.minimum(low + 1, len(LEVELS))] - first
    found: Lives = (first + step * (shares - low * _LEVEL) // _LEVEL) * MINUTE
    return found


@lru_cache(maxsize=4096)
def _minutes(curve: Curve) -> Lives:
    """The curve in minutes, with the 0 that it begins at."""
    return np.array((0, *curve), np.int64) // MINUTE


@lru_cache(maxsize=4096)
def _strata(name: str) -> Lives:
    return (2 * _order(name) + 1) * _PARTS // (2 * DRAWS)


def _chosen(name: str, chance: float) -> NDArray[np.bool_]:
    return _order(name) < round(chance * DRAWS)


@lru_cache(maxsize=4096)
def _order(name: str) -> Lives:
    """0 to ``DRAWS`` − 1 in an order of the name's own."""
    marks = [blake2b(f"{name}:{k}".encode(), digest_size=8).digest() for k in range(DRAWS)]
    return np.array(sorted(range(DRAWS), key=marks.__getitem__), np.int64)
