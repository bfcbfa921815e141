"""Where people usually stand at a stage: a playbook's prior for the needs at each of its steps.

theta = usual + trait + state: beliefs are kept about the deviation from what is usual, so that in
silence the state fades towards the stage's own mean, and a new step shifts it without forgetting
the person. Nothing but the step counts: never a trait of the customer.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ofone.domain.state import Journey
from ofone.domain.times import Micros
from ofone.domain.words import Need
from ofone.journeys.library import Library

_NOTHING: Mapping[Need, float] = MappingProxyType({})


def usual(journeys: Iterable[Journey], library: Library, at: Micros) -> Mapping[Need, float]:
    """The usual means, in standard deviations, at the step that was entered last by ``at``."""
    latest, found = -1, _NOTHING
    if not library.staged:
        return found
    for journey in journeys:
        steps = library.version(journey.playbook, journey.version).usually
        if steps and (journey.ended is None or at <= journey.ended):
            for name, step in journey.steps.items():
                if step.entered is not None and latest < step.entered <= at:
                    latest, found = step.entered, steps.get(name, _NOTHING)
    return found
