"""The rules that remove options: each one small file, with its reason in words.

A guard is a function from ``Ask`` to ``Verdict``. All of them are asked at the decision and again
at dispatch. A new guard is one new file and one name in ``GUARDS``.
"""

from ofone.decisions.guards.address import address
from ofone.decisions.guards.ask import Ask, Guard, Rules
from ofone.decisions.guards.cap import cap
from ofone.decisions.guards.consent import consent
from ofone.decisions.guards.gap import gap
from ofone.decisions.guards.quiet_hours import quiet_hours
from ofone.decisions.guards.repeat import repeat
from ofone.decisions.guards.stale import stale
from ofone.decisions.guards.undeliverable import undeliverable
from ofone.domain.decisions import Verdict

GUARDS: tuple[Guard, ...] = (
    address,
    consent,
    undeliverable,
    repeat,
    stale,
    cap,
    gap,
    quiet_hours,
)


def verdicts(ask: Ask) -> tuple[Verdict, ...]:
    """What every guard says, in order; all are asked, so that the record says all the reasons."""
    return tuple([guard(ask) for guard in GUARDS])


__all__ = ["GUARDS", "Ask", "Guard", "Rules", "verdicts"]
