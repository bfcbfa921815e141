"""Acts that tell how a customer likes to be in touch are kept as they were."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import event

from ofone.domain.events import Happened, Value
from ofone.domain.state import Habit, Profile
from ofone.profiles.fold import fold
from ofone.profiles.habits import ACTS, KEPT, noted

acts = st.builds(
    lambda name, day, channel: event(name, day, named=f"{name}{day}{channel}", channel=channel),
    st.sampled_from([*ACTS, "Message Opened"]),
    st.integers(0, 30),
    st.sampled_from(["email", "sms", "phone"]),
)


def kept(*events: Happened) -> tuple[Habit, ...]:
    habits: tuple[Habit, ...] = ()
    for one in events:
        habits = noted(habits, one)
    return habits


@given(st.lists(acts, max_size=60), st.randoms(use_true_random=False))
def test_neither_order_nor_repeats_change_what_is_kept(
    events: list[Happened], chance: Random
) -> None:
    """The newest distinct acts, whatever came first and how often; also beyond what is kept."""
    again = chance.sample(events + events[:5], len(events) + len(events[:5]))
    assert kept(*events) == kept(*again)
    assert len(kept(*events)) <= KEPT


def test_the_oldest_fall_out() -> None:
    """An act that comes late and is older than all that is kept changes nothing."""
    full = kept(*[event("Status Call", day) for day in range(1, KEPT + 2)])
    assert (len(full), full[0].at) == (KEPT, event("Status Call", 2).at)
    assert noted(full, event("Status Call", 0)) == full


def test_an_opened_message_is_no_evidence() -> None:
    """Privacy proxies open mail."""
    assert kept(event("Message Opened", 1, channel="email")) == ()


@pytest.mark.parametrize(
    ("name", "said", "channel", "purpose"),
    [
        ("Message Clicked", {"channel": "sms"}, "sms", "service"),
        ("Message Clicked", {"channel": "sms", "purpose": "marketing"}, "sms", "marketing"),
        ("Call Received", {"channel": "phone"}, "", "service"),
        ("Tracker Opened", {}, "", "service"),
        ("Consent Withdrawn", {"channel": "sms"}, "sms", ""),
        ("Less Asked", {"channel": ["sms"], "purpose": 3}, "", ""),
    ],
)
def test_an_act_counts_for_the_channel_and_purpose_it_names(
    name: str, said: dict[str, Value], channel: str, purpose: str
) -> None:
    """What is no channel of ours is none; a wish for less is about everything."""
    (habit,) = kept(replace(event(name, 1), properties=said))
    assert (habit.channel, habit.purpose) == (channel, purpose)


def test_the_fold_keeps_habits_with_their_event() -> None:
    """So that what is inferred can say from what."""
    profile = fold(Profile(), event("Status Call", 1, named="call-7"))
    assert [(h.event, h.what) for h in profile.habits] == [("call-7", "called")]
