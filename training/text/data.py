"""Reading GoEmotions (google-research/google-research, Apache-2.0), as all scripts here do."""

import csv
import gzip
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LABELS = 28


def load(folder: Path, part: str) -> tuple[list[str], NDArray[np.bool_]]:
    """Texts, and their labels as [n, 28], of ``train``, ``dev`` or ``test``."""
    raw = gzip.decompress((folder / f"{part}.tsv.gz").read_bytes()).decode("utf-8")
    texts, rows = [], []
    for text, labels, _ in csv.reader(
        io.StringIO(raw, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE
    ):
        row = np.zeros(LABELS, np.bool_)
        row[[int(label) for label in labels.split(",")]] = True
        texts.append(text)
        rows.append(row)
    return texts, np.stack(rows)
