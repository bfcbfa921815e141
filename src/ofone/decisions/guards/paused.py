"""Who asked for a pause hears nothing until it is over; what was overtaken is not said then.

It gives way, and the reason says so, to service about a date that lies within the pause: who is
away from messages still has the appointment, and would hear of it too late.
"""

from ofone.decisions.guards.ask import Ask
from ofone.decisions.guards.places import places
from ofone.domain.decisions import Verdict
from ofone.domain.times import to_datetime
from ofone.profiles.stated import PAUSE, paused_until

_NAME = "paused"


def paused(ask: Ask) -> Verdict:
    word = ask.profile.preferences.get(PAUSE)
    until = paused_until(word.value) if word is not None else 0
    if ask.now >= until:
        return Verdict(guard=_NAME, ok=True, reason="there is no pause")
    zones, _ = places(ask)
    local = to_datetime(until).astimezone(zones[0])
    reason = f"the customer asked to hear nothing until {local:%Y-%m-%d %H:%M} in {zones[0].key}"
    if ask.before is not None and until >= ask.before and ask.purpose == "service":
        return Verdict(guard=_NAME, ok=True, reason=f"{reason}, and this is about a date by then")
    return Verdict(guard=_NAME, ok=False, reason=reason, until=until)
