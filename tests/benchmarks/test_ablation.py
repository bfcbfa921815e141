"""The ablation: what is left out is left out, and nothing else is."""

from random import Random
from typing import get_args

import numpy as np
import pytest

from ofone.benchmarks.ablation import (
    CORRECTIONS,
    DAYS,
    WORDS,
    Run,
    _heard_of,
    _spliced,
    counted,
    sources,
    table,
    verdict,
)
from ofone.domain.events import Heard
from ofone.domain.words import NEEDS
from ofone.simulation.lives import CANDIDATES, Lived, Readings, World, company, lived

HEARD: Readings = {None: [(Heard("reassurance", 1.2, 12.0, "test"),)]}
RUN = Run(1, 6, HEARD)


def people(many: int) -> list[Lived]:
    firm = company(Random(1), "wide", RUN.book.questions)
    return [lived(Random(n), f"c{n}", firm, RUN.book, HEARD) for n in range(many)]


def test_a_group_holds_one_signal_a_need_at_most() -> None:
    """So that leaving out a whole group leaves out one source of each need it bears on."""
    held = [(s.group, need) for s in sources() for need in s.needs if s.signal is not None]
    assert len(held) == len(set(held)) == len(CANDIDATES)


def test_sources_left_out_together_are_as_if_left_out_one_by_one() -> None:
    """Needs are estimated apart: each need's assessment is the same to the last bit."""
    everybody = people(8)
    everything = RUN.kept(everybody, RUN.groups)
    for group in RUN.groups[3:]:
        together = RUN.kept(everybody, [g for g in RUN.groups if g != group])
        for source in (s for s in RUN.sources if s.group == group):
            alone = Run(1, 8, HEARD)
            alone.sources = [s for s in RUN.sources if s.name != source.name]
            apart = _spliced(everything, together, source.needs)
            assert np.array_equal(alone.kept(everybody, RUN.groups).mean, apart.mean)


def test_words_and_corrections_are_taken_out_of_the_events() -> None:
    """Events stay, what was heard in them does not; a correction never was."""
    (one, *_) = [p for p in people(60) if any(e.name == "Need Corrected" for e in p.events)]
    left = _heard_of(one.events, frozenset(s.name for s in sources()) - {WORDS, CORRECTIONS})
    assert not any(e.heard or e.name == "Need Corrected" for e in left)
    assert len(left) < len(one.events)


def test_every_source_has_a_row_and_a_verdict() -> None:
    """Also those that are counted; all numbers are there, for two pairs of companies."""
    worlds = {w: [RUN.company(w, n, alone=w == "wide") for n in range(4)] for w in get_args(World)}
    rows = table(RUN, worlds)
    assert len(rows) == 2 + len(RUN.sources) + sum(s.counted is not None for s in RUN.sources)
    assert all(len(row[key]) == 2 for row in rows[2:] for key in ("adds", "helps", "costs"))
    assert worlds["wide"][0].truth.shape == (6, len(DAYS), len(NEEDS))


@pytest.mark.parametrize(
    ("adds", "helps", "costs", "said"),
    [
        ((0.1, 0.01), 0.1, -0.02, "adds"),
        ((0.1, 0.01), 0.1, -0.2, "adds, but costs more where it is wrong"),
        ((0.01, 0.01), 0.1, 0.0, "adds nothing measurable"),
        ((-0.1, 0.01), 0.1, 0.0, "harms"),
    ],
)
def test_a_verdict_needs_two_standard_errors(
    adds: tuple[float, float], helps: float, costs: float, said: str
) -> None:
    """And weighs what a source helps against what it costs where it means nothing."""
    assert verdict({"adds": adds, "helps": [helps, 0.0], "costs": [costs, 0.0]}) == said


def test_counts_in_any_order_and_twice_are_the_same() -> None:
    """What is late or repeated changes nothing; what is left out of the wait biases upwards."""
    found = counted(300, 1)
    assert found["often, late, in any order"] == found["often, as they come"]
    assert found["often, duplicated"] == found["often, as they come"]
    whole = abs(found["often, full, and the wait since"]["mean_error"])
    assert whole < found["often, full"]["mean_error"]
