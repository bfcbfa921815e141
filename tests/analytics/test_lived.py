"""The stays of journeys, and what is told from them."""

from random import Random

import pytest
from tests.building import START, Life, begun, event, visit

from ofone.analytics.turnaround.lived import Lived, Stay, lived, stays_of
from ofone.analytics.turnaround.rolling import Plan
from ofone.analytics.turnaround.snapshot import courses
from ofone.domain.times import DAY
from ofone.journeys.lengths import quoted
from ofone.journeys.library import library
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.engine import Engine
from ofone.stores.memory import MemoryStore


def stays(life: Life) -> list[tuple[str, int, float, float | None, bool]]:
    """Step, index, entered and ended in days, and whether it was done."""

    def days(s: Stay) -> float | None:
        return None if s.ended is None else (s.ended - START) / DAY

    found = stays_of(visit(), "ana", life.journey)
    return [(s.step, s.index, (s.entered - START) / DAY, days(s), s.done) for s in found]


def test_a_step_is_a_stay_from_when_it_began_until_it_was_done() -> None:
    """The one that is still open has no end."""
    life = begun().tell(event("Form Sent", 1.5), event("Visit Booked", 3))
    assert stays(life) == [
        ("form", 1, 0, 1.5, True),
        ("booked", 1, 1.5, 3, True),
        ("visited", 1, 3, None, False),
    ]


def test_a_step_begun_anew_is_a_second_stay_and_the_first_goes_on() -> None:
    """Who was told a range on the first day waits until the step is done, loops or not."""
    life = begun().tell(event("Form Returned", 1), event("Form Sent", 4))
    assert stays(life)[:2] == [("form", 1, 0, 4, True), ("form", 2, 1, 4, True)]


def test_a_step_taken_up_again_is_a_new_stay() -> None:
    """A missed visit is booked once more; what was done before stays done."""
    life = begun().tell(
        event("Form Sent", 1),
        event("Visit Booked", 2),
        event("Visit Missed", 5),
        event("Visit Booked", 6),
    )
    booked = [s for s in stays(life) if s[0] == "booked"]
    assert booked == [("booked", 1, 1, 2, True), ("booked", 2, 5, 6, True)]


def test_what_was_skipped_or_cancelled_was_never_done() -> None:
    """It counts for as long as it was waited for, and says nothing of how long it takes."""
    waived = begun().tell(event("Form Sent", 1), event("Visit Waived", 3))
    assert stays(waived)[1] == ("booked", 1, 1, 3, False)
    gone = begun().tell(event("Cancelled", 2))
    assert stays(gone) == [("form", 1, 0, 2, False)]


def test_the_order_of_arrival_changes_nothing() -> None:
    """Stays are derived from the source's times."""
    first, second = event("Form Sent", 1), event("Visit Booked", 2)
    assert stays(begun().tell(first, second)) == stays(begun().tell(second, first))


def filled(customers: int, factor: float = 1.0) -> MemoryStore:
    """Customers who take ``factor`` times three days for the form, and one more to book."""
    store, chance = MemoryStore(), Random(3)
    engine = Engine(store, library([visit()]), VirtualClock())
    for n in range(customers):
        at = n / 4
        done = at + factor * chance.lognormvariate(1.1, 0.5)
        said = [event("Ordered", at), event("Form Sent", done), event("Visit Booked", done + 1)]
        for one in said:
            engine.submit(event(one.name, (one.at - START) / DAY, customer=f"c{n}"))
    return store


def test_courses_move_from_the_playbook_to_what_happens() -> None:
    """The form is said to take 1 to 3 days, and takes 3 to 5.7; a visit nobody made is as said."""
    store = filled(400)
    known = lived(store, "visit", {("visit", visit().version): visit()})
    found = courses(known, visit(), Plan())
    usual, most = (x / DAY for x in quoted(found["form"].curve(0)))
    assert usual == pytest.approx(3, rel=0.1)
    assert most == pytest.approx(5.7, rel=0.12)
    assert found["form"].counts == (400,)
    assert found["paper"].counts == (0,)
    assert quoted(found["paper"].curve(0)) == (5 * DAY, 9 * DAY)


def test_reopening_is_counted_by_step() -> None:
    """One of two bookings was missed and made again; few say little."""
    store = MemoryStore()
    engine = Engine(store, library([visit()]), VirtualClock())
    for who in ("ana", "bo"):
        for name, day in (("Ordered", 0), ("Form Sent", 1), ("Visit Booked", 2)):
            engine.submit(event(name, day, customer=who))
    engine.submit(event("Visit Missed", 4, customer="bo"))
    known = lived(store, "visit", {("visit", visit().version): visit()})
    assert known.again["booked"] == (1, 2)
    assert courses(known, visit(), Plan())["booked"].again == pytest.approx(1 / 12, abs=1e-4)


def test_a_vendor_who_takes_longer_is_told_apart_and_a_colour_is_not() -> None:
    """Slow takes three times as long; whoever is new or says nothing is as the rest."""
    chance = Random(5)
    stays = tuple(
        Stay(
            customer=f"c{n}",
            journey=0,
            step="form",
            index=1,
            entered=START + n * DAY // 8,
            ended=START + n * DAY // 8 + round(DAY * took),
            done=True,
            facts=(("colour", chance.choice("ab")), ("vendor", vendor)),
        )
        for n in range(1200)
        if (vendor := chance.choice(("Slow", "Quick", "Brisk")))
        and (took := chance.lognormvariate(1.0 if vendor == "Slow" else 0.0, 0.4))
    )
    known = Lived(stays=stays, until=START + 160 * DAY, again={}, opened={})
    form = courses(known, visit(), Plan())["form"]
    assert form.apart is not None
    assert form.apart.fact == "vendor"
    both = [quoted(form.curve(0, {"vendor": v}))[0] / DAY for v in ("Slow", "Quick", "New")]
    slow, quick, new = both
    assert slow > 2 * quick
    assert new in (quick, slow)
    assert form.curve(1, {"vendor": "Slow"}) == form.curves[-1]
