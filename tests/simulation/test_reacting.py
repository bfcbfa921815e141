"""Simulated customers who react to how they are accompanied."""

from random import Random

from ofone.domain.events import Happened
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.simulation.reacting import Reacted, react

BOOK = bundled("life-insurance")
BOOKS = library([BOOK])


def reacted(customers: int) -> list[Reacted]:
    return [react(Random(f"t/{n}"), f"c{n}", BOOKS, BOOK) for n in range(customers)]


def test_what_is_believed_follows_the_truth_and_what_a_helper_knows_holds_no_answer() -> None:
    """Else there would be nothing to attack, or nothing to hide."""
    found = reacted(120)
    high = [r.believed for r in found if r.truth > 1]
    low = [r.believed for r in found if r.truth < -1]
    assert sum(high) / len(high) > sum(low) / len(low) + 0.2
    names = {e.name for r in found for e in r.events}
    assert not names & {"Baseline Answered", "Status Call", "Message Received", "Consent Given"}


def test_events_are_in_order_and_the_same_for_the_same_chance() -> None:
    """A helper is told something in nearly every life."""
    found = reacted(20)
    assert found == reacted(20)
    assert all(isinstance(e, Happened) for r in found for e in r.events)
    assert all([e.at for e in r.events] == sorted(e.at for e in r.events) for r in found)
    assert sum(bool(r.told) for r in found) >= 15
