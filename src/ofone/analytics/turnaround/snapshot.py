"""A snapshot of how long the steps of a playbook take, as it is told from then on."""

import numpy as np

from ofone.analytics.turnaround.curves import Array, days_at, log_normal
from ofone.analytics.turnaround.lived import Lived, lived
from ofone.analytics.turnaround.rolling import Plan, refits
from ofone.domain.errors import TooFew
from ofone.domain.times import DAY, MINUTE
from ofone.journeys.compiled import Compiled
from ofone.journeys.lengths import LEVELS, Course, Curve, Lengths
from ofone.journeys.library import Library
from ofone.runtime.ports import Store

PLAN = Plan(gone=2.0)
"""Of a company's own customers, most who stop do so without a word."""
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
            again=round(reopened / (ended + CHANCES), 4),
            opened=round((had + CHANCES / 2) / (passed + CHANCES), 4)
            if compiled.steps[name].step.optional
            else 0.0,
        )
    return found


def _kept(curve: Array) -> Curve:
    """To the minute, ascending; what was never seen is as long as the longest that was."""
    days = days_at(curve, np.array(LEVELS))
    known = days[np.isfinite(days)]
    days = np.where(np.isfinite(days), days, known.max(initial=0.0))
    lengths = [max(MINUTE, round(float(d) * DAY / MINUTE) * MINUTE) for d in days]
    return tuple(int(x) for x in np.maximum.accumulate(lengths))
