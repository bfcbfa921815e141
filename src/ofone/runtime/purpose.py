"""The purpose lock: needs shape service, and nothing else may have them.

Whatever hands an assessment to another system goes through ``assessment_for``. Who asks for a
price, an underwriting decision, eligibility, a claim, a lead score or a campaign is refused; so is
who does not say what for. Every asking is noted before it is answered.
"""

from typing import Any, Protocol

from msgspec import Struct

from ofone.domain.errors import NotFound, PurposeRefused
from ofone.domain.times import Micros, iso
from ofone.journeys.library import Library
from ofone.runtime.codec import decode_state
from ofone.runtime.ports import Store
from ofone.runtime.show import assessment

SERVICE = "service"


class Asked(Struct, frozen=True, kw_only=True):
    """Somebody asked for a customer's needs. ``who`` is as far as it is known."""

    at: str
    who: str
    customer: str
    purpose: str
    answer: str


class Audit(Protocol):
    """Keeps who asked, for good: it can only be added to."""

    def note(self, asked: Asked) -> None:
        """Returns once it is durable. Raises StoreError when it cannot be: nothing is told then."""
        ...


def assessment_for(
    store: Store,
    library: Library,
    audit: Audit,
    *,
    customer: str,
    purpose: str,
    who: str,
    now: Micros,
) -> dict[str, Any]:
    """What is believed of each need of this customer, for serving them.

    Raises PurposeRefused for any other purpose, and NotFound for nobody we know; both are noted.
    """
    body = store.load(customer) if purpose == SERVICE else None
    answer = "refused" if purpose != SERVICE else "told" if body is not None else "unknown"
    audit.note(Asked(at=iso(now) or "", who=who, customer=customer, purpose=purpose, answer=answer))
    if purpose != SERVICE:
        raise PurposeRefused(
            f"needs are not given out for {purpose or 'a purpose that is not named'!r}: they shape "
            "how a customer is served, never prices, underwriting, eligibility, claims, lead "
            "scores or marketing; for service, ask with purpose=service"
        )
    if body is None:
        raise NotFound(f"no customer {customer!r} here")
    state = decode_state(body)
    at = max(now, state.now)
    return {"customer": customer, "at": iso(at), "assessment": assessment(state, library, at)}
