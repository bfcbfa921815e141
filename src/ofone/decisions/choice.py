"""Give each option left its probability, and draw one from exactly those probabilities.

p(preferred) = 1 - e + e/n and p(other) = e/n over the n eligible options. The draw comes from p
itself, never from a second source, so that the recorded probability is the true one. The seed is
a stable digest of (customer, decision number, policy), so that a replay draws the same.
"""

from collections.abc import Sequence
from hashlib import blake2b


def seed_of(customer: str, number: int, policy: int) -> int:
    """A whole number below 2**63, the same on every machine and in every process."""
    text = f"{customer}\x1f{number}\x1f{policy}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 1


def probabilities(eligible: Sequence[str], preferred: str, explore: float) -> dict[str, float]:
    """The chance of each eligible option; they add up to 1. ``preferred`` must be eligible."""
    if explore == 0 or len(eligible) == 1:
        return {name: float(name == preferred) for name in eligible}
    share = explore / len(eligible)
    chances = dict.fromkeys(eligible, share)
    chances[preferred] = 1 - share * (len(eligible) - 1)
    return chances


def draw(chances: dict[str, float], seed: int) -> str:
    """One option, drawn from ``chances`` by the seed."""
    point = seed / 2**63
    total = 0.0
    chosen = ""
    for name, chance in chances.items():
        if chance > 0:
            chosen = name
            total += chance
            if point < total:
                break
    return chosen


def held_out(playbook: str, customer: str, share: float) -> bool:
    """Whether a customer is among the ``share`` who get the standard service in this playbook.

    Always the same for the same two names, in every process and version; another playbook holds
    out other customers.
    """
    if not share:
        return False
    digest = blake2b(f"{playbook}\x1f{customer}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64
