"""What is handed to a channel, and what the channel answers."""

from typing import Literal

from msgspec import Struct

from ofone.domain.events import Happened
from ofone.domain.times import Micros


class Appointment(Struct, frozen=True, kw_only=True, array_like=True):
    """An appointment as it stands for the customer's calendar, or that it is ``cancelled``.

    ``uid`` stays the same over all changes, and ``sequence`` rises with each. ``at`` is the moment
    it is told.
    """

    uid: str
    sequence: int
    at: Micros
    start: Micros
    minutes: int
    title: str
    place: str = ""
    cancelled: bool = False


class Message(Struct, frozen=True, kw_only=True, array_like=True):
    """A rendered message, frozen at its first attempt. ``key`` stays the same over all attempts.

    ``who`` is a customer's or a helper's id, as ``to_kind`` says. ``html`` and ``subject`` are
    empty where the channel has none. ``thread`` and ``reference`` stand for the conversation and
    for the key where strangers see them; ``leave`` is the address that ends such messages.
    """

    key: str
    to_kind: Literal["customer", "helper"]
    who: str
    name: str
    channel: str
    address: str
    subject: str
    text: str
    html: str = ""
    at: Micros = 0
    thread: str = ""
    reference: str = ""
    leave: str = ""
    appointment: Appointment | None = None


class Outcome(Struct, frozen=True, kw_only=True):
    """How one attempt ended.

    ``accepted``: the channel took it. ``delivered``: it is where the person reads it.
    ``failed``: it never will be. ``retry``: it surely was not taken, and may be tried again.
    ``unknown``: it may or may not have been taken; it is never sent again by itself.

    ``wait_s``: how many seconds the other side asked for before a ``retry``. ``learned``: what the
    attempt taught about the customer (who opted out with the provider, say), as events with ids
    that are the same over all attempts.
    """

    status: Literal["accepted", "delivered", "failed", "retry", "unknown"]
    detail: str = ""
    wait_s: float = 0.0
    learned: tuple[Happened, ...] = ()
