"""Who stated hours or days is written to in those: they narrow the company's open hours.

Where they never meet the open hours, these hold, and the reason says so: who asks for nights would
else hear nothing at all.
"""

from datetime import datetime, timedelta

from ofone.decisions.guards.ask import Ask
from ofone.decisions.guards.quiet_hours import recipient_zone
from ofone.domain.decisions import Verdict
from ofone.domain.times import to_datetime, to_micros
from ofone.profiles.preferences import stated, stated_window

_ANY = Verdict(guard="hours", ok=True, reason="none were stated")


def hours(ask: Ask) -> Verdict:
    window = stated_window(ask.profile)
    if window is None:
        return _ANY
    words = [stated(ask.profile, name) for name in ("days", "hours")]
    asked = "the customer asked for " + ", ".join(str(w) for w in words if w is not None)
    opens, closes = max(window[0], ask.rules.opens), min(window[1], ask.rules.closes)
    days = window[2]
    if opens >= closes:
        held = f"{_clock(ask.rules.opens)}–{_clock(ask.rules.closes)}"
        reason = f"{asked}, which never meets the open hours {held}; these hold"
        return Verdict(guard="hours", ok=True, reason=reason)
    zone = recipient_zone(ask)
    local = to_datetime(ask.now).astimezone(zone)
    reason = f"it is {local:%H:%M} in {zone.key}; {asked}"
    if local.weekday() in days and opens <= local.hour * 60 + local.minute < closes:
        return Verdict(guard="hours", ok=True, reason=reason)
    hour, rest = divmod(opens, 60)
    # Wall-clock times, so that it is 17:00 also on the day the clocks change; an hour that is
    # lived twice that night opens twice.
    openings = (
        to_micros(datetime(day.year, day.month, day.day, hour, rest, tzinfo=zone, fold=fold))
        for day in (local.date() + timedelta(days=n) for n in range(9))
        if day.weekday() in days
        for fold in (0, 1)
    )
    until = next(opening for opening in openings if opening > ask.now)
    return Verdict(guard="hours", ok=False, reason=reason, until=until)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
