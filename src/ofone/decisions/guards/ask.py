"""What a guard is asked."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from msgspec import Struct

from ofone.domain.decisions import Verdict
from ofone.domain.state import Profile
from ofone.domain.times import Micros
from ofone.domain.words import Channel


class Rules(Struct, frozen=True, gc=False, kw_only=True):
    """A playbook's guards, ready to use. Opening hours in minutes after midnight."""

    opens: int
    closes: int
    zone: ZoneInfo
    cap: int
    cap_span: Micros
    gap: Micros
    stale: Micros


class Ask(Struct, frozen=True, gc=False, kw_only=True):
    """May this be said, on this channel, now?

    ``since``: the moment that gave rise to it. ``said``: when the same action was last sent within
    this attempt at the step. ``contacts``: moments of earlier messages to this person, over all
    journeys, in order.
    """

    now: Micros
    channel: Channel
    purpose: str
    profile: Profile
    contacts: tuple[Micros, ...]
    since: Micros
    said: Micros | None
    rules: Rules


Guard = Callable[[Ask], Verdict]
