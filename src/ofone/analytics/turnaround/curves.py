"""Kaplan–Meier curves, pooled with a wider one; lengths are in days.

A curve is an array of days, one for each of ``PROBS``: by then that share is done. Days beyond
what was seen are infinite: that is not known yet, and no number is made up for it.
"""

from math import exp, log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

PROBS: Array = np.concatenate([[0.0025], np.arange(1, 200) / 200, [0.9975]])
UNIFORM: Array = PROBS.copy()
"""The curve of shares that need no recalibration: each is itself."""
_SHORTEST = 1 / 1440
_NINTH = NormalDist().inv_cdf(0.9)


def kaplan_meier(
    lengths: Array, done: Bools, weights: Array | None = None
) -> tuple[Array, Array, Array]:
    """Distinct lengths, the share not done just after each, and the hazard at each.

    Kaplan and Meier 1958, with the usual convention that a stay last looked at (not ``done``) at a
    length was still at risk at that length. Weights count a stay as so many; of 0, as none.
    """
    if weights is None:
        weights = np.ones(len(lengths))
    else:
        there = weights > 0
        lengths, done, weights = lengths[there], done[there], weights[there]
    order = np.argsort(lengths, kind="stable")
    lengths, ended, counted = lengths[order], done[order].astype(np.float64), weights[order]
    times, first = np.unique(lengths, return_index=True)
    ends = np.add.reduceat(ended * counted, first)
    risk = np.cumsum(np.add.reduceat(counted, first)[::-1])[::-1]
    hazard = ends / risk
    return times, np.cumprod(1 - hazard), hazard


def curve(lengths: Array, done: Bools, weights: Array | None = None) -> Array:
    """The Kaplan–Meier curve of stays; infinite from the share on that was never seen done."""
    times, open_, _ = kaplan_meier(lengths, done, weights)
    place = np.searchsorted(1 - open_, PROBS - 1e-12)
    found: Array = np.where(place < len(times), times[np.minimum(place, len(times) - 1)], np.inf)
    return found


def pooled(
    lengths: Array, done: Bools, wider: Array | None, weight: float, each: Array | None = None
) -> Array:
    """The curve of these stays, with ``wider`` counted as ``weight`` stays more.

    ``each``: as how much of a stay each counts; left out, as one.

    The posterior mean of the distribution under a Dirichlet process centred at ``wider``
    (Ferguson 1973; with censoring: Susarla and Van Ryzin 1976), whose mass is spread over its
    quantiles here. With n stays that ended it is (n F̂ + weight F_wider) / (n + weight).
    """
    counted = np.ones(len(lengths)) if each is None else each
    if wider is None:
        return curve(lengths, done, counted)
    known = np.isfinite(wider)
    last = max(lengths.max(initial=0.0), wider[known].max(initial=0.0))
    pseudo = np.where(known, wider, last)
    return curve(
        np.concatenate([lengths, pseudo]),
        np.concatenate([done, known]),
        np.concatenate([counted, np.full(len(wider), weight / len(wider))]),
    )


def log_normal(usual: float, most: float) -> Array:
    """The curve of a playbook's figures: half done by ``usual``, nine in ten by ``most`` days."""
    usual = max(usual, _SHORTEST)
    spread = log(max(most / usual, 1.0)) / _NINTH
    normal = NormalDist()
    return np.array([usual * exp(spread * normal.inv_cdf(float(p))) for p in PROBS])


def days_at(found: Array, shares: Array) -> Array:
    """By when these shares are done; infinite where the curve does not say."""
    known = int(np.isfinite(found).sum())
    days: Array = np.interp(shares, np.append(0.0, PROBS[:known]), np.append(0.0, found[:known]))
    return days if known == len(found) else np.where(shares > _last(known), np.inf, days)


def share_at(found: Array, lengths: Array) -> Array:
    """The share done by each length; where many are done at once, the middle of their share."""
    known = int(np.isfinite(found).sum())
    days = np.append(0.0, found[:known])
    shares = np.append(0.0, PROBS[:known])
    below = np.searchsorted(days, lengths, "left")
    above = np.searchsorted(days, lengths, "right")
    between = np.interp(lengths, days, shares)
    level = (shares[np.minimum(below, known)] + shares[np.maximum(above - 1, 0)]) / 2
    found_at: Array = np.where(above - below > 1, level, between)
    return found_at


def still(found: Array, elapsed: float) -> Array:
    """The curve of the days left, for somebody who is not done after ``elapsed`` days."""
    gone = float(share_at(found, np.array([elapsed]))[0])
    return days_at(found, gone + PROBS * (1 - gone)) - elapsed


def _last(known: int) -> float:
    return float(PROBS[known - 1]) if known else 0.0
