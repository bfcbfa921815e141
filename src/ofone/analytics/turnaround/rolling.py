"""Refitted as time goes on, and recalibrated by how the last refits turned out.

At each refit only what was known by then is used. A stay is told the curve of the refit before
it began; where its end, or the last look at it, fell in that curve is u. Were the curves right, u
would be uniform; Kaplan–Meier on u over the last refits says what it is instead, and the curve
told next is bent by it. (Kuleshov, Fenner and Ermon 2018, with censoring.)
"""

from collections.abc import Iterator, Mapping

import numpy as np
from msgspec import Struct

from ofone.analytics.turnaround.curves import (
    PROBS,
    UNIFORM,
    Array,
    Bools,
    Ints,
    days_at,
    pooled,
    share_at,
)
from ofone.analytics.turnaround.stays import Stays


class Plan(Struct, frozen=True, kw_only=True):
    """How to estimate. Days between refits, days of stays that count, refits that recalibrate.

    ``deep``: from this index on, all are one. ``weight``: as how many stays a step's curve counts
    for its indices, and the playbook's for the step. ``bent``: as how many the straight map counts
    for the recalibration of all, and that one for a step's. ``gone``: after how many times the
    usual longest nobody is waited for any more (``Stays.waiting``); 0 where all ends are known.
    """

    every: float = 7.0
    window: float = 365.0
    lags: int = 6
    deep: int = 5
    weight: float = 20.0
    bent: float = 100.0
    gone: float = 0.0


class Curves(Struct, frozen=True, kw_only=True):
    """Curves by (step, index), and how many stays stand behind each. (step, 0): any index."""

    found: dict[tuple[int, int], Array]
    counts: dict[tuple[int, int], int]
    deep: int

    def of(self, step: int, index: int) -> Array | None:
        """The closest curve there is; None for a step that was never seen and has no prior."""
        for place in ((step, min(index, self.deep)), (step, 0), (-1, 0)):
            if place in self.found:
                return self.found[place]
        return None


def fit(stays: Stays, plan: Plan, priors: Mapping[int, Array] | None = None) -> Curves:
    """A curve for each step and index: the index pooled with its step, the step with its prior.

    A step without a prior is pooled with all steps together, so that one stay is not all there is.
    """
    priors = priors or {}
    found: dict[tuple[int, int], Array] = {(p, 0): curve for p, curve in priors.items()}
    counts: dict[tuple[int, int], int] = {}
    if not len(stays):
        return Curves(found=found, counts=counts, deep=plan.deep)
    each = stays.waiting(plan.gone)
    found[-1, 0] = pooled(stays.length, stays.done, None, 0, each)
    index = np.minimum(stays.index, plan.deep)
    for step in np.unique(stays.step).tolist():
        mine = stays.step == step
        wider = priors.get(step, found[-1, 0])
        found[step, 0] = pooled(
            stays.length[mine], stays.done[mine], wider, plan.weight, each[mine]
        )
        counts[step, 0] = round(float(each[mine].sum()))
        for n in np.unique(index[mine]).tolist():
            own = mine & (index == n)
            found[step, n] = pooled(
                stays.length[own], stays.done[own], found[step, 0], plan.weight, each[own]
            )
            counts[step, n] = round(float(each[own].sum()))
    return Curves(found=found, counts=counts, deep=plan.deep)


class Bend(Struct, frozen=True, kw_only=True):
    """Curves of u, of all steps and of each: their days are the shares to look up instead."""

    whole: Array
    steps: dict[int, Array]

    def shares(self, step: int, shares: Array) -> Array:
        """Where to look in a curve of this step, to be done by then in these shares of cases."""
        found: Array = np.minimum(days_at(self.steps.get(step, self.whole), shares), PROBS[-1])
        return found

    def bent(self, step: int, found: Array) -> Array:
        """The curve as it is told."""
        return days_at(found, self.shares(step, PROBS))


def bend(steps: Ints, u: Array, done: Bools, weight: float, each: Array) -> Bend:
    """Learn the map from where past stays fell in their curves."""
    whole = pooled(u, done, UNIFORM, weight, each)
    return Bend(
        whole=whole,
        steps={
            step: pooled(u[mine], done[mine], whole, weight, each[mine])
            for step in np.unique(steps).tolist()
            if (mine := steps == step).any()
        },
    )


class Refit(Struct, frozen=True, kw_only=True):
    """One refit: when, the rows that began after it and before the next, its curves, its bend."""

    at: float
    rows: Ints
    curves: Curves
    bend: Bend


def refits(
    stays: Stays,
    plan: Plan,
    start: float,
    end: float,
    priors: Mapping[int, Array] | None = None,
) -> Iterator[Refit]:
    """Every refit from ``start`` to before ``end``, each from what was known then.

    The refits before ``start`` that the first recalibration looks back on are made as well.
    """
    past: list[tuple[float, Ints, Curves]] = []
    order = np.argsort(stays.entered, kind="stable")
    begun = stays.entered[order]
    n = -plan.lags
    while (at := start + n * plan.every) < end:
        n += 1
        until = min(at + plan.every, end)
        rows = order[np.searchsorted(begun, at) : np.searchsorted(begun, until)]
        curves = fit(stays.as_of(at, plan.window), plan, priors)
        if n > 0:
            yield Refit(at=at, rows=rows, curves=curves, bend=_bend(stays, plan, past, at))
        past = [*past, (at, rows, curves)][-plan.lags :]


def _bend(stays: Stays, plan: Plan, past: list[tuple[float, Ints, Curves]], at: float) -> Bend:
    steps, falls, ends, counts = [], [], [], []
    known = np.ones(len(stays))
    if plan.gone:
        begun = np.flatnonzero(stays.entered < at)
        known[begun] = stays.rows(begun).as_of(at).waiting(plan.gone)
    first = np.full(len(stays.names), np.inf)
    np.minimum.at(first, stays.step, stays.entered)
    for then, rows, curves in past:
        told = stays.rows(rows).as_of(at)
        # What was told in a step's first weeks was wrong in ways that were corrected since.
        counts.append(known[rows] * (first[told.step] <= then - plan.lags * plan.every))
        steps.append(told.step)
        falls.append(fell(told, curves))
        ends.append(told.done)
    return bend(
        np.concatenate(steps or [np.empty(0, np.int64)]),
        np.concatenate(falls or [np.empty(0)]),
        np.concatenate(ends or [np.empty(0, np.bool_)]),
        plan.bent,
        np.concatenate(counts or [np.empty(0)]),
    )


def fell(told: Stays, curves: Curves) -> Array:
    """Where in its curve each stay ended, or was last looked at."""
    u = np.zeros(len(told))
    for rows, found in grouped(told, curves):
        u[rows] = share_at(found, told.length[rows])
    return u


def grouped(told: Stays, curves: Curves) -> Iterator[tuple[Ints, Array]]:
    """The rows that share a curve, with it. Rows of which nothing is known are in none."""
    places = told.step * (curves.deep + 1) + np.minimum(told.index, curves.deep)
    for place in np.unique(places).tolist():
        step, index = divmod(place, curves.deep + 1)
        found = curves.of(step, index)
        if found is not None:
            yield np.flatnonzero(places == place), found
