"""Kaplan–Meier and what is pooled with it."""

import warnings
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.analytics.turnaround.curves import (
    PROBS,
    curve,
    days_at,
    kaplan_meier,
    log_normal,
    pooled,
    share_at,
    still,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import KaplanMeierFitter  # type: ignore[import-untyped]

CHANCE = np.random.default_rng(5)
MIDDLE = int(np.searchsorted(PROBS, 0.5))

STAYS = st.lists(
    st.tuples(st.integers(0, 9), st.booleans(), st.integers(1, 4)), min_size=1, max_size=40
)


@given(STAYS)
def test_the_estimate_is_that_of_lifelines(stays: list[tuple[int, bool, int]]) -> None:
    """Ties, censoring at the time of an end, and weights are counted as elsewhere."""
    lengths, done, weights = (np.array(c) for c in zip(*stays, strict=True))
    times, open_, _ = kaplan_meier(lengths.astype(float), done, weights.astype(float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = KaplanMeierFitter().fit(lengths, done, weights=weights)
    np.testing.assert_allclose(open_, np.ravel(oracle.predict(times)), atol=1e-9)


def test_stays_that_did_not_end_move_the_curve_out() -> None:
    """Left out, the slow ones would be missing, and every date would be too early."""
    lengths = CHANCE.exponential(10, 4000)
    seen = CHANCE.uniform(0, 15, 4000)
    cut, done = np.minimum(lengths, seen), lengths <= seen
    whole = curve(cut, done)
    assert days_at(whole, np.array([0.5]))[0] == pytest.approx(6.93, rel=0.06)
    assert days_at(curve(cut[done], done[done]), np.array([0.5]))[0] < 4.5


def test_what_was_never_seen_is_not_known() -> None:
    """Where half never ended, nobody can say by when nine in ten do."""
    found = curve(np.array([1.0, 2.0, 5.0, 5.0]), np.array([True, True, False, False]))
    assert found[MIDDLE] == 2
    assert found[-1] == inf
    assert list(days_at(found, np.array([0.25, 0.9]))) == [1, inf]


@given(st.integers(0, 400))
def test_a_prior_gives_way_to_data_as_so_many_stays_would(n: int) -> None:
    """With n ends at one length, (n + weight · prior) / (n + weight) are done by it."""
    prior = log_normal(4, 10)
    found = pooled(np.full(n, 4.0), np.ones(n, np.bool_), prior, 20)
    shares = share_at(found, np.array([3.999, 4.001]))
    before, by = (20 * share_at(prior, np.array([3.999, 4.001])) + [0, n]) / (n + 20)
    assert shares == pytest.approx([before, by], abs=0.02)


def test_the_figures_of_a_playbook_are_a_log_normal() -> None:
    """Half are done by the usual day, nine in ten by the other one."""
    found = log_normal(4, 9)
    assert days_at(found, np.array([0.5, 0.9])) == pytest.approx([4, 9], abs=1e-6)


@given(st.floats(0, 30))
def test_days_left_are_those_of_people_who_waited_as_long(elapsed: float) -> None:
    """An exponential wait has no memory, so what is left never changes."""
    found = still(-10 * np.log(1 - PROBS), elapsed)
    assert days_at(found, np.array([0.5]))[0] == pytest.approx(6.93, rel=0.03)
    assert (np.diff(found) >= -1e-9).all()


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=60))
def test_shares_and_days_are_each_other_s_inverse(lengths: list[float]) -> None:
    """A day that was told for a share is the day that share is looked up at."""
    found = pooled(np.array(lengths), np.ones(len(lengths), np.bool_), log_normal(3, 12), 10)
    shares = np.array([0.1, 0.5, 0.9])
    back = share_at(found, days_at(found, shares))
    assert np.abs(back - shares).max() < 0.5 * len(lengths) / (len(lengths) + 10) + 0.01
