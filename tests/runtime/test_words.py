"""A question in a message: there when something is worth asking, with a link for each answer."""

from typing import Any

import pytest
from tests.building import Life, event

from ofone.conversations.segments import segments
from ofone.domain.effects import Send
from ofone.domain.state import CustomerState
from ofone.domain.times import HOUR, Micros
from ofone.domain.words import Channel
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.runtime.links import Links
from ofone.runtime.words import write
from ofone.stores.memory import MemoryStore

BOOK = bundled("life-insurance")
LIBRARY = library([BOOK])
LINKS = Links(MemoryStore(), "https://alder.example")


def newcomer(**answers: Any) -> CustomerState:
    known: dict[str, Any] = {"email": "a@b.example", "phone": "+12125550123", "language": "de"}
    life = Life(BOOK).tell(
        event("Application Started", key=None, application_id="1", traits=known),
        event("Consent Given", key=None, channels=["email", "sms"], purpose="service"),
    )
    return (
        life.tell(event("Baseline Answered", key=None, **answers)).state if answers else life.state
    )


def welcome(state: CustomerState, channel: Channel, at: Micros = 0) -> str:
    effect = Send(
        key="k",
        customer="ana",
        journey=0,
        playbook=BOOK.name,
        version=BOOK.version,
        step="application",
        action="welcome",
        approach="standard",
        channel=channel,
        purpose="service",
        at=at or state.now,
        decision="d",
    )
    return write(effect, state, LIBRARY, LINKS).text


def test_a_newcomers_welcome_asks_one_question_in_their_language() -> None:
    """A link for each answer; they lead to the page, which sends it."""
    text = " ".join(welcome(newcomer(), "email").split())
    token = LINKS.token("ana", 0)
    assert "Wo sollen Neuigkeiten Sie erreichen?" in text
    assert f"Per SMS: https://alder.example/t/{token}/questions?item=P1&answer=sms" in text


def test_a_scale_is_five_links_with_words_at_its_ends() -> None:
    """One tap per answer, also in a mail."""
    text = welcome(newcomer(P1="email"), "email")
    assert text.count("questions?item=A1&answer=") == 5
    assert "1 – gar nicht wohl" in text


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_who_has_said_enough_is_not_asked(channel: Channel) -> None:
    """The question is None then, and the template leaves its place out."""
    answers = dict.fromkeys(("P1", "A1", "I1", "A2"))
    assert "question" not in welcome(newcomer(**answers), channel).replace("Any question", "")


def test_a_text_message_carries_one_short_link() -> None:
    """No question about health or feelings stands in a text; two segments at most."""
    text = welcome(newcomer(), "sms")
    assert text.endswith("/questions")
    assert segments(text) <= 2


def test_words_without_a_question_choose_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choosing one takes longer than rendering; most messages ask nothing."""
    monkeypatch.setattr("ofone.runtime.words.baseline", None)
    state = newcomer()
    assert "application has started" in welcome(state, "in_app", state.now + HOUR).lower()
