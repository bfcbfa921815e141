"""Measures of signals against people whose needs are known because they are made up."""

from math import exp, sqrt

import numpy as np
import pytest

from ofone.domain.errors import TooFew
from ofone.needs.evidence import variance_of
from ofone.needs.measure import Occasion, Spell, frequency, to_write, validity

SAID_VAR = 1.0
"""The error of what people say of themselves: half of what is heard is noise."""


def people(chance: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, float]:
    """(theta, mean, variance) of n people who said something of themselves."""
    theta = chance.normal(size=n)
    said = theta + sqrt(SAID_VAR) * chance.normal(size=n)
    return theta, said / (1 + SAID_VAR), SAID_VAR / (1 + SAID_VAR)


def occasions(chance: np.random.Generator, rho: float, n: int = 300) -> list[Occasion]:
    theta, mean, variance = people(chance, n)
    value = rho * theta + sqrt(1 - rho**2) * chance.normal(size=n)
    return [
        Occasion(person=f"p{k}", mean=float(mean[k]), variance=variance, value=float(value[k]))
        for k in range(n)
    ]


def spells(chance: np.random.Generator, weight: float, frailty: float, n: int = 300) -> list[Spell]:
    """Five weeks of each person, who differ in how often for other reasons as well."""
    theta, mean, variance = people(chance, n)
    found = []
    for k in range(n):
        rate = exp(weight * theta[k] + frailty * chance.normal() - frailty**2 / 2) / 14
        found += [
            Spell(
                person=f"p{k}",
                mean=float(mean[k]),
                variance=variance,
                count=int(chance.poisson(7 * rate)),
                days=7.0,
            )
            for _ in range(5)
        ]
    return found


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
def test_the_interval_of_a_validity_holds_the_truth(rho: float) -> None:
    """In 200 companies, 95 % of the time within 4 points; what people say is half noise."""
    found = [validity(occasions(np.random.default_rng([1, n]), rho)) for n in range(200)]
    held = np.mean([f.low <= rho <= f.high for f in found])
    assert 0.91 <= held <= 0.99
    assert abs(np.mean([f.r for f in found]) - rho) < 0.02


@pytest.mark.parametrize(("weight", "frailty"), [(0.0, 0.5), (0.5, 0.0), (0.5, 0.5)])
def test_the_interval_of_a_weight_holds_the_truth(weight: float, frailty: float) -> None:
    """Also where people differ in how often for reasons that the model does not know."""
    found = [frequency(spells(np.random.default_rng([2, n]), weight, frailty)) for n in range(100)]
    held = np.mean([f.low <= weight <= f.high for f in found])
    assert held >= 0.89
    assert abs(np.mean([f.weight for f in found]) - weight) < 0.03
    assert np.mean([f.rate_low <= 1 / 14 <= f.rate_high for f in found]) >= 0.89


def test_few_people_are_told_nothing() -> None:
    """It says how many there are, and how many it takes."""
    with pytest.raises(TooFew, match="too few: 31 of 100 people who said something"):
        validity(occasions(np.random.default_rng(3), 0.5, n=31))


def test_what_hardly_ever_came_is_told_nothing() -> None:
    """A hundred people, three events: no correlation comes from that."""
    found = [
        Occasion(person=o.person, mean=o.mean, variance=o.variance, value=float(k < 3))
        for k, o in enumerate(occasions(np.random.default_rng(4), 0.5))
    ]
    with pytest.raises(TooFew, match="it came 3 times and did not come 297 times; 20 of each"):
        validity(found)


def test_what_never_differs_tells_nothing() -> None:
    """Where all said the same, or did, nothing goes with anything."""
    same = [Occasion(person=f"p{k}", mean=0.5, variance=0.5, value=float(k)) for k in range(120)]
    with pytest.raises(TooFew, match="nothing differs"):
        validity(same)


@pytest.mark.parametrize(("shift", "r"), [(0.1, 0.32), (0.9, 0.2), (-0.4, -0.3), (0.02, 0.2)])
def test_what_is_written_moves_a_stranger_as_far_as_was_measured(shift: float, r: float) -> None:
    """Score times the gain of its validity is the shift, and no score is beyond the scale."""
    score, worth = to_write(shift, r)
    assert score / (1 + variance_of(worth)) == pytest.approx(shift)
    assert abs(score) <= 4
