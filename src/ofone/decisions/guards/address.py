"""There must be a place to send to."""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.domain.words import Channel

TRAIT: dict[Channel, str] = {"email": "email", "sms": "phone", "push": "push", "call": "phone"}
"""The trait that holds a channel's address; in-app and webhook need none of the customer's."""

_OWN_PAGE = Verdict(guard="address", ok=True, reason="in-app messages wait on the customer's page")
_OWN_SYSTEM = Verdict(guard="address", ok=True, reason="webhooks go to a system of the company")
_KNOWN = {
    c: Verdict(guard="address", ok=True, reason=f"the {t} is known") for c, t in TRAIT.items()
}
_MISSING = {
    c: Verdict(guard="address", ok=False, reason=f"the customer's {t} is not known")
    for c, t in TRAIT.items()
}


def address(ask: Ask) -> Verdict:
    trait = TRAIT.get(ask.channel)
    if trait is None:
        return _OWN_SYSTEM if ask.channel == "webhook" else _OWN_PAGE
    known = ask.profile.traits.get(trait)
    return _KNOWN[ask.channel] if known is not None and known.value else _MISSING[ask.channel]
