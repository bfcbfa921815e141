"""The Gamma distribution against what is known in closed form."""

from math import exp, factorial

import pytest

from ofone.profiles.gamma import below, largest, quantile


@pytest.mark.parametrize("shape", [1, 2, 7, 30])
@pytest.mark.parametrize("x", [0.01, 0.9, 6.0, 30.0, 90.0])
def test_below_is_a_sum_of_poisson_chances(shape: int, x: float) -> None:
    """Of a whole shape k: P(X ≤ x) = 1 - the sum over n < k of e^-x x^n / n!."""
    exact = 1 - sum(exp(-x) * x**n / factorial(n) for n in range(shape))
    assert below(shape, x) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("shape", [1.0, 2.5, 40.3])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_a_quantile_has_its_share_below(shape: float, p: float) -> None:
    """Also of a shape that is no whole number."""
    assert below(shape, quantile(shape, p)) == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize("shape", [1.0, 2.0, 3.5, 12.0])
def test_the_chance_to_be_the_largest_has_a_closed_form_beside_two_exponentials(
    shape: float,
) -> None:
    """E[(1 - e^-X)²] = 1 - 2 · 2^-shape + 3^-shape."""
    exact = 1 - 2 * 2**-shape + 3**-shape
    assert largest([1.0, shape, 1.0], 1) == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("shapes", [(1.2, 3.4, 2.2), (33.0, 28.0, 1.0), (9.0, 9.0, 9.0)])
def test_one_of_them_is_the_largest(shapes: tuple[float, ...]) -> None:
    """The chances add up to one."""
    assert sum(largest(shapes, n) for n in range(3)) == pytest.approx(1, abs=1e-3)
