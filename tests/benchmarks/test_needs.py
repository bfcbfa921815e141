"""The measurements of needs run, on answers made up here."""

import gzip
from pathlib import Path
from random import Random

import pytest

from ofone.benchmarks.needs import CALM, WORRIED, fusion, needs
from ofone.domain.errors import OfoneError


def made_up(folder: Path) -> None:
    """200 people, twice: answers 1 to 4 that follow how worried each of them is."""
    chance = Random(2)
    lines = [",".join(["study", "time", "id", *WORRIED, *CALM])]
    for n in range(200):
        worried = chance.gauss(0, 1)
        for session in (1, 2):
            says = [min(4, max(1, round(2.5 + worried + chance.gauss(0, 0.7)))) for _ in range(20)]
            answers = [*says[:10], *(5 - a for a in says[10:])]
            lines.append(",".join(map(str, ["RIM", session, n, *answers])))
    (folder / "psych_states").mkdir()
    with gzip.open(folder / "psych_states" / "sai.csv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))


def test_the_best_items_say_more_than_random_ones(tmp_path: Path) -> None:
    """All parts are there; few well-chosen items come close to all twenty."""
    made_up(tmp_path)
    found = needs({"data": str(tmp_path), "customers": "40"})
    asked = found["questionnaire"]
    assert asked["two_adaptive"]["mean_se"] <= asked["two_random"]["mean_se"]
    assert asked["until_se_below_.4"]["r_with_full_estimate"] > 0.9
    assert found["two_facets"]["until_se_below_.4"]["r_with_full_estimate"] > 0.9
    assert found["sessions"]["people"] == 200
    assert found["cost"]["median_over_kinds_us"] > 0


def test_late_and_duplicated_signals_change_nothing() -> None:
    """The same customers, told in another order and twice, are assessed the same."""
    found = fusion(150, 3)
    assert found["late, in any order"]["rmse"] == pytest.approx(
        found["as they come"]["rmse"], abs=0.02
    )


def test_without_its_data_it_says_where_it_looked(tmp_path: Path) -> None:
    """And how to point it elsewhere."""
    with pytest.raises(OfoneError, match=r"there is no .*sai\.csv\.gz; give the folder .* data="):
        needs({"data": str(tmp_path)})
