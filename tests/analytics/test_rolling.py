"""Refits that know only what was known, and the recalibration of what they tell."""

import numpy as np

from ofone.analytics.turnaround.curves import Array, days_at, log_normal
from ofone.analytics.turnaround.rolling import Plan, Refit, fit, refits
from ofone.analytics.turnaround.scores import coverage
from ofone.analytics.turnaround.stays import Stays

PLAN = Plan(every=7, window=120)


def made(lengths: Array, *, begin: float = 0, every: float = 0.05, look: float = 1e9) -> Stays:
    """Stays in one step, one after the other, last looked at on the day ``look``."""
    n = len(lengths)
    entered: Array = begin + np.arange(n, dtype=np.float64) * every
    return Stays(
        names=("visit",),
        step=np.zeros(n, np.int64),
        index=np.ones(n, np.int64),
        entered=entered,
        length=np.minimum(lengths, look - entered),
        done=lengths <= look - entered,
    )


def told(stays: Stays, plan: Plan, start: float, end: float) -> tuple[list[Refit], Array, Array]:
    """Each refit; coverage of the shares .5 and .9 as fitted, and as bent."""
    shares = np.array([0.5, 0.9])
    done = list(refits(stays, plan, start, end))
    rows = stays.rows(np.concatenate([r.rows for r in done]))
    found = []
    for bent in (False, True):
        days = np.concatenate(
            [
                np.tile(
                    days_at(r.curves.found[0, 1], r.bend.shares(0, shares) if bent else shares),
                    (len(r.rows), 1),
                )
                for r in done
            ]
        )
        found.append(np.array([coverage(rows.length, rows.done, d) for d in days.T]))
    return done, found[0], found[1]


def test_a_refit_knows_nothing_of_later_days() -> None:
    """Changing what happens after a refit changes nothing of it."""
    chance = np.random.default_rng(1)
    first = made(chance.exponential(5, 3000))
    changed = first.length.copy()
    later = first.entered + first.length > 80
    changed[later] = 80 - first.entered[later] + 40
    second = made(changed)
    one, two = (next(iter(refits(s, PLAN, 80, 87))) for s in (first, second))
    np.testing.assert_array_equal(one.curves.found[0, 1], two.curves.found[0, 1])
    np.testing.assert_array_equal(one.bend.whole, two.bend.whole)


def test_recalibration_repairs_what_drifts() -> None:
    """Where everything takes ever longer, the past alone is too early, and the bend says so."""
    chance = np.random.default_rng(2)
    days = np.arange(6000) * 0.05
    stays = made(chance.exponential(3 * np.exp(days / 120)), look=300)
    _, plain, bent = told(stays, PLAN, 120, 300)
    assert plain[0] < 0.45
    assert np.abs(bent - [0.5, 0.9]).max() < 0.03
    assert np.abs(bent - [0.5, 0.9]).max() < np.abs(plain - [0.5, 0.9]).max() / 2


def test_where_nothing_changes_the_bend_is_nearly_straight() -> None:
    """A recalibration that moved what was right would be noise."""
    stays = made(np.random.default_rng(3).exponential(5, 6000), look=300)
    _, _, bent = told(stays, PLAN, 120, 300)
    assert np.abs(bent - [0.5, 0.9]).max() < 0.02


def test_a_step_nobody_was_in_keeps_its_prior() -> None:
    """Until there is data, a step is what the playbook says."""
    prior = {0: log_normal(3, 9), 1: log_normal(1, 2)}
    curves = fit(made(np.full(50, 6.0)), PLAN, prior)
    assert curves.of(1, 1) is prior[1]
    found = curves.of(0, 3)
    assert found is not None
    assert 3 < days_at(found, np.array([0.5]))[0] <= 6


def test_who_left_without_a_word_makes_nobody_s_date_later() -> None:
    """One in five never finishes; of those who do, nine in ten are done by the day told."""
    chance = np.random.default_rng(6)
    lengths = chance.lognormal(1, 0.6, 6000)
    stays_on = chance.random(6000) < 0.8
    stays = made(np.where(stays_on, lengths, 1e6), look=300)
    shares = np.array([0.5, 0.9])
    held = []
    for gone in (0.0, 2.0):
        plan = Plan(every=7, window=365, gone=gone)
        parts = []
        for refit in refits(stays, plan, 120, 260):
            mine = refit.rows[stays_on[refit.rows]]
            days = days_at(refit.curves.found[0, 1], refit.bend.shares(0, shares))
            parts.append(lengths[mine][:, None] <= days)
        held.append(np.concatenate(parts).mean(axis=0))
    assert held[0][1] > 0.99
    assert abs(held[1][0] - 0.5) < 0.06
    assert abs(held[1][1] - 0.9) < 0.05
