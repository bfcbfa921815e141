"""The rules that remove options: each one small file, with its reason in words.

A guard is a function from ``Ask`` to ``Verdict``. All of them are asked at the decision and again
at dispatch. A new guard is one new file and one name in ``OF_CHANNEL`` or ``OF_MOMENT``.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from ofone.decisions.guards.address import address
from ofone.decisions.guards.ask import Ask, Guard, Rules
from ofone.decisions.guards.cap import cap
from ofone.decisions.guards.consent import consent
from ofone.decisions.guards.gap import gap
from ofone.decisions.guards.hours import hours
from ofone.decisions.guards.quiet_hours import quiet_hours
from ofone.decisions.guards.repeat import repeat
from ofone.decisions.guards.stale import stale
from ofone.decisions.guards.undeliverable import undeliverable
from ofone.domain.decisions import Verdict
from ofone.domain.words import Channel

OF_CHANNEL: tuple[Guard, ...] = (address, consent, undeliverable)
"""Guards that may say something else of each channel."""
OF_MOMENT: tuple[Guard, ...] = (repeat, stale, cap, gap, quiet_hours, hours)
"""Guards that say the same of every channel."""
GUARDS = (*OF_CHANNEL, *OF_MOMENT)


def verdicts(ask: Ask) -> tuple[Verdict, ...]:
    """What every guard says, in order; all are asked, so that the record says all the reasons."""
    return tuple([guard(ask) for guard in GUARDS])


def by_channel(
    ask: Ask, channels: Iterable[Channel]
) -> tuple[dict[Channel, tuple[Verdict, ...]], tuple[Verdict, ...]]:
    """What is said of each channel alone, in order, and what is said of all of them alike."""
    alone: dict[Channel, tuple[Verdict, ...]] = {}
    for channel in channels:
        one = replace(ask, channel=channel)
        alone[channel] = tuple([guard(one) for guard in OF_CHANNEL])
    return alone, tuple([guard(ask) for guard in OF_MOMENT])


__all__ = ["GUARDS", "Ask", "Guard", "Rules", "by_channel", "verdicts"]
