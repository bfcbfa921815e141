"""Lower-case WordPiece, as BERT's uncased vocabularies expect it (Devlin et al. 2018; Wu 2016)."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

LONGEST_WORD = 100
_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Turns a text into token ids with [CLS] and [SEP], at most ``longest`` of them."""

    def __init__(self, vocabulary: Sequence[str], longest: int) -> None:
        self._ids: Mapping[str, int] = {token: n for n, token in enumerate(vocabulary)}
        self._unknown = self._ids["[UNK]"]
        self._begin, self._end = self._ids["[CLS]"], self._ids["[SEP]"]
        self._longest = longest
        self._word = lru_cache(maxsize=20_000)(self._pieces)

    def __call__(self, text: str) -> list[int]:
        """Ids of the text; what does not fit is left out at its end."""
        room = self._longest - 2
        ids: list[int] = []
        # A token is at least a character, but spaces and marks are none: eight a token is plenty.
        for chunk in _spaced(text[: self._longest * 24]).split():
            ids += self._word(chunk)
            if len(ids) >= room:
                break
        return [self._begin, *ids[:room], self._end]

    def _pieces(self, chunk: str) -> tuple[int, ...]:
        return tuple(n for word in _words(chunk) for n in self._of_word(word))

    def _of_word(self, word: str) -> list[int]:
        if len(word) > LONGEST_WORD:
            return [self._unknown]
        found, start = [], 0
        while start < len(word):
            end = len(word)
            known = None
            while known is None and end > start:
                part = word[start:end] if start == 0 else "##" + word[start:end]
                known = self._ids.get(part)
                end -= 1
            if known is None:
                return [self._unknown]
            found.append(known)
            start = end + 1
        return found


def _spaced(text: str) -> str:
    """Control characters out, Chinese characters apart."""
    if text.isascii() and text.isprintable():
        return text
    found = []
    for c in text:
        code = ord(c)
        if c in "\t\n\r":
            found.append(" ")
        elif code in (0, 0xFFFD) or unicodedata.category(c) in ("Cc", "Cf", "Cn", "Co"):
            continue
        elif any(low <= code <= high for low, high in _CJK):
            found += (" ", c, " ")
        else:
            found.append(c)
    return "".join(found)


def _words(chunk: str) -> list[str]:
    """Lower case, accents off, punctuation on its own."""
    chunk = chunk.lower()
    if not chunk.isascii():
        split = unicodedata.normalize("NFD", chunk)
        chunk = "".join(c for c in split if unicodedata.category(c) != "Mn")
    if chunk.isalnum():
        return [chunk]
    words, start = [], 0
    for n, c in enumerate(chunk):
        if _is_punctuation(c):
            if start < n:
                words.append(chunk[start:n])
            words.append(c)
            start = n + 1
    if start < len(chunk):
        words.append(chunk[start:])
    return words


def _is_punctuation(c: str) -> bool:
    # BERT counts all of ASCII that is no letter, digit or space, "$" and "~" included.
    return (c < "\x7f" and not c.isalnum()) or unicodedata.category(c).startswith("P")
