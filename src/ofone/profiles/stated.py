"""What a customer may state about being in touch, and how each word is read.

=================== =========================================================================
``channel``         one of the channels
``cadence``         how often, when nothing needs the customer: ``often`` (3 messages a week),
                    ``weekly`` (1), ``needed`` (none), or a number of messages a week
``hours``           from when until when, where the customer lives: ``17:00-20:00``
``days``            weekdays: ``mon-fri``, ``sat,sun``, ``mon,wed-fri``
``accompany``       ``more`` or ``less`` of it than we would choose, ``usual`` to leave it to us
``personalisation`` ``false`` for the standard service
``pause``           nothing is sent until then: a time with its zone, ``2026-03-14T09:00:00+01:00``
=================== =========================================================================

Null takes a word back.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Value
from ofone.domain.state import Profile
from ofone.domain.times import Micros, to_micros
from ofone.domain.words import CHANNELS

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CADENCE = {"often": 3.0, "weekly": 1.0, "needed": 0.0}
"""Messages a week (assumptions)."""
MOST_A_WEEK = 50
ACCOMPANY = {"more": "more", "usual": "", "less": "fewer"}
"""The cadence of the approach that somebody gets who asks for it."""
DAY_MINUTES = 24 * 60
PAUSE = "pause"

_HOURS = re.compile(r"(\d\d):([0-5]\d) ?[-–] ?(\d\d):([0-5]\d)")


@lru_cache(maxsize=256)
def read_hours(text: str) -> tuple[int, int]:
    """Minutes after midnight: the first, and the first no more. Raises ValueError."""
    found = _HOURS.fullmatch(text.strip())
    if found is not None:
        opens, closes = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
        if opens < closes <= DAY_MINUTES:
            return opens, closes
    raise ValueError(
        f"hours {text!r} are not hours of one day; write them from earlier to later, "
        "like 17:00-20:00 (midnight is 24:00)"
    )


@lru_cache(maxsize=256)
def read_days(text: str) -> frozenset[int]:
    """Weekdays as numbers, Monday is 0. A span may go over Sunday: fri-mon. Raises ValueError."""
    days: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = (one.strip() for one in part.partition("-"))
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS or part.strip().endswith("-"):
            raise ValueError(
                f"days {text!r} are not weekdays; write mon-fri, sat,sun or mon,wed-fri, "
                f"with {', '.join(WEEKDAYS)}"
            )
        start = WEEKDAYS.index(first)
        length = (WEEKDAYS.index(last or first) - start) % 7
        days.update((start + n) % 7 for n in range(length + 1))
    return frozenset(days)


def read_cadence(said: Value) -> float:
    """Messages a week. Raises ValueError."""
    if isinstance(said, str) and said in CADENCE:
        return CADENCE[said]
    if isinstance(said, int | float) and type(said) is not bool and 0 <= said <= MOST_A_WEEK:
        return float(said)
    raise ValueError(
        f"cadence {said!r} is not known; write {', '.join(CADENCE)}, or a number of messages a "
        f"week from 0 to {MOST_A_WEEK}"
    )


@lru_cache(maxsize=256)
def read_time(text: str) -> Micros:
    """A moment. Raises ValueError."""
    try:
        return to_micros(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise ValueError(
            f"pause is {text!r}; write when it is over, with its zone: 2026-03-14T09:00:00+01:00"
        ) from None


def paused_until(said: Value) -> Micros:
    """When a stated pause is over; 0 where it was taken back."""
    return 0 if said is None else read_time(str(said))


def personal(profile: Profile) -> bool:
    """Whether anything inferred of this customer may shape what is done for them."""
    word = profile.preferences.get("personalisation")
    return word is None or word.value is not False


def check(said: dict[str, Value]) -> None:
    """Raises UnusableEvent for a preference that nothing reads, or that cannot be read."""
    for name, value in said.items():
        read = _READERS.get(name)
        if read is None:
            raise UnusableEvent(
                f"preference {name!r} is not known; preferences are {', '.join(_READERS)}"
            )
        if value is not None:
            try:
                read(value)
            except ValueError as error:
                raise UnusableEvent(str(error)) from error


def _channel(said: Value) -> None:
    if said not in CHANNELS:
        raise ValueError(f"channel {said!r} is not known; channels are {', '.join(CHANNELS)}")


def _accompany(said: Value) -> None:
    if said not in ACCOMPANY:
        raise ValueError(f"accompany is {said!r}; write {', '.join(ACCOMPANY)}")


def _switch(said: Value) -> None:
    if type(said) is not bool:
        raise ValueError(f"personalisation is {said!r}; write true or false")


_READERS: dict[str, Callable[[Value], object]] = {
    "channel": _channel,
    "cadence": read_cadence,
    "hours": lambda said: read_hours(str(said)),
    "days": lambda said: read_days(str(said)),
    "accompany": _accompany,
    "personalisation": _switch,
    PAUSE: lambda said: read_time(str(said)),
}
PREFERENCES = tuple(_READERS)
