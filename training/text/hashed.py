"""Trains the small model: 28 logistic regressions on hashed n-grams, written as int8.

    python training/text/hashed.py --data ../shared/data/goemotions --out build/text

Writes ``hashed.npz``: table [65536, 29] int8, scales [29], bias [28]. Needs scikit-learn.
"""

# ruff: noqa: T201  (a script prints)

import argparse
from pathlib import Path

import numpy as np
from data import load
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from ofone.readers.hashed import ROWS, features


def counted(texts: list[str]) -> csr_matrix:
    found = [features(text) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(f) for f in found])])
    columns = np.concatenate(found)
    ones = np.ones(len(columns), np.float32)
    return csr_matrix((ones, columns, starts), (len(texts), ROWS))


def quantised(columns: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Each column on a scale of its own; the largest hundred-thousandth is cut off."""
    top = np.quantile(np.abs(columns), 0.99999, axis=0)
    scale = (top / 127).astype(np.float32)
    return np.clip(np.rint(columns / scale), -127, 127).astype(np.int8), scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--strength", type=float, default=8.0, help="inverse of the penalty")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    texts, truth = load(given.data, "train")
    found = counted(texts)
    weight = np.log(len(texts) / (1 + np.asarray(found.sum(0)).ravel())) + 1
    weighted = found.multiply(weight).tocsr()
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
    weighted = csr_matrix(weighted.multiply(1 / np.maximum(norms, 1e-6)[:, None]))
    columns, bias = [], []
    for label in range(truth.shape[1]):
        model = LogisticRegression(C=given.strength, solver="liblinear", tol=1e-3)
        model.fit(weighted, truth[:, label])
        columns.append(model.coef_[0])
        bias.append(model.intercept_[0])
        print(label, flush=True)
    table, scales = quantised(np.column_stack([*columns, weight]))
    np.savez(
        given.out / "hashed.npz",
        table=table,
        scales=scales,
        bias=np.array(bias, np.float32),
    )


if __name__ == "__main__":
    main()
