"""The rules that remove options: each one small file, with its reason in words.

A guard is a function from ``Ask`` to ``Verdict``. All that bear on an action are asked at the
decision and again at dispatch. A new guard is one new file and one name in one of these lists.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from ofone.decisions.guards.address import address
from ofone.decisions.guards.already_knows import already_knows
from ofone.decisions.guards.another_hour import another_hour
from ofone.decisions.guards.ask import Ask, Guard, News, Rules, Tried
from ofone.decisions.guards.cap import cap
from ofone.decisions.guards.consent import consent
from ofone.decisions.guards.cooling_off import cooling_off
from ofone.decisions.guards.gap import gap
from ofone.decisions.guards.hours import hours
from ofone.decisions.guards.no_exploitation import no_exploitation
from ofone.decisions.guards.paused import paused
from ofone.decisions.guards.quiet_hours import quiet_hours
from ofone.decisions.guards.repeat import repeat
from ofone.decisions.guards.room import room
from ofone.decisions.guards.stale import stale
from ofone.decisions.guards.undeliverable import undeliverable
from ofone.domain.decisions import Verdict
from ofone.domain.words import Channel
from ofone.profiles.stated import PAUSE

OF_CHANNEL: tuple[Guard, ...] = (address, consent, undeliverable)
"""Guards that may say something else of each channel."""
OF_MOMENT: tuple[Guard, ...] = (repeat, stale, cap, gap, quiet_hours, hours)
"""Guards that say the same of every channel."""
OF_PRESSURE: tuple[Guard, ...] = (cooling_off, no_exploitation)
"""The same, asked only of what presses or advertises."""
OF_NEWS: tuple[Guard, ...] = (already_knows,)
"""The same, asked only of what says what it asks for or tells."""
OF_HOUR: tuple[Guard, ...] = (another_hour,)
"""The same, asked only where another hour than before is sought."""
OF_ROOM: tuple[Guard, ...] = (room,)
"""The same, asked only of what could come later while reminders are planned."""
OF_PAUSE: tuple[Guard, ...] = (paused,)
"""The same, asked only of who asked for a pause once."""
GUARDS = (*OF_CHANNEL, *OF_MOMENT, *OF_PRESSURE, *OF_NEWS, *OF_HOUR, *OF_ROOM, *OF_PAUSE)


def bearing(ask: Ask) -> tuple[Guard, ...]:
    """The guards that bear on this, whatever the channel."""
    found = OF_MOMENT
    if ask.presses:
        found += OF_PRESSURE
    if ask.news is not None:
        found += OF_NEWS
    if ask.tried is not None:
        found += OF_HOUR
    if ask.planned:
        found += OF_ROOM
    if PAUSE in ask.profile.preferences:
        found += OF_PAUSE
    return found


def verdicts(ask: Ask) -> tuple[Verdict, ...]:
    """What every guard says, in order; all are asked, so that the record says all the reasons."""
    return tuple([guard(ask) for guard in (*OF_CHANNEL, *bearing(ask))])


def by_channel(
    ask: Ask, channels: Iterable[Channel]
) -> tuple[dict[Channel, tuple[Verdict, ...]], tuple[Verdict, ...]]:
    """What is said of each channel alone, in order, and what is said of all of them alike."""
    alone: dict[Channel, tuple[Verdict, ...]] = {}
    for channel in channels:
        one = replace(ask, channel=channel)
        alone[channel] = tuple([guard(one) for guard in OF_CHANNEL])
    return alone, tuple([guard(ask) for guard in bearing(ask)])


__all__ = [
    "GUARDS",
    "OF_CHANNEL",
    "OF_MOMENT",
    "Ask",
    "Guard",
    "News",
    "Rules",
    "Tried",
    "bearing",
    "by_channel",
    "verdicts",
]
