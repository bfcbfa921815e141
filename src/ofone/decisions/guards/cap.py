"""At most so many messages to one person in so many days, over all journeys together."""

from bisect import bisect_right

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.domain.times import DAY


def cap(ask: Ask) -> Verdict:
    rules = ask.rules
    recent = len(ask.contacts) - bisect_right(ask.contacts, ask.now - rules.cap_span)
    reason = f"{recent} of {rules.cap} messages in {rules.cap_span // DAY} days"
    if recent < rules.cap:
        return Verdict(guard="cap", ok=True, reason=reason)
    until = ask.contacts[-rules.cap] + rules.cap_span
    return Verdict(guard="cap", ok=False, reason=reason, until=until)
