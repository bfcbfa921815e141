"""Everything that comes in has an id, a time and a name for people."""

import pytest

from ofone.domain.events import Event, Happened, Migrated, Receipt, TimerFired, describe

HAPPENED = Happened(id="e1", customer="ana", name="Ordered", at=5)
FIRED = TimerFired(customer="ana", name="0/form/0/r/slow", due=7)
RECEIPT = Receipt(
    customer="ana",
    key="ana:2:0",
    status="failed",
    at=9,
    channel="email",
    journey=0,
    step="form",
    action="hello",
)
MIGRATED = Migrated(customer="ana", journey=1, version="abc", at=11)


@pytest.mark.parametrize(
    ("event", "id_", "at", "words"),
    [
        (HAPPENED, "e1", 5, "'Ordered' (e1)"),
        (FIRED, "0/form/0/r/slow@7", 7, "timer 0/form/0/r/slow"),
        (RECEIPT, "ana:2:0:failed", 9, "receipt failed for ana:2:0"),
        (MIGRATED, "journey-1->abc", 11, "migration to abc"),
    ],
)
def test_every_event_has_an_id_a_time_and_words(
    event: Event, id_: str, at: int, words: str
) -> None:
    """The id is what makes a repeat recognisable, also of the system's own events."""
    assert (event.id, event.at, describe(event)) == (id_, at, words)
