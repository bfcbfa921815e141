"""The second lock of a customer's own pages: codes and new links, sent where they can be reached.

Whoever holds a link sees the tracker. What is personal asks for a code beside it, which goes to the
address that was known before. Nothing of a code is stored: it is computed from the key of the
effect that sent it, when it is sent and when it is typed.
"""

import hmac
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from ofone.conversations.messages import compose
from ofone.decisions.guards.address import TRAIT
from ofone.domain.effects import Admit
from ofone.domain.messages import Message
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, MINUTE, Micros
from ofone.domain.words import Channel
from ofone.journeys import admit
from ofone.journeys.library import Library
from ofone.journeys.stated import stated_words
from ofone.profiles.traits import trait
from ofone.runtime.links import Links


class Door(Struct, frozen=True, kw_only=True):
    """What a page has to know to let a customer in; nothing of it says who they are.

    ``ways``: channels that a code or a link may be sent on. ``again``: from when on (not after now:
    at once). ``codes``: the keys of those that count, the newest first, and until when the newest
    does (0: there is none). ``language`` is the customer's, where stated; ``own`` the company's.
    """

    customer: str
    journey: int
    ways: tuple[Channel, ...]
    again: Micros
    codes: tuple[str, ...]
    until: Micros
    company: str
    language: str
    own: str


def door(state: CustomerState, journey: int, library: Library, now: Micros) -> Door:
    """The door to one journey's pages, as it stands."""
    mine = state.journeys[journey]
    compiled = library.version(mine.playbook, mine.version)
    codes = admit.valid(state.admissions, journey, now)
    return Door(
        customer=state.customer,
        journey=journey,
        ways=admit.ways(state.profile, compiled.rules, now),
        again=admit.again([a for a in state.admissions if a.at > now - DAY]),
        codes=tuple(a.key for a in codes),
        until=codes[0].at + admit.FRESH if codes else 0,
        company=compiled.playbook.company,
        language=trait(state.profile, "language"),
        own=compiled.playbook.language,
    )


def matching(keys: Sequence[str], said: str, links: Links) -> str:
    """The key of the code that was typed, or nothing. Takes as long, whichever it is."""
    found = ""
    for key in keys:
        if hmac.compare_digest(links.code(key).encode(), said.encode("utf-8", "replace")):
            found = key
    return found


def refused(effect: Admit, state: CustomerState, library: Library, now: Micros) -> str:
    """Why it may not go out now, or nothing: the customer may have spoken, or the press is old."""
    if now >= effect.at + admit.FRESH:
        return f"it was asked for {(now - effect.at) // MINUTE} minutes ago"
    rules = library.version(effect.playbook, effect.version).rules
    return admit.refused(state.profile, rules, effect.channel, now)


def write(effect: Admit, state: CustomerState, library: Library, links: Links) -> Message:
    """The message with the code or the link, in the customer's language."""
    playbook = library.version(effect.playbook, effect.version).playbook
    said = stated_words()
    spoken = [trait(state.profile, "language"), playbook.language, "en"]
    codes = (one.replace("_", "-").partition("-")[0].lower() for one in spoken)
    language = next((c for c in codes if c in said), "en")
    words = said[language][effect.what]
    by_mail = effect.channel == "email"
    leave = links.leave(effect.customer, effect.channel, "service") if by_mail else ""
    code = links.code(effect.key)
    context: dict[str, Any] = {
        "company": playbook.company,
        "_company": playbook.company,
        "_address": playbook.company_address,
        "_locale": language,
        "_leave": leave,
    }
    if effect.what == "code":
        # No link beside a code: whoever is used to one would follow a stranger's as well.
        context |= {"code": code, "minutes": admit.FRESH // MINUTE}
    else:
        context |= {"link": links.tracker(state, effect.journey, effect.at)}
    rendered = compose(
        subject=words["subject"],
        body=words[effect.channel],
        channel=effect.channel,
        context=context,
        where=f"{effect.what} in {language}.toml",
    )
    message = Message(
        key=effect.key,
        to_kind="customer",
        who=effect.customer,
        name=trait(state.profile, "name") or effect.customer,
        channel=effect.channel,
        address=trait(state.profile, TRAIT[effect.channel]) or effect.customer,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        at=effect.at,
        thread=links.thread(effect.customer, effect.journey),
        reference=links.letter(effect.customer, effect.key) if by_mail else "",
        leave=leave,
    )
    if by_mail or effect.what == "link" or not links.base.startswith("https://"):
        return message
    # Phones offer such a code on this site alone (WICG, origin-bound one-time codes).
    return replace(message, text=f"{message.text}\n\n@{urlsplit(links.base).hostname} #{code}")
