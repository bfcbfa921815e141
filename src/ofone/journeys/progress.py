"""Where a journey stands: a pure function of what happened, whatever the order of arrival.

Each step keeps its own marks, ordered by the source's time. Status, attempts and dates are derived
from the marks of all steps, so a late event finds its place and never undoes a later one.
"""

from bisect import insort

from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.state import Journey, StepState
from ofone.domain.times import Micros
from ofone.domain.words import JourneyStatus, StepStatus
from ofone.journeys.compiled import GOAL, Compiled

MARKS_KEPT = 64
"""Marks kept per step. Older ones are dropped in pairs that no longer decide anything."""

_MARK = {"opens": "o", "completes": "c", "repeats": "r", "skips": "s"}
_AHEAD = StepState()


class _Folded(Struct):
    done: Micros | None = None
    opened: Micros | None = None
    skipped: Micros | None = None
    again: Micros = 0
    attempts: int = 0


def mark(step: StepState | None, role: str, at: Micros) -> StepState:
    """The step with one more mark in its place. Times are the source's."""
    known = step or _AHEAD
    marks = list(known.marks)
    insort(marks, (at, _MARK[role]))
    if len(marks) > MARKS_KEPT:
        del marks[1:3]
    return replace(known, marks=tuple(marks))


def _fold(marks: tuple[tuple[Micros, str], ...], *, optional: bool) -> _Folded:
    f = _Folded()
    for at, what in marks:
        match what:
            case "c":
                if f.done is None:
                    f.done = at
            case "r":
                if f.done is not None or at > f.again:
                    f.done, f.skipped, f.again = None, None, at
                    f.attempts += 1
            case "o":
                if optional and f.done is not None:
                    f.attempts += f.opened is not None
                    f.done, f.again = None, at
                f.opened = at if f.opened is None else f.opened
            case _:
                f.skipped = at
    return f


def derive(compiled: Compiled, journey: Journey) -> Journey:
    """The journey with every status and date recomputed from the marks and closings.

    A step is done when its event came; skipped when an event says so, or when a step that cannot
    be reached without it is done; current when all that it waits for is behind; else ahead. An
    optional step that never opened holds up nobody.
    """
    folded = {
        name: _fold(state.marks, optional=compiled.steps[name].step.optional)
        for name, state in journey.steps.items()
        if name in compiled.steps
    }
    steps: dict[str, StepState] = {}
    reached: dict[str, Micros | None] = {}
    for name, ready in compiled.steps.items():
        f = folded.get(name) or _NOTHING
        ready_at: Micros | None = journey.started
        for needed in ready.after:
            when = reached[needed]
            ready_at = None if when is None or ready_at is None else max(ready_at, when)
        if ready.step.optional and f.opened is None and f.done is None:
            # Never opened: what waits for it looks through to what it would have waited for.
            reached[name] = ready_at
            if name in journey.steps:
                steps[name] = _stepped(journey.steps[name], "ahead", None, None, 0)
            continue
        begun = f.opened if ready.step.optional else ready_at
        entered = None if begun is None else max(begun, f.again)
        status: StepStatus
        done: Micros | None = None
        if f.done is not None:
            status, done = "done", f.done
            entered = done if entered is None else min(entered, done)
        elif f.skipped is not None:
            status, done = "skipped", f.skipped
        else:
            passed = [
                d.done
                for later in ready.later
                if (d := folded.get(later)) and d.done is not None and d.done > f.again
            ]
            if passed:
                status, done = "skipped", min(passed)
            elif entered is not None:
                status = "current"
            else:
                status = "ahead"
        reached[name] = done
        known = journey.steps.get(name)
        if status != "ahead" or known is not None:
            steps[name] = _stepped(known or _AHEAD, status, entered, done, f.attempts)
    closed, outcome, ended = _closed(journey, folded, compiled.playbook.goal)
    return replace(journey, steps=steps, status=closed, outcome=outcome, ended=ended)


_NOTHING = _Folded()


def _stepped(
    known: StepState, status: StepStatus, entered: Micros | None, done: Micros | None, attempts: int
) -> StepState:
    return StepState(
        status=status,
        entered=entered,
        done=done,
        attempts=attempts,
        approach=known.approach,
        marks=known.marks,
        left=known.left if attempts == known.attempts else "",
    )


def _closed(
    journey: Journey, folded: dict[str, _Folded], goal: str
) -> tuple[JourneyStatus, str, Micros | None]:
    """The first end by time counts, until an event opens the journey again."""
    ends = list(journey.closings)
    reached = folded.get(goal)
    if reached is not None and reached.done is not None:
        ends.append((reached.done, GOAL))
        ends.sort()
    outcome, at = "", None
    for when, what in ends:
        if what.startswith("reopen:"):
            if outcome == what.removeprefix("reopen:"):
                outcome, at = "", None
        elif not outcome:
            outcome, at = what, when
    if not outcome:
        return "active", "", None
    return ("completed" if outcome == GOAL else "ended"), outcome, at


def current_steps(journey: Journey) -> list[str]:
    """The ids of the steps the customer is in now; several when they run side by side."""
    if journey.status != "active":
        return []
    return [name for name, s in journey.steps.items() if s.status == "current"]
