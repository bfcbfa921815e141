"""Moments as a reader says them: in the reader's zone, language and order, never as a timestamp."""

import re
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time

from ofone.domain.times import Micros, to_datetime

_FIRM = "\u00a0"
_YEAR = re.compile(r"[,\s]*('de')?[,\s]*y+\s*")


def moment(text: str | Micros | None) -> datetime | None:
    """The moment an ISO 8601 text names, in UTC; None for None and for what is not a moment.

    A number is microseconds since 1970.
    """
    if isinstance(text, int):
        return to_datetime(text)
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if found is None or found.tzinfo is UTC:
        return found
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    return found.astimezone(UTC)


class Reader:
    """Writes dates for one person in one language. An unknown zone is read as UTC.

    ``locale`` sets the order of a date and the clock of a time where it is one of that language:
    an American who reads German gets German dates. Without one, English is that of the US.
    """

    def __init__(self, zone: str = "UTC", locale: str = "en_US", language: str = "en") -> None:
        self.zone = _zone(zone)
        self.locale = _locale(locale, language)

    @property
    def place(self) -> str:
        """The zone as a place: ``New York``."""
        return str(self.zone).rpartition("/")[2].replace("_", " ")

    def day(self, at: datetime) -> str:
        """``March 17`` or ``17 March``, never broken over two lines."""
        return _day(self._date(at), self.locale)

    def weekday(self, at: datetime) -> str:
        """``Tuesday``."""
        return _weekday(self._date(at), self.locale)

    def full_day(self, at: datetime) -> str:
        """``Tuesday, March 17``; the date in it is never broken."""
        return _full_day(self._date(at), self.locale)

    def short_day(self, at: datetime) -> str:
        """``Mar 17``, for narrow places."""
        return _short_day(self._date(at), self.locale)

    def time(self, at: datetime) -> str:
        """``10:20 AM`` or ``10:20``, with a space that does not break."""
        local = at.astimezone(self.zone)
        return self.clock(local.hour, local.minute)

    def clock(self, hour: int, minute: int) -> str:
        """A time on the wall, wherever that is: ``3:42 PM`` or ``15:42``."""
        return _clock(hour, minute, self.locale)

    def range(self, start: datetime, end: datetime) -> str:
        """``March 9 – 14``, ``March 28 – April 2``, or one day when both fall on it."""
        return _range(self._date(start), self._date(end), self.locale)

    def days_until(self, at: datetime, *, now: datetime) -> int:
        """Calendar days from today to that day, in the reader's zone."""
        return (self._date(at) - self._date(now)).days

    def _date(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


# A page writes some thirty dates, and each costs more than the rest of the page together; but
# there are not many days in a year, and not many languages.
_kept = lru_cache(maxsize=20_000)


@_kept
def _day(day: date, locale: Locale) -> str:
    return _whole(format_skeleton("MMMMd", day, locale=locale))


@_kept
def _short_day(day: date, locale: Locale) -> str:
    return format_skeleton("MMMd", day, locale=locale)


@_kept
def _weekday(day: date, locale: Locale) -> str:
    return format_date(day, "EEEE", locale=locale)


@_kept
def _full_day(day: date, locale: Locale) -> str:
    if locale.language == "en":
        return f"{_weekday(day, locale)}, {_day(day, locale)}"
    # CLDR has a full date with the year; people leave out the one they are in.
    pattern = _YEAR.sub("", locale.date_formats["full"].pattern)
    weekday, space, rest = format_date(day, pattern, locale=locale).partition(" ")
    return weekday + space + _whole(rest)


@_kept
def _clock(hour: int, minute: int, locale: Locale) -> str:
    return _whole(format_time(time(hour, minute), "short", locale=locale))


@_kept
def _range(first: date, last: date, locale: Locale) -> str:
    if first == last:
        return _day(last, locale)
    if (first.year, first.month) != (last.year, last.month):
        return f"{_day(first, locale)} – {_day(last, locale)}"
    if not _day(last, locale).startswith(str(last.day)):
        return f"{_day(first, locale)} – {last.day}"
    dash = " – " if locale.language == "en" else "–"
    return f"{_day(first, locale).partition(_FIRM)[0]}{dash}{_day(last, locale)}"


def _whole(text: str) -> str:
    """The same in one piece: its spaces do not break."""
    return text.replace(" ", _FIRM).replace("\u202f", _FIRM)


@lru_cache(maxsize=1_000)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@lru_cache(maxsize=1_000)
def _locale(name: str, language: str) -> Locale:
    try:
        found = Locale.parse(name[:40].replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        found = None
    if found is not None and found.language == language:
        return found
    return Locale("en", "US") if language == "en" else Locale.parse(language)
