"""An ``Ask`` that every guard lets through, to be changed in one thing."""

from zoneinfo import ZoneInfo

from msgspec.structs import replace
from tests.building import START, moment

from ofone.decisions.guards import Ask, Rules
from ofone.domain.state import Consent, Dated, Profile
from ofone.domain.times import DAY, HOUR, Micros
from ofone.profiles.fold import undeliverable

RULES = Rules(
    opens=9 * 60,
    closes=20 * 60,
    zone=ZoneInfo("UTC"),
    cap=3,
    cap_span=7 * DAY,
    gap=2 * HOUR,
    stale=3 * DAY,
)
AGREED = Consent(True, START - DAY, "e1", "I agree.")
PROFILE = Profile(
    traits={
        "email": Dated("ana@example.com", START),
        "phone": Dated("+15185550100", START),
        "zone": Dated("UTC", START),
    },
    consents={"email:service": AGREED, "sms:service": AGREED},
)


def ask(**changes: object) -> Ask:
    """May a service e-mail go out on Monday at ten?"""
    base = Ask(
        now=START,
        channel="email",
        purpose="service",
        profile=PROFILE,
        contacts=(),
        since=START,
        said=None,
        rules=RULES,
    )
    return replace(base, **changes)


def at(text: str, zone: str, *, opens: str = "09:00", closes: str = "20:00") -> Ask:
    """An ask at an instant, for a customer in ``zone``."""
    profile = replace(PROFILE, traits=PROFILE.traits | {"zone": Dated(zone, START)})
    hours = [int(clock[:2]) * 60 + int(clock[3:]) for clock in (opens, closes)]
    rules = replace(RULES, opens=hours[0], closes=hours[1])
    return ask(now=moment(text), since=moment(text), profile=profile, rules=rules)


def failed(channel: str, when: Micros) -> Profile:
    """The profile after a delivery on this channel failed."""
    return undeliverable(PROFILE, channel, when)
