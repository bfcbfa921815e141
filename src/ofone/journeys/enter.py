"""Which journeys an event begins, which it belongs to, and what they take from it."""

from bisect import insort

from msgspec.structs import replace

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Happened
from ofone.domain.state import Journey
from ofone.journeys.compiled import Compiled
from ofone.journeys.conditions import Condition
from ofone.journeys.draft import Draft
from ofone.journeys.progress import mark
from ofone.journeys.schedule import unreadable
from ofone.profiles.fold import newer


def check_dates(draft: Draft, event: Happened) -> None:
    """Raises UnusableEvent where what should be an appointment is no moment.

    Asked of the playbooks that the event may concern, before anything of it is taken: accepted in
    silence, nobody would be reminded of that appointment.
    """
    library = draft.facts.library
    if library.dates.isdisjoint(event.properties):
        return
    books = [draft.compiled(j) for j in draft.journeys]
    books += [*library.entries.get(event.name, ()), *library.awaited.get(event.name, ())]
    for step in (ready.step for c in books for ready in c.steps.values()):
        value = event.properties.get(step.date) if step.date else None
        if unreadable(value):
            raise UnusableEvent(
                f"{event.name!r} says {step.date} {value!r:.60}, which is no moment, and step "
                f"{step.id!r} has its appointment there; write ISO 8601 with a zone, such as "
                "2026-03-14T09:30:00+01:00, or null to take the appointment back"
            )


def begin(draft: Draft, event: Happened) -> list[int]:
    """Begin the journeys that this event is the entry of; the numbers of the new ones."""
    begun = []
    for compiled in draft.facts.library.entries.get(event.name, ()):
        key = _key(compiled, event)
        if not holds(compiled.entry_condition, draft, event):
            continue
        if key is None and compiled.playbook.entry.key:
            raise UnusableEvent(
                f"{event.name!r} begins a {compiled.name} journey, which is known by its property "
                f"{compiled.playbook.entry.key!r}; add that property"
            )
        if not _may_begin(draft, compiled, key or ""):
            continue
        journey = Journey(
            number=len(draft.journeys),
            playbook=compiled.name,
            version=compiled.version,
            key=key or "",
            started=event.at,
        )
        draft.put(journey)
        waiting = [e for e in draft.early if _belongs(compiled, e, key)]
        if waiting:
            draft.early = tuple(e for e in draft.early if e not in waiting)
        take_in(draft, journey.number, event)
        for earlier in waiting:
            take_in(draft, journey.number, earlier)
        begun.append(journey.number)
    return begun


def concerned(draft: Draft, event: Happened) -> list[int]:
    """The numbers of the journeys this event is about.

    With the business key, the latest journey of that key; without one, the only active journey of
    the playbook, or the latest when all have ended. Raises UnusableEvent when several are active.
    """
    found: list[int] = []
    for playbook in dict.fromkeys([j.playbook for j in draft.journeys]):
        mine = [j for j in draft.journeys if j.playbook == playbook]
        books = [draft.compiled(j) for j in mine]
        compiled = books[-1]
        # Each journey runs on its own version; what one of them no longer uses, another may.
        used = any(event.name in c.uses for c in books)
        if not used and all(c.remember.isdisjoint(event.properties) for c in books):
            continue
        key = _key(compiled, event)
        if key is not None:
            mine = [j for j in mine if j.key == key][-1:]
        else:
            mine = [j for j in mine if j.status == "active"] or mine[-1:]
            if len(mine) > 1 and used:
                keys = ", ".join(j.key or "(none)" for j in mine)
                raise UnusableEvent(
                    f"{event.name!r} does not say which {playbook} journey it is about; set its "
                    f"property {compiled.playbook.entry.key!r} to one of: {keys}"
                )
        found += [j.number for j in mine if event.at >= j.started or used]
    return found


def take_in(draft: Draft, number: int, event: Happened) -> None:
    """Note in one journey what the event says: remembered properties, marks, ends."""
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    said = {k: v for k, v in event.properties.items() if k in compiled.remember}
    facts = newer(journey.facts, said, event.at) if said else journey.facts
    steps, closings, seen = journey.steps, journey.closings, journey.seen
    for use in compiled.uses.get(event.name, ()):
        if not holds(use.condition, draft, event):
            continue
        match use.role:
            case "closes" | "reopens":
                what = use.target if use.role == "closes" else f"reopen:{use.target}"
                if (event.at, what) not in closings:
                    kept = list(closings)
                    insort(kept, (event.at, what))
                    closings = tuple(kept)
            case "tells":
                if event.at > seen.get(event.name, 0):
                    seen = seen | {event.name: event.at}
            case _:
                steps = steps | {use.target: mark(steps.get(use.target), use.role, event.at)}
    if (
        facts is not journey.facts
        or steps is not journey.steps
        or closings is not journey.closings
        or seen is not journey.seen
    ):
        draft.put(replace(journey, facts=facts, steps=steps, closings=closings, seen=seen))


def _key(compiled: Compiled, event: Happened) -> str | None:
    name = compiled.playbook.entry.key
    value = event.properties.get(name) if name else None
    return None if value is None else str(value)


def _belongs(compiled: Compiled, event: Happened, key: str | None) -> bool:
    return event.name in compiled.uses and _key(compiled, event) in (None, key)


def _may_begin(draft: Draft, compiled: Compiled, key: str) -> bool:
    mine = [j for j in draft.journeys if j.playbook == compiled.name]
    match compiled.playbook.entry.again:
        case "per key":
            return all(j.key != key for j in mine)
        case "after end":
            return all(j.key != key or j.status != "active" for j in mine)
        case _:
            return all(j.status != "active" for j in mine)


def holds(condition: Condition | None, draft: Draft, event: Happened) -> bool:
    """Whether a condition on the event and the traits holds; none always does."""
    if condition is None:
        return True
    context = {
        "event": event.properties,
        "traits": {k: d.value for k, d in draft.profile.traits.items()},
        "facts": {},
    }
    return condition.fails(context) is None
