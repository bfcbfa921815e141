"""Moments as a reader says them: in the reader's zone and order, never as a timestamp."""

from datetime import UTC, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time


def moment(text: str | None) -> datetime | None:
    """The moment an ISO 8601 text names, in UTC; None for None and for what is not a moment."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if found is not None and found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found and found.astimezone(UTC)


class Reader:
    """Writes dates for one person. An unknown zone is read as UTC, an unknown locale as en_US.

    The pages speak English, so a locale only sets the order of a date and the clock of a time.
    """

    def __init__(self, zone: str = "UTC", locale: str = "en_US") -> None:
        self.zone = _zone(zone)
        self.locale = _locale(locale)

    @property
    def place(self) -> str:
        """The zone as a place: ``New York``."""
        return str(self.zone).rpartition("/")[2].replace("_", " ")

    def day(self, at: datetime) -> str:
        """``March 17`` or ``17 March``, never broken over two lines."""
        day = format_skeleton("MMMMd", at, tzinfo=self.zone, locale=self.locale)
        return day.replace(" ", "\u00a0")

    def weekday(self, at: datetime) -> str:
        """``Tuesday``."""
        return format_date(at.astimezone(self.zone), "EEEE", locale=self.locale)

    def full_day(self, at: datetime) -> str:
        """``Tuesday, March 17``."""
        return f"{self.weekday(at)}, {self.day(at)}"

    def short_day(self, at: datetime) -> str:
        """``Mar 17``, for narrow places."""
        return format_skeleton("MMMd", at, tzinfo=self.zone, locale=self.locale)

    def time(self, at: datetime) -> str:
        """``10:20 AM`` or ``10:20``, with a space that does not break."""
        text = format_time(at, "short", tzinfo=self.zone, locale=self.locale)
        return text.replace(" ", "\u00a0").replace("\u202f", "\u00a0")

    def clock(self, hour: int, minute: int) -> str:
        """A time on the wall, wherever that is: ``3:42 PM`` or ``15:42``."""
        text = format_time(time(hour, minute), "short", locale=self.locale)
        return text.replace(" ", "\u00a0").replace("\u202f", "\u00a0")

    def range(self, start: datetime, end: datetime) -> str:
        """``March 9 – 14``, ``March 28 – April 2``, or one day when both fall on it."""
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        if first.date() == last.date():
            return self.day(end)
        if (first.year, first.month) != (last.year, last.month):
            return f"{self.day(start)} – {self.day(end)}"
        if self.day(end).startswith(str(last.day)):
            return f"{first.day} – {self.day(end)}"
        return f"{self.day(start)} – {last.day}"

    def days_until(self, at: datetime, *, now: datetime) -> int:
        """Calendar days from today to that day, in the reader's zone."""
        return (at.astimezone(self.zone).date() - now.astimezone(self.zone).date()).days


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _locale(name: str) -> Locale:
    try:
        found = Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en", "US")
    return found if found.language == "en" else Locale("en", "US")
