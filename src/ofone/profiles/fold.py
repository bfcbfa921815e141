"""Fold one event into a profile. A later word wins by the source's time, not by arrival."""

from collections.abc import Iterable

from msgspec.structs import replace

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Happened, Value
from ofone.domain.state import Consent, Dated, Profile
from ofone.domain.words import CHANNELS, PURPOSES
from ofone.profiles.habits import noted
from ofone.profiles.stated import check

CONSENT_GIVEN = "Consent Given"
CONSENT_WITHDRAWN = "Consent Withdrawn"
PREFERENCE_STATED = "Preference Stated"

LINKS_REVOKED = "Links Revoked"
BOUNCED = "Message Bounced"
_REVOKED = "links revoked"

COMPLAINED = "complained:"
"""How the notes of complaints begin among the preferences, before the channel."""


def newer(known: dict[str, Dated], said: dict[str, Value], at: int) -> dict[str, Dated]:
    """The values with those of ``said`` that are not older than what is known."""
    fresh = {}
    for name, value in said.items():
        old = known.get(name)
        if old is None or (at, str(value)) > (old.at, str(old.value)):
            fresh[name] = Dated(value, at)
    return known | fresh if fresh else known


def fold(profile: Profile, event: Happened) -> Profile:
    """The profile after this event.

    Raises UnusableEvent for a consent that names no channel and a wish that nobody can read.
    """
    first = min(profile.first or event.at, event.at)
    last = max(profile.last, event.at)
    traits = newer(profile.traits, event.traits, event.at) if event.traits else profile.traits
    consents = profile.consents
    preferences = profile.preferences
    distressed = profile.distressed
    match event.name:
        case "Consent Given":
            consents = _consent(consents, event, granted=True)
        case "Consent Withdrawn":
            consents = _consent(consents, event, granted=False)
        case "Preference Stated":
            preferences = state(preferences, event.properties, event.at)
        case "Message Complained" | "Suppressed":
            # Of every purpose, whatever the message was about: its proof is this event.
            consents = _consent(consents, event, granted=False, whole=True)
            said: dict[str, Value] = {f"{COMPLAINED}{c}": True for c in _channels(event)}
            preferences = newer(preferences, said, event.at)
        case "Message Bounced" if event.properties.get("hard") is not False:
            said = {f"undeliverable:{c}": True for c in _channels(event, every=False)}
            preferences = newer(preferences, said, event.at)
        case "Links Revoked":
            preferences = newer(preferences, {_REVOKED: True}, event.at)
        case "Distress Noted":
            distressed = max(distressed, event.at)
        case _:
            pass
    return replace(
        profile,
        traits=traits,
        consents=consents,
        preferences=preferences,
        first=first,
        last=last,
        habits=noted(profile.habits, event),
        distressed=distressed,
    )


def distress(profile: Profile, at: int) -> Profile:
    """Remember that the customer was in distress then; the latest is kept."""
    return profile if at <= profile.distressed else replace(profile, distressed=at)


def asked(profile: Profile, items: Iterable[str], at: int) -> Profile:
    """Remember that these baseline items were answered or passed over."""
    newest = {item: max(at, profile.asked.get(item, at)) for item in items}
    return replace(profile, asked=profile.asked | newest)


def state(known: dict[str, Dated], said: dict[str, Value], at: int) -> dict[str, Dated]:
    """Stated preferences, folded. Raises UnusableEvent for one that nothing reads."""
    check(said)
    return newer(known, said, at)


def undeliverable(profile: Profile, channel: str, at: int) -> Profile:
    """Remember that this channel's address failed, until a newer address is given."""
    noted = newer(profile.preferences, {f"undeliverable:{channel}": True}, at)
    return replace(profile, preferences=noted)


def revoked(profile: Profile) -> int:
    """When the links to the customer's pages were last made useless; 0 is never."""
    word = profile.preferences.get(_REVOKED)
    return 0 if word is None else word.at


def muted(profile: Profile, channel: str, word: Consent | None) -> bool:
    """Whether a complaint about this channel holds against this word on it.

    Only what the customer gave later, with its wording, undoes a complaint.
    """
    if not profile.preferences:
        return False
    complained = profile.preferences.get(COMPLAINED + channel)
    return complained is not None and not (
        word is not None and word.granted and word.at > complained.at and bool(word.wording)
    )


def _channels(event: Happened, *, every: bool = True) -> list[object]:
    """The channels that an event names; where it names none, all if ``every``."""
    said = event.properties.get("channels", event.properties.get("channel"))
    named: list[object] = list(said) if isinstance(said, list) else [said]
    if every and said is None:
        named = list(CHANNELS)
    wrong = [c for c in named if c not in CHANNELS]
    if wrong or not named:
        raise UnusableEvent(
            f"{event.name!r} names channel {wrong[0] if wrong else None!r}; write "
            f'"channels": a list of {", ".join(CHANNELS)}'
        )
    return named


def _consent(
    known: dict[str, Consent], event: Happened, *, granted: bool, whole: bool = False
) -> dict[str, Consent]:
    named = _channels(event, every=not granted)
    purpose = event.properties.get("purpose", "service" if granted else None)
    if granted and purpose not in PURPOSES:
        raise UnusableEvent(f"purpose {purpose!r} is not known; purposes are {', '.join(PURPOSES)}")
    # A withdrawal whose purpose nobody knows takes back all of them.
    purposes = [str(purpose)] if purpose in PURPOSES and not whole else list(PURPOSES)
    wording = str(event.properties.get("wording", event.name if whole else ""))
    fresh = dict(known)
    for channel in named:
        for one in purposes:
            old = known.get(f"{channel}:{one}")
            # At the same moment a withdrawal wins: silence is the safe mistake.
            if old is None or (event.at, not granted) >= (old.at, not old.granted):
                fresh[f"{channel}:{one}"] = Consent(granted, event.at, event.id, wording)
    return fresh
