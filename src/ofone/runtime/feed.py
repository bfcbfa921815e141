"""Feed a stream of records through an engine in micro-batches, at the events' own times."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from ofone.domain.events import Happened
from ofone.domain.times import Micros
from ofone.runtime.digest import EVERYTHING
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.names import Names
from ofone.runtime.ports import Batch, DeadLetter, Position

FAR = 2**62
BATCH = 512


class Fed(Struct):
    """What one feed did; ``last`` is the latest time that an event taken bore.

    ``open``: the records of sources that were read whole, and whose timers have yet to run out.
    ``names``: counts the events taken whose names nothing here knows.
    """

    records: int = 0
    deliveries: int = 0
    last: Micros = 0
    open: dict[str, int] = {}
    names: Names | None = None


def feed(
    engine: Engine,
    dispatcher: Dispatcher,
    source: str,
    records: Iterable[Happened | DeadLetter],
    fed: Fed,
    *,
    batch: int = BATCH,
    progress: Callable[[Fed], None] = lambda _: None,
) -> None:
    """Take every record of one source; ``source`` names it, so that an interrupted feed goes on.

    After each batch what was asked for is dispatched. A feed that was cut off begins again behind
    the last batch that was kept; one that was finished (``run_out`` included), or has no name,
    begins anew (its events are duplicates).
    """
    known = engine.store.position(source) if source else None
    skip = known.count if known is not None and not known.finished else 0
    events: list[Happened] = []
    letters: list[DeadLetter] = []
    count = 0
    names = fed.names = fed.names or Names(engine.library)

    def keep() -> None:
        position = Position(source, count) if source else None
        acks = engine.submit_many(events, letters=letters, position=position)
        # Only what was taken moves the end of the replay: a repeat may bear any time.
        taken = [e for e, ack in zip(events, acks, strict=True) if ack.status == "accepted"]
        fed.last = max([fed.last, *(e.at for e in taken)])
        for event in taken:
            names.note(event)
        fed.records += len(events) + len(letters)
        fed.deliveries += dispatcher.run_until_idle(FAR)
        events.clear()
        letters.clear()
        progress(fed)

    # What an interrupted feed had asked for goes out before anything newer is taken.
    fed.deliveries += dispatcher.run_until_idle(FAR)
    for record in records:
        count += 1
        if count <= skip:
            if isinstance(record, Happened):
                fed.last = max(fed.last, record.at)
            continue
        if isinstance(record, Happened):
            events.append(record)
        else:
            letters.append(record)
        if len(events) + len(letters) >= batch:
            keep()
    keep()
    if source:
        fed.open[source] = count


def run_out(
    engine: Engine,
    dispatcher: Dispatcher,
    until: Micros,
    fed: Fed,
    progress: Callable[[Fed], None] = lambda _: None,
) -> None:
    """Fire every timer due by ``until``, in order for each customer, and dispatch what follows.

    Only then the sources are finished: a process that ends before finds again how far to go.
    """
    while engine.fire_due(until):
        fed.deliveries += dispatcher.run_until_idle(FAR)
        progress(fed)
    fed.deliveries += dispatcher.run_until_idle(EVERYTHING)
    for source, count in fed.open.items():
        engine.store.commit(Batch(position=Position(source, count, finished=True)))
    fed.open.clear()
