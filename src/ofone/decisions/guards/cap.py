"""At most so many messages to one person in so many days, over all journeys together.

Where the customer is on journeys of several playbooks, the caps of all of them hold.
"""

from bisect import bisect_right

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.domain.times import DAY, Micros


def cap(ask: Ask) -> Verdict:
    said = _said(ask, ask.rules.cap, ask.rules.cap_span)
    for rules in ask.others:
        other = _said(ask, rules.cap, rules.cap_span)
        if (other.until or 0) > (said.until or 0):
            said = other
    return said


def _said(ask: Ask, most: int, span: Micros) -> Verdict:
    recent = len(ask.contacts) - bisect_right(ask.contacts, ask.now - span)
    reason = f"{recent} of {most} messages in {span // DAY} days"
    if recent < most:
        return Verdict(guard="cap", ok=True, reason=reason)
    return Verdict(guard="cap", ok=False, reason=reason, until=ask.contacts[-most] + span)
