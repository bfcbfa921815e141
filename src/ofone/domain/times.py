"""Moments as whole microseconds since 1970-01-01 UTC.

One integer type keeps arithmetic exact, comparison cheap and the stored state small. Zones come
back in only where a person is concerned: quiet hours, business days, and pages.
"""

from datetime import UTC, datetime, timedelta

Micros = int
"""A moment or a length, in microseconds."""

SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)


def to_micros(moment: datetime) -> Micros:
    """Microseconds since the epoch. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no zone; write 2026-01-31T09:00:00+01:00 or …Z")
    return (moment - _EPOCH) // _ONE


def to_datetime(moment: Micros) -> datetime:
    """The same moment as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=moment)


def iso(moment: Micros | None) -> str | None:
    """ISO 8601 in UTC with seconds (and microseconds when there are any), or None."""
    if moment is None:
        return None
    return to_datetime(moment).isoformat().replace("+00:00", "Z")
