"""What customers were told of how long it takes, and how often it held.

Every range that was told can be found in the log: of messages in what they asked to send, of the
tracker from when a step began, since the log names the snapshot that was in force then. So what
held is counted, for all of them, and for ever.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from msgspec import Struct

from ofone.analytics.turnaround.curves import Array, Bools
from ofone.analytics.turnaround.lived import Lived, Stay, lived
from ofone.analytics.turnaround.scores import coverage, wilson
from ofone.analytics.turnaround.snapshot import PLAN
from ofone.domain.times import DAY, Micros, iso
from ofone.journeys.compiled import Compiled
from ofone.journeys.dates import said_of
from ofone.journeys.lengths import Course, Curve, Lengths, at_share, quoted
from ofone.journeys.library import Library
from ofone.runtime.ledger import promises
from ofone.runtime.ports import Store
from ofone.runtime.replay import facts_by_number

DECILES = tuple(n / 10 for n in range(1, 10))
ENOUGH = 20
"""Fewer stays say nothing, and would say it of people who can be found."""


class Quoted(Struct, frozen=True, kw_only=True):
    """One stay, and the curve that its range was told from: of which snapshot, 0 the playbook.

    ``waits``: the chance that they did not go without a word (``Stays.waiting``).
    """

    stay: Stay
    curve: Curve
    snapshot: int
    waits: float


class Held(Struct, frozen=True, kw_only=True):
    """How often what was told held: the share of ``n`` whose day had come, with its interval."""

    said: float
    share: float
    n: int
    low: float
    high: float


def report(store: Store, library: Library) -> dict[str, Any]:
    """For each playbook and step: what is told, what held, of how many. Plain data; days."""
    now = library.lengths
    return {
        "snapshot": None if now is None else {"number": now.number, "until": iso(now.until)},
        "kept": sorted(store.lengths()),
        "playbooks": {
            name: _playbook(store, library, compiled)
            for name, compiled in sorted(library.current.items())
        },
    }


def _playbook(store: Store, library: Library, compiled: Compiled) -> dict[str, Any]:
    known = lived(store, compiled.name, library.versions)
    every = quotes(store, compiled, known)
    told = [q for q in every if q.waits]
    fates = _fates(store, library, known)
    steps = []
    for name, ready in compiled.steps.items():
        mine = [q for q in told if q.stay.step == name]
        course = None if library.lengths is None else library.lengths.course(compiled.name, name)
        steps.append(
            {
                "step": name,
                "title": ready.step.title,
                "playbook": {"usual": ready.step.days.usual, "most": ready.step.days.most},
                "told_now": _now(course),
                "stays": len(mine),
                "done": sum(q.stay.done for q in mine),
                "gone": sum(q.stay.step == name and not q.waits for q in every),
                "by_first_day": _as_data(held(mine, 0.5, known.until)),
                "by_last_day": _as_data(held(mine, 0.9, known.until)),
                "messages": _promises(fates.get(name, Counter())),
            }
        )
    return {
        "stays": len(told),
        "until": iso(known.until),
        "steps": steps,
        "told_from": [
            {
                "snapshot": number,
                "by_first_day": _as_data(held(mine, 0.5, known.until)),
                "by_last_day": _as_data(held(mine, 0.9, known.until)),
            }
            for number in sorted({q.snapshot for q in told})
            if (mine := [q for q in told if q.snapshot == number])
        ],
        "calibration": [_as_data(held(told, share, known.until)) for share in DECILES],
    }


def quotes(store: Store, compiled: Compiled, known: Lived) -> list[Quoted]:
    """Every stay of a step that the playbook still has, with the curve it was told from."""
    facts = {n: books.lengths for n, (books, _) in facts_by_number(store).items()}
    inputs: dict[str, list[tuple[Micros, int]]] = {}
    found = []
    names = tuple(compiled.steps)
    mine = [stay for stay in known.stays if stay.step in compiled.steps]
    chances = known.columns(names, mine).waiting(PLAN.gone).tolist()
    for stay, waits in zip(mine, chances, strict=True):
        ready = compiled.steps[stay.step]
        rows = inputs.get(stay.customer)
        if rows is None:
            rows = inputs[stay.customer] = [(r.now, r.facts) for r in store.log(stay.customer)]
        lengths = _then(rows, stay.entered, facts)
        course = None if lengths is None else lengths.course(compiled.name, stay.step)
        curve = said_of(ready) if course is None else course.curve(stay.index - 1, dict(stay.facts))
        number = 0 if lengths is None or course is None else lengths.number
        found.append(Quoted(stay=stay, curve=curve, snapshot=number, waits=waits))
    return found


def _then(
    rows: list[tuple[Micros, int]], at: Micros, facts: Mapping[int, Lengths | None]
) -> Lengths | None:
    """What was in force when the journey first heard of that moment."""
    place = min(bisect_left(rows, (at, -1)), len(rows) - 1)
    return facts.get(rows[place][1]) if rows else None


def held(told: Iterable[Quoted], share: float, until: Micros) -> Held | None:
    """How many were done by the day that was told for a share; None where too few were."""
    mine = list(told)
    lengths: Array = np.array([_length(q.stay, until) for q in mine], np.float64)
    days: Array = np.array([at_share(q.curve, share) / DAY for q in mine], np.float64)
    done: Bools = np.array([q.stay.done for q in mine], np.bool_)
    each: Array = np.array([q.waits for q in mine], np.float64)
    n = round(float(each[done | (lengths >= days)].sum()))
    if n < ENOUGH:
        return None
    is_ = coverage(lengths, done, days, each)
    low, high = wilson(is_, n)
    return Held(said=share, share=is_, n=n, low=low, high=high)


def _length(stay: Stay, until: Micros) -> float:
    return max(0, (until if stay.ended is None else stay.ended) - stay.entered) / DAY


def _fates(store: Store, library: Library, known: Lived) -> dict[str, Counter[str]]:
    """By step, what became of the dates that messages told."""
    found: dict[str, Counter[str]] = {}
    mine = {(s.customer, s.journey) for s in known.stays}
    for customer in sorted({customer for customer, _ in mine}):
        for promise in promises(store, customer, library, known.until):
            if (customer, promise.journey) in mine:
                found.setdefault(promise.step, Counter())[promise.fate] += 1
    return found


def _promises(fates: Counter[str]) -> dict[str, Any]:
    decided = fates["kept"] + fates["broken"]
    kept = fates["kept"] / decided if decided else 0.0
    low, high = wilson(kept, decided)
    return {
        **{fate: fates[fate] for fate in ("kept", "broken", "replaced", "open")},
        "kept_share": None if decided < ENOUGH else round(kept, 3),
        "interval": None if decided < ENOUGH else [round(low, 3), round(high, 3)],
    }


def _now(course: Course | None) -> list[dict[str, Any]]:
    """The ranges that are told from the snapshot in force: of the first time, the second, …."""
    if course is None:
        return []
    return [
        {"from": _days(quoted(c)[0]), "to": _days(quoted(c)[1]), "stays": n}
        for c, n in zip(course.curves, course.counts, strict=True)
    ]


def _days(length: Micros) -> float:
    return round(length / DAY, 2)


def _as_data(found: Held | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "said": found.said,
        "share": round(found.share, 3),
        "n": found.n,
        "interval": [round(found.low, 3), round(found.high, 3)],
    }
