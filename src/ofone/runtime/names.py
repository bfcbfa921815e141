"""Event names: those that mean something here, and those that are probably misspelt."""

from difflib import get_close_matches

from msgspec import Struct

from ofone.domain.events import Happened
from ofone.journeys.admit import CODE_ACCEPTED, CODE_REQUESTED, LINK_REQUESTED
from ofone.journeys.advance import ERASE
from ofone.journeys.helper import ANSWERED, UNDELIVERED
from ofone.journeys.library import Library
from ofone.needs.evidence import BASELINE, CORRECTED
from ofone.profiles.fold import (
    BOUNCED,
    CONSENT_GIVEN,
    CONSENT_WITHDRAWN,
    LINKS_REVOKED,
    PREFERENCE_STATED,
)
from ofone.profiles.habits import ACTS

OWN = frozenset(
    {CODE_ACCEPTED, CODE_REQUESTED, LINK_REQUESTED, ERASE, ANSWERED, UNDELIVERED, BASELINE}
    | {CORRECTED, BOUNCED, CONSENT_GIVEN, CONSENT_WITHDRAWN, LINKS_REVOKED, PREFERENCE_STATED}
    | {"Message Complained", "Suppressed", "Distress Noted", *ACTS}
    # What our own pages, channels and commands report, and people's words and traits come by.
    | {"Language Stated", "Push Subscription Ended", "Call Made", "Call Transcribed"}
    | {"Message Delivered", "Message Opened", "Message Read", "Message Received"}
    | {"Reply Received", "Help Requested", "Customer Identified"}
)
"""Names that mean the same with every playbook."""

MOST = 50
"""Unknown names that are told apart; a log may hold any number of them."""
_CLOSE = 0.75


class Unknown(Struct, frozen=True, kw_only=True):
    """A name that nothing here knows, how many events bore it, and what was perhaps meant."""

    name: str
    events: int
    did_you_mean: str | None


class Names:
    """Counts events whose names no playbook of this library knows; they are kept all the same.

    One that says something else (traits, words, a remembered property) counts only where its name
    is nearly a known one.
    """

    def __init__(self, library: Library) -> None:
        self._known = OWN | known(library)
        self._remembered = frozenset[str]().union(*(c.remember for c in library.versions.values()))
        self._found: dict[str, tuple[int, int]] = {}
        self._beyond = 0

    def note(self, event: Happened) -> None:
        """Count this event, if nothing knows its name."""
        if event.name in self._known:
            return
        said = event.properties
        idle = not (event.traits or "text" in said or not self._remembered.isdisjoint(said))
        if event.name in self._found or len(self._found) < MOST:
            n, idly = self._found.get(event.name, (0, 0))
            self._found[event.name] = (n + 1, idly + idle)
        else:
            self._beyond += idle

    def unknown(self) -> tuple[int, list[Unknown]]:
        """How many events, also of names beyond those listed; the most frequent names first."""
        folded = {name.casefold(): name for name in sorted(self._known)}
        found = []
        for name, (n, idly) in self._found.items():
            close = get_close_matches(name.casefold(), folded, 1, _CLOSE)
            if close or idly:
                meant = folded[close[0]] if close else None
                events = n if close else idly
                found.append(Unknown(name=name, events=events, did_you_mean=meant))
        found.sort(key=lambda one: (-one.events, one.name))
        return self._beyond + sum(one.events for one in found), found


def known(library: Library) -> frozenset[str]:
    """Names that any version of a playbook begins, moves, weighs or answers by."""
    names = {*library.entries, *library.signals, *library.answers}
    for compiled in library.versions.values():
        names |= {compiled.entry, *compiled.uses, *compiled.signals, *compiled.distress}
    return frozenset(names)
