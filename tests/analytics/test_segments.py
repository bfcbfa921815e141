"""The tree of facts that make a difference."""

import numpy as np

from ofone.analytics.turnaround.segments import Fact, Growth, grow

CHANCE = np.random.default_rng(7)
FACTS = (Fact("vendor", codes=True), Fact("weekday"), Fact("noise"))
N = 4000
COLUMNS = np.stack(
    [CHANCE.integers(0, 4, N), CHANCE.integers(0, 7, N), CHANCE.normal(size=N)], axis=1
).astype(float)
SLOW = COLUMNS[:, 0] == 2
LENGTHS = CHANCE.exponential(np.where(SLOW, 12.0, 4.0))
DONE = LENGTHS < 10
CUT = np.minimum(LENGTHS, 10.0)


def test_the_fact_that_matters_is_found_and_the_others_are_not() -> None:
    """One vendor is slow: one split, whose sides are told apart, though stays are cut at ten."""
    tree = grow(COLUMNS, FACTS, CUT, DONE, Growth())
    split = tree.nodes[0].split
    assert split is not None
    assert (split.fact, len(tree.nodes)) == (0, 3)
    medians = tree.curves()[tree.leaves(COLUMNS), 100]
    assert abs(medians[SLOW].mean() - 8.3) < 1
    assert abs(medians[~SLOW].mean() - 2.8) < 0.3


def test_a_vendor_never_seen_before_is_as_the_average() -> None:
    """It goes with those that are nearest to all, not with the slow one."""
    tree = grow(COLUMNS, FACTS, CUT, DONE, Growth())
    new = np.array([[9.0, 3.0, 0.0]])
    assert tree.leaves(new)[0] == tree.leaves(COLUMNS[~SLOW][:1])[0]


def test_what_is_rare_is_not_split_off() -> None:
    """A vendor with fewer stays than ``common`` is one of the others."""
    columns = COLUMNS.copy()
    columns[:, 0] = np.where(np.arange(N) < 150, 2.0, 0.0)
    lengths = np.where(np.arange(N) < 150, 30.0, 3.0)
    tree = grow(columns, FACTS[:1], lengths, np.ones(N, np.bool_), Growth())
    assert len(tree.nodes) == 1


def test_without_a_difference_there_is_one_group() -> None:
    """No split is made for chance alone."""
    tree = grow(COLUMNS, FACTS, CHANCE.exponential(5, N), np.ones(N, np.bool_), Growth(gain=15))
    assert len(tree.nodes) == 1
