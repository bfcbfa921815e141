"""Simulated baselines of the bundled playbook."""

from ofone.app.baseline import simulate
from ofone.journeys.ask_next import prefers, weighed
from ofone.journeys.load import bundled
from ofone.needs.model import summary

BOOK = bundled("life-insurance")
FOUND = simulate(BOOK, customers=250, seed=2)


def test_every_order_asks_at_most_four_and_the_adaptive_one_fewer() -> None:
    """It stops as soon as an answer would change nothing."""
    assert FOUND["adaptive"]["questions"] <= FOUND["fixed"]["questions"] <= 4
    assert FOUND["random"]["questions"] <= 4


def test_asking_finds_the_right_approach_more_often() -> None:
    """Adaptive before random, and any question before none."""
    assert FOUND["adaptive"]["right_approach"] > FOUND["without_questions"]["right_approach"] + 0.1
    assert FOUND["adaptive"]["right_approach"] >= FOUND["random"]["right_approach"] - 0.02


def test_it_is_right_as_often_as_it_says() -> None:
    """The probability that the approach is right is calibrated, within 7 points for 250 people."""
    for order in ("adaptive", "fixed", "random"):
        assert abs(FOUND[order]["right_approach"] - FOUND[order]["said_probability"]) < 0.07


def test_the_same_seed_gives_the_same_people() -> None:
    """A rehearsal can be repeated."""
    assert simulate(BOOK, customers=20, seed=5) == simulate(BOOK, customers=20, seed=5)


def test_what_the_playbook_prefers_is_what_its_journeys_choose() -> None:
    """Worried: reassuring; wants no reasons: brief; nothing known: plain service."""
    preferred = prefers(BOOK)
    needs = {need: summary(0.0, 1.0, 0.5) for need in weighed(BOOK)}
    assert preferred(needs) == BOOK.playbook.approaches[-1].id
    assert preferred({**needs, "reassurance": summary(1.5, 0.2, 0.5)}) == "reassuring"
    assert (
        preferred(
            {**needs, "reassurance": summary(-1, 0.2, 0.5), "information": summary(-1.5, 0.2, 0.5)}
        )
        == "brief"
    )
