"""Two facets of a need, on answers of simulated people whose facets are known."""

from functools import cache
from math import sqrt
from random import Random

import numpy as np
import pytest

from ofone.benchmarks import facets
from ofone.benchmarks.needs import agreement
from ofone.needs.calibrate import Answers
from ofone.needs.items import answer_to, probability

FACET = (0, 0, 0, 0, 1, 1, 1, 1)
TRUE = facets.Facets(
    slopes=np.array([1.5, 2.0, 2.5, 3.0] * 2),
    cuts=np.tile([-1.0, 0.0, 1.0], (8, 1)),
    facet=FACET,
    correlation=0.5,
    log_likelihood=0.0,
)


def people(number: int) -> Answers:
    """Their answers, graded 0 to 3."""
    chance, items, rows = Random(3), facets.questions(TRUE), []
    for _ in range(number):
        first = chance.gauss(0, 1)
        both = (first, 0.5 * first + sqrt(0.75) * chance.gauss(0, 1))
        rows.append(
            [
                chance.choices(range(4), [probability(both[f], answer_to(q, k)) for k in q.answers])
                for q, f in zip(items, FACET, strict=True)
            ]
        )
    return np.array(rows, dtype=np.int64)[:, :, 0]


@cache
def found() -> facets.Facets:
    return facets.fit(people(1_500), FACET, 4)


def test_the_facets_come_back() -> None:
    """Slopes, cuts and how the facets correlate, within what 1,500 people can tell."""
    assert found().correlation == pytest.approx(0.5, abs=0.06)
    assert found().slopes == pytest.approx(TRUE.slopes, abs=0.35)
    assert found().cuts == pytest.approx(TRUE.cuts, abs=0.2)


def test_answers_in_one_facet_leave_the_other_open() -> None:
    """However many questions of one facet are asked, half of the rest stays unknown."""
    one = facets.ask(TRUE, [1] * 8, 4, 0.0, pick=min)
    both = facets.ask(TRUE, [1] * 8, 4, 0.0)
    assert one[1] > 0.25 > both[1]


def test_a_short_test_is_as_far_from_the_full_one_as_it_says() -> None:
    """The SE is honest where the model holds."""
    answers = people(1_500)
    full = facets.estimates(answers, TRUE)
    runs = [facets.ask(TRUE, a, 8, 0.5) for a in answers.tolist()]
    told = agreement(runs, full, answers)
    assert told["off_by"] == pytest.approx(told["off_by_promised"], rel=0.06)
    assert told["r_with_full_estimate"] == pytest.approx(told["r_promised"], abs=0.01)
