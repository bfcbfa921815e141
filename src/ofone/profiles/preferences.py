"""How a customer likes to be in touch: three posteriors from their acts, and what they stated.

Each is computed at the moment of asking from the acts that are kept (``profiles.habits``), and each
has a memory of its own: an act of age t weighs 2^(-t / half-life) (power discounting; West and
Harrison 1997, ch. 6). So the order of arrival changes nothing, and a duplicate is no act.

*Channel*: Dirichlet-multinomial. An act on a channel is a draw of the channel that suits; the prior
is one act on each. The memory sees what the customer does, not what was sent where: somebody who
only ever got e-mail can only click in e-mail. That keeps things as they are, until the customer
answers or writes elsewhere.

*Cadence*: messages wished for in a week, Gamma. Every visit (acts within an hour are one) takes up
one piece of news, ours or fetched; over the weeks in which a journey was open, that count is
Poisson. A wish for less counts as ``QUIET_WEEKS`` weeks without any. Who reads without a trace
seems to wish for less than is true.

*Hours*: 7 x 24 Beta-Binomials, on the clock where the customer lives. A message is a try of its
hour; it succeeds when it is the last before an act within a day. An act is a success of its own
hour. Evidence counts for the hours and days around it as well, by a kernel (continuous correlated
beta processes, Goetschalckx, Poupart and Hoey 2011).

What is stated overrides what is inferred, and both are shown. A stated channel comes first, stated
hours are a guard. An inferred channel comes first from ``SURE`` on. Cadence says how long it may be
quiet (a step's ``quiet``); inferred hours say which other hour is tried (a touch's ``hour``).
"""

from collections.abc import Iterable
from datetime import tzinfo
from math import log, sqrt

from msgspec import Struct

from ofone.domain.events import Value
from ofone.domain.state import CustomerState, Habit, Profile
from ofone.domain.times import DAY, HOUR, Micros, to_datetime
from ofone.domain.words import CHANNELS, WRITTEN, Channel
from ofone.profiles.gamma import largest, quantile
from ofone.profiles.habits import KEPT
from ofone.profiles.stated import personal, read_cadence, read_days, read_hours

WEEK = 7 * DAY
HALF_LIFE = {"channel": 90 * DAY, "cadence": 14 * DAY, "hours": 90 * DAY}
"""How fast acts fade (assumptions).

A wish is taken to be half lasting, half fading with a half-life of 28 days, as needs are. Then acts
must fade in half that time for 80% intervals to hold 80%. Measured on simulated customers, after
one week to half a year: .78 to .82; .81 to .88 where wishes never change, and .71 to .80 where
nothing of them lasts.
"""

CHANNEL_PRIOR = 1.0
"""Acts on each channel before any was seen."""
SURE = 0.8
"""From this chance on of being the best, an inferred channel comes first."""

CADENCE_PRIOR = (2.0, 2.0)
"""Shape, and rate in weeks: one message a week, 80% between .27 and 1.94 (an assumption)."""
QUIET_WEEKS = 4.0
VISIT = HOUR
"""Acts that lie closer together are one visit."""

HOURS_PRIOR = (1.0, 3.0)
"""Successes and failures of an hour that nobody tried: one message in four (an assumption)."""
ANSWER_TIME = DAY
NEAR_HOURS = (1.0, 2 / 3, 1 / 3)
NEAR_DAYS = (1.0, 1 / 2, 1 / 4, 1 / 8)
"""What evidence counts so many hours, and so many days, away; the week is a circle."""
BEST_LENGTH = 3
"""Hours in the span that is called the best."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_KERNEL = tuple(
    (24 * day + hour, NEAR_DAYS[abs(day)] * NEAR_HOURS[abs(hour)])
    for day in range(-3, 4)
    for hour in range(-2, 3)
)
_FAINT = 1e-6


class ChannelBelief(Struct, frozen=True, kw_only=True):
    """Shares by channel, the chance of each to be the best, and how many acts that rests on."""

    stated: Channel | None
    shares: dict[Channel, float]
    best: dict[Channel, float]
    weight: float
    evidence: tuple[Habit, ...]


class CadenceBelief(Struct, frozen=True, kw_only=True):
    """Messages wished for in a week: mean and 80% interval; ``weeks`` (faded) were looked at.

    ``stated`` is the customer's word, as messages a week.
    """

    stated: float | None
    mean: float
    low: float
    high: float
    weeks: float
    weight: float
    evidence: tuple[Habit, ...]


class HoursBelief(Struct, frozen=True, kw_only=True):
    """Chances by hour of the week (Monday midnight is 0), and the best span of hours in words.

    ``chance`` and ``sd`` are those of the best hour; ``best`` is empty while nothing was taken up.
    """

    stated_hours: str | None
    stated_days: str | None
    chances: tuple[float, ...]
    best: str
    chance: float
    sd: float
    weight: float
    evidence: tuple[Habit, ...]


class Preferences(Struct, frozen=True, kw_only=True):
    """All three, at one moment and for one purpose."""

    channel: ChannelBelief
    cadence: CadenceBelief
    hours: HoursBelief


def infer(state: CustomerState, zone: tzinfo, now: Micros, purpose: str) -> Preferences:
    """What this customer likes, by ``now``. ``zone`` is where they live."""
    return Preferences(
        channel=channel(state.profile, now, purpose),
        cadence=cadence(state, now, purpose),
        hours=hours(state, zone, now),
    )


def stated(profile: Profile, name: str) -> Value:
    """The customer's own word, or None."""
    word = profile.preferences.get(name)
    return None if word is None else word.value


def channel(profile: Profile, now: Micros, purpose: str) -> ChannelBelief:
    """Where messages of this purpose should go."""
    said = stated(profile, "channel")
    evidence = _on_channels(profile, now, purpose)
    shapes = _shapes(evidence, now)
    total = sum(shapes)
    return ChannelBelief(
        stated=next((c for c in CHANNELS if c == said), None),
        shares={c: a / total for c, a in zip(WRITTEN, shapes, strict=True)},
        best={c: largest(shapes, n) for n, c in enumerate(WRITTEN)},
        weight=total - len(WRITTEN) * CHANNEL_PRIOR,
        evidence=evidence,
    )


def better(profile: Profile, now: Micros, purpose: str, first: str) -> tuple[Channel, float] | None:
    """A channel that is surely better than ``first``, and its chance of being the best.

    Costs nothing for a customer without acts, and little where they confirm ``first``. None also
    for who switched personalisation off.
    """
    if not profile.habits or not personal(profile):
        return None
    shapes = _shapes(_on_channels(profile, now, purpose), now)
    which = max(range(len(shapes)), key=shapes.__getitem__)
    # Two acts on one channel are not enough to be sure (P = .79), whatever the others hold.
    if WRITTEN[which] == first or shapes[which] < CHANNEL_PRIOR + 2:
        return None
    chance = largest(shapes, which)
    return (WRITTEN[which], chance) if chance >= SURE else None


def cadence(state: CustomerState, now: Micros, purpose: str) -> CadenceBelief:
    """How many messages a week are wished for."""
    half = HALF_LIFE["cadence"]
    habits = state.profile.habits
    # Where older acts fell out, the memory begins after the oldest that is left.
    start = habits[0].at if len(habits) == KEPT else None
    known = [h for h in habits if h.at <= now and h.purpose in (purpose, "")]
    spans = _open(state, now)
    taken = tuple(
        h
        for h in _visits(h for h in known if h.what != "less")
        if any(a <= h.at <= b for a, b in spans) and h.at != start
    )
    less = tuple(h for h in known if h.what == "less")
    weeks = sum(_faded(a if start is None else max(a, start), b, now, half) for a, b in spans)
    count = sum(weight(h.at, now, half) for h in taken)
    quiet = QUIET_WEEKS * sum(weight(h.at, now, half) for h in less)
    shape, rate = CADENCE_PRIOR[0] + count, CADENCE_PRIOR[1] + weeks + quiet
    said = stated(state.profile, "cadence")
    return CadenceBelief(
        stated=None if said is None else read_cadence(said),
        mean=shape / rate,
        low=quantile(shape, 0.1) / rate,
        high=quantile(shape, 0.9) / rate,
        weeks=weeks,
        weight=count,
        evidence=tuple(sorted((*taken, *less))),
    )


def hours(state: CustomerState, zone: tzinfo, now: Micros) -> HoursBelief:
    """When messages are taken up, by the clock of ``zone``; the change of clocks moves nothing."""
    half = HALF_LIFE["hours"]
    acts = _visits(h for h in state.profile.habits if h.at <= now and h.what != "less")
    tried = [c for c in state.contacts if c <= now]
    wins, losses = [0.0] * 168, [0.0] * 168
    seen = 0.0
    for at, won in (*_tries(tried, acts, now), *[(a.at, True) for a in acts]):
        counts = weight(at, now, half)
        if counts < _FAINT:
            continue
        seen += counts
        local = to_datetime(at).astimezone(zone)
        cell, side = 24 * local.weekday() + local.hour, wins if won else losses
        for away, near in _KERNEL:
            side[(cell + away) % 168] += counts * near
    a, b = HOURS_PRIOR
    chances = tuple([(a + w) / (a + b + w + o) for w, o in zip(wins, losses, strict=True)])
    top = max(range(168), key=chances.__getitem__)
    p = chances[top]
    said_hours, said_days = stated(state.profile, "hours"), stated(state.profile, "days")
    return HoursBelief(
        stated_hours=None if said_hours is None else str(said_hours),
        stated_days=None if said_days is None else str(said_days),
        chances=chances,
        best=_best(chances) if any(wins) else "",
        chance=p,
        sd=sqrt(p * (1 - p) / (a + b + wins[top] + losses[top] + 1)),
        weight=seen,
        evidence=tuple(acts),
    )


def stated_window(profile: Profile) -> tuple[int, int, frozenset[int]] | None:
    """Minutes after midnight (from, until) and weekdays that the customer stated, if any."""
    clock, days = stated(profile, "hours"), stated(profile, "days")
    if clock is None and days is None:
        return None
    opens, closes = (0, 24 * 60) if clock is None else read_hours(str(clock))
    return opens, closes, _EVERY_DAY if days is None else read_days(str(days))


_EVERY_DAY = frozenset(range(7))


def weight(at: Micros, now: Micros, half: Micros) -> float:
    """What an act of that moment still counts now."""
    return float(0.5 ** ((now - at) / half))


def _faded(start: Micros, end: Micros, now: Micros, half: Micros) -> float:
    """Weeks from start to end, each moment weighed by its age: the integral of ``weight``."""
    if end <= start:
        return 0.0
    return (weight(end, now, half) - weight(start, now, half)) * half / log(2) / WEEK


def _open(state: CustomerState, now: Micros) -> list[tuple[Micros, Micros]]:
    """When at least one journey was open, without overlaps."""
    found: list[tuple[Micros, Micros]] = []
    ends = [now if j.ended is None else min(j.ended, now) for j in state.journeys]
    for start, end in sorted(zip([j.started for j in state.journeys], ends, strict=True)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def _visits(acts: Iterable[Habit]) -> tuple[Habit, ...]:
    """The first act of each visit."""
    found: list[Habit] = []
    last: Micros | None = None
    for act in acts:
        if last is None or act.at - last > VISIT:
            found.append(act)
        last = act.at
    return tuple(found)


def _on_channels(profile: Profile, now: Micros, purpose: str) -> tuple[Habit, ...]:
    """One act for each visit on each of our channels."""
    acts = [
        h
        for h in profile.habits
        if h.channel and h.what != "less" and h.purpose == purpose and h.at <= now
    ]
    return tuple(sorted(v for c in WRITTEN for v in _visits(h for h in acts if h.channel == c)))


def _shapes(acts: Iterable[Habit], now: Micros) -> list[float]:
    shapes = [CHANNEL_PRIOR] * len(WRITTEN)
    for act in acts:
        for n, c in enumerate(WRITTEN):
            if c == act.channel:
                shapes[n] += weight(act.at, now, HALF_LIFE["channel"])
    return shapes


def _tries(
    contacts: list[Micros], acts: tuple[Habit, ...], now: Micros
) -> list[tuple[Micros, bool]]:
    """Each message and whether an act followed; one that may still be answered is no try yet."""
    answered = set()
    for act in acts:
        before = [c for c in contacts if act.at - ANSWER_TIME <= c < act.at]
        if before:
            answered.add(max(before))
    return [(c, c in answered) for c in contacts if c in answered or now - c >= ANSWER_TIME]


def _best(chances: tuple[float, ...]) -> str:
    """The span with the highest chance over the days on which it is nearly as good."""

    def mean(day: int, start: int) -> float:
        return sum(chances[24 * day + start : 24 * day + start + BEST_LENGTH]) / BEST_LENGTH

    spans = [(mean(d, h), d, h) for d in range(7) for h in range(25 - BEST_LENGTH)]
    top, _, start = max(spans, key=lambda s: s[0])
    prior = HOURS_PRIOR[0] / sum(HOURS_PRIOR)
    good = [d for d in range(7) if mean(d, start) >= prior + (top - prior) * 3 / 4]
    clock = f"{start:02}:00–{start + BEST_LENGTH:02}:00"
    if len(good) == 7:
        return f"every day {clock}"
    if good == list(range(5)):
        return f"weekdays {clock}"
    return f"{', '.join(_DAYS[d] for d in good)} {clock}"
