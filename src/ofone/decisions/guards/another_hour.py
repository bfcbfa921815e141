"""Another time of day than the earlier messages of a step, where the playbook asks for that.

The open hours are three equal parts. Any part in which this step was silent will do. Out of the
others it waits: for the part in which the customer takes messages up the most, as far as acts tell,
else for the one farthest from those that were tried. When all were tried, for that of longest ago.

It gives way to hours that the customer stated, where nobody knows the customer's clock, and where
waiting would make it too late.
"""

from datetime import tzinfo

from msgspec.structs import replace

from ofone.decisions.guards.ask import Ask, Rules
from ofone.decisions.guards.places import next_open, places
from ofone.domain.decisions import Verdict
from ofone.domain.times import Micros, to_datetime
from ofone.profiles.preferences import stated

PARTS = 3
_NAME = "another_hour"


def another_hour(ask: Ask) -> Verdict:
    zones, _ = places(ask)
    if ask.tried is None or not ask.tried.earlier:
        return Verdict(guard=_NAME, ok=True, reason="nothing was said at this step yet")
    if stated(ask.profile, "hours") is not None:
        return Verdict(
            guard=_NAME, ok=True, reason="the customer asked for hours; these come first"
        )
    if len(zones) > 1:
        return Verdict(guard=_NAME, ok=True, reason="nobody knows what hour it is for the customer")
    used = {_part(ask.rules, zones[0], at): at for at in sorted(ask.tried.earlier)}
    oldest = min(used.get(n, 0) for n in range(PARTS))
    clocks = dict.fromkeys(_clock(at, zones[0]) for at in used.values())
    reason = f"earlier messages of this step went out at {', '.join(clocks)}"
    if used.get(_part(ask.rules, zones[0], ask.now), 0) == oldest:
        return Verdict(
            guard=_NAME, ok=True, reason=f"{reason}; now it is {_clock(ask.now, zones[0])}"
        )
    openings = {
        n: opening
        for n in range(PARTS)
        if used.get(n, 0) == oldest
        and (opening := next_open(_only(ask.rules, n), zones, ask.now)) is not None
        and opening <= ask.since + ask.rules.stale
        and (ask.before is None or opening < ask.before)
    }
    if not openings:
        return Verdict(guard=_NAME, ok=True, reason=f"{reason}; another hour would be too late")
    chosen = min(
        openings,
        key=lambda n: (-_chance(ask, n), -min(abs(n - one) for one in used), openings[n]),
    )
    only = _only(ask.rules, chosen)
    reason += f"; {_wall(only.opens)}–{_wall(only.closes)} is another part of the day"
    return Verdict(guard=_NAME, ok=False, reason=reason, until=openings[chosen])


def _edge(rules: Rules, n: int) -> int:
    return rules.opens + n * (rules.closes - rules.opens) // PARTS


def _only(rules: Rules, n: int) -> Rules:
    """The rules as if only this part of the day were open."""
    return replace(rules, opens=_edge(rules, n), closes=_edge(rules, n + 1))


def _part(rules: Rules, zone: tzinfo, at: Micros) -> int:
    """The part of the day; before the first is the first, after the last the last."""
    local = to_datetime(at).astimezone(zone)
    return sum(local.hour * 60 + local.minute >= _edge(rules, n) for n in range(1, PARTS))


def _chance(ask: Ask, n: int) -> float:
    """How well the hours of this part suit the customer, over all days; 0 where it is not known."""
    if ask.tried is None or not ask.tried.chances:
        return 0.0
    hours = range(_edge(ask.rules, n) // 60, (_edge(ask.rules, n + 1) + 59) // 60)
    found = [ask.tried.chances[24 * day + hour] for day in range(7) for hour in hours]
    return sum(found) / max(len(found), 1)


def _clock(at: Micros, zone: tzinfo) -> str:
    return f"{to_datetime(at).astimezone(zone):%H:%M}"


def _wall(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
