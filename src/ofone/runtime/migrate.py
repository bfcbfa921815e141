"""Move running journeys to another version of their playbook, by the one door."""

from collections.abc import Iterable, Iterator

from ofone.domain.events import Migrated
from ofone.journeys.compiled import Compiled
from ofone.journeys.migrate import Move, compare, followed
from ofone.runtime.codec import decode_state
from ofone.runtime.engine import Engine


def plan(engine: Engine, new: Compiled) -> Iterator[Move]:
    """Every active journey of that playbook on another version, with what would change.

    Raises NotFound, with the playbooks there are, when the folder holds none of that name.
    """
    followed(new, (name for name, _ in engine.library.versions))
    after = ""
    while rows := engine.store.customers(after):
        for row in rows:
            after = row.customer
            state = decode_state(row.body)
            now = engine.clock.now(0, state.now)
            for journey in state.journeys:
                if (
                    journey.playbook == new.name
                    and journey.status == "active"
                    and journey.version != new.version
                ):
                    old = engine.library.version(journey.playbook, journey.version)
                    yield compare(row.customer, journey, old, new, now)


def migrate(engine: Engine, moves: Iterable[Move]) -> int:
    """Move all that are not blocked; how many moved."""
    moved = 0
    for move in moves:
        if not move.blocked:
            state = engine.get(move.customer)
            engine.submit(
                Migrated(
                    customer=move.customer,
                    journey=move.journey,
                    version=move.to_version,
                    at=state.now if state is not None else 0,
                )
            )
            moved += 1
    return moved
