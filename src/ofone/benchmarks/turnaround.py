"""Whether told dates hold: real logs, chronological, each date from what was known before it.

*Steps*: how long until the next event, for each event of a case and how often it came. *Rest*: how
long until the case is over, the same way. Both are refitted as time goes on and recalibrated by
how the last refits turned out. *Remaining time*: one figure for each prefix of a case, in the
protocol of the published networks, so that theirs stand beside ours. Data: ``bpic2012`` and
``helpdesk`` of the folder ``data``, else of the one that ``OFONE_DATA`` names.

Whatever could be chosen was chosen on the cases between 64% and 80% of all, by their start; the
last 20% were only measured.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from math import exp
from pathlib import Path
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from ofone.analytics.turnaround.curves import PROBS, Array, Bools, Ints, days_at, share_at
from ofone.analytics.turnaround.rolling import Plan, fit, grouped, refits
from ofone.analytics.turnaround.scores import coverage, pinball
from ofone.analytics.turnaround.segments import Fact, Growth, Tree, grow
from ofone.analytics.turnaround.stays import Stays
from ofone.benchmarks.measure import Stopwatch, options, say
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened, Value
from ofone.domain.times import DAY
from ofone.sources import read

Until = Literal["steps", "rest"]
SHARES = (0.5, 0.8, 0.9)
TRAINED, CHOSEN = 0.64, 0.8
LEAST = 200
"""Stays of a step whose coverage is looked at by itself."""
MINUTE = 1 / 1440
SURE = {"bpic2012": ("A_DECLINED", "A_CANCELLED", "A_ACTIVATED"), "helpdesk": ("Closed",)}
"""A case with one of these had come to its end when the log was taken."""
EVERY = {"bpic2012": 7.0, "helpdesk": 30.0}
"""Days between refits of a grove."""
NUMBERS = frozenset({"AMOUNT_REQ"})
"""Properties that are amounts; the others are names, also where digits write them."""
DATES = frozenset({"REG_DATE"})
"""Properties that say again when the case began."""
PLANS = {
    "bpic2012": [Plan(every=e, window=w) for e in (3.0, 7.0) for w in (60.0, 365.0)],
    "helpdesk": [Plan(every=e, window=w) for e in (14.0, 30.0) for w in (180.0, 365.0)],
}
GROWTHS = [
    Growth(least=least, common=least, weight=weight)
    for least in (100, 200, 500)
    for weight in (50.0, 200.0)
]
TREES = 20
"""Trees of a grove, each over half of the facts and about two thirds of the cases."""
PEOPLE = "org:resource"
"""The fact of who did it: staff come and go, so it is tried with and without."""
PUBLISHED = {
    "bpic2012": {"DALSTM": 7.97, "GGNN": 6.53, "ProcessTransformer": 6.15, "PGTNet": 5.49},
    "helpdesk": {"DALSTM": 12.90, "ProcessTransformer": 5.42, "PGTNet": 5.41, "GGNN": 4.80},
}
"""Mean absolute error in days, as the repository of PGTNet (Amiri Elyasi et al. 2024) gives it."""


class Case(Struct, frozen=True, gc=False):
    """One case: days since 1970 and names of its events, their properties, and if it was over."""

    times: Array
    names: tuple[str, ...]
    said: tuple[dict[str, Value], ...]
    over: bool


def turnaround(given: dict[str, str]) -> dict[str, Any]:
    """Coverage, pinball loss and remaining time on both logs. Options: data, cases (at most)."""
    rest = dict(given)
    folder = Path(rest.pop("data", os.environ.get("OFONE_DATA", "../shared/data")))
    o = options(rest, cases=1_000_000)
    found: dict[str, Any] = {}
    for name, published in PUBLISHED.items():
        watch = Stopwatch()
        cases = log(folder, name)[: o["cases"]]
        say(f"turnaround: {name}, {len(cases)} cases")
        found[name] = {
            "cases": len(cases),
            "steps": held(cases, "steps", PLANS[name]),
            "rest": held(cases, "rest", PLANS[name]),
            "remaining_time": remaining(cases, published, EVERY[name]),
            "cpu_s": round(watch.lap().cpu, 1),
        }
    return found


def log(folder: Path, name: str) -> list[Case]:
    """The cases of a log, by the time they began. Raises OfoneError that says what is missing."""
    file = folder / name / f"{name}.xes.gz"
    if not file.is_file():
        raise OfoneError(f"there is no {file}; give the folder that holds {name}/ with data=…")
    by_case: dict[str, list[Happened]] = {}
    for record in read(file):
        if isinstance(record, Happened):
            by_case.setdefault(record.customer, []).append(record)
    return sorted((_case(events, SURE[name]) for events in by_case.values()), key=_begin)


def _begin(case: Case) -> float:
    return float(case.times[0])


def _case(events: list[Happened], sure: Sequence[str]) -> Case:
    names = tuple(e.name for e in events)
    first = events[0].traits
    return Case(
        np.array([e.at / DAY for e in events]),
        names,
        tuple({**first, **{k: v for k, v in e.properties.items() if k != "case"}} for e in events),
        any(n in sure for n in names),
    )


# --- ranges -------------------------------------------------------------------------------------


def stays(cases: Sequence[Case], until: Until) -> tuple[Stays, float]:
    """Each event of each case as a stay, and the day the log was taken.

    The last event of a case that is over leads nowhere, and is none.
    """
    codes = {n: i for i, n in enumerate(sorted({n for c in cases for n in c.names}))}
    taken = max(float(c.times[-1]) for c in cases)
    rows: list[tuple[int, int, float, float, bool]] = []
    for case in cases:
        seen: Counter[str] = Counter()
        last = len(case.names) - 1
        for n, name in enumerate(case.names):
            seen[name] += 1
            at = float(case.times[n])
            if n == last and case.over:
                continue
            if until == "steps" and n < last:
                end, done = float(case.times[n + 1]), True
            else:
                end, done = (float(case.times[-1]), True) if case.over else (taken, False)
            rows.append((codes[name], seen[name], at, end - at, done))
    columns = [np.array(c) for c in zip(*rows, strict=True)]
    return Stays(
        names=tuple(codes),
        step=columns[0].astype(np.int64),
        index=columns[1].astype(np.int64),
        entered=columns[2],
        length=columns[3],
        done=columns[4].astype(np.bool_),
    ), taken


class Told(Struct, frozen=True, kw_only=True):
    """What was told of each row at ``SHARES``: as fitted by step alone, by index, and bent."""

    rows: Ints
    step_only: Array
    plain: Array
    bent: Array


def told(all_: Stays, plan: Plan, start: float, end: float) -> Told:
    """The days that every stay entered from ``start`` to ``end`` was told."""
    shares = np.array(SHARES)
    rows: list[Ints] = []
    parts: list[tuple[Array, Array, Array]] = []
    for refit in refits(all_, plan, start, end):
        mine = all_.rows(refit.rows)
        only, plain, bent = (np.full((len(mine), len(SHARES)), np.inf) for _ in range(3))
        for at, curve in grouped(mine, refit.curves):
            step = int(mine.step[at[0]])
            whole = refit.curves.of(step, 0)
            only[at] = days_at(whole if whole is not None else curve, shares)
            plain[at] = days_at(curve, shares)
            bent[at] = days_at(curve, refit.bend.shares(step, shares))
        rows.append(refit.rows)
        parts.append((only, plain, bent))
    only, plain, bent = (np.concatenate(p) for p in zip(*parts, strict=True))
    return Told(rows=np.concatenate(rows), step_only=only, plain=plain, bent=bent)


def held(cases: Sequence[Case], until: Until, plans: Sequence[Plan]) -> dict[str, Any]:
    """Coverage over all and in the worst step, and pinball against Kaplan–Meier by step."""
    all_, taken = stays(cases, until)
    chosen = _begin(cases[int(TRAINED * len(cases))])
    start = _begin(cases[int(CHOSEN * len(cases))])
    waits = np.isin(all_.step, _waits(all_.as_of(chosen)))
    kept = all_.rows(waits)
    then = kept.as_of(start)
    tried = [_pinball(then, start, told(then, plan, chosen, start)).bent.sum() for plan in plans]
    plan = plans[int(np.argmin(tried))]
    t = told(kept, plan, start, taken)
    s = kept.rows(t.rows)
    loss = _pinball(kept, taken, t)
    return {
        "stays": len(s),
        "not_over": int((~s.done).sum()),
        "at_once_left_out": int(len(all_) - len(kept)),
        "plan": {"every": plan.every, "window": plan.window},
        "coverage": {"bent": _covered(s, t.bent), "plain": _covered(s, t.plain)},
        "dropping_the_open": _covered(s, _dropping(kept, plan, start, taken)),
        "worst_step": {"bent": _worst(s, t.bent), "plain": _worst(s, t.plain)},
        "pinball_against_step_only": {
            "bent": round(float(loss.bent.sum() / loss.step_only.sum()), 4),
            "plain": round(float(loss.plain.sum() / loss.step_only.sum()), 4),
        },
    }


def _waits(known: Stays) -> Ints:
    """Steps that are more than a hand's turn: at least half of their stays take a minute."""
    return np.array(
        [
            step
            for step in np.unique(known.step).tolist()
            if np.median(known.length[known.step == step]) >= MINUTE
        ],
        np.int64,
    )


def _dropping(all_: Stays, plan: Plan, start: float, end: float) -> Array:
    """What would be told if stays that had not ended were left out: for comparison only."""
    shares = np.array(SHARES)
    parts = []
    for refit in refits(all_, plan, start, end):
        known = all_.as_of(refit.at, plan.window)
        curves = fit(known.rows(known.done), plan)
        mine = all_.rows(refit.rows)
        days = np.full((len(mine), len(SHARES)), np.inf)
        for at, curve in grouped(mine, curves):
            days[at] = days_at(curve, shares)
        parts.append(days)
    return np.concatenate(parts)


class Losses(Struct, frozen=True, kw_only=True):
    """Pinball losses at ``SHARES``, of the three things that were told."""

    step_only: Array
    plain: Array
    bent: Array


def _pinball(all_: Stays, taken: float, t: Told) -> Losses:
    s = all_.rows(t.rows)
    seen = taken - s.entered

    def losses(days: Array) -> Array:
        return np.array(
            [pinball(s.length, days[:, n], share, seen) for n, share in enumerate(SHARES)]
        )

    return Losses(step_only=losses(t.step_only), plain=losses(t.plain), bent=losses(t.bent))


def _covered(s: Stays, days: Array) -> dict[str, float]:
    return {
        f"{share:.2g}": round(coverage(s.length, s.done, days[:, n]), 4)
        for n, share in enumerate(SHARES)
    }


def _worst(s: Stays, days: Array) -> dict[str, Any]:
    """The step (with enough stays) and share that are furthest off."""
    found: list[tuple[float, dict[str, Any]]] = []
    for step in np.unique(s.step).tolist():
        mine = s.step == step
        n = int(mine.sum())
        for k, share in enumerate(SHARES):
            if n >= LEAST:
                is_ = coverage(s.length[mine], s.done[mine], days[mine, k])
                said = {"step": s.names[step], "n": n, "share": share, "coverage": round(is_, 4)}
                found.append((abs(is_ - share), said))
    off, said = max(found, key=lambda f: f[0], default=(0.0, {}))
    return {**said, "off": round(off, 4)}


# --- remaining time -----------------------------------------------------------------------------


LAST, DAYS = 0, 4
"""The facts that every tree of a grove may look at: what came last, and days since the start."""


class Prefixes(Struct, frozen=True, kw_only=True):
    """Every prefix of 2 to n − 1 events of every case of 3 or more, as rows of facts."""

    facts: tuple[Fact, ...]
    columns: Array
    case: Ints
    last: Ints
    at: Array
    left: Array
    over: Bools


def prefixes(cases: Sequence[Case]) -> Prefixes:
    """Facts that any log has: what came last and before, how often, how long ago, and what it said.

    Nothing here knows which log it is.
    """
    names = {n: i for i, n in enumerate(sorted({n for c in cases for n in c.names}))}
    numbers = sorted(NUMBERS & {k for c in cases for said in c.said for k in said})
    texts: dict[str, dict[str, int]] = {}
    for case in cases:
        for said in case.said:
            for key, value in said.items():
                if key not in NUMBERS | DATES:
                    codes = texts.setdefault(key, {})
                    codes.setdefault(str(value), len(codes))
    facts = (
        Fact("last", True),
        Fact("before", True),
        Fact("events"),
        Fact("same"),
        Fact("days"),
        Fact("days since before"),
        Fact("weekday"),
        Fact("hour"),
        *(Fact(f"count of {n}") for n in names),
        *(Fact(f"days since {n}") for n in names),
        *(Fact(k, True) for k in texts),
        *(Fact(k) for k in numbers),
    )
    rows: list[list[float]] = []
    about: list[tuple[int, int, float, float]] = []
    for number, case in enumerate(cases):
        if len(case.names) < 3:
            continue
        counts, latest = [0.0] * len(names), [-1.0] * len(names)
        start, end = float(case.times[0]), float(case.times[-1])
        for n, name in enumerate(case.names[:-1]):
            at, code = float(case.times[n]), names[name]
            counts[code] += 1
            latest[code] = at
            if not n:
                continue
            said = case.said[n]
            rows.append(
                [
                    code,
                    names[case.names[n - 1]],
                    n + 1,
                    counts[code],
                    at - start,
                    at - float(case.times[n - 1]),
                    (int(at) + 3) % 7,
                    at % 1 * 24,
                    *counts,
                    *[at - t if t >= 0 else -1.0 for t in latest],
                    *[codes.get(str(said.get(k)), -1) for k, codes in texts.items()],
                    *[float(str(said.get(k, -1))) for k in numbers],
                ]
            )
            about.append((number, code, at, end - at))
    whose = [np.array(c) for c in zip(*about, strict=True)]
    return Prefixes(
        facts=facts,
        columns=np.array(rows),
        case=whose[0].astype(np.int64),
        last=whose[1].astype(np.int64),
        at=whose[2],
        left=whose[3],
        over=np.array([c.over for c in cases])[whose[0].astype(np.int64)],
    )


class Tried(Struct, frozen=True, kw_only=True):
    """One way to grow, and the facts it may look at."""

    growth: Growth
    facts: tuple[int, ...]


def remaining(cases: Sequence[Case], published: dict[str, float], every: float) -> dict[str, Any]:
    """Mean absolute error in days of the median told, on the last 20% of cases.

    ``one_tree`` can be read; a ``grove`` of trees is steadier. How to grow was chosen by one tree
    on the cases before. The networks know how all earlier cases ended, also those that ended later;
    ``known_by_then`` knows nothing after the first of the last 20% began, and ``refitted`` what was
    known at the last refit before each prefix.
    """
    p = prefixes(cases)
    first, second = int(TRAINED * len(cases)), int(CHOSEN * len(cases))
    train, check, test = p.case < first, (p.case >= first) & (p.case < second), p.case >= second
    say(f"turnaround: {len(p.left)} prefixes, {len(p.facts)} facts")
    everything = tuple(range(len(p.facts)))
    fewer = tuple(n for n in everything if p.facts[n].name != PEOPLE)
    ways = [
        Tried(growth=growth, facts=facts)
        for growth in GROWTHS
        for facts in dict.fromkeys((everything, fewer))
    ]
    errors = [_error(p, check, _one(p, train, way)(check)) for way in ways]
    way = ways[int(np.argmin(errors))]
    say("turnaround: how to grow is chosen; groves now")
    before = ~test
    single = _tree(p, before, way, p.left, np.ones(len(p.left), np.bool_))
    start = _begin(cases[second])
    taken = max(float(c.times[-1]) for c in cases)
    medians = {
        "median_by_last_event": _by_last(p, before, test),
        "mean_by_length": _by_length(p, before, test),
        "one_tree": _one(p, before, way)(test),
        "grove": _grove(p, before, way)(test),
        "grove_known_by_then": _grove(p, before & (p.at < start), way, start)(test),
        "grove_refitted": _refitted(p, test, way, start, every),
    }
    watched = taken - p.at[test]
    truth = np.where(p.over[test], p.left[test], watched)
    return {
        "prefixes": int(test.sum()),
        "of_cases_not_over": int((~p.over[test]).sum()),
        "chosen": {
            "least": way.growth.least,
            "weight": way.growth.weight,
            "with_people": len(way.facts) == len(everything),
            "groups": sum(n.split is None for n in single.nodes),
        },
        "validation": {
            "median_by_last_event": _error(p, check, _by_last(p, train, check)),
            "one_tree": min(errors),
            "grove": _error(p, check, _grove(p, train, way)(check)),
        },
        "mae_days": {name: _error(p, test, said) for name, said in medians.items()},
        "mae_days_as_far_as_watched": {
            name: round(
                float(np.abs(np.minimum(said, watched) - np.minimum(truth, watched)).mean()), 3
            )
            for name, said in medians.items()
        },
        "published": published,
        "splits_most": _explained(single),
    }


def _tree(p: Prefixes, rows: Bools | Ints, way: Tried, lengths: Array, done: Bools) -> Tree:
    columns = p.columns[rows][:, way.facts]
    facts = [p.facts[n] for n in way.facts]
    return grow(columns, facts, lengths[rows], done[rows], way.growth)


def _one(p: Prefixes, rows: Bools, way: Tried) -> Callable[[Bools], Array]:
    """Medians of one tree, of the rows that are asked for."""
    tree = _tree(p, rows, way, p.left, np.ones(len(p.left), np.bool_))
    medians = tree.curves()[:, int(np.searchsorted(PROBS, 0.5))]
    return lambda asked: medians[tree.leaves(p.columns[asked][:, way.facts])]


def _grove(p: Prefixes, rows: Bools, way: Tried, now: float = np.inf) -> Callable[[Bools], Array]:
    """Medians of the mean of ``TREES`` curves; what ended after ``now`` is not known to have."""
    chance = np.random.default_rng(1)
    ends = p.at + p.left if now == np.inf else np.where(p.over, p.at + p.left, np.inf)
    lengths, done = np.minimum(ends, now) - p.at, ends < now
    grid = np.unique(np.quantile(p.left[rows], np.linspace(0, 1, 400)))
    cases = int(p.case.max()) + 1
    trees = []
    for _ in range(TREES):
        drawn = np.flatnonzero(rows & (chance.random(cases) < 1 - exp(-1))[p.case])
        some = chance.choice(way.facts, (len(way.facts) + 1) // 2, replace=False)
        facts = tuple(sorted({*some.tolist(), LAST, DAYS}))
        mine = Tried(growth=way.growth, facts=facts)
        tree = _tree(p, drawn, mine, lengths, done)
        trees.append((facts, tree, np.array([share_at(n.curve, grid) for n in tree.nodes])))

    def medians(asked: Bools) -> Array:
        shares = np.zeros((int(asked.sum()), len(grid)))
        for facts, tree, by_then in trees:
            shares += by_then[tree.leaves(p.columns[asked][:, facts])]
        reached = shares >= TREES / 2
        reached[:, -1] = True
        found: Array = grid[reached.argmax(axis=1)]
        return found

    return medians


def _refitted(p: Prefixes, rows: Bools, way: Tried, start: float, every: float) -> Array:
    """Medians of groves that were grown anew as time went on, each from what was known then."""
    said = np.zeros(len(p.left))
    now, end = start, float(p.at[rows].max())
    while now <= end:
        asked = rows & (p.at >= now) & (p.at < now + every)
        if asked.any():
            say(f"turnaround: refitted on day {now - start:g}")
            said[asked] = _grove(p, p.at < now, way, now)(asked)
        now += every
    found: Array = said[rows]
    return found


def _error(p: Prefixes, rows: Bools, said: Array) -> float:
    return round(float(np.abs(said - p.left[rows]).mean()), 3)


def _explained(tree: Tree) -> dict[str, int]:
    """The facts whose splits are worth most, in log-likelihood."""
    worth: Counter[str] = Counter()
    for node in tree.nodes:
        if node.split is not None:
            worth[tree.facts[node.split.fact].name] += round(node.split.gain)
    return dict(worth.most_common(8))


def _by_last(p: Prefixes, train: Bools, test: Bools) -> Array:
    medians = {c: np.median(p.left[train & (p.last == c)]) for c in np.unique(p.last[train])}
    rest = np.median(p.left[train])
    return np.array([medians.get(c, rest) for c in p.last[test]])


def _by_length(p: Prefixes, train: Bools, test: Bools) -> Array:
    length = p.columns[:, 2]
    means = {k: p.left[train & (length == k)].mean() for k in np.unique(length[train])}
    rest = p.left[train].mean()
    return np.array([means.get(k, rest) for k in length[test]])
