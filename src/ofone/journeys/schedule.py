"""Lengths and moments as a CX designer writes them, and the calendar arithmetic behind them."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from ofone.domain.times import DAY, HOUR, MINUTE, Micros, to_datetime, to_micros

Unit = Literal["minute", "hour", "day", "business day", "week"]
_LENGTH = r"(\d{1,4}) (minute|hour|day|business day|week)s?"
_LENGTH_ONLY = re.compile(_LENGTH)
_AFTER = re.compile(rf"after {_LENGTH}")
_AROUND = re.compile(rf"{_LENGTH} (before|after) ([A-Za-z_]\w*)")
_FIXED: dict[str, Micros] = {"minute": MINUTE, "hour": HOUR}


class Length(Struct, frozen=True):
    """So many units. Days and weeks are calendar days: they keep the time of day."""

    amount: int
    unit: str


class Moment(Struct, frozen=True):
    """A moment relative to the step's beginning, or to the date held by fact ``anchor``."""

    length: Length
    anchor: str = ""
    before: bool = False


AT_ONCE = Moment(Length(0, "minute"))


def read_length(text: str) -> Length:
    """Read "5 business days". Raises ValueError that shows the forms that work."""
    found = _LENGTH_ONLY.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} is not a length of time; write it like “4 hours”, “3 days”, "
            "“5 business days” or “2 weeks”"
        )
    return Length(int(found[1]), found[2])


def read_moment(text: str) -> Moment:
    """Read "at once", "after 3 days" or "2 days before appointment_at". Raises ValueError."""
    text = text.strip()
    if text == "at once":
        return AT_ONCE
    if found := _AFTER.fullmatch(text):
        return Moment(Length(int(found[1]), found[2]))
    if found := _AROUND.fullmatch(text):
        return Moment(Length(int(found[1]), found[2]), found[4], found[3] == "before")
    raise ValueError(
        f"{text!r} is not a moment; write it like “at once”, “after 3 days”, "
        "“after 5 business days” or “2 days before appointment_at”"
    )


def add(
    moment: Micros, length: Length, zone: ZoneInfo, holidays: frozenset[date], sign: int = 1
) -> Micros:
    """The moment ``length`` later (or earlier with sign -1), by the calendar of ``zone``.

    Business days skip Saturdays, Sundays and holidays. A wall-clock time that the change of
    clocks skipped or doubled is read as Python does (fold 0).
    """
    if length.amount == 0:
        return moment
    fixed = _FIXED.get(length.unit)
    if fixed is not None:
        return moment + sign * length.amount * fixed
    local = to_datetime(moment).astimezone(zone)
    day = local.date()
    if length.unit == "business day":
        left = length.amount
        while left:
            day += timedelta(days=sign)
            if day.weekday() < 5 and day not in holidays:
                left -= 1
    else:
        day += timedelta(days=sign * length.amount * (7 if length.unit == "week" else 1))
    return to_micros(datetime.combine(day, local.time(), tzinfo=zone))


def next_morning(
    moment: Micros, zone: ZoneInfo, holidays: frozenset[date], hour: int = 9
) -> Micros:
    """The next time it is ``hour`` o'clock on a business day in ``zone``, after ``moment``."""
    day = to_datetime(moment).astimezone(zone).date()
    while True:
        morning = to_micros(datetime(day.year, day.month, day.day, hour, tzinfo=zone))
        if morning > moment and day.weekday() < 5 and day not in holidays:
            return morning
        day += timedelta(days=1)


@lru_cache(maxsize=4096)
def read_date(text: str) -> Micros | None:
    """The moment that an ISO date-time with a zone names, or None.

    A year outside 1900-2200 is a stand-in for "no date" (9999-12-31), never an appointment.
    """
    try:
        moment = datetime.fromisoformat(text)
        return to_micros(moment) if 1900 <= moment.year <= 2200 else None
    except ValueError:
        return None


def unreadable(value: object) -> bool:
    """Whether this is meant as an appointment and names no moment: no ISO 8601, or no zone.

    Nothing (null, an empty cell) takes an appointment back, and so does a stand-in for "no date".
    """
    if value is None or value == "":
        return False
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return True
    return moment is None or (moment.tzinfo is None and 1900 <= moment.year <= 2200)


def days_between(earlier: Micros, later: Micros) -> int:
    """Whole days, rounded down, never negative."""
    return max(0, (later - earlier) // DAY)
