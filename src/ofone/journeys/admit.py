"""What lets a customer in to their own pages: codes and new links, sent because they asked.

It is the answer to a press on a page, so it waits for no morning and counts for no cap; but it goes
only to an address that was known before, with the customer's consent, and only while it is fresh.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from ofone.decisions.guards import OF_CHANNEL, Ask, Rules
from ofone.domain.effects import Admit
from ofone.domain.events import Happened
from ofone.domain.state import Admission, Profile
from ofone.domain.times import DAY, HOUR, MINUTE, Micros
from ofone.domain.words import Channel
from ofone.journeys.draft import Draft
from ofone.profiles.fold import BOUNCED

CODE_REQUESTED = "Code Requested"
LINK_REQUESTED = "Link Requested"
CODE_ACCEPTED = "Code Accepted"

FRESH = 10 * MINUTE
"""How long a code counts, and how late what was asked for may still go out."""
AN_HOUR, A_DAY = 3, 6
"""Codes and links together, for one customer."""
CHANNELS: tuple[Channel, ...] = ("email", "sms")
"""Those that lead to a person and to nobody else's screen."""

_WHAT: dict[str, Literal["code", "link"]] = {CODE_REQUESTED: "code", LINK_REQUESTED: "link"}


def ways(profile: Profile, rules: Rules, now: Micros) -> tuple[Channel, ...]:
    """Where it may be sent: the address is known and works, and the customer agreed to service."""
    return tuple(c for c in CHANNELS if not refused(profile, rules, c, now))


def refused(profile: Profile, rules: Rules, channel: Channel, now: Micros) -> str:
    """Why it may not be sent there, or nothing."""
    ask = Ask(
        now=now,
        channel=channel,
        purpose="service",
        profile=profile,
        contacts=(),
        since=now,
        said=None,
        rules=rules,
    )
    return "; ".join(v.reason for v in (guard(ask) for guard in OF_CHANNEL) if not v.ok)


def again(admissions: Sequence[Admission]) -> Micros:
    """From when on one more may be asked for; 0 where that is no question."""
    times = sorted(a.at for a in admissions)
    limits = ((AN_HOUR, HOUR), (A_DAY, DAY))
    return max((times[-most] + span for most, span in limits if len(times) >= most), default=0)


def valid(admissions: Sequence[Admission], journey: int, now: Micros) -> tuple[Admission, ...]:
    """The codes that count now for this journey's pages, the newest first."""
    return tuple(
        a
        for a in reversed(admissions)
        if a.what == "code" and a.key and a.journey == journey and a.at <= now < a.at + FRESH
    )


def asks_in(draft: Draft, event: Happened) -> None:
    """Answer a press on a page. What may not be sent is not sent: the page has said why."""
    if event.name == CODE_ACCEPTED:
        used = event.properties.get("key")
        draft.admissions = tuple(
            replace(a, key="") if a.key == used else a for a in draft.admissions
        )
        return
    what = _WHAT.get(event.name)
    number = event.properties.get("journey")
    if what is None or not isinstance(number, int) or not 0 <= number < len(draft.journeys):
        return
    # At the press and not when it was taken in: this customer's clock may run ahead of ours.
    journey, at = draft.journeys[number], event.at
    channel = next((c for c in CHANNELS if c == event.properties.get("channel")), None)
    kept = [a for a in draft.admissions if a.at > at - DAY]
    if channel is None or again(kept) > at:
        return
    if refused(draft.profile, draft.compiled(journey).rules, channel, at):
        return
    key = draft.next_key()
    asked = sorted([*kept, Admission(at, what, number, key)], key=lambda a: a.at)
    draft.admissions = tuple(asked)
    draft.effects.append(
        Admit(
            key=key,
            customer=draft.before.customer,
            journey=number,
            playbook=journey.playbook,
            version=journey.version,
            what=what,
            channel=channel,
            at=at,
        )
    )


def bounced(effect: Admit, detail: str) -> Happened:
    """News that a code or a link did not arrive: no step waits for it, but the address failed."""
    return Happened(
        id=f"{effect.key}:failed",
        customer=effect.customer,
        name=BOUNCED,
        at=effect.at,
        properties={"channel": effect.channel, "detail": detail},
        source="delivery",
    )
