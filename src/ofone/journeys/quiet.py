"""“Nothing needs you now”: said once in a step, when it was quiet for longer than is wished.

How long that is, the customer says (``cadence``; who wants none gets none); else their acts do;
else the playbook. Each message begins the wait anew, whatever it was about.
"""

from msgspec.structs import replace

from ofone.domain.times import DAY, Micros
from ofone.journeys.compiled import Calm
from ofone.journeys.draft import Draft
from ofone.journeys.library import SILENCE
from ofone.journeys.place import Place
from ofone.journeys.progress import current_steps
from ofone.journeys.say import say
from ofone.profiles.preferences import WEEK, cadence, stated
from ofone.profiles.stated import personal, read_cadence

SAY = "n"
"""The kind of its timer."""


def calm(place: Place, *, fired: bool = False) -> None:
    """Say it if its time has come, else set the clock by what is known of the customer now.

    What should have been said long ago, as in an imported log, is waited for anew, unless its clock
    ran out just now (``fired``): then acts since made the wait shorter than the clock was.
    """
    ready = place.ready.calm
    if ready is None or ready.planned.touch.send in place.journey.sent:
        return
    draft, timer = place.draft, place.timer(SAY)
    last = max([place.entered, *draft.contacts[-1:]])
    due, why = _due(place, ready, last)
    if not fired and due is not None and draft.now - due > place.compiled.rules.stale:
        due, why = _due(place, ready, draft.now)
    if due is None:
        draft.drop_timer(timer)
    elif due > draft.now:
        draft.set_timer(timer, due)
    elif _needed(draft):
        draft.set_timer(timer, draft.now + DAY)
    else:
        say(place, ready.planned, timer, draft.now, why)


def acted(draft: Draft) -> None:
    """An act of the customer tells how often they like to hear: set the clocks by it."""
    for timer in draft.before.timers:
        if not timer.name.endswith(f"/{SAY}") or timer.name.startswith(SILENCE):
            continue
        if timer.name in draft.timers:
            number, step, *_ = timer.name.split("/")
            calm(Place(draft, int(number), step))


def _due(place: Place, ready: Calm, last: Micros) -> tuple[Micros | None, str]:
    """When it has been quiet for too long since ``last``, None for never; and by whose measure."""
    draft = place.draft
    word = stated(draft.profile, "cadence")
    if word is not None:
        a_week = read_cadence(word)
        said = f"it was quiet for longer than the customer asked for ({word})"
        return (last + round(WEEK / a_week) if a_week else None), said
    if draft.profile.habits and personal(draft.profile):
        here = replace(draft.before, profile=draft.profile, journeys=draft.journeys)
        purpose = place.compiled.actions[ready.planned.touch.send].purpose
        belief = cadence(here, draft.now, purpose)
        if belief.evidence:
            said = f"it was quiet for longer than their acts ask for ({belief.mean:.1f} a week)"
            return last + round(WEEK / belief.mean), said
    length = ready.after
    said = f"it was quiet for {length.amount} {length.unit}{'s' * (length.amount != 1)}"
    return place.compiled.after(last, length), said


def _needed(draft: Draft) -> bool:
    """Whether the customer has something to do at any step of any journey."""
    for journey in draft.journeys:
        steps = draft.compiled(journey).steps
        for name in current_steps(journey):
            if name in steps and steps[name].step.you_do and steps[name].step.needs_you:
                return True
    return False
