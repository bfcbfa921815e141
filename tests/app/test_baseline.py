"""The next question for a real customer, and items calibrated from a file."""

import pytest
from msgspec.structs import replace
from tests.building import START, begun, event

from ofone.app.baseline import calibrate_items, simulate
from ofone.domain.errors import OfoneError
from ofone.domain.state import CustomerState
from ofone.journeys.ask_next import next_question
from ofone.journeys.load import bundled

BOOK = bundled("life-insurance")


def test_a_newcomer_is_asked_where_to_write_and_how_they_feel() -> None:
    """The first questions are everybody's."""
    nobody = CustomerState(customer="ana")
    assert next_question(BOOK, nobody, [], START).item == "P1"
    assert next_question(BOOK, nobody, ["P1"], START).item == "A1"


def test_what_is_known_already_is_not_asked() -> None:
    """Two clear answers leave nothing about reassurance to ask."""
    life = begun(BOOK).tell(event("Baseline Answered", 1, key=None, A1=1, A2=5, A3=5))
    choice = next_question(BOOK, life.state, ["P1"], life.state.now)
    assert choice.item is None
    assert "reassuring is right with probability" in choice.why


def test_answers_in_a_file_become_items() -> None:
    """Empty lines are passed over; the items of the playbook come out, calibrated or as before."""
    lines = [b'{"person": "p%d", "item": "A1", "answer": %d}' % (n, n % 5 + 1) for n in range(40)]
    report, items = calibrate_items(BOOK, [*lines, b""])
    assert report["answers"] == 40
    assert [i["id"] for i in items["items"]] == list(BOOK.questions)
    assert items["items"][0]["says"]["de"]["low"] == "gar nicht wohl"


def test_a_line_that_is_no_answer_is_named() -> None:
    """File and line, and what would work."""
    with pytest.raises(OfoneError, match=r'a\.jsonl:2: .*write lines like \{"person"'):
        calibrate_items(BOOK, [b'{"person": "p", "item": "A1", "answer": 2}', b"{}"], "a.jsonl")


def test_a_playbook_without_items_cannot_be_rehearsed() -> None:
    """It says so, instead of giving zeros."""
    bare = replace(BOOK, questions={})
    with pytest.raises(OfoneError, match="'life-insurance' asks nothing"):
        simulate(bare)
