"""The word kept: before a told range ends, the customer hears that it takes longer, and how long.

The range of a step is told by the tracker from the moment the step begins, and every message of the
step names the same. When it will soon end and the step is still open, another one takes its place:
on the tracker at once, whatever the guards say; the message follows as they let it. So when it
moves depends on nothing but the step, its days and its appointment, and a helper who sees the dates
sees nothing of needs.
"""

from msgspec.structs import replace

from ofone.domain.state import Told
from ofone.domain.times import Micros
from ofone.journeys.dates import booked, curve_of, figures, moved, renewed, watched
from ofone.journeys.draft import Draft
from ofone.journeys.lengths import Curve
from ofone.journeys.place import Place
from ofone.journeys.say import say
from ofone.journeys.schedule import Length

SAY = "l/say"
_PASSED = Length(1, "business day")


def promise(place: Place, *, again: bool = False) -> None:
    """A step begins: note what is told of it, and watch it (``again``: what was told stands)."""
    draft, compiled, ready = place.draft, place.compiled, place.ready
    lengths = draft.facts.library.lengths
    known = place.journey.told.get(place.name) if again else None
    if known is None:
        usual, most = figures(place.journey, ready, place.step.attempts, lengths)
        # Of what is heard of late, as in an imported log, the first range was told to nobody.
        first = (place.entered + usual, place.entered + most)
        told = _renewed(place, first)
        _tell(place, Told(*told, place.entered if told == first else draft.now))
    elif (
        known.was is not None
        and place.journey.sent.get(ready.step.late, -1) < known.at
        and draft.now - known.at <= compiled.rules.stale
    ):
        draft.set_timer(place.timer(SAY), draft.now)  # it was waiting to be said
    watch(place)


def note(place: Place, *, again: bool = False) -> None:
    """A step begins that nobody watches: what is told of it stays, whatever is measured later."""
    if not again or place.name not in place.journey.told:
        lengths = place.draft.facts.library.lengths
        usual, most = figures(place.journey, place.ready, place.step.attempts, lengths)
        _tell(place, Told(place.entered + usual, place.entered + most, place.entered))


def watch(place: Place) -> None:
    """Set the clock by what was told last; also when an appointment was made or moved."""
    place.draft.set_timer(place.timer("l"), max(_due(place), place.draft.now))


def forget(draft: Draft, number: int, name: str) -> None:
    """The step is left, or begins anew: what was told of it is over."""
    journey = draft.journeys[number]
    if name in journey.told:
        draft.put(replace(journey, told={n: t for n, t in journey.told.items() if n != name}))


def move(place: Place, since: Micros) -> None:
    """Tell another range, unless an appointment was made in the meantime."""
    due, now = _due(place), place.draft.now
    if due > now:
        watch(place)
        return
    told, fixed = place.journey.told[place.name], _governs(place)
    was = (told.start, told.end) if fixed is None else (fixed, fixed)
    _tell(place, Told(*_renewed(place, _moved(place, due)), now, was))
    watch(place)
    unsaid = {k: v for k, v in place.journey.sent.items() if k != place.ready.step.late}
    place.draft.put(replace(place.journey, sent=unsaid))
    explain(place, since)


def explain(place: Place, since: Micros) -> None:
    """Say that the range was moved, and why; now, or when the guards let it."""
    late, why = place.ready.late, place.ready.step.late_because
    if late is not None:
        because = f": {why}" if why else ""
        say(place, late, place.timer(SAY), since, f"it takes longer than was told{because}")


def _moved(place: Place, at: Micros) -> tuple[Micros, Micros]:
    return moved(place.compiled, place.ready, place.entered, at, _curve(place))


def _renewed(place: Place, told: tuple[Micros, Micros]) -> tuple[Micros, Micros]:
    now = place.draft.now
    return renewed(place.compiled, place.ready, place.entered, told, now, _curve(place))


def _curve(place: Place) -> Curve | None:
    lengths = place.draft.facts.library.lengths
    if lengths is None:
        return None
    return curve_of(place.journey, place.ready, place.step.attempts, lengths)


def _tell(place: Place, told: Told) -> None:
    journey = place.journey
    place.draft.put(replace(journey, told=journey.told | {place.name: told}))


def _due(place: Place) -> Micros:
    """An appointment is late only once it has passed; a range is to be replaced before its end."""
    fixed = _governs(place)
    if fixed is not None:
        return place.compiled.after(fixed, _PASSED)
    told = place.journey.told[place.name]
    return watched(place.compiled, told.start, told.end)


def _governs(place: Place) -> Micros | None:
    """The appointment, where it is what was told last: one that lies after the range was told."""
    fixed = booked(place.journey, place.ready.step.date)
    return fixed if fixed is not None and fixed > place.journey.told[place.name].at else None
