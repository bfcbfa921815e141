"""An address that failed is not tried again until a newer one is given."""

from ofone.decisions.guards.address import TRAIT
from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict

_FINE = Verdict(guard="undeliverable", ok=True, reason="no failure is known for this address")


def undeliverable(ask: Ask) -> Verdict:
    failed = ask.profile.preferences.get(f"undeliverable:{ask.channel}")
    if failed is None:
        return _FINE
    address = ask.profile.traits.get(TRAIT.get(ask.channel, ""))
    if address is not None and address.at > failed.at:
        return _FINE
    return Verdict(
        guard="undeliverable", ok=False, reason=f"the last {ask.channel} to this address failed"
    )
