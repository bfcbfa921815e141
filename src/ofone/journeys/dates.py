"""The dates a customer is told: a range per step, from the playbook's figures.

A range runs from the usual day to the day by which nine in ten are done. Along the path the usual
times add up, and the spreads add as independent ones do (square root of the sum of squares).
"""

from math import sqrt
from operator import itemgetter

from msgspec import Struct

from ofone.domain.state import Journey
from ofone.domain.times import DAY, Micros
from ofone.journeys.compiled import Compiled
from ofone.journeys.schedule import read_date

_usual = itemgetter(0)


class Range(Struct, frozen=True, gc=False):
    """Between two moments, the earlier first. ``late`` once the later one had passed."""

    start: Micros
    end: Micros
    late: bool = False


def expected(compiled: Compiled, journey: Journey, now: Micros) -> dict[str, Range]:
    """When each open step should be done; nothing for steps behind, closed or never opened."""
    if journey.status != "active":
        return {}
    found: dict[str, Range] = {}
    here = (float(now), 0.0)
    reached: dict[str, tuple[float, float]] = {}  # when it is usually done, and the spread
    for name, ready in compiled.steps.items():
        state = journey.steps.get(name)
        if state is not None and state.status in ("done", "skipped"):
            reached[name] = here
            continue
        slowest = max([reached[d] for d in ready.after], key=_usual, default=here)
        if ready.step.optional and (state is None or state.status == "ahead"):
            reached[name] = slowest
            continue
        begin, before = slowest
        width = float(ready.most - ready.usual)
        fixed = None
        if state is not None and state.status == "current":
            begin, before = float(state.entered if state.entered is not None else now), 0.0
            # Only of a step that is open: a cancelled appointment stays among the facts.
            fixed = _appointment(journey, ready.step.date, now)
        point = float(fixed) if fixed is not None else begin + ready.usual
        width = 0.0 if fixed is not None else width
        late = point + width < now
        # A date that has passed is no promise: from then on it is "any day now", and said so.
        point = max(point, float(now)) if not late else float(now + DAY)
        spread = sqrt(before * before + width * width)
        reached[name] = point, spread
        end = point + spread
        if state is not None and state.status == "current" and not late:
            end = max(float(state.entered or now) + ready.most, point) if fixed is None else point
        found[name] = Range(int(point), int(end), late)
    return found


def promised(
    compiled: Compiled, journey: Journey, step: str, now: Micros
) -> tuple[tuple[Micros, Micros] | None, tuple[Micros, Micros] | None]:
    """The dates that a message told now would name: of its step, and of the goal."""
    ranges = expected(compiled, journey, now)
    here, goal = (
        None if (found := ranges.get(name)) is None else (found.start, found.end)
        for name in (step, compiled.playbook.goal)
    )
    return here, goal


def _appointment(journey: Journey, name: str, now: Micros) -> Micros | None:
    fact = journey.facts.get(name) if name else None
    when = read_date(fact.value) if fact is not None and isinstance(fact.value, str) else None
    return when if when is not None and when >= now else None
