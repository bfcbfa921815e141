"""Calibrates both models on the dev part: slopes per label, thresholds for three taxonomies.

    python training/text/calibrate.py --data ../shared/data/goemotions

Writes ``calibration.json`` beside the models; the test part is never read here. The small model's
scores run away where a text is short or its words are strong, so that its calibration bends (beta);
the encoder's is straight (Platt): over five folds of dev, bending gained it next to nothing.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from data import load
from fitting import best_cut, beta, platt, sigmoid
from pack import MODELS, wrap

from ofone.readers.encoder import EncoderModel
from ofone.readers.hashed import HashedModel
from ofone.readers.text import load_hashed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    texts, truth = load(given.data, "dev")
    target = MODELS / "calibration.json"
    told = json.loads(target.read_text()) if target.exists() else {}
    labels = (given.data / "labels_original.txt").read_text().split()
    ekman = json.loads((given.data / "ekman_mapping.json").read_text())
    mood = json.loads((given.data / "sentiment_dict.json").read_text())
    told["labels"] = labels
    told["share"] = [round(float(s), 6) for s in truth.mean(0)]
    groups = {"ekman": ekman, "sentiment": mood}
    for name, members in groups.items():
        told[name] = {g: list(names) for g, names in members.items()} | {"neutral": ["neutral"]}
    models: list[EncoderModel | HashedModel] = [load_hashed()]
    if (MODELS / "encoder.onnx").exists():
        models.append(EncoderModel())
    for model in models:
        raw = model.look(texts)[0].astype(float)
        fitted = []
        for k in range(len(labels)):
            score, y = raw[:, k], truth[:, k].astype(float)
            if model.name == "hashed":
                fitted.append(beta(score, y))
            else:
                a, b = platt(score, y)
                fitted.append((a, 0.0, b))
        slope, bend, offset = np.array(fitted).T
        p = sigmoid(raw * slope + np.logaddexp(0, raw) * bend + offset)
        section: dict[str, object] = {
            "beta": fitted,
            "cuts": [best_cut(p[:, k], truth[:, k]) for k in range(len(labels))],
        }
        for name in groups:
            cuts = []
            for names in told[name].values():
                inside = [labels.index(label) for label in names]
                cuts.append(best_cut(p[:, inside].sum(1), truth[:, inside].any(1)))
            section[f"{name}_cuts"] = cuts
        told[model.name] = section
    target.write_text(json.dumps(told, indent=1) + "\n")
    wrap()


if __name__ == "__main__":
    main()
