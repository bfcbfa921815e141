"""Fits the heads on labelled sentences, around the prior weights, for both models.

    python training/text/fit_heads.py [--sentences FILE ...]

Adds ``heads.json`` beside the models. A company refits on its own sentences in the same way: JSON
lines ``{"text", "needs": {need: 1 or -1}}``; needs that are not named are not expressed. Platt's
parameters come from ten folds that the weights had not seen. The test part is never read here.
"""

# ruff: noqa: T201  (a script prints)

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from fitting import Array, logistic, platt, sigmoid
from pack import MODELS, wrap

from ofone.readers import artifact
from ofone.readers.cues import CUES, MOODS, PRIORS
from ofone.readers.heads import HEADS, head_name
from ofone.readers.text import Choice, TextReader, load_model

HERE = Path(__file__).parent
FOLDS = 10
PRECISION = {"emotion": 4.0, "cue": 0.7, "bias": 0.05, "meaning": 0.1}
"""Of the prior: how firmly a weight is held to where it started."""
BIAS = -2.5


def prior(labels: tuple[str, ...], name: str, width: int) -> tuple[Array, Array]:
    moods, cues = MOODS.get(name, {}), PRIORS.get(name, {})
    start = [moods.get(label, 0.0) for label in labels] + [cues.get(cue, 0.0) for cue in CUES]
    firm = [PRECISION["emotion"]] * len(labels) + [PRECISION["cue"]] * len(CUES)
    more = width - len(start) - 1
    return (
        np.array([*start, BIAS, *[0.0] * more]),
        np.array([*firm, PRECISION["bias"], *[PRECISION["meaning"]] * more]),
    )


def empty(centre: Array) -> dict[str, Any]:
    """Heads of zeros, so that a reader can be made before any are fitted."""
    return {"centre": centre} | {
        head_name(n, s): {"weights": [0.0], "platt": [1.0, 0.0]} for n, s in HEADS
    }


def folds(n: int) -> Array:
    return np.random.default_rng(1).permutation(n) % FOLDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=Path, nargs="+", default=[HERE / "sentences_fit.jsonl"])
    given = parser.parse_args()
    rows = [json.loads(line) for file in given.sentences for line in file.read_text().splitlines()]
    calibration = artifact.read_json("calibration.json")
    told: dict[str, Any] = {"cues": list(CUES)}
    choices: list[Choice] = ["hashed", "encoder"] if "encoder" in calibration else ["hashed"]
    for choice in choices:
        model, texts = load_model(choice), [row["text"] for row in rows]
        centre = model.look(texts)[1].astype(float).mean(0).round(4)
        reader = TextReader(model, calibration, {choice: empty(centre)})
        x = reader.inputs(texts)
        fold = folds(len(rows))
        section: dict[str, Any] = {"centre": centre.tolist()}
        for need, sign in HEADS:
            name = head_name(need, sign)
            y = np.array([float(row["needs"].get(need) == sign) for row in rows])
            start, firm = prior(reader.labels, name, x.shape[1])
            unseen = np.empty(len(rows))
            for k in range(FOLDS):
                w = logistic(x[fold != k], y[fold != k], start, firm)
                unseen[fold == k] = x[fold == k] @ w
            a, b = platt(unseen, y)
            section[name] = {
                "weights": [round(float(w), 4) for w in logistic(x, y, start, firm)],
                "platt": [round(a, 4), round(b, 4)],
            }
            p = sigmoid(unseen * a + b)
            loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
            order = np.argsort(np.argsort(unseen)) + 1
            pos = y > 0
            auc = (order[pos].sum() - pos.sum() * (pos.sum() + 1) / 2) / (pos.sum() * (~pos).sum())
            print(
                f"{choice:8} {name:22} n={int(y.sum()):3} AUC={auc:.3f} loss={loss:.4f} a={a:.2f}"
            )
        told[choice] = section
    (MODELS / "heads.json").write_text(json.dumps(told) + "\n")
    wrap()


if __name__ == "__main__":
    main()
