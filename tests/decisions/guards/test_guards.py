"""All guards together, and the small ones."""

import pytest
from tests.building import START
from tests.decisions.asking import AGREED, PROFILE, ask, failed

from ofone.decisions.guards import GUARDS, OF_CHANNEL, News, Tried, bearing, verdicts
from ofone.decisions.guards.address import address
from ofone.decisions.guards.cap import cap
from ofone.decisions.guards.consent import consent
from ofone.decisions.guards.gap import gap
from ofone.decisions.guards.repeat import repeat
from ofone.decisions.guards.stale import stale
from ofone.decisions.guards.undeliverable import undeliverable
from ofone.domain.decisions import Verdict
from ofone.domain.state import Consent, Dated, Profile
from ofone.domain.times import DAY, HOUR, MINUTE

NEWS = News(asks_for=(), tells="Seen", facts={}, since=START, seen=-1)


def refused(verdict: Verdict, reason: str) -> bool:
    return not verdict.ok and verdict.reason == reason and verdict.until is None


def test_every_guard_is_asked_and_signs_its_verdict() -> None:
    """The record holds all reasons, not only the first one."""
    pressing = {"presses": "marketing", "news": NEWS, "tried": Tried(earlier=())}
    pressing["planned"] = (START + 20 * HOUR,)
    rested = Profile(preferences={"pause": Dated(None, START)})
    said = verdicts(ask(profile=rested, said=START, now=START + 14 * HOUR, **pressing))
    assert [v.guard for v in said] == [guard.__name__ for guard in GUARDS]
    assert [v.guard for v in said if not v.ok] == ["address", "consent", "repeat", "quiet_hours"]


def test_what_neither_presses_nor_tells_is_not_asked_about_it() -> None:
    """What is not needed is not computed."""
    asked = [g.__name__ for g in (*OF_CHANNEL, *bearing(ask()))]
    assert asked == [g.__name__ for g in GUARDS][: len(asked)]
    assert set(asked).isdisjoint(
        {"cooling_off", "no_exploitation", "already_knows", "another_hour", "room", "paused"}
    )


def test_a_plain_service_message_passes_every_guard() -> None:
    """With an address, consent, and by day; each says why."""
    said = verdicts(ask())
    assert all(v.ok and v.reason and v.until is None for v in said)


@pytest.mark.parametrize(("channel", "trait"), [("email", "email"), ("sms", "phone")])
def test_a_channel_needs_its_address(channel: str, trait: str) -> None:
    """Missing, or emptied by a later word; the customer's own page needs none."""
    reason = f"the customer's {trait} is not known"
    assert refused(address(ask(channel=channel, profile=Profile())), reason)
    emptied = Profile(traits={trait: Dated("", START)})
    assert refused(address(ask(channel=channel, profile=emptied)), reason)
    assert address(ask(channel="in_app", profile=Profile())).ok


def test_nothing_goes_out_without_consent_for_channel_and_purpose() -> None:
    """Consent to service e-mail is none for marketing, and none for text messages."""
    known = Profile(consents={"email:service": AGREED})
    assert consent(ask(profile=known)).ok
    asked = consent(ask(profile=known, purpose="marketing"))
    assert refused(asked, "nobody has consented to marketing messages by email")
    asked = consent(ask(profile=known, channel="sms"))
    assert refused(asked, "nobody has consented to service messages by sms")


def test_a_withdrawn_consent_is_told_from_none() -> None:
    """The reason says which of the two it is."""
    gone = Profile(consents={"email:service": Consent(False, START, "e2")})
    said = consent(ask(profile=gone))
    assert refused(said, "consent to service messages by email was withdrawn")


def test_the_own_page_needs_no_consent_for_service_only() -> None:
    """A service notice waits there; marketing needs a word there as well."""
    assert consent(ask(channel="in_app", profile=Profile())).ok
    assert not consent(ask(channel="in_app", purpose="marketing", profile=Profile())).ok


def test_a_failed_address_is_not_tried_again() -> None:
    """Until a newer address is given; other channels go on."""
    broken = failed("email", START + HOUR)
    reason = "the last email to this address failed"
    assert refused(undeliverable(ask(profile=broken)), reason)
    assert undeliverable(ask(profile=broken, channel="sms")).ok
    newer = PROFILE.traits | {"email": Dated("new@example.com", START + 2 * HOUR)}
    mended = Profile(traits=newer, preferences=broken.preferences)
    assert undeliverable(ask(profile=mended)).ok


def test_nobody_is_told_twice() -> None:
    """The same action within one attempt; waiting does not help."""
    assert repeat(ask()).ok
    assert refused(repeat(ask(said=START - DAY)), "this was already said at this step")


@pytest.mark.parametrize(("age", "ok"), [(0, True), (3 * DAY, True), (3 * DAY + 1, False)])
def test_old_news_is_no_news(age: int, ok: bool) -> None:
    """What is due may be three days late, and not a microsecond more."""
    said = stale(ask(since=START - age))
    assert said.ok is ok
    assert ok or refused(said, "its moment passed 72 hours ago")


@pytest.mark.parametrize(("since", "ok"), [(7 * DAY, True), (7 * DAY - 1, False)])
def test_the_cap_counts_the_last_days_only(since: int, ok: bool) -> None:
    """Three in seven days: the fourth waits until the first is seven days old, to the moment."""
    contacts = (START - since, START - 2 * DAY, START - DAY)
    said = cap(ask(contacts=contacts))
    assert said.ok is ok
    assert ok or said.until == contacts[0] + 7 * DAY
    assert said.reason == f"{2 if ok else 3} of 3 messages in 7 days"
    assert cap(ask(contacts=contacts, now=contacts[0] + 7 * DAY)).ok


def test_a_cap_that_was_overrun_waits_long_enough() -> None:
    """With five in the window (a lowered cap), three of them must have left it."""
    contacts = tuple(START - day * DAY for day in (6, 5, 4, 3, 2))
    said = cap(ask(contacts=contacts))
    assert said.until == START - 4 * DAY + 7 * DAY
    assert cap(ask(contacts=contacts, now=said.until)).ok
    assert not cap(ask(contacts=contacts, now=said.until - 1)).ok


@pytest.mark.parametrize(("since", "ok"), [(2 * HOUR, True), (2 * HOUR - 1, False)])
def test_messages_keep_their_distance(since: int, ok: bool) -> None:
    """Two hours between two messages, and it says when the next may go."""
    said = gap(ask(contacts=(START - DAY, START - since)))
    assert said.ok is ok
    assert said.until == (None if ok else START - since + 2 * HOUR)


def test_the_gap_says_how_long_ago_the_last_message_was() -> None:
    """In whole minutes, for a person to read."""
    assert gap(ask(contacts=(START - 40 * MINUTE,))).reason == "the last message was 40 minutes ago"
