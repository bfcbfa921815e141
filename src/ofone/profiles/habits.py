"""Which acts of a customer tell how they like to be in touch, and how they are kept.

The acts themselves are kept, not sums of them: what is inferred is computed from them at the
moment of asking, so that it fades, can say its evidence, and owes nothing to the order of arrival.
"""

from typing import Literal

from ofone.domain.events import Happened
from ofone.domain.state import Habit
from ofone.domain.words import CHANNELS, PURPOSES

KEPT = 32
"""The newest acts are kept; older ones would weigh little by now."""

Act = Literal["clicked", "answered", "wrote", "chatted", "called", "looked", "less"]
ACTS: dict[str, Act] = {
    "Message Clicked": "clicked",
    "Message Answered": "answered",
    "Message Written": "wrote",
    "Chat Started": "chatted",
    "Call Received": "called",
    "Status Call": "called",
    "Tracker Opened": "looked",
    "Less Asked": "less",
    "Consent Withdrawn": "less",
}
"""Event names and the acts they are. ``Message Opened`` is none: privacy proxies open mail."""


def noted(habits: tuple[Habit, ...], event: Happened) -> tuple[Habit, ...]:
    """The habits with this event, where it is one; in order of time, each once.

    Its property ``channel`` counts where it is one of our channels (a visit to the tracker is no
    wish to be told nothing by e-mail), ``purpose`` where it is one of ours; acts are about service
    where nobody says otherwise, and a wish for less is about everything.
    """
    what = ACTS.get(event.name)
    if what is None:
        return habits
    channel, purpose = event.properties.get("channel"), event.properties.get("purpose")
    habit = Habit(
        event.at,
        event.id,
        what,
        str(channel) if channel in CHANNELS else "",
        str(purpose) if purpose in PURPOSES else "" if what == "less" else "service",
    )
    if habit in habits:
        return habits
    return tuple(sorted((*habits, habit))[-KEPT:])
