"""The dates a customer is told: a range per step, from the playbook's figures.

A range runs from the usual day to the day by which nine in ten are done. Along the path the usual
times add up, and the spreads add as independent ones do (square root of the sum of squares). A step
that lasts longer gets another range, of the time that such steps still take (``outlasting``).
"""

from math import erfc, exp, log, sqrt
from operator import itemgetter
from statistics import NormalDist

from msgspec import Struct

from ofone.domain.state import Journey, StepState
from ofone.domain.times import DAY, MINUTE, Micros
from ofone.journeys.compiled import Compiled, Ready
from ofone.journeys.schedule import Length, read_date

_usual = itemgetter(0)
_NORMAL = NormalDist()
_NINE_IN_TEN = _NORMAL.inv_cdf(0.9)
NARROWEST = 0.25
"""Least standard deviation of log time: figures that leave no room are sometimes outlasted too."""
FAR = 4.0
"""Standard deviations beyond which nobody has measured anything."""
_ONE, _TWO = Length(1, "business day"), Length(2, "business day")


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
        point, last = begin + ready.usual, begin + ready.most
        current = state is not None and state.status == "current"
        if state is not None and current:
            before = 0.0
            point, last = map(float, told(journey, ready, state, now))
        width = last - point
        late = last < now
        # A date that has passed is no promise: from then on it is "any day now", and said so.
        point = max(point, float(now)) if not late else float(now + DAY)
        spread = sqrt(before * before + width * width)
        reached[name] = point, spread
        end = max(last, point) if current and not late else point + spread
        found[name] = Range(int(point), int(end), late)
    return found


def told(journey: Journey, ready: Ready, state: StepState, now: Micros) -> tuple[Micros, Micros]:
    """The range that a customer was told of a step they are in, on the tracker since its first day.

    Its appointment, while that is ahead; else the range it was moved to; else the first one.
    """
    fixed = booked(journey, ready.step.date)
    if fixed is not None and fixed >= now:
        return fixed, fixed
    known = journey.told.get(ready.step.id)
    if known is not None:
        return known.start, known.end
    entered = state.entered if state.entered is not None else now
    return entered + ready.usual, entered + ready.most


def moved(compiled: Compiled, ready: Ready, entered: Micros, now: Micros) -> tuple[Micros, Micros]:
    """An honest new range for a step that is still open: no day of it is today.

    A business day at least to its beginning and two to its end, so that it can be kept.
    """
    half, most = outlasting(ready.usual, ready.most, now - entered)
    start = max(entered + half, compiled.after(now, _ONE))
    return start, max(entered + most, compiled.after(now, _TWO))


def watched(compiled: Compiled, start: Micros, end: Micros) -> Micros:
    """When a customer is to hear that a range may not hold: a business day before its end.

    Not in its first half: a range of hours is over before anybody can say much.
    """
    return max(compiled.after(end, _ONE, -1), (start + end) // 2)


def outlasting(usual: Micros, most: Micros, elapsed: Micros) -> tuple[Micros, Micros]:
    """The median and the 90% quantile of the whole time of a step that has taken ``elapsed``.

    Times are log-normal; ``usual`` and ``most`` are the same two quantiles at the beginning. Given
    survival, the quantile p is S⁻¹((1 - p) S(elapsed)). Beyond ``FAR`` the tail goes on as a power
    law does: what is still to come stays the same share of what has passed. In whole minutes, which
    are the same on every machine.
    """
    median = max(usual, most / 100, 1.0)
    sigma = max(log(max(most, 1) / median) / _NINE_IN_TEN, NARROWEST)
    passed = max(elapsed, 1)
    z = min(log(passed / median) / sigma, FAR)
    survives = erfc(z / sqrt(2)) / 2
    half, nine = (-_NORMAL.inv_cdf((1 - p) * survives) for p in (0.5, 0.9))
    first, last = (round(passed * exp(sigma * (q - z)) / MINUTE) * MINUTE for q in (half, nine))
    return first, last


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


def booked(journey: Journey, name: str) -> Micros | None:
    """The appointment that a remembered property holds, wherever it lies; None where none does.

    Ask of a step that is open only: a cancelled appointment stays among the facts.
    """
    fact = journey.facts.get(name) if name else None
    return read_date(fact.value) if fact is not None and isinstance(fact.value, str) else None
