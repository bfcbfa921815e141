"""The demo tells the story that the product is about, and tells it truly."""

from typing import Any

import pytest

from ofone.app.demo import play
from ofone.decisions.guards import OF_CHANNEL, OF_MOMENT


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return play()


def customers(told: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return told["customers"]["angela"], told["customers"]["adaya"]


def test_both_reach_the_goal_by_the_same_steps(told: dict[str, Any]) -> None:
    """The process is one; what differs is how each is accompanied."""
    angela, adaya = (c["journeys"][0] for c in customers(told))
    assert angela["status"] == adaya["status"] == "completed"
    shared = {s["id"] for s in adaya["steps"]}
    assert {s["id"] for s in angela["steps"]} - shared == {"physician_statement"}


def test_angela_is_told_more_and_told_why(told: dict[str, Any]) -> None:
    """More messages, longer ones, the e-mail on why the assessment matters, tracker in front."""
    angela, adaya = customers(told)
    assert len(angela["deliveries"]) >= 2 * len(adaya["deliveries"])
    assert "why_health_assessment" in {d["action"] for d in angela["deliveries"]}
    assert "why_health_assessment" not in {d["action"] for d in adaya["deliveries"]}
    assert (angela["journeys"][0]["tracker"], adaya["journeys"][0]["tracker"]) == ("front", "quiet")


def test_adaya_gets_one_reminder_and_only_short_texts(told: dict[str, Any]) -> None:
    """Brief and task-like: every message is one text, and exactly one of them reminds."""
    _, adaya = customers(told)
    assert {d["channel"] for d in adaya["deliveries"]} == {"sms"}
    assert all(len(d["text"]) <= 160 for d in adaya["deliveries"])
    assert [d["action"] for d in adaya["deliveries"]].count("exam_tomorrow") == 1


def test_the_advisor_is_asked_only_where_the_customer_did_not_book(told: dict[str, Any]) -> None:
    """A request follows from what the advisor can see; tips come for everybody and name nobody."""
    inbox = told["helper"]["inbox"]
    assert [(m["kind"], m["about"]) for m in inbox if m["kind"] == "request"] == [
        ("request", "Angela Ruiz")
    ]
    assert all(m["about"] is None for m in inbox if m["kind"] == "tip")


def test_the_advisor_reads_no_word_of_a_need(told: dict[str, Any]) -> None:
    """Neither need nor approach is in anything a helper gets."""
    words = " ".join(f"{m['subject']} {m['text']}" for m in told["helper"]["inbox"]).lower()
    for word in ("reassur", "anxi", "worried", "nervous", "brief", "approach", "score"):
        assert word not in words


def test_every_delivery_is_explained_by_a_decision(told: dict[str, Any]) -> None:
    """No message without a record that says why, with what every guard said."""
    for customer in customers(told):
        decisions = {d["id"]: d for j in customer["journeys"] for d in j["decisions"]}
        for delivery in customer["deliveries"]:
            chosen = next(o for o in decisions[delivery["decision"]]["options"] if o["chosen"])
            assert len(chosen["verdicts"]) >= len(OF_CHANNEL) + len(OF_MOMENT)
            assert all(v["ok"] for v in chosen["verdicts"])
