"""The lives behind the firewall's proof: what is fixed, what varies, and the engine's own rules."""

from random import Random

from msgspec.structs import replace

from ofone.domain.times import DAY
from ofone.domain.words import NEEDS
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.needs.model import assess
from ofone.simulation.watched import START, Arrival, Lived, live, needing, observable, private

BOOK = bundled("life-insurance")
BOOKS = library([BOOK])
END = START + 100 * DAY


def lived(arrivals: list[Arrival], outage: int = 0) -> Lived:
    return live("ana", arrivals, BOOKS, end=END, outage=outage)


def test_observables_are_the_same_for_the_same_chance_and_vary_with_it() -> None:
    """Journeys with loops, late and repeated events, and answers of helpers (no event yet)."""
    found = [observable(Random(n), BOOK, "ana") for n in range(40)]
    assert found[3] == observable(Random(3), BOOK, "ana")
    ids = [[a.event.id for a in f if a.event is not None] for f in found]
    assert any(len(one) > len(set(one)) for one in ids)
    assert any(a.event is None for f in found for a in f)


def test_what_is_private_moves_no_step() -> None:
    """None of its events means anything to the process, and none bears a trait."""
    found = [a.event for n in range(40) for a in private(Random(n), BOOK, "ana")]
    assert not [e for e in found if e is not None and getattr(e, "name", "") in BOOK.uses]
    assert not [e for e in found if e is not None and getattr(e, "traits", {})]


def test_a_forced_need_is_what_is_believed() -> None:
    """Surely, whatever was learnt before."""
    state = needing(-3.0)(replace(lived([]).state, now=START))
    assert {round(assess(state.needs[n], START, n, 0.5).mean, 3) for n in NEEDS} == {-3.0}


def test_a_repeat_changes_nothing_and_an_outage_only_delays() -> None:
    """As in the engine: timers first, and what came meanwhile is taken when we are up again."""
    once = [a for a in observable(Random(8), BOOK, "ana") if a.event is not None]
    assert lived(once) == lived(once + once)
    late = lived(once, outage=3 * DAY).told
    assert all((t.at - t.at // DAY * DAY) % DAY == 0 for t in late if t.kind == "request")
