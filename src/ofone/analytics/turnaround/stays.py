"""Stays as columns, and what was known of them at a moment."""

import numpy as np
from msgspec import Struct

from ofone.analytics.turnaround.curves import Array, Bools, Ints

ENDED = 20
"""Fewer ends of a step do not show how long it can take."""


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

    def gone(self, times: float) -> Bools:
        """Who has gone rather than waits: no date is owed to them, and none is learned from them.

        A stay that has not ended after ``times`` as long as 99 in 100 of those that did. Younger
        stays that have not ended always count, since nobody knows of them yet. 0: nobody.
        """
        found = np.zeros(len(self), np.bool_)
        for step in np.unique(self.step).tolist() if times else ():
            mine = self.step == step
            ended = self.length[mine & self.done]
            if len(ended) >= ENDED:
                found |= mine & ~self.done & (self.length > times * np.quantile(ended, 0.99))
        return found
