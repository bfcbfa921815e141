"""What would change for a running journey if it moved to another version of its playbook."""

from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.state import Journey
from ofone.journeys.compiled import Compiled
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


def compare(customer: str, journey: Journey, old: Compiled, new: Compiled) -> Move:
    """The difference for one journey: where it stands now, and where it would stand."""
    there = derive(new, replace(journey, version=new.version))
    lost = [
        name
        for name, s in journey.steps.items()
        if name not in new.steps and s.status in ("current", "done")
    ]
    current = [name for name in current_steps(journey) if name not in new.steps]
    changes = [f"step {name!r} is gone, its history is kept but not shown" for name in lost]
    changes += [f"step {name!r} is new" for name in new.steps if name not in old.steps]
    changes += [
        f"step {name!r} is now {there.steps[name].status}, was {s.status}"
        for name, s in journey.steps.items()
        if name in there.steps and there.steps[name].status != s.status
    ]
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
