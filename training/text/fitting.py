"""Logistic regression around given weights, calibration, and thresholds; numpy alone."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    found: Array = 1 / (1 + np.exp(-np.clip(x, -40, 40)))
    return found


def logistic(x: Array, y: Array, prior: Array, precision: Array) -> Array:
    """Most probable weights under N(prior, 1/precision), by Newton steps. ``x`` [n, d]."""

    def loss(w: Array) -> float:
        odds = x @ w
        held = precision @ (w - prior) ** 2 / 2
        return float((np.logaddexp(0, odds) - y * odds).sum() + held)

    w = prior.copy()
    least = loss(w)
    for _ in range(50):
        p = sigmoid(x @ w)
        gradient = x.T @ (p - y) + precision * (w - prior)
        curve = (x * (p * (1 - p))[:, None]).T @ x + np.diag(precision)
        step = np.linalg.solve(curve, gradient)
        # Full steps overshoot where all answers are already sure.
        while loss(w - step) > least and float(np.abs(step).max()) > 1e-9:
            step /= 2
        w = w - step
        least = loss(w)
        if float(np.abs(step).max()) < 1e-7:
            break
    return w


def platt(score: Array, y: Array) -> tuple[float, float]:
    """a, b of sigmoid(a * score + b), with Platt's (1999) smoothed targets."""
    x = np.column_stack([score, np.ones_like(score)])
    w = logistic(x, _smoothed(y), np.array([1.0, 0.0]), np.full(2, 1e-6))
    return float(w[0]), float(w[1])


def beta(score: Array, y: Array) -> tuple[float, float, float]:
    """a, c, b of sigmoid(a * score + c * log(1 + e^score) + b): beta calibration.

    Kull, Silva Filho and Flach (2017): one slope, a, far below zero and another, a + c, far above.
    As with them, a slope that comes out negative is set to 0 and the rest fitted again, so that
    the order of the scores is kept. A weak prior holds both to 1, for labels with few texts.
    """
    above = np.logaddexp(0, score)
    x = np.column_stack([score - above, above, np.ones_like(score)])
    held, w = [0, 1, 2], np.full(3, -1.0)
    while w[:2].min() < 0:
        w = np.zeros(3)
        precision = np.array([0.5, 0.5, 1e-6])[held]
        w[held] = logistic(x[:, held], _smoothed(y), np.array([1.0, 1.0, 0.0])[held], precision)
        held = [n for n in held if n == 2 or w[n] > 0]
    return float(w[0]), float(w[1] - w[0]), float(w[2])


def _smoothed(y: Array) -> Array:
    positive, negative = float(y.sum()), float(len(y) - y.sum())
    return np.where(y > 0, (positive + 1) / (positive + 2), 1 / (negative + 2))


def best_cut(p: Array, y: Array) -> float:
    """The threshold with the highest F1; ties go to the middle of the gap."""
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(p) + 1) + y.sum())
    top = int(np.argmax(f1))
    below = p[order[top + 1]] if top + 1 < len(p) else 0.0
    return float((p[order[top]] + below) / 2)
