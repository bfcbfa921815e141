"""What a guard is asked."""

from collections.abc import Callable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from ofone.domain.decisions import Verdict
from ofone.domain.state import Dated, Profile
from ofone.domain.times import DAY, Micros
from ofone.domain.words import Channel

EVERY_DAY = frozenset(range(7))


class Rules(Struct, frozen=True, gc=False, kw_only=True):
    """A playbook's guards, ready to use. Opening hours in minutes after midnight.

    ``days``: weekdays, Monday is 0; ``closed``: dates on which nothing is sent; ``zones``: where
    somebody of whom nothing is known may be (none: ``zone``); ``cooling``: the time after distress;
    ``keep``: whether room under the cap is kept for reminders.
    """

    opens: int
    closes: int
    zone: ZoneInfo
    cap: int
    cap_span: Micros
    gap: Micros
    stale: Micros
    zones: tuple[ZoneInfo, ...] = ()
    days: frozenset[int] = EVERY_DAY
    closed: frozenset[date] = frozenset()
    cooling: Micros = 7 * DAY
    keep: bool = False


class News(Struct, frozen=True, gc=False, kw_only=True):
    """What an action asks for or tells, and what is known of it.

    ``since``: when the step began; ``seen``: when the event ``tells`` last came, -1 never.
    """

    asks_for: tuple[str, ...]
    tells: str
    facts: Mapping[str, Dated]
    since: Micros
    seen: Micros


class Tried(Struct, frozen=True, gc=False, kw_only=True):
    """When this step was written about, and the chances of the hours of the week, where known."""

    earlier: tuple[Micros, ...]
    chances: tuple[float, ...] = ()


class Ask(Struct, frozen=True, gc=False, kw_only=True):
    """May this be said, on this channel, now?

    ``since``: the moment that gave rise to it. ``said``: when the same action was last sent within
    this attempt at the step. ``contacts``: moments of earlier messages to this person, over all
    journeys, in order. ``before``: the date that it is about and has to come before. ``others``:
    the rules of the customer's other journeys, whose caps and gaps hold as well. ``presses``: how
    it presses or that it is marketing, else empty; only then is ``worry``, P(reassurance high),
    made out. ``tried`` is there where another hour than before is sought. ``planned``: when
    reminders are due, in order, where room is kept for them.
    """

    now: Micros
    channel: Channel
    purpose: str
    profile: Profile
    contacts: tuple[Micros, ...]
    since: Micros
    said: Micros | None
    rules: Rules
    before: Micros | None = None
    others: tuple[Rules, ...] = ()
    presses: str = ""
    worry: float = 0.0
    news: News | None = None
    tried: Tried | None = None
    planned: tuple[Micros, ...] = ()


Guard = Callable[[Ask], Verdict]
