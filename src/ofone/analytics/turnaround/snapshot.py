"""A snapshot of how long the steps of a playbook take, as it is told from then on."""

import numpy as np

from ofone.analytics.turnaround.curves import PROBS, Array, days_at, log_normal
from ofone.analytics.turnaround.lived import Lived
from ofone.analytics.turnaround.rolling import Plan, refits
from ofone.domain.times import DAY, MINUTE
from ofone.journeys.compiled import Compiled
from ofone.journeys.lengths import LEVELS, Course, Curve

CHANCES = 10
"""As how many journeys it counts that a step is not taken up again, or comes one time in two."""


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


def curve_of(kept: Curve) -> Array:
    """A curve that was kept, again at ``PROBS``."""
    days = np.array(kept) / DAY
    found: Array = np.interp(PROBS, np.append(0.0, LEVELS), np.append(0.0, days))
    return found
