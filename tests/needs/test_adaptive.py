"""Which question comes next, and when enough has been asked."""

from collections.abc import Mapping

import pytest

from ofone.domain.words import Need
from ofone.needs.adaptive import certainty, choose, next_item
from ofone.needs.items import Question
from ofone.needs.model import Assessment

VAGUE: dict[Need, tuple[float, float]] = {"reassurance": (0, 1), "information": (0, 1)}
ITEMS: tuple[tuple[str, Need, float], ...] = (
    ("A1", "reassurance", 1.5),
    ("A2", "reassurance", 1.2),
    ("A3", "reassurance", 2.5),
    ("I1", "information", 1.5),
    ("C1", "control", 3.0),
)
QUESTIONS = {
    name: Question(id=name, need=need, text="?", toward=1, slope=slope)
    for name, need, slope in ITEMS
}


def preferred(needs: Mapping[Need, Assessment]) -> str:
    if needs["reassurance"].high > 0.5:
        return "reassuring"
    return "brief" if needs["information"].low > 0.5 else "plain"


def test_the_first_three_are_the_same_for_everybody() -> None:
    """Where to write, then ease, then how much to explain."""
    asked: list[str] = []
    while len(asked) < 3 and (name := next_item(QUESTIONS, asked, VAGUE, preferred)):
        asked.append(name)
    assert asked == ["P1", "A1", "I1"]


def test_then_the_item_that_tells_most_is_asked() -> None:
    """Of two items for the same need the sharper one; of needs that change nothing, none."""
    assert next_item(QUESTIONS, ["P1", "A1", "I1"], VAGUE, preferred) == "A3"


def test_an_item_that_may_change_the_approach_comes_before_one_that_cannot() -> None:
    """Who surely wants the reasons is not asked again how many of them."""
    beliefs: dict[Need, tuple[float, float]] = {"reassurance": (0.4, 0.6), "information": (3, 1)}
    sharp = Question(id="I2", need="information", text="?", toward=1, slope=3)
    questions = {"I2": sharp, "A2": QUESTIONS["A2"]}
    assert next_item(questions, ["P1", "A1", "I1"], beliefs, preferred) == "A2"


def test_four_questions_are_the_most() -> None:
    """Also when some were skipped, and whatever is still open."""
    choice = choose(QUESTIONS, ["P1", "A1", "I1", "A3"], VAGUE, preferred)
    assert (choice.item, choice.why) == (None, "4 questions are enough")


def test_it_stops_when_the_approach_is_almost_surely_right() -> None:
    """Nine in ten are enough: one more answer would be a burden that changes nothing."""
    beliefs: dict[Need, tuple[float, float]] = {"reassurance": (2.5, 0.5), "information": (0, 1)}
    assert certainty(beliefs, preferred, 0.5, "reassuring") > 0.99
    assert "reassuring is right" in choose(QUESTIONS, ["P1"], beliefs, preferred).why


def test_it_stops_when_every_need_is_known_well_enough() -> None:
    """A deviation of .55 is enough, also where two approaches remain possible."""
    known: dict[Need, tuple[float, float]] = {"reassurance": (0.5, 0.3), "information": (-0.5, 0.3)}
    choice = choose(QUESTIONS, ["P1"], known, preferred)
    assert (choice.item, choice.why) == (None, "no question left would tell much more")


def test_an_item_that_tells_next_to_nothing_is_not_asked() -> None:
    """It must be expected to take at least .05 off the variance."""
    dull = {"A1": Question(id="A1", need="reassurance", text="?", toward=1, slope=0.2)}
    assert next_item(dull, ["P1"], VAGUE, preferred) is None


def test_the_chances_of_all_approaches_add_up() -> None:
    """The cells of all needs make one whole."""
    beliefs: dict[Need, tuple[float, float]] = {"reassurance": (0.3, 0.7), "information": (-1, 0.4)}
    chances = [certainty(beliefs, preferred, 0.5, a) for a in ("reassuring", "brief", "plain")]
    assert sum(chances) == pytest.approx(1)


def test_without_a_choice_nothing_is_asked_but_the_wish() -> None:
    """A playbook whose approaches weigh no need asks only where to write."""
    assert next_item(QUESTIONS, [], {}, lambda _: "plain") == "P1"
    assert next_item(QUESTIONS, ["P1"], {}, lambda _: "plain") is None
