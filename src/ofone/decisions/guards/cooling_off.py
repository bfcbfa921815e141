"""Nobody in distress is advertised to, or pressed, until some days have passed."""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.domain.times import DAY

_CALM = Verdict(guard="cooling_off", ok=True, reason="no distress is known of these days")


def cooling_off(ask: Ask) -> Verdict:
    until = ask.profile.distressed + ask.rules.cooling
    if not ask.profile.distressed or ask.now >= until:
        return _CALM
    ago = max(0, ask.now - ask.profile.distressed) // DAY
    days = "today" if ago == 0 else "a day ago" if ago == 1 else f"{ago} days ago"
    reason = f"the customer was in distress {days}, and this is {ask.presses}"
    return Verdict(guard="cooling_off", ok=False, reason=reason, until=until)
