"""Messages go out in the recipient's daytime only, whatever the clocks do that night."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.domain.times import to_datetime, to_micros


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that IANA name, or None when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


def recipient_zone(ask: Ask) -> ZoneInfo:
    """The customer's zone where it is known and exists, else the playbook's."""
    known = ask.profile.traits.get("zone")
    return (zone_of(str(known.value)) if known is not None else None) or ask.rules.zone


def quiet_hours(ask: Ask) -> Verdict:
    zone = recipient_zone(ask)
    local = to_datetime(ask.now).astimezone(zone)
    minute = local.hour * 60 + local.minute
    reason = f"it is {local.hour:02}:{local.minute:02} in {zone.key}"
    if ask.rules.opens <= minute < ask.rules.closes:
        return Verdict(guard="quiet_hours", ok=True, reason=reason)
    day = local.date() + timedelta(days=minute >= ask.rules.closes)
    hour, rest = divmod(ask.rules.opens, 60)
    # Built as a wall-clock time, so that it is 09:00 also on the day the clocks change.
    opening = datetime(day.year, day.month, day.day, hour, rest, tzinfo=zone)
    until = to_micros(opening)
    if until <= ask.now:  # this hour is lived twice tonight, and the first time is over
        until = to_micros(opening.replace(fold=1))
    return Verdict(guard="quiet_hours", ok=False, reason=reason, until=until)
