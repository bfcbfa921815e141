"""Calibrates both models on the dev part: Platt per label, thresholds for three taxonomies.

    python training/text/calibrate.py --data ../shared/data/goemotions

Writes ``calibration.json`` beside the models; the test part is never read here.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from data import load
from fitting import best_cut, platt, sigmoid
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
        scales = [platt(raw[:, k], truth[:, k].astype(float)) for k in range(len(labels))]
        p = sigmoid(raw * np.array([a for a, _ in scales]) + np.array([b for _, b in scales]))
        section: dict[str, object] = {
            "platt": scales,
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
