"""Who stated hours or days is written to in those: they narrow the company's open hours.

They give way, and the reason says so, where they never meet the open hours, and where they would
hold a word about a date until that date has passed: the customer would else hear nothing at all.
"""

from msgspec.structs import replace

from ofone.decisions.guards.ask import Ask
from ofone.decisions.guards.places import closed_in, next_open, places
from ofone.domain.decisions import Verdict
from ofone.domain.times import to_datetime
from ofone.profiles.preferences import stated, stated_window

_ANY = Verdict(guard="hours", ok=True, reason="none were stated")


def hours(ask: Ask) -> Verdict:
    window = stated_window(ask.profile)
    if window is None:
        return _ANY
    rules = ask.rules
    words = [stated(ask.profile, name) for name in ("days", "hours")]
    asked = "the customer asked for " + ", ".join(str(w) for w in words if w is not None)
    held = f"the open hours {_clock(rules.opens)}–{_clock(rules.closes)}"
    zones, _ = places(ask)
    opens, closes, days = window
    if len(zones) > 1:
        # On a clock that nobody knows, only the days can be kept.
        opens, closes = 0, 24 * 60
        asked += " in a zone that nobody knows, so the days are kept"
    narrowed = replace(
        rules,
        opens=max(opens, rules.opens),
        closes=min(closes, rules.closes),
        days=rules.days & days,
    )
    local = to_datetime(ask.now).astimezone(zones[0])
    reason = f"it is {local:%H:%M} in {zones[0].key}; {asked}"
    if not closed_in(narrowed, zones, ask.now):
        return Verdict(guard="hours", ok=True, reason=reason)
    until = next_open(narrowed, zones, ask.now)
    if until is None:
        reason = f"{asked}, which never meets {held}; these hold"
        return Verdict(guard="hours", ok=True, reason=reason)
    if ask.before is not None and until >= ask.before:
        reason = f"{asked}, and would hear of this too late; {held} hold"
        return Verdict(guard="hours", ok=True, reason=reason)
    return Verdict(guard="hours", ok=False, reason=reason, until=until)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
