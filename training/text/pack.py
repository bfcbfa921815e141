"""Puts trained models where the package looks for them, and notes their checksums.

    python training/text/pack.py --build build/text

Copies ``hashed.npz`` as it is; exports the last checkpoint to ONNX (logits alone), quantises its
matrices to int8 per channel, and copies the vocabulary. ``wrap`` writes ``checksums.json``.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

MODELS = Path(__file__).parents[2] / "src" / "ofone" / "readers" / "models"


def export(weights: Path, target: Path) -> None:
    """A checkpoint as ONNX in int8: logits, and the mean of the third layer as the meaning."""
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from train import Classifier, encoder_folder

    folder = encoder_folder()

    class Exported(Classifier):
        def forward(
            self, ids: torch.Tensor, mask: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            out = self.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True)
            weight = mask.unsqueeze(-1).float()
            last, third = (
                (hidden * weight).sum(1) / weight.sum(1)
                for hidden in (out.last_hidden_state, out.hidden_states[3])
            )
            return self.head(last), third

    model = Exported(folder)
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    model.eval()
    plain = target.with_suffix(".plain.onnx")
    ids = torch.randint(1000, 20000, (2, 12))
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        plain,
        input_names=["ids", "mask"],
        output_names=["logits", "meaning"],
        dynamic_axes={
            "ids": {0: "n", 1: "t"},
            "mask": {0: "n", 1: "t"},
            "logits": {0: "n"},
            "meaning": {0: "n"},
        },
        opset_version=17,
        dynamo=False,
    )
    loaded = onnx.load(plain)
    # Shapes noted by the exporter contradict the quantiser's own inference.
    loaded.graph.ClearField("value_info")
    onnx.save(loaded, plain)
    quantize_dynamic(plain, target, per_channel=True, weight_type=QuantType.QInt8)
    plain.unlink()
    shutil.copy(folder / "vocab.txt", target.parent / "vocab.txt")


def wrap() -> None:
    """Note the SHA-256 of every shipped file."""
    sums = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(MODELS.iterdir())
        if file.is_file() and file.name not in ("checksums.json", "README.md")
    }
    (MODELS / "checksums.json").write_text(json.dumps(sums, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--weights", default="model.pt")
    given = parser.parse_args()
    MODELS.mkdir(exist_ok=True)
    if (given.build / "hashed.npz").exists():
        shutil.copy(given.build / "hashed.npz", MODELS / "hashed.npz")
    if (given.build / given.weights).exists():
        export(given.build / given.weights, MODELS / "encoder.onnx")
    wrap()


if __name__ == "__main__":
    main()
