"""What is printed for people of how a customer likes to be in touch."""

import pytest
from tests.runtime.test_show import TEXTS, anna

from ofone.cli.say import customer
from ofone.domain.events import Happened


def printed(capsys: pytest.CaptureFixture[str], *events: Happened) -> list[str]:
    """The lines on channel, cadence and hours, with single spaces."""
    customer(anna(*events))
    lines = capsys.readouterr().out.partition("likes to be in touch\n")[2].splitlines()
    return [" ".join(line.split()) for line in lines[:3]]


def test_of_a_stranger_little_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """No act, no claim; the cadence is everybody's."""
    channel, cadence, hours = printed(capsys)
    assert (channel, hours) == ("channel no acts yet", "hours no acts yet")
    assert cadence.endswith("no acts)")


def test_what_was_asked_for_stands_before_what_acts_look_like(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both, in words."""
    asked = Happened(
        id="w",
        customer="anna",
        name="Preference Stated",
        at=TEXTS[0].at,
        properties={"channel": "email", "cadence": 2, "days": "mon-fri", "hours": "17:00-20:00"},
    )
    channel, cadence, hours = printed(capsys, *TEXTS, asked)
    assert channel == "channel email, as asked sms seems best (P = 0.88, 3 acts)"
    assert cadence.startswith("cadence 2, as asked ")
    assert hours.startswith("hours mon-fri 17:00-20:00, as asked Monday, Tuesday")


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
