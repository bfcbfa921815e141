"""How right told days are."""

import numpy as np
import pytest

from ofone.analytics.turnaround.scores import coverage, pinball, wilson

CHANCE = np.random.default_rng(11)


def test_stays_that_have_not_ended_are_neither_kept_nor_broken() -> None:
    """Cut at random, days that are right for eight in ten still cover eight in ten."""
    lengths = CHANCE.exponential(10, 5000)
    seen = CHANCE.uniform(0, 30, 5000)
    told = np.full(5000, 10 * np.log(5))
    assert coverage(lengths, lengths < 1e9, told) == pytest.approx(0.8, abs=0.02)
    cut = coverage(np.minimum(lengths, seen), lengths <= seen, told)
    assert cut == pytest.approx(0.8, abs=0.03)


def test_a_day_that_never_comes_is_always_kept() -> None:
    """Nothing was told that could be broken; nothing at once is early enough for zero days."""
    lengths, done = np.array([1.0, 0.0]), np.array([True, True])
    assert coverage(lengths, done, np.array([np.inf, np.inf])) == 1
    assert coverage(lengths, done, np.array([0.0, 0.0])) == 0.5


def test_the_right_quantile_loses_least_also_when_stays_are_cut() -> None:
    """A proper score: neither caution nor haste pays."""
    lengths, seen = CHANCE.exponential(10, 20_000), CHANCE.uniform(5, 60, 20_000)
    right = 10 * np.log(10)
    losses = [
        pinball(np.minimum(lengths, seen), np.full(20_000, right * f), 0.9, seen)
        for f in (0.7, 1.0, 1.4)
    ]
    assert min(losses) == losses[1]


def test_intervals_of_shares_are_those_of_the_books() -> None:
    """Wilson's interval of 9 in 10 (Agresti and Coull 1998); nothing seen says nothing."""
    assert wilson(0.9, 10) == pytest.approx((0.596, 0.982), abs=1e-3)
    assert wilson(0, 0) == (0, 1)
