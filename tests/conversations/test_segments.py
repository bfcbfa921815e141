"""What a text message costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.conversations.segments import segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("’" + "a" * 69, 1),
        ("’" + "a" * 70, 2),
        ("’" + "a" * 133, 2),
        ("’" + "a" * 134, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_is_charged_by_the_alphabet_it_needs(text: str, count: int) -> None:
    """GSM: 160, then 153 each. Anything else in it: 70, then 67. ``€`` and an emoji are two."""
    assert segments(text) == count


@pytest.mark.parametrize("text", ["a" * 152 + "€" + "a" * 152, "’" + "a" * 65 + "😀" + "a" * 66])
def test_no_character_is_split_over_two_segments(text: str) -> None:
    """By the sum of its units it would fit into two."""
    assert segments(text) == 3


@given(st.text(), st.text())
def test_more_text_never_costs_less(text: str, more: str) -> None:
    assert segments(text) <= segments(text + more) <= len(text + more)
