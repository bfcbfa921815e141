"""Geometry for the drawings made on the server."""

from typing import Any

from tests.web.fake import STORY

from ofone.web.charts import Z80, band, score, tone
from ofone.web.moments import Reader


def point(day: int, mean: float, sd: float, *, known: bool) -> dict[str, Any]:
    return {"at": f"2026-03-{day:02}T12:00:00Z", "mean": mean, "sd": sd, "known": known}


def test_a_band_is_the_mean_and_its_80_percent_interval() -> None:
    """On a scale of −2.5 to 2.5, 100 high: one unit is 20."""
    points = [point(2, 0.0, 0.5, known=True), point(4, 1.0, 0.5, known=True)]
    drawn = band("trust", points, [], reader=Reader(), width=100, height=100)
    assert drawn is not None
    assert drawn.lines == ("0.0,50.0 100.0,30.0",)
    assert drawn.areas[0][0].startswith(f"0.0,{round(50 - 20 * Z80 * 0.5, 1)} ")


def test_the_mean_is_not_drawn_where_it_is_not_known() -> None:
    """Not known yet is shown as a faint band alone, and said in the table."""
    points = [point(2, 0, 1, known=False), point(4, 1, 0.5, known=True)]
    drawn = band("trust", points, [], reader=Reader())
    assert drawn is not None
    assert [known for _, known in drawn.areas] == [False, True]
    assert len(drawn.lines) == 1
    assert drawn.rows[0][3] == "not known yet"


def test_evidence_outside_the_scale_stays_on_the_paper() -> None:
    """A score of −4 is clipped, and its words are kept."""
    evidence = [{"at": "2026-03-03T12:00:00Z", "kind": "text", "score": -4}]
    drawn = band("trust", [point(2, 0, 1, known=True)], evidence, reader=Reader(), height=100)
    assert drawn is not None
    assert (drawn.dots[0].y, drawn.dots[0].words) == (100.0, "text")


def test_evidence_before_the_first_estimate_lies_before_it() -> None:
    """The line of time begins with what was heard; one estimate is a sliver at its own moment."""
    evidence = [{"at": "2026-03-01T12:00:00Z", "kind": "text", "score": 1}]
    drawn = band("trust", [point(31, 0, 1, known=True)], evidence, reader=Reader(), width=300)
    assert drawn is not None
    assert drawn.dots[0].x == 0
    assert drawn.lines == ("290.0,65.0 300.0,65.0",)


def test_nothing_known_draws_nothing() -> None:
    """No points, no chart; a story without people, no score."""
    assert band("trust", [], [], reader=Reader()) is None
    assert score({"start": None, "end": None, "customers": []}) is None


def test_the_score_mirrors_the_two_people() -> None:
    """Up for the first person, down for the second; one bar a message."""
    drawn = score(STORY)
    assert drawn is not None
    counts = [len(p["deliveries"]) for p in STORY["customers"]]
    assert [sum(b.y < 0 for b in drawn.bars), sum(b.y > 0 for b in drawn.bars)] == counts


def test_a_recorded_tone_wins_over_the_approachs_name() -> None:
    """The name is only a guess."""
    assert tone({"tone": "brief", "approach": "walk-alongside"}) == "brief"
    assert tone({"approach": "walk_alongside"}) == "reassuring"
    assert tone({"approach": "light"}) == "brief"
    assert tone({}) == "plain"
