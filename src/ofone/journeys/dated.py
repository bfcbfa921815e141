"""Which messages are tied to a date and wait for it."""

from ofone.domain.times import Micros
from ofone.journeys.compiled import Planned, Ready
from ofone.journeys.draft import Draft
from ofone.journeys.library import SILENCE


def dated(draft: Draft) -> tuple[Micros, ...]:
    """When messages that come before a date are planned, over all journeys, in order; not in the
    past: what is due already goes out now.
    """
    found = []
    for name, due in draft.timers.items():
        if name.startswith(SILENCE):
            continue
        number, step, _, kind, *rest = name.split("/")
        journey = draft.journeys[int(number)]
        ready = draft.compiled(journey).steps.get(step)
        planned = _planned(ready, kind, rest) if ready is not None else None
        if planned is not None and planned.touch.send and planned.moment.before:
            only = planned.touch.for_
            if not only or journey.steps[step].approach in only:
                found.append(max(due, draft.now))
    return tuple(sorted(found))


def _planned(ready: Ready, kind: str, rest: list[str]) -> Planned | None:
    """The touch that a timer stands for, if it stands for one that the playbook still has."""
    match kind:
        case "a":
            plan = ready.accompany.get(rest[0], ())
        case "x":
            plan = ready.reactions[rest[0]].then if rest[0] in ready.reactions else ()
        case "m":
            return ready.moved
        case _:
            return None
    return plan[int(rest[1])] if int(rest[1]) < len(plan) else None
