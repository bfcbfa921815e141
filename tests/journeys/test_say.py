"""Where a message goes: what the customer asked for, else what they do, else the usual order."""

import pytest
from tests.building import AGREED, ORDERED, Life, event, visit_with

from ofone.domain.decisions import Decision, Option
from ofone.domain.events import Happened


def answers(*channels: str, name: str = "Message Answered", since: float = -9) -> list[Happened]:
    """One act a day on each of these channels."""
    return [
        event(name, since + n, named=f"{name}{n}", key=None, channel=channel)
        for n, channel in enumerate(channels)
    ]


def first(life: Life) -> Option:
    """The option that was looked at first when the last message was decided."""
    touches: list[Decision] = [d for d in life.decisions if d.kind == "touch"]
    return touches[-1].options[0]


def test_the_channel_that_a_customer_uses_comes_first() -> None:
    """Three answers by text message within days are enough, and the record says so."""
    life = Life().tell(*answers("sms", "sms", "sms"), AGREED, ORDERED)
    assert life.said == ["hello/plain/sms"]
    assert first(life).because == (
        "what the customer does speaks for it: the best channel with a chance of 0.87"
    )


@pytest.mark.parametrize(
    "acts",
    [
        answers("sms", "sms"),
        answers("sms", "sms", "sms", "email"),
        answers("email", "email", "email"),
        answers("sms", "sms", "sms", since=-200),
        answers("sms", "sms", "sms", "sms", name="Message Opened"),
        answers("phone", "phone", "phone"),
    ],
    ids=["few", "mixed", "the usual", "long ago", "opens", "none of ours"],
)
def test_what_is_not_sure_changes_nothing(acts: list[Happened]) -> None:
    """Below a chance of .8 the approach's order stands, without a word in the record."""
    life = Life().tell(*acts, AGREED, ORDERED)
    assert (life.said, first(life).because) == (["hello/plain/email"], "")


def test_what_is_stated_overrides_what_is_inferred() -> None:
    """Until the word is taken back."""
    asked = event("Preference Stated", -0.5, key=None, channel="email")
    life = Life().tell(*answers("sms", "sms", "sms"), AGREED, asked, ORDERED)
    assert life.said == ["hello/plain/email"]
    assert first(life).because == "the customer asked for it"
    back = event("Preference Stated", -0.4, key=None, channel=None)
    assert Life().tell(*answers("sms", "sms", "sms"), AGREED, asked, back, ORDERED).said == [
        "hello/plain/sms"
    ]


def test_an_inferred_channel_passes_no_guard_by_that() -> None:
    """Without an address for it the next channel is taken, and the record says why."""
    no_phone = event("Moved", -0.5, key=None, traits={"phone": ""})
    life = Life().tell(*answers("sms", "sms", "sms"), AGREED, no_phone, ORDERED)
    assert (life.said, first(life).name) == (["hello/plain/email"], "sms")
    assert first(life).because == "the customer's phone is not known"


def test_a_message_waits_for_the_stated_hours() -> None:
    """Ordered on Monday at ten; evenings from Tuesday on were asked for."""
    book = visit_with('{from: "00:00", to: "23:59"}', '{from: "09:00", to: "20:00"}')
    evenings = event("Preference Stated", -0.5, key=None, hours="17:00-20:00", days="tue-fri")
    life = Life(book).tell(AGREED, evenings, ORDERED)
    assert life.said == []
    life.wait(event("", 1.3).at)
    assert [s.at for s in life.sends] == [event("", 1 + 7 / 24).at]
