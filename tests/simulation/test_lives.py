"""Simulated lives are lived by the real fold, and are what they are said to be."""

from random import Random
from statistics import fmean

import pytest
from msgspec.structs import replace

from ofone.journeys.compiled import compile_playbook
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.needs.evidence import BASELINE
from ofone.simulation.lives import CANDIDATES, COMMON, DAYS, Lived, World, company, lived, states

BOOK = compile_playbook(replace(bundled("life-insurance").playbook, signals=CANDIDATES))
LIBRARY = library([BOOK])


def people(world: World, many: int, **strength: float) -> list[Lived]:
    firm = company(Random(1), world, BOOK.questions)
    firm = replace(firm, strength=firm.strength | strength)
    return [lived(Random(n), f"c{n}", firm, BOOK, {}) for n in range(many)]


def test_six_weeks_are_usable_to_the_last_event() -> None:
    """Every event is one that the playbook can take; most journeys come to an end."""
    last = [states(p.customer, p.events, LIBRARY, [DAYS])[0] for p in people("wide", 30)]
    assert all(state.journeys for state in last)
    assert sum(s.journeys[0].status == "completed" for s in last) >= 5


def test_what_happens_later_changes_nothing_earlier() -> None:
    """The state of day 7 is the state after day 7's events, whatever comes."""
    (one,) = people("wide", 1)
    early, _ = states(one.customer, one.events, LIBRARY, [7, 42])
    until = [e for e in one.events if e.at <= early.now]
    assert states(one.customer, until, LIBRARY, [7]) == [early]


def test_needs_are_standard_normal_every_day() -> None:
    """Trait and state keep their variance."""
    found = [p.truth["reassurance"][day] for p in people("none", 400) for day in (0, 40)]
    assert abs(fmean(found)) < 0.12
    assert abs(fmean(x * x for x in found) - 1) < 0.2


def in_a_hurry(world: World) -> tuple[float, float]:
    """(share of people who name a deadline, how much more urgent it is for them)."""
    everybody = people(world, 600)
    named = [p for p in everybody if any(e.name == "Deadline Named" for e in p.events)]
    others = [p for p in everybody if p not in named]
    urgent = [fmean(p.truth["urgency"][5] for p in part) for part in (named, others)]
    return len(named) / 600, urgent[0] - urgent[1]


def test_where_all_is_as_assumed_those_in_a_hurry_name_a_deadline() -> None:
    """One in five does; a validity of .4 then parts them by about .7 (phi / p (1 - p) times .4)."""
    share, apart = in_a_hurry("assumed")
    assert abs(share - COMMON["Deadline Named"]) < 0.05
    assert 0.4 < apart < 0.9


def test_where_behaviour_says_nothing_they_are_like_everybody() -> None:
    """As many name a deadline, and they are in no greater hurry."""
    share, apart = in_a_hurry("none")
    assert abs(share - COMMON["Deadline Named"]) < 0.05
    assert abs(apart) < 0.25


def test_a_mirrored_company_is_the_other_way_round() -> None:
    """What is drawn above the assumption in one is as far below it in the other."""
    one = company(Random(3), "wide", BOOK.questions)
    other = company(Random(3), "wide", BOOK.questions, mirrored=True)
    signal = CANDIDATES[1]
    assert signal.counts is not None
    both = one.strength[signal.because] + other.strength[signal.because]
    assert both == pytest.approx(2 * signal.counts.weight)


def test_some_do_not_answer_and_the_others_answer_few_questions() -> None:
    """Seven in ten answer, at most three items beside the wish for a channel."""
    asked = [[e for e in p.events if e.name == BASELINE] for p in people("none", 200)]
    assert 0.6 < fmean(bool(a) for a in asked) < 0.8
    assert max(len(a[0].properties) for a in asked if a) <= 2 + 3


@pytest.mark.parametrize("name", ["life-insurance", "loan"])
def test_what_is_bundled_was_compared_and_says_on_what_it_rests(name: str) -> None:
    """No signal is on by default that no ablation has seen, as it is declared."""
    for signal in bundled(name).playbook.signals:
        assert replace(signal, measured="") in CANDIDATES
        assert signal.measured
