"""What is known about a customer: the later word wins, by the source's time."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import START, event

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Happened, Value
from ofone.domain.state import Profile
from ofone.domain.words import CHANNELS, PURPOSES
from ofone.profiles.fold import asked, fold, undeliverable


def folded(*events: Happened) -> Profile:
    profile = Profile()
    for one in events:
        profile = fold(profile, one)
    return profile


def saying(name: str, said: dict[str, Value]) -> Happened:
    return replace(event(name, 1), properties=said)


def consent(profile: Profile, what: str) -> bool | None:
    word = profile.consents.get(what)
    return None if word is None else word.granted


said = st.one_of(
    st.builds(
        lambda day, zone: event("Seen", day, traits={"zone": zone}),
        st.integers(0, 5),
        st.sampled_from(["a", "b", None]),
    ),
    st.builds(
        lambda name, day, channel: event(name, day, channel=channel),
        st.sampled_from(["Consent Given", "Consent Withdrawn"]),
        st.integers(0, 5),
        st.sampled_from(["email", "sms"]),
    ),
    st.builds(
        lambda day, channel: event("Preference Stated", day, key=None, channel=channel),
        st.integers(0, 5),
        st.sampled_from(["email", "sms"]),
    ),
)


@given(st.lists(said, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(events: list[Happened], chance: Random) -> None:
    """Traits, consents and preferences depend on the events and their times alone."""
    shuffled = chance.sample(events, len(events))
    assert folded(*events) == folded(*shuffled)


def test_a_late_event_does_not_undo_a_later_word() -> None:
    """By the source's time, not by arrival."""
    new, old = (
        event("Moved", 2, traits={"city": "Rome"}),
        event("Moved", 1, traits={"city": "Bern"}),
    )
    assert folded(new, old).traits["city"].value == "Rome"


def test_traits_that_an_event_does_not_name_stay() -> None:
    """A fold adds; it never forgets by silence."""
    profile = folded(event("A", 1, traits={"city": "Rome"}), event("B", 2, traits={"name": "Ana"}))
    assert {k: d.value for k, d in profile.traits.items()} == {"city": "Rome", "name": "Ana"}


def test_first_and_last_are_the_ends_of_what_was_seen() -> None:
    """Also when the first event arrives last."""
    profile = folded(event("B", 3), event("C", 5), event("A", 1))
    assert (profile.first, profile.last) == (event("A", 1).at, event("C", 5).at)


@pytest.mark.parametrize("order", list(permutations(["Consent Given", "Consent Withdrawn"])))
def test_a_withdrawal_wins_at_the_same_moment(order: tuple[str, str]) -> None:
    """Silence is the safe mistake."""
    profile = folded(*[event(name, 1, channel="sms") for name in order])
    assert consent(profile, "sms:service") is False


def test_a_later_consent_wins_over_a_withdrawal() -> None:
    """Who changes their mind is believed."""
    profile = folded(event("Consent Withdrawn", 1), event("Consent Given", 2, channel="sms"))
    assert consent(profile, "sms:service") is True
    assert consent(profile, "email:service") is False


def test_a_consent_is_for_service_unless_it_says_more() -> None:
    """Consent to marketing is never assumed."""
    profile = folded(event("Consent Given", 1, channels=["email", "sms"]))
    assert consent(profile, "email:service") is True
    assert consent(profile, "email:marketing") is None


@pytest.mark.parametrize("said", [{}, {"purpose": None}, {"purpose": "everything"}])
def test_a_bare_withdrawal_takes_back_everything(said: dict[str, Value]) -> None:
    """No channel means all of them; no known purpose means all of them."""
    profile = folded(saying("Consent Withdrawn", said))
    assert {w.granted for w in profile.consents.values()} == {False}
    assert len(profile.consents) == len(CHANNELS) * len(PURPOSES)


def test_a_withdrawal_of_one_purpose_leaves_the_other() -> None:
    """Nothing is withdrawn beyond what was said."""
    given_ = event("Consent Given", 1, channel="email")
    gone = event("Consent Withdrawn", 2, channel="email", purpose="marketing")
    assert consent(folded(given_, gone), "email:service") is True
    assert consent(folded(given_, gone), "email:marketing") is False


def test_a_consent_keeps_its_proof() -> None:
    """The event and the wording that the customer saw."""
    profile = folded(event("Consent Given", 1, named="e7", channel="sms", wording="I agree."))
    word = profile.consents["sms:service"]
    assert (word.event, word.wording) == ("e7", "I agree.")


@pytest.mark.parametrize(
    ("name", "said", "message"),
    [
        ("Consent Given", {}, r"names channel None; write \"channels\": a list of email, sms"),
        ("Consent Given", {"channels": []}, "a list of email, sms, in_app"),
        ("Consent Given", {"channels": ["email", "fax"]}, "names channel 'fax'"),
        ("Consent Given", {"channel": 3}, "names channel 3"),
        ("Consent Given", {"channel": "sms", "purpose": "fun"}, "purposes are service, marketing"),
        ("Consent Withdrawn", {"channel": "fax"}, "names channel 'fax'"),
        ("Preference Stated", {"colour": "red"}, "'colour' is not known; preferences are channel"),
        ("Preference Stated", {"channel": "fax"}, "'fax' is not known; channels are email"),
        ("Preference Stated", {"channel": ["sms"]}, r"\['sms'\] is not known"),
        ("Preference Stated", {"personalisation": "off"}, "'off'; write true or false"),
    ],
)
def test_a_word_that_cannot_be_kept_is_refused(
    name: str, said: dict[str, Value], message: str
) -> None:
    """The message says what would work; a wish is never dropped in silence."""
    with pytest.raises(UnusableEvent, match=message):
        fold(Profile(), saying(name, said))


def test_a_failed_address_is_remembered_at_its_time() -> None:
    """Until a newer address is given, which the guard compares."""
    profile = undeliverable(Profile(), "sms", START)
    assert profile.preferences["undeliverable:sms"].at == START


def test_what_was_asked_is_remembered_by_its_latest_time() -> None:
    """Answered or passed over: nobody is asked the same again soon, in whatever order it came."""
    late = asked(asked(Profile(), ["A1", "P1"], 50), ["A1"], 20)
    assert late.asked == {"A1": 50, "P1": 50}
    assert late == asked(asked(Profile(), ["A1"], 20), ["A1", "P1"], 50)
