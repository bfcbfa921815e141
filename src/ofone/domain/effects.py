"""Everything that goes out: a closed union. Each effect has a key that never changes.

The key is ``customer:version:index``: the state version that asked for it, and its place in that
transition. Whatever happens to a delivery, it is attempted under this one key.

Timers are not here. They are part of the customer's state (see ``docs/why``).
"""

from typing import Literal

from msgspec import Struct

from ofone.domain.events import Receipt
from ofone.domain.times import Micros
from ofone.domain.words import Channel, Purpose


class Send(Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag="send"):
    """Say ``action`` to the customer on ``channel``, in the words of ``approach``.

    What is said is rendered at the first attempt, from the pinned playbook version and the state
    of that moment; ``expected`` and ``end`` are the dates as they were when it was decided.
    ``before``: the date it is about, where it is to come before one. ``was``: the range told
    before, where it says that the step takes longer than that.
    """

    key: str
    customer: str
    journey: int
    playbook: str
    version: str
    step: str
    action: str
    approach: str
    channel: Channel
    purpose: Purpose
    at: Micros
    decision: str
    expected: tuple[Micros, Micros] | None = None
    end: tuple[Micros, Micros] | None = None
    before: Micros | None = None
    was: tuple[Micros, Micros] | None = None


def receipt(send: Send, status: str, at: Micros, detail: str = "", done: Micros = 0) -> Receipt:
    """News of a message, as the journey hears it: of which effect, and what it was to say."""
    return Receipt(
        customer=send.customer,
        key=send.key,
        status=status,
        at=at,
        channel=send.channel,
        journey=send.journey,
        step=send.step,
        action=send.action,
        detail=detail,
        done=done,
    )


class HelperView(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """All that a helper may ever see of a customer: what the helper knows anyway.

    There is no field for a need, an approach, or a message to the customer; adding one would be
    the leak that this type exists to prevent. ``address`` is the helper's own e-mail address, ""
    where nobody told it; ``phone`` the customer's number, told with a request alone.
    """

    helper: str
    helper_name: str
    role: str
    customer: str
    customer_name: str
    journey_title: str
    step: str
    step_title: str
    step_entered: Micros
    step_days: int
    address: str = ""
    phone: str = ""


class TellHelper(Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag="tell"):
    """Tell or ask a helper something. ``message`` is the playbook's helper message.

    ``reference`` is what the helper sees as its id: made of observables only, while ``key`` counts
    the customer's state versions and stays inside. A request keeps its reference over all its
    ``stage``s (0 the first asking), which differ in whom they go to; ``journey`` is its number.
    """

    key: str
    reference: str
    playbook: str
    version: str
    message: str
    view: HelperView
    at: Micros
    answer_by: Micros | None = None
    stage: int = 0
    journey: int = 0

    @property
    def kind(self) -> Literal["tip", "request", "copy"]:
        """A request is to be answered; a copy says that a step began; a tip says what helps."""
        if self.answer_by is not None:
            return "request"
        return "copy" if self.message == BEGAN else "tip"


BEGAN = "step began"
"""The message of a plain copy. It is no id, so no message of a playbook has this name."""


class Admit(Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag="admit"):
    """Send what lets the customer in, because they pressed a button: a code, or a new link.

    A code is made from ``key`` and the store's secret whenever it is needed, and kept nowhere.
    """

    key: str
    customer: str
    journey: int
    playbook: str
    version: str
    what: Literal["code", "link"]
    channel: Channel
    at: Micros


Effect = Send | TellHelper | Admit
