"""The record in words: what people read instead of ids, rules and moments."""

import re
from typing import Any

import pytest

from ofone.journeys import pace
from ofone.web.moments import Reader
from ofone.web.words import awaited, because, believed, fate, guard, option, reason, told

HERE = Reader("America/New_York")
UNTIL = "2026-03-09T13:00:00Z"
RULE = "“needs.information.low > 0.5 && needs.reassurance.high < 0.4” does not hold"


def decision(question: str, chosen: str, **more: Any) -> dict[str, Any]:
    return {
        "at": "2026-03-09T12:00:00Z",
        "kind": "touch",
        "question": question,
        "chosen": chosen,
        **more,
    }


def refused(name: str, until: str | None = None) -> list[dict[str, Any]]:
    verdict = {"guard": name, "ok": False, "reason": f"{name} says no", "until": until}
    return [{"name": "email", "eligible": False, "verdicts": [verdict]}]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"mean": 0.9, "sd": 0.5, "known": True}, "more than most"),
        ({"mean": 0.0, "sd": 0.5, "known": True}, "about as most"),
        ({"mean": 0.6, "sd": 0.8, "known": False}, "probably more than most, not certain"),
        ({"mean": -0.5, "sd": 0.8, "known": False}, "probably less than most, not certain"),
        ({"mean": 0.4, "sd": 0.8, "known": False}, "not known yet"),
        ({"mean": 0.4, "high": 0.52, "known": False}, "probably more than most, not certain"),
        ({}, "not known yet"),
    ],
)
def test_a_need_is_said_as_surely_as_it_is_known(seen: dict[str, Any], words: str) -> None:
    """An estimate where it is known, what is more likely than not where it is not."""
    assert believed(seen) == words


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ("it is 15:42 in America/New_York", "It is 3:42\u00a0PM in New York."),
        ("the customer's phone is not known", "The customer's phone number is not known."),
        ("consent to service messages by sms was withdrawn", None),
    ],
)
def test_a_reason_holds_no_ids(recorded: str, words: str | None) -> None:
    """A place instead of a zone, words instead of channels, the reader's clock."""
    withdrawn = "Consent to service messages by text message was withdrawn."
    assert reason(recorded, HERE) == (words or withdrawn)


def test_a_reason_keeps_the_clock_of_its_reader() -> None:
    """Where people count to twenty-four."""
    british = Reader("Europe/London", "en_GB")
    assert reason("it is 15:42 in Europe/London", british) == "It is 15:42 in London."


@pytest.mark.parametrize(
    ("decided", "words"),
    [
        (decision("Ask the nurse for help?", "advisor"), "The nurse was asked to help"),
        (decision("Ask the nurse for help?", "nothing"), "Nobody to ask: no nurse is named"),
        (decision("How to send “News”?", "sms"), "News: text"),
        (decision("How to send “News”?", "nothing"), "“News” was not sent"),
        (decision("How to accompany “A”?", "brief", kind="approach"), "A: from here brief"),
        (decision("Something else?", "yes"), "Something else? Yes"),
    ],
)
def test_a_decision_is_told_in_one_line(decided: dict[str, Any], words: str) -> None:
    """A sentence, not a question with an id behind it."""
    assert told(decided, HERE) == words


def test_waiting_says_until_when_and_for_what() -> None:
    """The hour on the same day; the day too where it is another."""
    waits = decision("How to send “News”?", "wait", options=refused("quiet_hours", UNTIL))
    assert told(waits, HERE) == "“News” waits until 9:00\u00a0AM: quiet hours"
    assert option(waits, "wait", HERE) == "Wait until 9:00\u00a0AM"
    later = waits | {"at": "2026-03-08T23:00:00Z"}
    assert told(later, HERE) == "“News” waits until Mar 9, 9:00\u00a0AM: quiet hours"


def test_a_simple_rule_is_read_out() -> None:
    """With the probabilities of that moment; any other rule is shown as it is written."""
    seen = [{"need": "information", "low": 0.12}, {"need": "reassurance", "high": 0.7344}]
    asked = decision("How to accompany “A”?", "x", evidence=seen)
    words, rule = because(asked, {"because": RULE})
    assert words == (
        "The need for information is probably not low (P = .12, asked for: above .5), "
        "and the need for reassurance is probably high (P = .73, asked for: below .4)."
    )
    assert rule == ""
    other = because(asked, {"because": "“step.attempts > 2” does not hold"})
    assert other == ("The rule does not hold.", "step.attempts > 2")


def test_what_does_not_suit_is_not_called_possible() -> None:
    """Its condition does not hold, though no guard removed it."""
    asked = decision("How to accompany “A”?", "plain_words")
    assert fate(asked, {"name": "b", "eligible": True, "because": RULE}) == "does not suit now"
    first = {"name": "c", "eligible": True, "because": "plain_words comes first"}
    assert fate(asked, first) == "possible, not chosen"
    assert because(asked, first)[0] == "“Plain words” comes first."


def test_guards_names_suit_both_answers() -> None:
    """Neither "Stale: its moment is now" nor "Undeliverable: no failure is known"."""
    names = [guard(g) for g in ("stale", "undeliverable", "repeat", "some_rule")]
    assert names == ["Timely", "Delivery", "Not said before", "Some rule"]


def test_what_the_customer_says_of_a_need_is_said_as_theirs() -> None:
    """A word stands before every estimate, and is never passed off as one."""
    assert believed({"mean": 1.1, "sd": 0.2, "known": True, "stated": "less"}) == (
        "less than most, as the customer says"
    )


@pytest.mark.parametrize(
    ("timer", "words"),
    [
        ("0/apply/1/a/walk_alongside/0", "“Application”: the next touch of “walk alongside”"),
        ("0/apply/0/r/not_submitted", "“Application”: react, if it is still open (not submitted)"),
        ("0/apply/0/x/not_submitted/1", "“Application”: react (not submitted)"),
        ("0/apply/0/h", "“Application”: the helper’s tip"),
        ("0/apply/0/q/1f2e", "“Application”: an answer from the helper"),
        ("0/late_step/0/c/withdrawn", "“Late step”: tell how it ended (withdrawn)"),
        (
            "silence:need_for_calm:Price: Asked",
            "an answer to “Price: Asked”; silence would tell of “need for calm”",
        ),
        ("something else", "something else"),
        ("7/apply/0/h", "7/apply/0/h"),
    ],
)
def test_a_timer_is_said_in_words(timer: str, words: str) -> None:
    """The step's title and what is waited for; a name nobody knows stands as it is."""
    steps = [{"id": "apply", "title": "Application"}]
    assert awaited(timer, [{"title": "Life insurance", "key": "A-1", "steps": steps}]) == words


def test_every_kind_of_timer_has_its_words() -> None:
    """With several journeys, each with its own: a new kind in ``journeys.pace`` needs a line."""
    both = [{"title": "Loan", "key": "L-1"}, {"title": "Loan", "key": "L-2"}]
    kinds = re.findall(r"``(\w)``", str(pace.__doc__))
    said = [awaited(f"1/pay/0/{kind}", both) for kind in kinds]
    assert len(said) >= 7
    assert all(words.startswith("Loan L-2, “Pay”: ") for words in said)
