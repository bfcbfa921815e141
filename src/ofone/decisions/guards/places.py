"""Where a customer may be: in one zone if it is known, else in all those that are possible."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global

from ofone.decisions.guards.ask import Ask, Rules
from ofone.domain.state import Profile
from ofone.domain.times import Micros, to_datetime, to_micros

HORIZON = 31
"""Days that are searched for the next opening."""

Places = tuple[ZoneInfo, ...]


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that IANA name, or None when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


def places(ask: Ask) -> tuple[Places, str]:
    """The zones the customer may be in, never none; and why these, where theirs is not known.

    Theirs; else all of their country, by the trait ``country`` (two letters) or their telephone
    number; else those that the playbook names, or its own.
    """
    known = ask.profile.traits.get("zone")
    if known is not None and known.value:
        name = str(known.value)
        zone = zone_of(name)
        if zone is not None:
            return (zone,), ""
        why = f"“{name[:40]}” is not a zone"
    else:
        why = "the customer's zone is not known"
    country, whence = _country(ask.profile)
    zones = zones_in(country)
    if zones:
        return zones, f"{why}, {country} by {whence}"
    return ask.rules.zones or (ask.rules.zone,), why


def _country(profile: Profile) -> tuple[str, str]:
    said = profile.traits.get("country")
    if said is not None and zones_in(str(said.value).upper()):
        return str(said.value).upper(), "the country given"
    phone = profile.traits.get("phone")
    return (_region(str(phone.value)), "the telephone number") if phone is not None else ("", "")


@lru_cache(maxsize=4096)
def _region(phone: str) -> str:
    """The country of a number in international form, or empty."""
    import phonenumbers  # a large library that most customers, whose zone is known, never need

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ""
    main = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return phonenumbers.region_code_for_number(number) or main


@lru_cache(maxsize=512)
def zones_in(country: str) -> Places:
    """The zones of a country by its two letters, one of those that are alike; none if unknown."""
    different: dict[tuple[timedelta | None, ...], ZoneInfo] = {}
    for name in sorted(get_global("territory_zones").get(country, ())):
        zone = zone_of(name)
        if zone is not None:
            different.setdefault(tuple([day.astimezone(zone).utcoffset() for day in _DAYS]), zone)
    return tuple(different.values())


# The rules that were and will be in force around now: two zones alike on all these days are one.
_DAYS = [datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(0, 8 * 366, 3)]


def is_open(rules: Rules, local: datetime) -> bool:
    """Whether it is open at this time on a wall."""
    return (
        rules.opens <= local.hour * 60 + local.minute < rules.closes
        and local.weekday() in rules.days
        and not (rules.closed and local.date() in rules.closed)
    )


def closed_in(rules: Rules, zones: Sequence[ZoneInfo], now: Micros) -> list[ZoneInfo]:
    """Those of the zones in which it is not open."""
    moment = to_datetime(now)
    return [zone for zone in zones if not is_open(rules, moment.astimezone(zone))]


def next_open(rules: Rules, zones: Sequence[ZoneInfo], now: Micros) -> Micros | None:
    """The first opening from now on that is open in all zones; None if there is none in a month."""
    moment = now
    while moment <= now + HORIZON * 86_400_000_000:
        shut = closed_in(rules, zones, moment)
        if not shut:
            return moment
        openings = [_opening(rules, zone, moment) for zone in shut]
        found = [o for o in openings if o is not None]
        if len(found) < len(openings):
            return None
        moment = max(found)
    return None


def _opening(rules: Rules, zone: ZoneInfo, now: Micros) -> Micros | None:
    """The next time the doors open in one zone.

    Built as a wall-clock time, so that it is 09:00 also on the day the clocks change: an hour that
    is lived twice opens twice, and one that is skipped does not open unless what is left is open.
    """
    today = to_datetime(now).astimezone(zone).date()
    hour, rest = divmod(rules.opens, 60)
    for day in (today + timedelta(days=n) for n in range(HORIZON)):
        if day.weekday() in rules.days and day not in rules.closed:
            for fold in (0, 1):
                wall = datetime(day.year, day.month, day.day, hour, rest, tzinfo=zone, fold=fold)
                opening = to_micros(wall)
                if opening > now and is_open(rules, to_datetime(opening).astimezone(zone)):
                    return opening
    return None
