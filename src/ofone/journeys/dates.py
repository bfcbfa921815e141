"""The dates a customer is told: a range per step, from the playbook's figures.

A range runs from the usual day to the day by which nine in ten are done. Along the path the usual
times add up, and the spreads add as independent ones do (square root of the sum of squares). A step
that lasts longer gets another range, of the time that such steps still take (``outlasting``).

With a snapshot of how long steps take (``Lengths``), its quantiles stand for the playbook's
figures, and what lies ahead is added up life by life, over loops and branches (``_drawn``).
"""

from functools import cache
from math import erfc, exp, log, sqrt
from operator import itemgetter
from statistics import NormalDist

from msgspec import Struct

from ofone.domain.state import Journey, StepState
from ofone.domain.times import DAY, MINUTE, Micros
from ofone.journeys.compiled import Compiled, Ready
from ofone.journeys.lengths import (
    LEVELS,
    Curve,
    Lengths,
    at_share,
    quoted,
    share_at,
)
from ofone.journeys.schedule import Length, read_date

_usual = itemgetter(0)
_NORMAL = NormalDist()
_NINE_IN_TEN = _NORMAL.inv_cdf(0.9)
NARROWEST = 0.25
"""Least standard deviation of log time: figures that leave no room are sometimes outlasted too."""
FAR = 4.0
"""Standard deviations beyond which nobody has measured anything."""
_TAIL = 0.95
"""The share of a curve beyond which too little of it is ahead to say how it goes on."""
_ONE, _TWO = Length(1, "business day"), Length(2, "business day")


class Range(Struct, frozen=True, gc=False):
    """Between two moments, the earlier first. ``late`` once the later one had passed."""

    start: Micros
    end: Micros
    late: bool = False


def expected(
    compiled: Compiled, journey: Journey, now: Micros, lengths: Lengths | None = None
) -> dict[str, Range]:
    """When each open step should be done; nothing for steps behind, closed or never opened."""
    if journey.status != "active":
        return {}
    if lengths is not None:
        return _drawn(compiled, journey, now, lengths)
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


def _drawn(compiled: Compiled, journey: Journey, now: Micros, lengths: Lengths) -> dict[str, Range]:
    """The same from a snapshot: lives are drawn from here on, and their quantiles told.

    A step begins once all that it waits for is done, may be taken up again, and an optional one may
    come or not, each by its own chance.
    """
    from ofone.journeys import lives

    found: dict[str, Range] = {}
    here = lives.all_at(now)
    reached: dict[str, lives.Lives] = {}
    for name, ready in compiled.steps.items():
        state = journey.steps.get(name)
        if state is not None and state.status in ("done", "skipped"):
            reached[name] = here
            continue
        attempts = 0 if state is None else state.attempts
        curve = curve_of(journey, ready, attempts, lengths)
        if state is not None and state.status == "current":
            start, end = told(journey, ready, state, now, lengths)
            soon = now + DAY
            found[name] = (
                # A date that has passed is no promise: from then on it is "any day now".
                Range(soon, soon + end - start, late=True)
                if end < now
                else Range(max(start, now), max(end, now))
            )
            fixed = booked(journey, ready.step.date)
            if fixed is not None and fixed >= now:
                reached[name] = lives.all_at(fixed)
                continue
            entered = state.entered if state.entered is not None else now
            elapsed = max(0, now - entered)
            whole = (
                lives.left(curve, name, elapsed)
                if share_at(curve, elapsed) < _TAIL
                else lives.ordered(_outlasting(*quoted(curve), elapsed, lives.STRATA), name)
            )
            reached[name] = lives.latest([entered + whole, here])
            continue
        course = lengths.course(journey.playbook, name)
        again = None if course is None or not course.again else course.curve(attempts + 1)
        reopens, comes = (course.again, 1.0) if course is not None else (0.0, 1.0)
        ahead = ready.step.optional and (state is None or state.status == "ahead")
        if ahead:
            comes = 0.0 if course is None or _passed(journey, ready) else course.opened
        begins = lives.latest([reached[d] for d in ready.after] or [here])
        reached[name] = begins + lives.takes(curve, name, again, reopens, comes)
        if not ahead:
            found[name] = Range(*lives.range_of(reached[name]))
    return found


def _passed(journey: Journey, ready: Ready) -> bool:
    """Whether an optional step can no longer come: what would have waited for it is done."""
    later = (journey.steps.get(name) for name in ready.later)
    return any(s is not None and s.status == "done" for s in later)


def curve_of(journey: Journey, ready: Ready, attempts: int, lengths: Lengths) -> Curve:
    """The curve of a stay; for a step that the snapshot has never heard of, the playbook's."""
    course = lengths.course(journey.playbook, ready.step.id)
    if course is None:
        return said_of(ready)
    if course.apart is None:
        return course.curve(attempts)
    return course.curve(attempts, {name: fact.value for name, fact in journey.facts.items()})


def said_of(ready: Ready) -> Curve:
    """The curve of the playbook's figures."""
    return _said(ready.usual, ready.most)


@cache
def _said(usual: Micros, most: Micros) -> Curve:
    return tuple(max(MINUTE, length) for length in _outlasting(usual, most, 1, LEVELS))


def lasting(curve: Curve, elapsed: Micros, shares: tuple[float, ...]) -> tuple[Micros, ...]:
    """Quantiles of the whole time of a stay that has taken ``elapsed``, in whole minutes.

    From the curve, as long as enough of it is ahead; beyond, as ``outlasting`` goes on.
    """
    gone = share_at(curve, elapsed)
    if gone >= _TAIL:
        return _outlasting(*quoted(curve), elapsed, shares)
    return tuple(
        max(elapsed, at_share(curve, gone + p * (1 - gone)) // MINUTE * MINUTE) for p in shares
    )


def figures(
    journey: Journey, ready: Ready, attempts: int, lengths: Lengths | None
) -> tuple[Micros, Micros]:
    """The lengths by which half and nine in ten are done, of the stay after ``attempts`` others."""
    if lengths is None or lengths.course(journey.playbook, ready.step.id) is None:
        return ready.usual, ready.most
    return quoted(curve_of(journey, ready, attempts, lengths))


def told(
    journey: Journey,
    ready: Ready,
    state: StepState,
    now: Micros,
    lengths: Lengths | None = None,
) -> tuple[Micros, Micros]:
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
    usual, most = figures(journey, ready, state.attempts, lengths)
    return entered + usual, entered + most


def moved(
    compiled: Compiled,
    ready: Ready,
    entered: Micros,
    now: Micros,
    curve: Curve | None = None,
) -> tuple[Micros, Micros]:
    """An honest new range for a step that is still open: no day of it is today.

    A business day at least to its beginning and two to its end, so that it can be kept. Helpers see
    it too: it is told to the minute, since the micros depend on what else we did just then.
    """
    now = now // MINUTE * MINUTE
    if curve is None:
        half, most = outlasting(ready.usual, ready.most, now - entered)
    else:
        half, most = lasting(curve, max(0, now - entered), (0.5, 0.9))
    start = max(entered + half, compiled.after(now, _ONE))
    return start, max(entered + most, compiled.after(now, _TWO))


def renewed(
    compiled: Compiled,
    ready: Ready,
    entered: Micros,
    told: tuple[Micros, Micros],
    now: Micros,
    curve: Curve | None = None,
) -> tuple[Micros, Micros]:
    """The range that holds ``now``, where each was replaced when the word before its end was due.

    Made of those moments alone: to the microsecond, ``now`` tells a helper what else we did.
    """
    while (due := watched(compiled, *told)) <= now:
        told = moved(compiled, ready, entered, due, curve)
    return told


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
    half, nine = _outlasting(usual, most, elapsed, (0.5, 0.9))
    return half, nine


def _outlasting(
    usual: Micros, most: Micros, elapsed: Micros, shares: tuple[float, ...]
) -> tuple[Micros, ...]:
    median = max(usual, most / 100, 1.0)
    sigma = max(log(max(most, 1) / median) / _NINE_IN_TEN, NARROWEST)
    passed = max(elapsed, 1)
    z = min(log(passed / median) / sigma, FAR)
    survives = erfc(z / sqrt(2)) / 2
    places = (-_NORMAL.inv_cdf((1 - p) * survives) for p in shares)
    return tuple(round(passed * exp(sigma * (q - z)) / MINUTE) * MINUTE for q in places)


def promised(
    compiled: Compiled, journey: Journey, step: str, now: Micros, lengths: Lengths | None = None
) -> tuple[tuple[Micros, Micros] | None, tuple[Micros, Micros] | None]:
    """The dates that a message told now would name: of its step, and of the goal."""
    ranges = expected(compiled, journey, now, lengths)
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
