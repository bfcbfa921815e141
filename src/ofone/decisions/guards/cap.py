"""At most so many messages to one person in so many days, over all journeys together."""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.domain.times import DAY


def cap(ask: Ask) -> Verdict:
    rules = ask.rules
    recent = [c for c in ask.contacts if c > ask.now - rules.cap_span]
    days = rules.cap_span // DAY
    reason = f"{len(recent)} of {rules.cap} messages in {days} days"
    if len(recent) < rules.cap:
        return Verdict(guard="cap", ok=True, reason=reason)
    until = recent[-rules.cap] + rules.cap_span
    return Verdict(guard="cap", ok=False, reason=reason, until=until)
