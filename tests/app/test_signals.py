"""A company's own log says what its signals are worth."""

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from ofone.app.signals import calibrate_signals
from ofone.domain.times import DAY
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.engine import Engine
from ofone.runtime.ports import Store
from ofone.simulation.lives import CANDIDATES, DAYS, START, company, lived
from ofone.stores.memory import MemoryStore

BARE = compile_playbook(replace(bundled("life-insurance").playbook, signals=()))
BOOK = compile_playbook(replace(BARE.playbook, signals=CANDIDATES))
STRONG = {s.because: 0.7 if s.counts or s.soon or s.unless else 0.6 for s in CANDIDATES}


def played(
    strength: dict[str, float],
    customers: int,
    book: Compiled = BARE,
    kept: Store | None = None,
) -> Store:
    """The store of a company whose customers answer every item and show their needs so much."""
    chance = Random(f"signals/{sorted(strength.values())}")
    firm = company(chance, "assumed", book.questions)
    firm = replace(firm, strength=strength, frailty=0.5)
    store = kept or MemoryStore()
    engine = Engine(store, library([book]), VirtualClock())
    for n in range(customers):
        one = lived(chance, f"c{n}", firm, book, {}, every_item=True)
        for ack in engine.submit_many(one.events):
            assert ack.status == "accepted"
    while engine.fire_due(START + DAYS * DAY):
        pass
    return store


def by_because(found: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["because"]: row for row in found}


def close(row: dict[str, Any], found: float, true: float) -> bool:
    """Within three standard errors."""
    low, high = row["interval"]
    return bool(abs(found - true) < 3 * (high - low) / 3.92)


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    """Measured from a log in which no signal was declared: they are new in the playbook."""
    return by_because(calibrate_signals(BOOK, played(STRONG, 300)))


def test_counts_are_found_again(measured: dict[str, dict[str, Any]]) -> None:
    """The weight that the customers were made with, within three standard errors, of all five."""
    counted = [measured[s.because] for s in CANDIDATES if s.counts is not None]
    assert all(close(row, row["weight"], 0.7) for row in counted)
    assert sum(row["interval"][0] < 0.7 < row["interval"][1] for row in counted) >= 4
    assert all(row["write"]["counts"]["weight"] == round(row["weight"], 2) for row in counted)
    assert all(", 2026-04-1" in row["write"]["measured"] for row in counted)


def test_a_yes_or_no_is_found_again(measured: dict[str, dict[str, Any]]) -> None:
    """A latent correlation of .6, seen as a yes or no of six in ten, is one of .47."""
    row = measured["Booked online, without a person."]
    assert close(row, row["r"], 0.47)
    assert row["write"]["measured"].startswith("r = .")
    assert "customers, 2026-04" in row["write"]["measured"]


def test_how_soon_is_found_again(measured: dict[str, dict[str, Any]]) -> None:
    """The sooner the more urgent; reminders in between take some of it away."""
    row = measured["Chose an appointment as soon as we asked, or let it lie."]
    assert close(row, row["r"], 0.7)
    assert row["interval"][0] > 0
    assert row["write"]["soon"].endswith("days")


def test_whom_nobody_asked_again_is_not_known(measured: dict[str, dict[str, Any]]) -> None:
    """Who never answers says nothing of themselves, so that their silence cannot be measured."""
    assert "did not come" in measured["Did not answer our questions."]["too_few"]


def test_a_small_company_is_told_how_many_it_takes() -> None:
    """No number is better than one from eight people."""
    found = calibrate_signals(BOOK, played(STRONG, 12))
    assert all("of 100 people who said something" in row["too_few"] for row in found)


def test_what_says_nothing_is_not_recommended() -> None:
    """Where behaviour has nothing to do with needs, hardly any signal is said to be worth it."""
    nothing = dict.fromkeys(STRONG, 0.0)
    found = calibrate_signals(BOOK, played(nothing, 150))
    assert sum("write" in row for row in found) <= 2
    assert any("leave it out" in row.get("says_nothing", "") for row in found)
