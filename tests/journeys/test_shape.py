"""What has the wrong shape, part by part."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, ValidationError, convert, json
from tests.building import visit

from ofone.journeys.compiled import canonical
from ofone.journeys.playbook import Code, Contact, Playbook
from ofone.journeys.shape import misshapen

Four = Annotated[tuple[float, ...], Meta(min_length=4, max_length=4)]
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 10_000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        ([1, 2], Four, "a list of 2 does not work here; write 4 of them"),
        ([1, "a", 3, 4], Four, "[1]: “a” is no number; write a number such as 3"),
        (float("inf"), Annotated[int, Meta(ge=1)], "inf is no whole number"),
        (0, Annotated[int, Meta(ge=1, le=50)], "0 does not work here; write a number from 1 to 50"),
        ({}, Annotated[dict[str, int], Meta(min_length=1)], "a group of fields stands"),
        (12, str | None, '12 is no text; put it in quotes: "12"'),
        ("evening", Literal["", "other"], "does not work here; write other, or leave it out"),
        ("german", Code, "“german” does not work here; write the code of a language, such as de"),
        ({"phone": "ask"}, Contact, "phone: “ask” does not work here; write one such as +1 212"),
        ("x", Literal["a", "b"], "“x” does not work here; write one of: a, b"),
        ("x" * 9, Annotated[str, Meta(max_length=4)], "9 letters are too many; write at most 4"),
    ],
)
def test_a_value_is_told_with_what_to_write(value: Any, kind: Any, said: str) -> None:
    """In the words of the one who writes the file."""
    (problem,) = misshapen(value, kind)
    assert said in str(problem).removeprefix(": ")


def test_what_fits_has_no_problems() -> None:
    """A whole playbook, as JSON gives it."""
    assert list(misshapen(json.decode(canonical(visit().playbook)), Playbook)) == []


@given(st.data(), anything)
def test_whatever_is_refused_is_explained(data: st.DataObject, value: Any) -> None:
    """Any part, replaced by anything: a problem exactly where msgspec finds one."""
    document = json.decode(canonical(visit().playbook))
    node = document
    while True:
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else range(len(node))))
        if not (isinstance(node[key], dict | list) and node[key]) or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = value
    try:
        convert(document, Playbook)
        fits = True
    except ValidationError:
        fits = False
    assert (list(misshapen(document, Playbook)) == []) is fits
