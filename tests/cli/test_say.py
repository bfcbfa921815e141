"""What is printed for people of how a customer likes to be in touch."""

import pytest
from msgspec.structs import replace
from tests.runtime.test_show import TEXTS, anna

from ofone.cli.say import customer, ledger
from ofone.domain.events import Happened


def printed(capsys: pytest.CaptureFixture[str], *events: Happened) -> list[str]:
    """The lines on channel, cadence and hours, with single spaces."""
    customer(anna(*events))
    lines = capsys.readouterr().out.partition("like to be in touch\n")[2].splitlines()
    return [" ".join(line.split()) for line in lines[:3]]


def test_of_a_stranger_little_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """No act, no claim; the cadence is everybody's."""
    channel, cadence, hours = printed(capsys)
    assert (channel, hours) == ("channel no acts yet", "hours no acts yet")
    assert cadence.endswith("no acts)")


def test_everything_asked_for_stands_before_what_acts_look_like(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever wonders why it is quiet reads the customer's own decision first."""
    asked = Happened(
        id="w",
        customer="anna",
        name="Preference Stated",
        at=TEXTS[0].at,
        properties={
            "channel": "email",
            "cadence": 2,
            "days": "mon-fri",
            "hours": "17:00-20:00",
            "accompany": "less",
            "personalisation": False,
            "pause": "2026-05-01T09:00:00Z",
        },
    )
    said = Happened(id="n", customer="anna", name="Consent Withdrawn", at=TEXTS[0].at)
    no = replace(said, properties={"channels": ["sms"], "purpose": "marketing"})
    customer(anna(*TEXTS, asked, no))
    wishes, _, acts = capsys.readouterr().out.partition("Asked for\n")[2].partition("\n\n")
    assert [" ".join(line.split()) for line in wishes.splitlines()] == [
        "channel email",
        "cadence 2 messages a week",
        "hours 17:00-20:00",
        "days mon-fri",
        "accompany less than we would choose",
        "personalisation off, so the standard service",
        "pause nothing is sent until 2026-05-01 09:00+00:00",
        "said no to sms for marketing",
    ]
    assert "sms seems best (P = 0.88, 3 acts)" in acts


def test_hours_on_a_clock_that_was_assumed_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The company's zone is no guess about the customer."""
    there = Happened(
        id="z", customer="anna", name="Moved", at=TEXTS[0].at, traits={"zone": "Asia/Kathmandu"}
    )
    assert printed(capsys, *TEXTS)[2].endswith("in the company's zone (UTC),")
    assert printed(capsys, *TEXTS, there)[2].endswith("in Asia/Kathmandu")


def test_what_is_waited_for_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """The step's title, not the name of a timer."""
    waits = {"name": "0/first/0/r/no_answer", "due": "2026-03-02T18:00:00Z"}
    customer(anna() | {"timers": [waits]})
    assert "/" not in capsys.readouterr().out.partition("Waiting for\n")[2]


def test_a_consent_without_words_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """It proves little, and whoever answers for it should see that."""
    said = {"at": "2026-03-02T10:00:00Z", "channel": "email", "purpose": "service", "event": "c"}
    word = said | {"granted": True, "in_force": True}
    both = [word | {"wording": ""}, word | {"wording": "Yes, write."}]
    ledger({"customer": "anna", "consents": both, "promises": []})
    bare, worded = capsys.readouterr().out.splitlines()[1:3]
    assert "E-mail: no words were given" in bare
    assert "E-mail: “Yes, write.”" in worded
