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
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from ofone.analytics.turnaround.curves import PROBS, Array, Bools, Ints, days_at
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
    for least, weight in product((100, 200, 500), (50.0, 200.0, 1000.0))
]
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
            "remaining_time": remaining(cases, published),
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


class Prefixes(Struct, frozen=True, kw_only=True):
    """Every prefix of 2 to n − 1 events of every case of 3 or more, as rows of facts."""

    facts: tuple[Fact, ...]
    columns: Array
    case: Ints
    last: Ints
    at: Array
    left: Array


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
    )


def remaining(cases: Sequence[Case], published: dict[str, float]) -> dict[str, Any]:
    """Mean absolute error in days of the median told, on the last 20% of cases."""
    p = prefixes(cases)
    first, second = int(TRAINED * len(cases)), int(CHOSEN * len(cases))
    train, check, test = p.case < first, (p.case >= first) & (p.case < second), p.case >= second
    say(f"turnaround: {len(p.left)} prefixes, {len(p.facts)} facts")
    everything = np.ones(len(p.left), np.bool_)
    tried = [_error(p, check, _grown(p, train, everything, g)) for g in GROWTHS]
    growth = GROWTHS[int(np.argmin(tried))]
    start = _begin(cases[second])
    before = ~test
    tree = _grown(p, before, everything, growth)
    known = p.at < start
    strict = _grown(p, before & known, known & (p.at + p.left < start), growth, start)
    return {
        "prefixes": int(test.sum()),
        "chosen": {"least": growth.least, "weight": growth.weight, "groups": _groups(tree)},
        "validation": round(min(tried), 3),
        "mae_days": round(_error(p, test, tree), 3),
        "mae_days_known_by_then": round(_error(p, test, strict), 3),
        "median_by_last_event": round(_by_last(p, before, test), 3),
        "mean_by_length": round(_by_length(p, before, test), 3),
        "published": published,
        "splits_most": _explained(tree),
    }


def _grown(p: Prefixes, rows: Bools, done: Bools, growth: Growth, now: float = np.inf) -> Tree:
    lengths = np.minimum(p.left[rows], now - p.at[rows])
    return grow(p.columns[rows], p.facts, lengths, done[rows], growth)


def _error(p: Prefixes, rows: Bools, tree: Tree) -> float:
    middle = int(np.searchsorted(PROBS, 0.5))
    medians = tree.curves()[:, middle]
    said = np.where(np.isfinite(medians), medians, medians[np.isfinite(medians)].max(initial=0.0))
    return float(np.abs(said[tree.leaves(p.columns[rows])] - p.left[rows]).mean())


def _groups(tree: Tree) -> int:
    return sum(n.split is None for n in tree.nodes)


def _explained(tree: Tree) -> dict[str, int]:
    """The facts whose splits are worth most, in log-likelihood."""
    worth: Counter[str] = Counter()
    for node in tree.nodes:
        if node.split is not None:
            worth[tree.facts[node.split.fact].name] += round(node.split.gain)
    return dict(worth.most_common(8))


def _by_last(p: Prefixes, train: Bools, test: Bools) -> float:
    medians = {c: np.median(p.left[train & (p.last == c)]) for c in np.unique(p.last[train])}
    rest = np.median(p.left[train])
    said = np.array([medians.get(c, rest) for c in p.last[test]])
    return float(np.abs(said - p.left[test]).mean())


def _by_length(p: Prefixes, train: Bools, test: Bools) -> float:
    length = p.columns[:, 2]
    means = {k: p.left[train & (length == k)].mean() for k in np.unique(length[train])}
    rest = p.left[train].mean()
    said = np.array([means.get(k, rest) for k in length[test]])
    return float(np.abs(said - p.left[test]).mean())
