"""How well the shipped text models read: GoEmotions' test split, and our own sentences.

Thresholds and calibration come with the models and were tuned on the dev split; the heads were
fitted on other sentences. Nothing is tuned here. Data: ``goemotions`` of the folder that
``OFONE_DATA`` names, else ``../shared/data``.
"""

import csv
import gzip
import io
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ofone.benchmarks.measure import options, own_process, say
from ofone.domain.errors import OfoneError
from ofone.readers import TextReader, artifact
from ofone.readers.heads import HEADS, head_name
from ofone.readers.text import SURE, Choice, load_model

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RIVALS: dict[str, dict[str, Any]] = {
    "BERT-base, GoEmotions paper (Demszky et al. 2020)": {"macro_f1": {"28": 0.46}},
    "BERT-base-cased, monologg/GoEmotions-pytorch README": {
        "macro_f1": {"28": 0.503, "ekman": 0.624, "sentiment": 0.701},
        "disk_mb": 440,
    },
    "BERT, arXiv 2601.18162 (abstract)": {"macro_f1": {"28": 0.49}},
    "VADER, measured for the specification": {
        "macro_f1": {"sentiment": 0.444},
        "us_batch_1": 35,
    },
    "TF-IDF + logistic regression, measured for the specification": {
        "macro_f1": {"28": 0.484, "ekman": 0.604, "sentiment": 0.668},
        "us_batch_1": 4029,
        "us_batch_64": 198,
        "disk_mb": 11,
    },
    "frozen MiniLM + MLP, measured for the specification": {
        "macro_f1": {"28": 0.398, "ekman": 0.536, "sentiment": 0.617},
        "us_batch_1": 7600,
        "us_batch_64": 10400,
        "disk_mb": 91,
    },
}
"""Published or measured by others than this benchmark; every figure is macro-F1 on the test split
unless named otherwise."""

_SENTENCES = Path(__file__).parents[3] / "training" / "text" / "sentences_test.jsonl"
_MODELS: dict[Choice, tuple[str, ...]] = {
    "encoder": ("encoder.onnx", "vocab.txt"),
    "hashed": ("hashed.npz",),
}


class Sentence(msgspec.Struct, kw_only=True):
    """A labelled sentence: 1 or -1 for each need it expresses, and the voice it was written in."""

    id: str
    text: str
    voice: str
    needs: dict[str, int]


def text(given: dict[str, str]) -> dict[str, Any]:
    """Quality, calibration, speed, size, start and memory of both models; the rivals' figures.

    Options: timed (texts that are timed). Raises OfoneError that says what is missing.
    """
    o = options(given, timed=1024)
    texts, truth = goemotions("test")
    sentences = labelled()
    told: dict[str, Any] = {"goemotions_test_texts": len(texts), "sentences": len(sentences)}
    for choice, files in _MODELS.items():
        say(f"text: {choice}")
        reader = TextReader.bundled(choice)
        told[choice] = (
            _quality(reader, choice, texts, truth)
            | _speed(reader, texts[: o["timed"]])
            | _footprint(choice, files)
            | {"insurance": domain(reader, sentences)}
        )
    return told | {"rivals": RIVALS}


def goemotions(part: str) -> tuple[list[str], Bools]:
    """Texts and labels [n, 28] of ``train``, ``dev`` or ``test``."""
    path = Path(os.environ.get("OFONE_DATA", "../shared/data")) / "goemotions" / f"{part}.tsv.gz"
    if not path.exists():
        raise OfoneError(
            f"{path} is not there; set OFONE_DATA to the folder that holds goemotions/{part}.tsv.gz"
            " (the split of github.com/google-research/google-research/tree/master/goemotions)"
        )
    raw = gzip.decompress(path.read_bytes()).decode()
    rows = list(csv.reader(io.StringIO(raw, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    truth = np.zeros((len(rows), 28), np.bool_)
    for n, row in enumerate(rows):
        truth[n, [int(label) for label in row[1].split(",")]] = True
    return [row[0] for row in rows], truth


def labelled() -> list[Sentence]:
    """Our own sentences that nothing was fitted on."""
    if not _SENTENCES.exists():
        raise OfoneError(f"{_SENTENCES} is not there; run this from a checkout of the repository")
    return [
        msgspec.json.decode(line, type=Sentence) for line in _SENTENCES.read_bytes().splitlines()
    ]


def _quality(reader: TextReader, choice: Choice, texts: list[str], truth: Bools) -> dict[str, Any]:
    calibration = artifact.read_json("calibration.json")
    labels = list(reader.labels)
    p = _sigmoid(reader.odds(texts))
    raw = _sigmoid(load_model(choice).look(texts)[0].astype(float))
    f1 = _f1(p, truth, np.array(calibration[choice]["cuts"]))
    macro = {"28": round(float(f1.mean()), 4)}
    for name in ("ekman", "sentiment"):
        groups = [[labels.index(m) for m in members] for members in calibration[name].values()]
        summed = np.stack([p[:, g].sum(1) for g in groups], 1)
        any_of = np.stack([truth[:, g].any(1) for g in groups], 1)
        cuts = np.array(calibration[choice][f"{name}_cuts"])
        macro[name] = round(float(_f1(summed, any_of, cuts).mean()), 4)
    likely = p >= 0.1
    worst = np.argsort(f1)[:5]
    return {
        "macro_f1": macro,
        "ece_raw": _per_label(raw, truth),
        "ece": _per_label(p, truth),
        "ece_where_p_is_at_least_0.1": round(ece(p[likely], truth[likely]), 4),
        "worst": {labels[k]: round(float(f1[k]), 3) for k in worst},
    }


def domain(reader: TextReader, sentences: list[Sentence]) -> dict[str, Any]:
    """The heads on labelled insurance sentences: order, calibration, what is heard, abstention."""
    p = reader.expressed([s.text for s in sentences])
    odds = np.log(p / (1 - p))
    worry = odds[:, 0] - odds[:, 1]
    voice = np.array([s.voice for s in sentences])
    truth = np.array([[s.needs.get(need) == sign for need, sign in HEADS] for s in sentences])
    readings = reader.read([s.text for s in sentences])
    silent = np.array([r.abstained for r in readings])
    needs = {
        head_name(need, sign): {
            "n": int(y.sum()),
            "auc": auc(q[y], q[~y]),
            "found": round(float((q[y] >= SURE).mean()), 2),
            "false": round(float((q[~y] >= SURE).mean()), 3),
        }
        for (need, sign), q, y in zip(HEADS, p.T, truth.T, strict=True)
    }
    heard = p >= SURE
    return {
        "auc_worried_against_calm": auc(worry[voice == "worried"], worry[voice == "calm"]),
        "auc_implicit_against_calm": auc(worry[voice == "implicit"], worry[voice == "calm"]),
        "auc_implicit_against_neutral": auc(worry[voice == "implicit"], worry[voice == "neutral"]),
        "ece": round(ece(p.ravel(), truth.ravel()), 4),
        "precision_of_what_is_heard": round(float(truth[heard].mean()), 3),
        "recall": round(float(heard[truth].mean()), 3),
        "abstains": round(float(silent.mean()), 3),
        "abstains_where_nothing_is_expressed": round(float(silent[~truth.any(1)].mean()), 3),
        "wrong_direction": int(sum((p[:, k ^ 1] >= SURE) @ truth[:, k] for k in range(p.shape[1]))),
        "needs": needs,
    }


def _speed(reader: TextReader, texts: list[str]) -> dict[str, Any]:
    """CPU in µs per text: of the emotions alone, and of a whole reading; one thread."""
    reader.read(texts[:64])
    told = {}
    for name, step in (("emotions", reader.odds), ("reading", reader.read)):
        single = [_cpu(step, [t]) for t in texts[:300]]
        batches = [_cpu(step, texts[n : n + 64]) / 64 for n in range(0, len(texts) - 63, 64)]
        told[f"us_{name}_batch_1"] = round(float(np.median(single)))
        if batches:
            # Short and long texts meet in a batch as they come; the reader sorts them itself.
            ordered = sorted(texts, key=len)
            alike = [_cpu(step, ordered[n : n + 64]) / 64 for n in range(0, len(texts) - 63, 64)]
            told[f"us_{name}_batch_64"] = round(float(np.median(batches)))
            told[f"us_{name}_batch_64_sorted"] = round(float(np.median(alike)))
    return told


def _cpu(step: Any, texts: list[str]) -> float:
    began = time.process_time_ns()
    step(texts)
    return (time.process_time_ns() - began) / 1e3


def _footprint(choice: Choice, files: tuple[str, ...]) -> dict[str, Any]:
    process = own_process("text.child", choice)
    told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the measuring process ended with {process.returncode}")
    shipped = (*files, "calibration.json", "heads.json")
    disk = sum(len(artifact.read(name)) for name in shipped)
    return {"disk_mb": round(disk / 1e6, 1), **msgspec.json.decode(told)}


def child(choice: Choice) -> None:
    """Start a reader in a process of its own and read one text; JSON on stdout."""
    wall, cpu = time.perf_counter(), time.process_time()
    reader = TextReader.bundled(choice)
    reader.read(["How long will this take?"])
    took = {
        "start_s": round(time.perf_counter() - wall, 2),
        "start_cpu_s": round(time.process_time() - cpu, 2),
    }
    reader.read(["I am worried about the exam on Friday. Will it hurt?"] * 256)
    sys.stdout.buffer.write(msgspec.json.encode({**took, "peak_rss_mb": round(peak_mb(), 1)}))


def peak_mb() -> float:
    """Peak resident memory of this process, not of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(n for n in status.read_text().splitlines() if n.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _sigmoid(x: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-x))
    return found


def _f1(p: Floats, truth: Bools, cuts: Floats) -> Floats:
    said = p >= cuts
    found: Floats = 2 * (said & truth).sum(0) / np.maximum(1, said.sum(0) + truth.sum(0))
    return found


def _per_label(p: Floats, truth: Bools) -> float:
    return round(float(np.mean([ece(p[:, k], truth[:, k]) for k in range(p.shape[1])])), 4)


def ece(p: Floats, truth: Bools) -> float:
    """Expected calibration error over ten bins of equal width (Naeini et al. 2015)."""
    bins = np.minimum((p * 10).astype(int), 9)
    count = np.bincount(bins, minlength=10)
    gap = np.abs(np.bincount(bins, p, 10) - np.bincount(bins, truth, 10))
    return float(gap.sum() / max(1, count.sum()))


def auc(high: Floats, low: Floats) -> float:
    """Probability that one of ``high`` is above one of ``low``, ties counting half."""
    if not len(high) or not len(low):
        return float("nan")
    above = (high[:, None] > low[None]).mean() + (high[:, None] == low[None]).mean() / 2
    return round(float(above), 3)
