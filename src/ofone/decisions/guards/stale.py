"""What happened long ago is not news: a late or imported event does not write to anybody."""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.domain.times import HOUR

_FRESH = Verdict(guard="stale", ok=True, reason="its moment is now")


def stale(ask: Ask) -> Verdict:
    age = ask.now - ask.since
    if age <= ask.rules.stale:
        return _FRESH
    return Verdict(guard="stale", ok=False, reason=f"its moment passed {age // HOUR} hours ago")
