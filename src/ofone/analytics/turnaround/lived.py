"""The stays of customers' journeys, from the marks that their steps carry."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from ofone.analytics.turnaround.stays import Stays
from ofone.domain.state import CustomerState, Journey, StepState
from ofone.domain.times import DAY, Micros
from ofone.journeys.compiled import Compiled
from ofone.journeys.progress import derive
from ofone.runtime.codec import decode_state
from ofone.runtime.ports import Store


class Stay(Struct, frozen=True, kw_only=True):
    """One time that a customer was in a step, by the source's times. ``index``: attempts, from 1.

    ``ended`` is when it was done, or (``done`` is false) from when on it was not waited for any
    more: skipped, or the journey was over. None: it still goes on. ``facts``: the texts that were
    remembered by then.
    """

    customer: str
    journey: int
    step: str
    index: int
    entered: Micros
    ended: Micros | None
    done: bool
    facts: tuple[tuple[str, str], ...] = ()


class Lived(Struct, frozen=True, kw_only=True):
    """All stays in journeys of one playbook, and how they went on.

    ``until``: the last that is known of anybody. ``again``: of the times that a step was done, how
    often it was taken up again. ``opened``: of the journeys that came past an optional step, how
    many had it.
    """

    stays: tuple[Stay, ...]
    until: Micros
    again: Mapping[str, tuple[int, int]]
    opened: Mapping[str, tuple[int, int]]

    def columns(self, names: tuple[str, ...], among: Iterable[Stay] | None = None) -> Stays:
        """The stays (``among`` these, else all) in these steps as columns."""
        mine = [s for s in (self.stays if among is None else among) if s.step in names]
        codes = {name: n for n, name in enumerate(names)}
        ends = [s.ended if s.ended is not None else self.until for s in mine]
        return Stays(
            names=names,
            step=np.array([codes[s.step] for s in mine], np.int64),
            index=np.array([s.index for s in mine], np.int64),
            entered=np.array([s.entered / DAY for s in mine], np.float64),
            length=np.array(
                [max(0, e - s.entered) / DAY for e, s in zip(ends, mine, strict=True)], np.float64
            ),
            done=np.array([s.done for s in mine], np.bool_),
        )


def lived(store: Store, playbook: str, versions: Mapping[tuple[str, str], Compiled]) -> Lived:
    """Every journey of a playbook that the store holds, whichever version it runs on."""
    stays: list[Stay] = []
    again: dict[str, list[int]] = {}
    opened: dict[str, list[int]] = {}
    until = 0
    for state in _states(store):
        until = max(until, state.now)
        for journey in state.journeys:
            if journey.playbook != playbook:
                continue
            compiled = versions[playbook, journey.version]
            mine = list(stays_of(compiled, state.customer, journey))
            stays += mine
            _count(compiled, journey, mine, again, opened)
    return Lived(
        stays=tuple(stays),
        until=until,
        again={step: (n, of) for step, (n, of) in again.items()},
        opened={step: (n, of) for step, (n, of) in opened.items()},
    )


def stays_of(compiled: Compiled, customer: str, journey: Journey) -> Iterator[Stay]:
    """The stays of one journey, as they would have been seen event by event.

    A step that is begun anew before it was done is a second stay, and the first goes on: it ends
    when the step is done, since that is what was told.
    """
    found: dict[str, list[Stay]] = {}
    for at in _moments(journey):
        then = _then(compiled, journey, at)
        over = then.ended
        for name, step in then.steps.items():
            own = found.setdefault(name, [])
            if step.status in ("done", "skipped") and step.done is not None:
                _close(own, step.done, done=step.status == "done")
            elif (
                over is None
                and step.status == "current"
                and step.entered is not None
                and (not own or step.entered > own[-1].entered)
            ):
                own.append(
                    Stay(
                        customer=customer,
                        journey=journey.number,
                        step=name,
                        index=step.attempts + 1,
                        entered=step.entered,
                        ended=None,
                        done=False,
                        facts=_texts(journey, step.entered),
                    )
                )
        if over is not None:
            for own in found.values():
                _close(own, over, done=False)
    for own in found.values():
        yield from own


def _texts(journey: Journey, by: Micros) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, fact.value)
        for name, fact in sorted(journey.facts.items())
        if isinstance(fact.value, str) and fact.at <= by
    )


def _close(own: list[Stay], at: Micros, *, done: bool) -> None:
    own[:] = [s if s.ended is not None else replace(s, ended=at, done=done) for s in own]


def _moments(journey: Journey) -> list[Micros]:
    marks = {at for step in journey.steps.values() for at, _ in step.marks}
    return sorted({journey.started, *marks, *(at for at, _ in journey.closings)})


def _then(compiled: Compiled, journey: Journey, at: Micros) -> Journey:
    """The journey as it was at a moment, had it been told of everything at once."""
    return derive(
        compiled,
        replace(
            journey,
            steps={
                name: StepState(marks=tuple(m for m in step.marks if m[0] <= at))
                for name, step in journey.steps.items()
            },
            closings=tuple(c for c in journey.closings if c[0] <= at),
        ),
    )


def _count(
    compiled: Compiled,
    journey: Journey,
    stays: Iterable[Stay],
    again: dict[str, list[int]],
    opened: dict[str, list[int]],
) -> None:
    """A step done and taken up again is one more stay; the last one of each leads nowhere."""
    by_step: dict[str, list[Stay]] = {}
    for stay in stays:
        by_step.setdefault(stay.step, []).append(stay)
    for step, own in by_step.items():
        ended = [s for s in own if s.done and s.ended is not None]
        times = again.setdefault(step, [0, 0])
        for moment in {s.ended for s in ended}:
            times[1] += 1
            times[0] += any(s.entered >= (moment or 0) for s in own)
    for name, ready in compiled.steps.items():
        if ready.step.optional:
            later = [journey.steps.get(x) for x in ready.later]
            if any(s is not None and s.status == "done" for s in later):
                share = opened.setdefault(name, [0, 0])
                share[1] += 1
                share[0] += name in by_step


def _states(store: Store) -> Iterator[CustomerState]:
    after = ""
    while rows := store.customers(after):
        for row in rows:
            after = row.customer
            yield decode_state(row.body)
