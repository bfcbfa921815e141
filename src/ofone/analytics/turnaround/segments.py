"""Which facts make a difference to how long it takes: a tree whose leaves are curves.

Grown as LeBlanc and Crowley 1992 (relative risk trees): on the cumulative hazard of all stays, a
group's stays are exponential, and a split is worth the log-likelihood it adds. Each node's curve
is pooled with the one above it, so a small group says little that its parent does not. A leaf can
be read aloud: "sent by vendor B, a week in: as 412 others".
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ofone.analytics.turnaround.curves import Array, Bools, Ints, kaplan_meier, pooled

OTHER = -1.0
"""The code of a category that was too rare when the tree was grown, or new since."""
_BINS = 32


class Fact(Struct, frozen=True):
    """A column of facts: its name, and whether its numbers are only codes."""

    name: str
    codes: bool = False


class Growth(Struct, frozen=True, kw_only=True):
    """When a tree splits: least stays in a group, least gain in log-likelihood, levels at most.

    ``common``: least stays of a category, rarer ones are one. ``weight``: as how many stays the
    group above counts.
    """

    least: int = 200
    gain: float = 5.0
    deep: int = 20
    common: int = 200
    weight: float = 50.0


class Split(Struct, frozen=True, kw_only=True):
    """Rows go left up to ``most`` of a number, or with one of ``codes``; ``gain`` is its worth."""

    fact: int
    most: float
    codes: frozenset[float]
    left: int
    right: int
    gain: float


class Node(Struct, frozen=True, kw_only=True):
    """A group of stays: how many, their curve, and how it splits further, if it does."""

    count: int
    curve: Array
    split: Split | None = None


class Tree(Struct, frozen=True, kw_only=True):
    """Grown over ``facts``; the first node is all stays. ``known``: the common codes of a fact."""

    facts: tuple[Fact, ...]
    known: tuple[frozenset[float] | None, ...]
    nodes: tuple[Node, ...]

    def leaves(self, columns: Array) -> Ints:
        """The node that each row (rows × facts) ends in."""
        columns = _common(columns, self.known)
        found = np.zeros(len(columns), np.int64)
        waiting = [(0, np.arange(len(columns)))]
        while waiting:
            place, rows = waiting.pop()
            split = self.nodes[place].split
            if split is None:
                found[rows] = place
                continue
            left = _left(columns[rows, split.fact], split, self.facts[split.fact])
            waiting += [(split.left, rows[left]), (split.right, rows[~left])]
        return found

    def curves(self) -> Array:
        """Nodes × shares."""
        return np.array([n.curve for n in self.nodes])


def grow(
    columns: Array, facts: Sequence[Fact], lengths: Array, done: Bools, growth: Growth
) -> Tree:
    """Grow a tree over columns (rows × facts) for stays of these lengths."""
    known = tuple(
        _codes(columns[:, n], growth) if fact.codes else None for n, fact in enumerate(facts)
    )
    columns = _common(columns, known)
    times, _, hazard = kaplan_meier(lengths, done)
    exposed = np.cumsum(hazard)[np.searchsorted(times, lengths)]
    values = [_values(columns[:, n], fact) for n, fact in enumerate(facts)]
    binned = (
        np.stack([np.searchsorted(v, columns[:, n]) for n, v in enumerate(values)], axis=1)
        if facts
        else np.empty((len(columns), 0), np.int64)
    )
    ended = done.astype(np.float64)
    nodes: list[Node] = []

    def add(rows: Ints, above: Array | None, depth: int) -> int:
        place = len(nodes)
        own = pooled(lengths[rows], done[rows], above, growth.weight)
        nodes.append(Node(count=len(rows), curve=own))
        best = _best(binned[rows], values, facts, ended[rows], exposed[rows], growth)
        if best is None or depth == growth.deep:
            return place
        gain, fact, goes = best
        left = goes[binned[rows, fact]]
        split = Split(
            fact=fact,
            most=_most(values[fact], goes) if not facts[fact].codes else 0.0,
            codes=frozenset(values[fact][goes[: len(values[fact])]].tolist())
            if facts[fact].codes
            else frozenset(),
            left=add(rows[left], own, depth + 1),
            right=add(rows[~left], own, depth + 1),
            gain=gain,
        )
        nodes[place] = Node(count=len(rows), curve=own, split=split)
        return place

    add(np.arange(len(lengths)), None, 0)
    return Tree(facts=tuple(facts), known=known, nodes=tuple(nodes))


def _best(
    binned: Ints,
    values: list[Array],
    facts: Sequence[Fact],
    ended: Array,
    exposed: Array,
    growth: Growth,
) -> tuple[float, int, Bools] | None:
    """The split worth most: its gain, its fact, and which bins go left."""
    n, ends, exposure = len(binned), float(ended.sum()), float(exposed.sum())
    if n < 2 * growth.least or not ends:
        return None
    best: tuple[float, int, Bools] | None = None
    most = growth.gain
    together = float(_worth(np.array([ends]), np.array([exposure]))[0])
    for fact, column in enumerate(facts):
        bins = len(values[fact]) + 1
        one = binned[:, fact]
        d = np.bincount(one, ended, bins).astype(np.float64)
        e = np.bincount(one, exposed, bins).astype(np.float64)
        k = np.bincount(one, minlength=bins)
        # Codes have no order of their own: theirs is by rate, which finds the best of all cuts.
        rate = (d + 5 * ends / exposure) / (e + 5)
        order = np.argsort(rate, kind="stable") if column.codes else np.arange(bins)
        left_d: Array = np.cumsum(d[order])[:-1]
        left_e: Array = np.cumsum(e[order])[:-1]
        left_k = np.cumsum(k[order])[:-1]
        gains = _worth(left_d, left_e) + _worth(ends - left_d, exposure - left_e)
        allowed = (left_k >= growth.least) & (n - left_k >= growth.least)
        gains = np.where(allowed, gains - together, -np.inf)
        cut = int(gains.argmax()) if len(gains) else 0
        if len(gains) and gains[cut] > most:
            most = float(gains[cut])
            goes = np.zeros(bins, np.bool_)
            goes[order[: cut + 1]] = True
            best = most, fact, goes
    return best


def _worth(ends: Array, exposure: Array) -> Array:
    """The log-likelihood of ends at their own rate, but for what all splits share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(ends > 0, ends * np.log(ends / exposure), 0.0)
    return found


def _codes(column: Array, growth: Growth) -> frozenset[float]:
    values, counts = np.unique(column, return_counts=True)
    return frozenset(values[counts >= growth.common].tolist())


def _common(columns: Array, known: tuple[frozenset[float] | None, ...]) -> Array:
    found = columns.copy()
    for n, codes in enumerate(known):
        if codes is not None:
            found[~np.isin(found[:, n], list(codes)), n] = OTHER
    return found


def _values(column: Array, fact: Fact) -> Array:
    """The edges between bins: each code, or quantiles of the numbers."""
    if fact.codes:
        # What is rare or new has its place even where there was none of it yet: beside the average.
        return np.unique(np.append(column, OTHER))
    return np.unique(np.quantile(column, np.linspace(0, 1, _BINS + 1)[1:-1]))


def _most(edges: Array, goes: Bools) -> float:
    return float(edges[np.flatnonzero(goes)[-1]])


def _left(column: Array, split: Split, fact: Fact) -> Bools:
    return np.isin(column, list(split.codes)) if fact.codes else column <= split.most
