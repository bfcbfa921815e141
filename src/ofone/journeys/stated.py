"""The words that every playbook has, by language (``languages/CODE.toml``): two questions, and what
lets a customer in to their own pages.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ofone.domain.words import WRITTEN
from ofone.profiles.stated import CADENCE

FOLDER = Path(__file__).parent / "languages"
_LETTER = ("subject", "email", "sms")
LABELS = {
    "where": ("text", *WRITTEN),
    "pace": ("text", *CADENCE),
    "code": _LETTER,
    "link": _LETTER,
}
"""P1 and P2: the question, and a label for each answer. Then the words of two messages."""

Said = Mapping[str, Mapping[str, str]]


@cache
def stated_words() -> dict[str, Said]:
    """In every language that has all of them, by its code."""
    codes = sorted(file.stem for file in FOLDER.glob("*.toml"))
    return {code: _read(code) for code in codes if not missing(code)}


def missing(code: str) -> list[str]:
    """What this language has yet to say, such as ``where.sms in it.toml``."""
    return [f"{name} in {code}.toml" for name in _absent(_read(code))]


def _read(code: str) -> Said:
    file = FOLDER / f"{code}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _absent(words: Said) -> Iterator[str]:
    for question, labels in LABELS.items():
        for label in labels:
            if not words.get(question, {}).get(label):
                yield f"{question}.{label}"
