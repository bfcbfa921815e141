"""The benchmark of turnaround reads real logs; here are made-up ones, in their form."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ofone.benchmarks import benchmark
from ofone.domain.errors import OfoneError

PATHS = {
    "bpic2012": (("A_SUBMITTED", "A_ACCEPTED", "O_SENT", "A_ACTIVATED"), "AMOUNT_REQ"),
    "helpdesk": (("Open", "Take", "Resolve", "Closed"), "product"),
}


def written(folder: Path, name: str, cases: int) -> None:
    """A log of cases that begin four times a day; each event takes some days, half of them loop."""
    chance = Random(f"turnaround {name}")
    steps, key = PATHS[name]
    lines = ['<log xes.version="1.0">']
    for n in range(cases):
        at = datetime(2012, 1, 1, tzinfo=UTC) + timedelta(hours=6 * n)
        lines.append(f'<trace><string key="concept:name" value="c{n}"/>')
        for step in [*steps[:3], *([steps[1]] if n % 2 else []), steps[3]]:
            lines.append(
                f'<event><string key="concept:name" value="{step}"/>'
                f'<date key="time:timestamp" value="{at.isoformat()}"/>'
                f'<string key="{key}" value="{n % 3}"/></event>'
            )
            at += timedelta(days=chance.expovariate(1 / 3))
        lines.append("</trace>")
    (folder / name).mkdir()
    with gzip.open(folder / name / f"{name}.xes.gz", "wt") as file:
        file.write("\n".join([*lines, "</log>"]))


def test_turnaround_reports_what_it_says_of_both_logs(tmp_path: Path) -> None:
    """Coverage of what was told, the worst step, loss against the plain, and remaining time."""
    for name in PATHS:
        written(tmp_path, name, 600)
    found = benchmark("turnaround")({"data": str(tmp_path)})
    for name in PATHS:
        steps = found[name]["steps"]
        assert abs(steps["coverage"]["bent"]["0.8"] - 0.8) < 0.1
        assert 0.9 < steps["pinball_against_step_only"]["bent"] < 1.1
        left = found[name]["remaining_time"]
        assert 1 < left["mae_days"]["one_tree"] < 5
        assert "PGTNet" in left["published"]


def test_turnaround_says_which_log_is_missing(tmp_path: Path) -> None:
    """Data is not part of the project; who asks is told what to give."""
    with pytest.raises(OfoneError, match=r"there is no .*bpic2012.xes.gz; give the folder"):
        benchmark("turnaround")({"data": str(tmp_path)})
