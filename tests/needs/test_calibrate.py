"""Item parameters from answers of simulated people, whose items are known."""

from functools import cache
from random import Random
from typing import Any

import msgspec
import pytest

from ofone.domain.errors import OfoneError
from ofone.journeys.playbook import Item
from ofone.needs.calibrate import Answered, calibrate, item_file
from ofone.needs.items import Question, answer_to, probability

TRUE = {
    q.id: q
    for q in (
        Question(id="A1", need="trust", text="1", toward=1, slope=1.0, cuts=(-2, -1, 0, 1)),
        Question(id="A2", need="trust", text="2", toward=-1, slope=1.8, cuts=(-1, 0, 0.5, 1.5)),
        Question(id="A3", need="trust", text="3", toward=1, slope=2.5, cuts=(-1.5, -0.5, 0.5, 1.5)),
        Question(id="A4", need="trust", text="4", toward=1, slope=1.4, cuts=(-0.5, 0.5, 1, 2)),
        Question(id="I1", need="information", text="5", toward=1),
    )
}


def people(number: int, harder: float = 0.0) -> list[Answered]:
    """Half of them in group "b", for whom A4 is ``harder``."""
    chance, rows = Random(5), []
    for n in range(number):
        group, theta = "ab"[n % 2], chance.gauss(0, 1)
        for q in TRUE.values():
            at = theta - harder * (q.id == "A4" and group == "b")
            chances = [probability(at, answer_to(q, k)) for k in q.answers]
            answer = chance.choices(q.answers, chances)[0]
            rows.append(Answered(person=f"p{n}", item=q.id, answer=answer, group=group))
    return rows


@cache
def report() -> dict[str, Any]:
    return calibrate(people(1_500), TRUE)


def test_the_parameters_come_back() -> None:
    """Within four standard errors, of which each is small with 1,500 people."""
    for name, item in report()["needs"]["trust"]["items"].items():
        found, true = [item["a"], *item["b"]], [TRUE[name].slope, *TRUE[name].cuts]
        assert all(0 < e < 0.25 for e in item["se"])
        assert all(abs(f - t) < 4 * e for f, t, e in zip(found, true, item["se"], strict=True))


def test_items_that_fit_are_said_to_fit_and_fair_ones_to_be_fair() -> None:
    """Residuals of the expected size, and no group that answers differently."""
    for item in report()["needs"]["trust"]["items"].values():
        assert item["fit"]["mean_square"] == pytest.approx(1, abs=0.1)
        assert item["fit"]["worst_gap"] < 0.1
        assert not item["fairness"]["flagged"]


def test_an_item_that_one_group_reads_differently_is_flagged() -> None:
    """A whole point harder for the same theta; the others are not blamed for it."""
    items = calibrate(people(1_000, harder=1.0), TRUE)["needs"]["trust"]["items"]
    assert {n for n, i in items.items() if i["fairness"]["flagged"]} == {"A4"}


def test_items_that_say_the_same_are_named() -> None:
    """A third answer A4 like A1: two answers that say less than twice as much."""
    rows = people(1_000)
    echo = {r.person: r.answer for r in rows if r.item == "A1"}
    rows += [
        Answered(person=r.person, item="A4", answer=echo[r.person])
        for n, r in enumerate(r for r in rows if r.item == "A4")
        if n % 3 == 0
    ]
    items = calibrate(rows, TRUE)["needs"]["trust"]["items"]
    assert {n for n, i in items.items() if i["dependence"]["flagged"]} == {"A1", "A4"}
    assert "goes along with A1 beyond the need" in items["A4"]["notes"][0]
    clean = report()["needs"]["trust"]["items"].values()
    assert not any(i["dependence"]["flagged"] for i in clean)


def test_the_item_file_is_what_a_playbook_writes() -> None:
    """Its items are valid, calibrated, and its version changes when they do."""
    made = item_file(report(), TRUE)
    items = msgspec.convert(made["items"], list[Item])
    assert [i.id for i in items] == list(TRUE)
    assert items[2].a == report()["needs"]["trust"]["items"]["A3"]["a"]
    other = item_file(calibrate(people(50), TRUE), TRUE)
    assert made["version"] != other["version"]


def test_what_few_answers_cannot_tell_is_said() -> None:
    """Few answers, and an item that is alone with its need."""
    found = calibrate(people(40), TRUE)["needs"]
    assert "40 answers are few" in found["trust"]["items"]["A1"]["notes"][0]
    assert "alone with its need" in found["information"]["items"]["I1"]["notes"][1]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([Answered(person="p", item="Z", answer=1)], "unknown item 'Z'; items are: A1, A2"),
        ([Answered(person="p", item="A1", answer=9)], "answer 9 of 'p' to A1 .* 1 to 5"),
        ([], "there are no answers; give lines like"),
    ],
)
def test_answers_that_cannot_be_used_are_refused(rows: list[Answered], said: str) -> None:
    """With what would work."""
    with pytest.raises(OfoneError, match=said):
        calibrate(rows, TRUE)
