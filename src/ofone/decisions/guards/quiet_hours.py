"""Messages go out in the recipient's daytime only, whatever the clocks do that night.

Of whom nobody knows the zone is written to when it is day in every zone they may be in.
"""

from ofone.decisions.guards.ask import Ask
from ofone.decisions.guards.places import closed_in, is_open, next_open, places
from ofone.domain.decisions import Verdict
from ofone.domain.times import to_datetime


def quiet_hours(ask: Ask) -> Verdict:
    zones, why = places(ask)
    zone = zones[0]
    local = to_datetime(ask.now).astimezone(zone)
    shut = not is_open(ask.rules, local)
    if len(zones) > 1 and not shut and (elsewhere := closed_in(ask.rules, zones, ask.now)):
        zone, shut = elsewhere[0], True
        local = local.astimezone(zone)
    reason = f"it is {local.hour:02}:{local.minute:02} in {zone.key}"
    if shut and ask.rules.opens <= local.hour * 60 + local.minute < ask.rules.closes:
        reason = f"it is {local:%A} {local.date()} in {zone.key}, when nothing is sent"
    if why:
        reason += f"; {why}"
    if len(zones) > 1:
        reason += f", so it must be open in {len(zones)} zones"
    if not shut:
        return Verdict(guard="quiet_hours", ok=True, reason=reason)
    until = next_open(ask.rules, zones, ask.now)
    if until is None:
        reason += ", and there is no hour when it is; ask the customer for the zone"
    return Verdict(guard="quiet_hours", ok=False, reason=reason, until=until)
