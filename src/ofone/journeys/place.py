"""Where in a draft something happens: one step of one journey, read afresh at each use."""

from collections.abc import Mapping
from typing import Any

from ofone.domain.state import Journey, StepState
from ofone.domain.times import Micros
from ofone.domain.words import NEEDS
from ofone.journeys.compiled import Compiled, Ready
from ofone.journeys.draft import Draft
from ofone.journeys.schedule import days_between
from ofone.journeys.stage import usual
from ofone.needs.model import Assessment, assess
from ofone.profiles.stated import personal


class Place:
    """A step of a journey in the making; what it gives is always the draft's latest."""

    __slots__ = ("compiled", "draft", "name", "number", "ready")

    def __init__(self, draft: Draft, number: int, name: str) -> None:
        self.draft = draft
        self.number = number
        self.name = name
        self.compiled: Compiled = draft.compiled(draft.journeys[number])
        self.ready: Ready = self.compiled.steps[name]

    @property
    def journey(self) -> Journey:
        return self.draft.journeys[self.number]

    @property
    def step(self) -> StepState:
        return self.journey.steps[self.name]

    @property
    def entered(self) -> Micros:
        """When the step became current, by the source's time."""
        entered = self.step.entered
        return entered if entered is not None else self.draft.now

    @property
    def days(self) -> int:
        """Whole days in this step so far."""
        return days_between(self.entered, self.draft.now)

    def timer(self, kind: str) -> str:
        """The name of a timer of this attempt at this step."""
        return f"{self.number}/{self.name}/{self.step.attempts}/{kind}"

    def trait(self, name: str) -> str:
        """A trait of the customer as text; empty when it is not known."""
        known = self.draft.profile.traits.get(name)
        return "" if known is None or known.value is None else str(known.value)

    def context(self) -> Mapping[str, Any]:
        """What conditions of approaches and touches may ask about, as it is when first asked."""
        return _Context(self)


class _Context(dict[str, Any]):
    """The parts of a context, each made when a condition asks for it."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place

    def __missing__(self, name: str) -> Mapping[str, Any]:
        place = self.place
        found: Mapping[str, Any]
        match name:
            case "traits":
                found = {k: d.value for k, d in place.draft.profile.traits.items()}
            case "facts":
                found = {k: d.value for k, d in place.journey.facts.items()}
            case "needs":
                found = _Needs(place.draft, place.compiled.playbook.cut)
            case "step":
                found = {"attempts": place.step.attempts, "days": place.days}
            case _:
                raise KeyError(name)
        self[name] = found
        return found


class _Needs(dict[str, Assessment]):
    """Assessments made when a condition asks for them."""

    def __init__(self, draft: Draft, cut: float) -> None:
        super().__init__()
        self.draft, self.cut = draft, cut

    def __missing__(self, need: str) -> Assessment:
        known = next(n for n in NEEDS if n == need)
        draft = self.draft
        stage = usual(draft.journeys, draft.facts.library, draft.now)
        # Who switched personalisation off is treated as somebody of whom nothing is known.
        own = draft.needs.get(known) if personal(draft.profile) else None
        found = assess(own, draft.now, known, self.cut, stage.get(known, 0.0))
        self[need] = found
        return found
