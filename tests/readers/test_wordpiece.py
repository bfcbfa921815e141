"""The tokens that the encoder was trained on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.readers.wordpiece import WordPiece

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##afford", "##able", "cafe", "!", "中"]
TOKENS = WordPiece(VOCABULARY, 8)


def words(text: str) -> list[str]:
    return [VOCABULARY[n] for n in TOKENS(text)[1:-1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Unaffordable!", ["un", "##afford", "##able", "!"]),
        ("CAFÉ", ["cafe"]),
        ("中中", ["中", "中"]),
        ("un\u200bafford\x00able", ["un", "##afford", "##able"]),
        ("zzz un", ["[UNK]", "un"]),
        ("u" * 200, ["[UNK]"]),
        ("", []),
    ],
)
def test_words_are_cut_into_the_longest_known_pieces(text: str, expected: list[str]) -> None:
    """Lower case, without accents, marks on their own, signs without width gone."""
    assert words(text) == expected


@given(st.text(max_size=200))
def test_no_text_gives_more_than_fits(text: str) -> None:
    """The ends are marked even when a text is cut."""
    ids = TOKENS(text)
    assert len(ids) <= 8
    assert (ids[0], ids[-1]) == (2, 3)
