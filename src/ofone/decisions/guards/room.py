"""Room under the cap for reminders that are tied to a date and planned already.

A message that could come later is held back where it would take the last room that a reminder
needs. Where the customer is on journeys of several playbooks, each that keeps room is asked.
"""

from bisect import bisect_right
from itertools import chain

from ofone.decisions.guards.ask import Ask, Rules
from ofone.decisions.guards.places import places
from ofone.domain.decisions import Verdict
from ofone.domain.times import DAY, MINUTE, Micros, to_datetime

_FREE = Verdict(guard="room", ok=True, reason="there is room for the reminders that are planned")


def room(ask: Ask) -> Verdict:
    for rules in chain((ask.rules,), ask.others):
        due = _crowded(ask, rules) if rules.keep else None
        if due is not None:
            day = to_datetime(due).astimezone(places(ask)[0][0])
            return Verdict(
                guard="room",
                ok=False,
                reason=f"kept for the reminder of {day:%A}, {day.date()}: at most {rules.cap} "
                f"messages in {rules.cap_span // DAY} days",
                until=due + max(rules.gap, MINUTE),
            )
    return _FREE


def _crowded(ask: Ask, rules: Rules) -> Micros | None:
    """The first planned reminder for which the cap would leave no room after this message."""
    for n, due in enumerate(ask.planned):
        start = due - rules.cap_span
        if start >= ask.now:
            return None
        sent = len(ask.contacts) - bisect_right(ask.contacts, start)
        sooner = n - bisect_right(ask.planned, start, 0, n)
        if sent + sooner + 2 > rules.cap:
            return due
    return None
