"""How long steps take, as measured: a numbered snapshot, frozen like the policy's.

With one in force, the dates that customers are told come from it instead of the playbook's figures;
the log says which was in force, so that every date can be told again. A length is in microseconds,
in whole minutes, the same on every machine.
"""

from bisect import bisect_right
from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from ofone.domain.times import Micros

LEVELS = tuple(n / 100 for n in range(1, 100))
"""The shares of a curve: by its first length one in a hundred is done, by its last 99."""
NOTHING: Mapping[str, object] = MappingProxyType({})
Curve = tuple[Micros, ...]
"""The lengths at ``LEVELS``, ascending."""


class Apart(Struct, frozen=True, kw_only=True):
    """A remembered fact, such as a vendor, that makes a difference to a step's first stay.

    ``curve`` is of those with one of ``values``, ``rest`` of all others.
    """

    fact: str
    values: tuple[str, ...]
    curve: Curve
    rest: Curve
    counts: tuple[int, int]


class Course(Struct, frozen=True, kw_only=True):
    """One step: a curve for each time that it is entered, the last for all later ones.

    ``counts``: stays behind each curve. ``again``: the chance that it is taken up again once done.
    ``opened``: of an optional step, the chance that it comes at all. ``apart``: what is known of
    the first stay by a fact, where that makes a difference.
    """

    curves: tuple[Curve, ...]
    counts: tuple[int, ...]
    again: float = 0.0
    opened: float = 0.0
    apart: Apart | None = None

    def curve(self, attempts: int, facts: Mapping[str, object] = NOTHING) -> Curve:
        """The curve of the stay after so many earlier ones, in a journey with these facts."""
        if self.apart is not None and not attempts:
            mine = facts.get(self.apart.fact) in self.apart.values
            return self.apart.curve if mine else self.apart.rest
        return self.curves[min(attempts, len(self.curves) - 1)]


class Lengths(Struct, frozen=True, kw_only=True):
    """A snapshot: its number from 1, and a course for each step of each playbook it was made of.

    ``until``: the last that was known when it was made. ``stays``: how many it was made of.
    """

    number: int = 0
    until: Micros = 0
    stays: dict[str, int] = {}
    playbooks: dict[str, dict[str, Course]] = {}

    def course(self, playbook: str, step: str) -> Course | None:
        """What is known of a step; None for one that this snapshot has never heard of."""
        return self.playbooks.get(playbook, {}).get(step)


def quoted(curve: Curve) -> tuple[Micros, Micros]:
    """The range that is told: half are done by the first length, nine in ten by the second."""
    return curve[49], curve[89]


def at_share(curve: Curve, share: float) -> Micros:
    """By when this share is done; nothing is made up beyond 99 in a hundred."""
    place = min(max(share * 100, 0.0), 99.0)
    low = int(place)
    first = curve[low - 1] if low else 0
    return first + round((curve[min(low, 98)] - first) * (place - low))


def share_at(curve: Curve, length: Micros) -> float:
    """The share that is done by a length, at most .99."""
    low = bisect_right(curve, length)
    if low >= len(curve):
        return LEVELS[-1]
    first = curve[low - 1] if low else 0
    return (low + (length - first) / (curve[low] - first)) / 100
