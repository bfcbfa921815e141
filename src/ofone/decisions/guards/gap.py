"""Two messages to one person keep a distance: the longest that any of their journeys asks for."""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.domain.times import MINUTE

_FIRST = Verdict(guard="gap", ok=True, reason="no message was sent shortly before")


def gap(ask: Ask) -> Verdict:
    if not ask.contacts:
        return _FIRST
    length = ask.rules.gap
    for rules in ask.others:
        length = max(length, rules.gap)
    if ask.now >= ask.contacts[-1] + length:
        return _FIRST
    ago = max(0, ask.now - ask.contacts[-1]) // MINUTE
    return Verdict(
        guard="gap",
        ok=False,
        reason=f"the last message was {ago} minutes ago",
        until=ask.contacts[-1] + length,
    )
