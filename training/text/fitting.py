"""Logistic regression around given weights, Platt scaling, and thresholds; numpy alone."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    found: Array = 1 / (1 + np.exp(-np.clip(x, -40, 40)))
    return found


def logistic(x: Array, y: Array, prior: Array, precision: Array) -> Array:
    """Most probable weights under N(prior, 1/precision), by Newton steps. ``x`` [n, d]."""
    w = prior.copy()
    for _ in range(50):
        p = sigmoid(x @ w)
        gradient = x.T @ (p - y) + precision * (w - prior)
        curve = (x * (p * (1 - p))[:, None]).T @ x + np.diag(precision)
        step = np.linalg.solve(curve, gradient)
        # Full steps overshoot where all answers are already sure.
        w = w - step * min(1.0, 5.0 / max(1e-9, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-7:
            break
    return w


def platt(score: Array, y: Array) -> tuple[float, float]:
    """a, b of sigmoid(a * score + b), with Platt's (1999) smoothed targets."""
    positive, negative = float(y.sum()), float(len(y) - y.sum())
    target = np.where(y > 0, (positive + 1) / (positive + 2), 1 / (negative + 2))
    x = np.column_stack([score, np.ones_like(score)])
    w = logistic(x, target, np.array([1.0, 0.0]), np.full(2, 1e-6))
    return float(w[0]), float(w[1])


def best_cut(p: Array, y: Array) -> float:
    """The threshold with the highest F1; ties go to the middle of the gap."""
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(p) + 1) + y.sum())
    top = int(np.argmax(f1))
    below = p[order[top + 1]] if top + 1 < len(p) else 0.0
    return float((p[order[top]] + below) / 2)
