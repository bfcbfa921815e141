"""Nobody is pressed in distress or worry, asked for what they gave, or told what they saw."""

import pytest
from msgspec.structs import replace
from tests.building import START, visit_with
from tests.decisions.asking import PROFILE, RULES, ask

from ofone.decisions.guards import Ask, News
from ofone.decisions.guards.already_knows import already_knows
from ofone.decisions.guards.cap import cap
from ofone.decisions.guards.consent import consent
from ofone.decisions.guards.cooling_off import cooling_off
from ofone.decisions.guards.gap import gap
from ofone.decisions.guards.no_exploitation import no_exploitation
from ofone.domain.errors import PlaybookError
from ofone.domain.events import Happened, Value
from ofone.domain.state import Dated, Habit, Profile
from ofone.domain.times import DAY, HOUR, Micros
from ofone.profiles.fold import fold


def told(name: str, at: Micros, **properties: Value) -> Happened:
    return Happened(id=f"{name}@{at}", customer="ana", name=name, at=at, properties=properties)


def folded(*events: Happened, profile: Profile = PROFILE) -> Profile:
    for one in events:
        profile = fold(profile, one)
    return profile


@pytest.mark.parametrize(("since", "ok"), [(7 * DAY, True), (7 * DAY - 1, False), (0, False)])
def test_after_distress_nobody_is_pressed_for_a_week(since: Micros, ok: bool) -> None:
    """To the moment, and it says when that ends."""
    upset = folded(told("Distress Noted", START - since))
    said = cooling_off(ask(profile=upset, presses="marketing"))
    assert (said.ok, said.until) == (ok, None if ok else START - since + 7 * DAY)


def test_distress_is_kept_by_its_own_time() -> None:
    """Late and repeated news of an earlier one changes nothing."""
    first, last = told("Distress Noted", START - 5 * DAY), told("Distress Noted", START - DAY)
    assert folded(last, first, first, last).distressed == START - DAY
    said = cooling_off(ask(profile=folded(last, first), presses="pressing (upsell)"))
    assert said.reason == "the customer was in distress a day ago, and this is pressing (upsell)"


@pytest.mark.parametrize(("worry", "ok"), [(0.5, True), (0.51, False)])
def test_the_worried_are_not_pressed(worry: float, ok: bool) -> None:
    """More likely than not is enough; waiting until some hour does not help."""
    said = no_exploitation(ask(presses="pressing (scarcity)", worry=worry))
    assert (said.ok, said.until) == (ok, None)


def news(**changes: object) -> Ask:
    known = News(asks_for=(), tells="", facts={}, since=START - DAY, seen=-1)
    return ask(news=replace(known, **changes))


def test_nobody_is_asked_for_what_they_gave() -> None:
    """Once all of it is known, as a trait or in this journey; an emptied value is not known."""
    asked = ("email", "visit_at")
    assert already_knows(news(asks_for=asked)).ok
    assert already_knows(news(asks_for=asked, facts={"visit_at": Dated("", START)})).ok
    said = already_knows(news(asks_for=asked, facts={"visit_at": Dated("soon", START)}))
    assert (said.ok, said.until) == (False, None)
    assert said.reason == "all that this asks for is known: email, visit_at"


def test_nobody_is_told_what_they_have_seen() -> None:
    """Elsewhere, or on the tracker, since the step began; what was seen before is no news of it."""
    assert already_knows(news(tells="Letter Read", seen=START - 2 * DAY)).ok
    assert not already_knows(news(tells="Letter Read", seen=START - HOUR)).ok
    looked = replace(PROFILE, habits=(Habit(START - HOUR, "e", "looked"),))
    assert not already_knows(replace(news(tells="Letter Read"), profile=looked)).ok
    earlier = replace(PROFILE, habits=(Habit(START - 2 * DAY, "e", "looked"),))
    assert already_knows(replace(news(tells="Letter Read"), profile=earlier)).ok


def test_a_complaint_takes_back_every_word_for_its_channel() -> None:
    """With the event as proof; other channels go on."""
    angry = folded(told("Message Complained", START, channel="email"))
    assert angry.consents["email:marketing"].event == f"Message Complained@{START}"
    said = consent(ask(profile=angry))
    assert (said.ok, said.reason) == (False, "the customer complained about messages by email")
    assert consent(ask(profile=angry, channel="sms")).ok


def test_after_a_complaint_only_the_customers_own_words_count() -> None:
    """In whatever order these come in."""
    angry = told("Message Complained", START, channel="email")
    synced = told("Consent Given", START + DAY, channel="email")
    given = told("Consent Given", START + 2 * DAY, channel="email", wording="Write to me again.")
    for order in ((angry, synced), (synced, angry)):
        said = consent(ask(profile=folded(*order)))
        assert not said.ok
        assert said.reason.endswith("a later consent without its wording does not undo that")
    for again in ((angry, synced, given), (given, synced, angry)):
        assert consent(ask(profile=folded(*again))).ok


def test_a_hard_bounce_is_kept_until_a_newer_address_comes() -> None:
    """A soft one is not: the mailbox was full."""
    hard = folded(told("Message Bounced", START, channel="email"))
    assert "undeliverable:email" in hard.preferences
    soft = folded(told("Message Bounced", START, channel="email", hard=False))
    assert "undeliverable:email" not in soft.preferences


def test_the_strictest_cap_and_gap_of_all_journeys_hold() -> None:
    """A journey that asks for less is not overrun by another one."""
    strict = replace(RULES, cap=1, cap_span=30 * DAY, gap=DAY)
    asked = ask(contacts=(START - 3 * HOUR,), others=(strict,))
    assert cap(replace(asked, others=())).ok
    assert gap(replace(asked, others=())).ok
    assert cap(asked).until == START - 3 * HOUR + 30 * DAY
    assert gap(asked).until == START - 3 * HOUR + DAY


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('to: "23:59", days: mon-fry}', "days 'mon-fry' are not weekdays"),
        ('to: "23:59", zones: [Mars/Base]}', "unknown zone 'Mars/Base'"),
    ],
)
def test_settings_that_cannot_be_read_are_refused(written: str, said: str) -> None:
    """By name, with what would work."""
    with pytest.raises(PlaybookError, match=said):
        visit_with('to: "23:59"}', written)
