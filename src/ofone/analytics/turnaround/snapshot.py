"""A snapshot of how long the steps of a playbook take, as it is told from then on."""

from itertools import compress

import numpy as np

from ofone.analytics.turnaround.curves import Array, days_at, log_normal, pooled
from ofone.analytics.turnaround.lived import Lived, lived
from ofone.analytics.turnaround.rolling import Plan, Refit, refits
from ofone.analytics.turnaround.segments import OTHER, Fact, Growth, grow
from ofone.domain.errors import TooFew
from ofone.domain.times import DAY, MINUTE
from ofone.journeys.compiled import Compiled
from ofone.journeys.lengths import LEVELS, Apart, Course, Curve, Lengths
from ofone.journeys.library import Library
from ofone.runtime.ports import Store

PLAN = Plan(gone=2.0)
"""Of a company's own customers, most who stop do so without a word."""
FACTS = Growth(least=200, common=200, gain=10.0, deep=1, weight=50.0)
"""When a fact is worth telling apart; a likelihood ratio of e¹⁰ is not found by chance."""
CHANCES = 10
"""As how many journeys it counts that a step is not taken up again, or comes one time in two."""


def snapshot(store: Store, library: Library, plan: Plan | None = None) -> Lengths:
    """How long every step of the current playbooks takes, as far as the store knows; no number yet.

    Raises TooFew where nobody was ever in a step.
    """
    plan = plan or PLAN
    found, counts, until = {}, {}, 0
    for name, compiled in sorted(library.current.items()):
        known = lived(store, name, library.versions)
        until = max(until, known.until)
        counts[name] = len(known.stays)
        found[name] = courses(known, compiled, plan)
    if not any(counts.values()):
        raise TooFew(
            "nobody was ever in a step here, so nothing can be said of how long steps take; until "
            "then customers are told the playbook's figures"
        )
    return Lengths(until=until, stays=counts, playbooks=found)


def courses(lived: Lived, compiled: Compiled, plan: Plan) -> dict[str, Course]:
    """A course for every step of the playbook, from what was known at the end of ``lived``.

    Where nobody was in a step yet, it is the playbook's own figures.
    """
    names = tuple(compiled.steps)
    stays = lived.columns(names)
    priors = {
        n: log_normal(ready.usual / DAY, ready.most / DAY)
        for n, ready in enumerate(compiled.steps.values())
    }
    now = lived.until / DAY
    refit = next(iter(refits(stays, plan, now, now + 1, priors)))
    counts = refit.curves.counts
    found = {}
    for n, name in enumerate(names):
        deep = max((i for step, i in counts if step == n), default=0) or 1
        curves = [refit.curves.of(n, i) for i in range(1, deep + 1)]
        reopened, ended = lived.again.get(name, (0, 0))
        had, passed = lived.opened.get(name, (0, 0))
        found[name] = Course(
            # Where nobody was, there is nothing that the playbook's figures were ever wrong by.
            curves=tuple(
                _kept(refit.bend.bent(n, c) if (n, 0) in counts else c)
                for c in curves
                if c is not None
            ),
            counts=tuple(counts.get((n, i), 0) for i in range(1, deep + 1)),
            apart=_apart(lived, refit, plan, name, n),
            again=round(reopened / (ended + CHANCES), 4),
            opened=round((had + CHANCES / 2) / (passed + CHANCES), 4)
            if compiled.steps[name].step.optional
            else 0.0,
        )
    return found


def _apart(lived: Lived, refit: Refit, plan: Plan, name: str, step: int) -> Apart | None:
    """The one fact that makes most difference to how long first stays in a step take, if any.

    Both sides need ``FACTS.least`` stays and the split its gain in log-likelihood; either side is
    pooled with the step's curve, so that what it says apart is what its own stays show.
    """
    since = lived.until - plan.window * DAY
    mine = [s for s in lived.stays if s.step == name and s.index == 1 and s.entered >= since]
    rows = lived.columns((name,), mine)
    each = rows.waiting(plan.gone)
    there = each > 0
    mine, rows, each = list(compress(mine, there.tolist())), rows.rows(there), each[there]
    names = sorted({fact for s in mine for fact, _ in s.facts})
    wider = refit.curves.of(step, 1)
    if not names or wider is None:
        return None
    said = [dict(s.facts) for s in mine]
    texts = {fact: sorted({facts[fact] for facts in said if fact in facts}) for fact in names}
    codes = {fact: {text: n for n, text in enumerate(found)} for fact, found in texts.items()}
    columns = np.array(
        [[float(codes[f].get(facts.get(f, ""), OTHER)) for f in names] for facts in said]
    )
    tree = grow(columns, [Fact(f, codes=True) for f in names], rows.length, rows.done, FACTS)
    split = tree.nodes[0].split
    if split is None:
        return None
    fact, common = names[split.fact], tree.known[split.fact] or frozenset()
    # What is rare, new or not said is with the rest, on whichever side of the split it fell.
    named = split.codes if OTHER not in split.codes else common - split.codes
    inside = np.isin(columns[:, split.fact], list(named))
    curves = [
        _kept(
            refit.bend.bent(
                step, pooled(rows.length[m], rows.done[m], wider, FACTS.weight, each[m])
            )
        )
        for m in (inside, ~inside)
    ]
    return Apart(
        fact=fact,
        values=tuple(texts[fact][int(code)] for code in sorted(named)),
        curve=curves[0],
        rest=curves[1],
        counts=(int(inside.sum()), int((~inside).sum())),
    )


def _kept(curve: Array) -> Curve:
    """To the minute, ascending; what was never seen is as long as the longest that was."""
    days = days_at(curve, np.array(LEVELS))
    known = days[np.isfinite(days)]
    days = np.where(np.isfinite(days), days, known.max(initial=0.0))
    lengths = [max(MINUTE, round(float(d) * DAY / MINUTE) * MINUTE) for d in days]
    return tuple(int(x) for x in np.maximum.accumulate(lengths))
