"""Stays as columns, and what was known of them at a moment."""

import numpy as np
from msgspec import Struct

from ofone.analytics.turnaround.curves import Array, Bools, Ints, curve, share_at

ENDED = 20
"""Fewer ends of a step do not show how long it can take."""
_ROUNDS = 5
"""Chances and curve depend on each other; by then neither moves."""


class Stays(Struct, frozen=True, kw_only=True):
    """One row for each time that somebody was in a step.

    ``step`` counts in ``names``; ``index`` is how often they had entered it by then, from 1.
    ``entered`` is in days since 1970, ``length`` in days: until done, or until the last look where
    it is not ``done``.
    """

    names: tuple[str, ...]
    step: Ints
    index: Ints
    entered: Array
    length: Array
    done: Bools

    def __len__(self) -> int:
        return len(self.step)

    def rows(self, chosen: Bools | Ints) -> "Stays":
        """These rows only."""
        return Stays(
            names=self.names,
            step=self.step[chosen],
            index=self.index[chosen],
            entered=self.entered[chosen],
            length=self.length[chosen],
            done=self.done[chosen],
        )

    def as_of(self, now: float, window: float = np.inf) -> "Stays":
        """What was known then of stays entered in the ``window`` days before: no later end."""
        mine = self.rows((self.entered < now) & (self.entered >= now - window))
        so_far = now - mine.entered
        return Stays(
            names=mine.names,
            step=mine.step,
            index=mine.index,
            entered=mine.entered,
            length=np.minimum(mine.length, so_far),
            done=mine.done & (mine.length <= so_far),
        )

    def waiting(self, times: float) -> Array:
        """The chance that each waits for the end, rather than having gone without a word.

        Whoever has not ended after ``times`` as long as 99 in 100 of those that did has gone: no
        date is owed to them, and none is learned from them. Of those who began too lately to be
        sure, it is Bayes' rule: as many will have gone as of those before, and the longer it has
        lasted, the likelier it is (a cure model; Taylor 1995). 0 ``times``: all wait.
        """
        found = np.ones(len(self))
        last = float((self.entered + self.length).max(initial=0.0))
        for step in np.unique(self.step).tolist() if times else ():
            mine = self.step == step
            ended = self.length[mine & self.done]
            if len(ended) < ENDED:
                continue
            long = times * float(np.quantile(ended, 0.99))
            open_ = mine & ~self.done
            gone = open_ & (self.length > long)
            sure = mine & self.done & (last - self.entered > long)
            left = gone.sum() / max(1, gone.sum() + sure.sum())
            found[gone] = 0.0
            young = open_ & ~gone
            for _ in range(_ROUNDS):
                whole = curve(self.length[mine], self.done[mine], found[mine])
                lasts = 1 - share_at(whole, self.length[young])
                found[young] = (1 - left) * lasts / np.maximum((1 - left) * lasts + left, 1e-9)
        return found
