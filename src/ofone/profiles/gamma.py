"""The Gamma distribution with rate 1: how much lies below, quantiles, and which of some is largest.

Only what preferences need, on the standard library: no number here is wanted beyond four digits,
and the loop that decides should not have to load an array library for it.
"""

from collections.abc import Sequence
from math import exp, lgamma, log, sqrt

_TERMS = 500
_ENOUGH = 1e-12
_STEPS = 64


def below(shape: float, x: float) -> float:
    """P(X ≤ x) for X ~ Gamma(shape, 1): the regularised lower incomplete gamma function.

    The series (DLMF 8.7.1) below the mean, the continued fraction (DLMF 8.9.2, by Lentz) above.
    """
    if x <= 0:
        return 0.0
    front = exp(shape * log(x) - x - lgamma(shape))
    if x < shape + 1:
        total = term = 1 / shape
        for n in range(1, _TERMS):
            term *= x / (shape + n)
            total += term
            if term < total * _ENOUGH:
                break
        return front * total
    b = x + 1 - shape
    c, d = 1e300, 1 / b
    fraction = d
    for n in range(1, _TERMS):
        a = -n * (n - shape)
        b += 2
        d = 1 / (a * d + b)
        c = b + a / c
        fraction *= c * d
        if abs(c * d - 1) < _ENOUGH:
            break
    return 1 - front * fraction


def quantile(shape: float, p: float) -> float:
    """The x with P(X ≤ x) = p, to ten digits; 0 < p < 1."""
    low, high = 0.0, shape + 10 * sqrt(shape) + 20
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(shape, middle) < p else (low, middle)
    return high


def largest(shapes: Sequence[float], which: int) -> float:
    """P(X_which is the largest) of independent Gamma(shape, 1), so also of their Dirichlet shares.

    The integral of its density times the others' distribution functions, by Simpson's rule over
    where the density lies. Shapes are at least 1.
    """
    shape = shapes[which]
    others = [s for n, s in enumerate(shapes) if n != which]
    start = max(0.0, shape - 8 * sqrt(shape))
    width = (shape + 9 * sqrt(shape) + 9 - start) / _STEPS
    total = 0.0
    for n in range(_STEPS + 1):
        x = start + n * width
        density = exp((shape - 1) * log(x) - x - lgamma(shape)) if x > 0 else float(shape == 1)
        for other in others:
            density *= below(other, x)
        total += density * (1 if n in (0, _STEPS) else 4 if n % 2 else 2)
    return min(1.0, total * width / 3)
