"""What would change for a running journey if it moved to another version of its playbook."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.errors import NotFound
from ofone.domain.state import Journey
from ofone.domain.times import Micros
from ofone.journeys.compiled import Compiled, Planned, Ready
from ofone.journeys.phrases import lasting
from ofone.journeys.progress import current_steps, derive


class Move(Struct, frozen=True, kw_only=True):
    """One journey that would move. ``blocked`` says why it cannot, or is empty."""

    customer: str
    journey: int
    key: str
    from_version: str
    to_version: str
    steps_before: list[str]
    steps_after: list[str]
    status_after: str
    changes: list[str]
    blocked: str = ""


def compare(
    customer: str, journey: Journey, old: Compiled, new: Compiled, now: Micros | None = None
) -> Move:
    """The difference for one journey: where it stands now, and where it would stand.

    ``changes`` tells of its steps, and of what is still ahead of it in the playbook. With ``now``
    it also tells what would be due at once.
    """
    there = derive(new, replace(journey, version=new.version))
    behind = {n for n, s in journey.steps.items() if s.status in ("done", "skipped")}
    lost = [
        name
        for name, s in journey.steps.items()
        if name not in new.steps and s.status in ("current", "done")
    ]
    current = [name for name in current_steps(journey) if name not in new.steps]
    changes = [f"step {name!r} is gone, its history is kept but not shown" for name in lost]
    changes += [
        f"step {name!r} is gone before it was reached"
        for name in old.steps
        if name not in new.steps and name not in behind and name not in lost
    ]
    changes += [f"step {name!r} is new" for name in new.steps if name not in old.steps]
    changes += [
        f"step {name!r} is now {there.steps[name].status}, was {s.status}"
        for name, s in journey.steps.items()
        if name in there.steps and there.steps[name].status != s.status
    ]
    for name in new.steps:
        known = there.steps.get(name)
        if name in old.steps and (known is None or known.status in ("current", "ahead")):
            changes += _changed(name, old, new)
    if now is not None and there.status == "active" and not current:
        changes += _due(journey, there, new, now)
    blocked = f"it is in step {current[0]!r}, which the new version lacks" if current else ""
    return Move(
        customer=customer,
        journey=journey.number,
        key=journey.key,
        from_version=journey.version,
        to_version=new.version,
        steps_before=current_steps(journey),
        steps_after=current_steps(there),
        status_after=there.status,
        changes=changes,
        blocked=blocked,
    )


def followed(new: Compiled, names: Iterable[str]) -> None:
    """Check that a folder knows this playbook at all. Raises NotFound with those it knows.

    ``names`` are the playbooks that the folder holds, in any version.
    """
    there = sorted(set(names))
    if new.name not in there:
        close = get_close_matches(new.name, there, 1)
        guess = f"is {close[0]!r} meant? " if close else ""
        raise NotFound(
            f"no journey here follows a playbook {new.name!r}; {guess}"
            f"the folder holds: {', '.join(there) or 'none yet'}"
        )


_SAID = ("title", "happens", "you_do", "act")


def _changed(name: str, old: Compiled, new: Compiled) -> Iterator[str]:
    """What is different in a step that both versions have."""
    before, after = old.steps[name], new.steps[name]
    was, now = before.step, after.step
    if was.days != now.days:
        yield (
            f"step {name!r} takes {lasting(now.days.usual)} to {lasting(now.days.most)}, "
            f"was {lasting(was.days.usual)} to {lasting(was.days.most)}"
        )
    if before.after != after.after:
        yield f"step {name!r} waits for {', '.join(after.after) or 'nothing'}"
    if any(
        getattr(was, part) != getattr(now, part)
        for part in ("opens", "completes", "repeats", "skips")
    ):
        yield f"step {name!r} has other events"
    touches = ("accompany", "reactions", "tip", "cc", "moved", "late", "late_because", "quiet")
    if any(getattr(was, part) != getattr(now, part) for part in touches):
        yield f"step {name!r} has other touches"
    if any(getattr(was, part) != getattr(now, part) for part in _SAID):
        yield f"step {name!r} is told in other words"
    said = {p.touch.send for p in _touches(after)} - {""}
    for action in sorted(said & old.actions.keys()):
        if old.actions[action] != new.actions[action]:
            yield f"message {action!r} of step {name!r} has other words"
    asked = {p.touch.ask for p in _touches(after)} | {now.tip}
    for message in sorted((asked - {""}) & old.helper_messages.keys()):
        if old.helper_messages[message] != new.helper_messages[message]:
            yield f"{message!r} to the helper of step {name!r} has other words"


def _touches(ready: Ready) -> list[Planned]:
    planned = [one for plan in ready.accompany.values() for one in plan]
    calm = ready.calm.planned if ready.calm is not None else None
    planned += [one for one in (ready.moved, ready.late, calm) if one is not None]
    return planned + [one for r in ready.reactions.values() for one in r.then]


def _due(journey: Journey, there: Journey, new: Compiled, now: Micros) -> Iterator[str]:
    """What a move would set off at once: as far as consent, guards and conditions let it."""
    last = new.playbook.approaches[-1].id
    for name in current_steps(there):
        step, ready = there.steps[name], new.steps[name]
        entered = now if step.entered is None else step.entered
        approach = step.approach if step.approach in new.approaches else last
        for planned in ready.accompany.get(approach, ()):
            touch, moment = planned.touch, planned.moment
            since = None if moment.anchor else new.after(entered, moment.length)
            if since is None or not now - new.rules.stale <= since <= now:
                continue
            if touch.send and touch.send not in journey.sent:
                yield f"message {touch.send!r} of step {name!r} would go out at once"
        if name in current_steps(journey):
            # What was due in a step that goes on is not done a second time.
            continue
        for reaction in ready.reactions.values():
            since = new.after(entered, reaction.within)
            if now - new.rules.stale <= since <= now:
                yield f"reaction {reaction.id!r} of step {name!r} would be due at once"
