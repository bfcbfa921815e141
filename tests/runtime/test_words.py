"""A question in a message: there when something is worth asking, with a link for each answer."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from tests.building import START, Life, event

from ofone.conversations.segments import segments
from ofone.domain.effects import Send
from ofone.domain.errors import TemplateError
from ofone.domain.events import Event, Value
from ofone.domain.messages import Appointment, Message
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, HOUR, Micros, iso, to_micros
from ofone.domain.words import Channel
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.journeys.playbook import ContentWords
from ofone.runtime.links import Links
from ofone.runtime.words import appointment, write
from ofone.stores.memory import MemoryStore

BOOK = bundled("life-insurance")
LIBRARY = library([BOOK])
LINKS = Links(MemoryStore(), "https://alder.example")
MARCH = to_micros(datetime(2026, 3, 10, 15, tzinfo=UTC))


def newcomer(**answers: Any) -> CustomerState:
    return speaking("de", **answers)


def speaking(language: str, **answers: Any) -> CustomerState:
    known: dict[str, Any] = {"email": "a@b.example", "phone": "+12125550123", "language": language}
    life = Life(BOOK).tell(
        event("Application Started", key=None, application_id="1", traits=known),
        event("Consent Given", key=None, channels=["email", "sms"], purpose="service"),
    )
    return (
        life.tell(event("Baseline Answered", key=None, **answers)).state if answers else life.state
    )


LETTER = Send(
    key="k",
    customer="ana",
    journey=0,
    playbook=BOOK.name,
    version=BOOK.version,
    step="application",
    action="welcome",
    approach="standard",
    channel="email",
    purpose="service",
    at=0,
    decision="d",
)


def welcome(state: CustomerState, channel: Channel, at: Micros = 0) -> str:
    effect = replace(LETTER, channel=channel, at=at or state.now)
    return write(effect, state, LIBRARY, LINKS).text


def test_a_newcomers_welcome_asks_one_question_in_their_language() -> None:
    """A link for each answer; they lead to the page, which sends it."""
    state = newcomer()
    text = " ".join(welcome(state, "email").split())
    token = LINKS.token(state, 0, state.now)
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
    assert "question" not in welcome(speaking("en", **answers), channel).replace("Any question", "")


def test_a_text_message_carries_one_short_link() -> None:
    """No question about health or feelings stands in a text; two segments at most."""
    text = welcome(newcomer(), "sms")
    assert text.endswith("/questions")
    assert segments(text) <= 2


def test_words_without_a_question_choose_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choosing one takes longer than rendering; most messages ask nothing."""
    monkeypatch.setattr("ofone.runtime.words.baseline", None)
    state = newcomer()
    assert "Antrag ist eröffnet" in welcome(state, "in_app", state.now + HOUR)


@pytest.mark.parametrize(
    ("language", "begins"),
    [("de", "Guten Tag"), ("de-CH", "Guten Tag"), ("DE_at", "Guten Tag"), ("fr", "Hi there")],
)
def test_words_are_in_the_customers_language_where_there_are_some(
    language: str, begins: str
) -> None:
    """By the language of the trait, whatever its region; else in the playbook's own."""
    assert welcome(speaking(language), "email").startswith(begins)


def test_dates_are_written_in_the_language_of_the_words() -> None:
    """A German letter with German days; who reads English words reads English dates."""
    effect = replace(LETTER, end=(MARCH, MARCH))
    german, french = (write(effect, speaking(x), LIBRARY, LINKS).text for x in ("de", "fr"))
    assert "zwischen Dienstag, 10. März" in " ".join(german.split())
    assert "between Tuesday, March 10" in " ".join(french.split())


def test_a_failing_text_names_its_language() -> None:
    """So that the dead letter leads to the words that must be mended."""
    content = BOOK.actions["welcome"].content["standard"]["in_app"]
    broken = replace(content, says={"de": ContentWords(body="{{ facts.offer_until | date_long }}")})
    said = BOOK.actions["welcome"].content
    action = replace(BOOK.actions["welcome"], content=said | {"standard": {"in_app": broken}})
    books = library([replace(BOOK, actions=BOOK.actions | {"welcome": action})])
    with pytest.raises(TemplateError, match="welcome/standard/in_app/de body: line 1: "):
        write(replace(LETTER, channel="in_app"), newcomer(), books, LINKS)


def booked(*more: Event) -> Life:
    """An appointment is booked for the tenth day."""
    known: dict[str, Value] = {"email": "a@b.example", "zone": "America/New_York"}
    life = Life(BOOK).tell(
        event("Application Started", key=None, application_id="1", traits=known),
        event("Consent Given", key=None, channels=["email"], purpose="service"),
        event("Application Submitted", 1, key=None),
        event("E-Sign Completed", 2, key=None),
        event("Exam Booked", 3, key=None, appointment_at=iso(START + 10 * DAY)),
    )
    return life.tell(*more)


def stands(life: Life, step: str = "exam_done") -> Appointment | None:
    return appointment(life.state, 0, step, BOOK, LINKS, life.state.now)


def test_an_appointment_has_one_name_and_a_number_that_rises() -> None:
    """A pure function of the journey's own history: computed again, it is the same."""
    first = stands(booked())
    later = iso(START + 12 * DAY)
    moved = stands(booked(event("Exam Booked", 4, key=None, appointment_at=later)))
    assert first is not None
    assert moved is not None
    assert first == stands(booked())
    assert (first.uid, first.start) == (moved.uid, START + 10 * DAY)
    assert moved.start == START + 12 * DAY
    assert moved.sequence > first.sequence
    assert "ana" not in first.uid


@pytest.mark.parametrize("how", ["Exam Cancelled", "Exam Waived", "Application Withdrawn"])
def test_an_appointment_that_is_left_is_taken_back(how: str) -> None:
    """Cancelled, not needed any more, or the journey ended: under the same name, and higher."""
    first, off = stands(booked()), stands(booked(event(how, 4, key=None)))
    assert first is not None
    assert off is not None
    assert (off.cancelled, off.uid) == (True, first.uid)
    assert off.sequence > first.sequence


def test_a_new_time_after_a_cancellation_stands_again() -> None:
    later = iso(START + 12 * DAY)
    off = event("Exam Cancelled", 4, key=None)
    found = stands(booked(off, event("Exam Booked", 5, key=None, appointment_at=later)))
    assert found is not None
    assert (found.cancelled, found.start) == (False, START + 12 * DAY)


def test_what_is_over_or_has_no_time_is_no_appointment() -> None:
    """Nobody is told to come yesterday, or on the day that stands for none."""
    assert stands(booked(), "lab") is None
    assert stands(booked(event("Exam Booked", 4, key=None, appointment_at="9999-12-31"))) is None
    life = booked()
    over = START + 11 * DAY
    assert appointment(life.state, 0, "exam_done", BOOK, LINKS, over) is None


def test_an_appointment_says_nothing_about_health() -> None:
    """The step's own words for calendars, which others read as well; not the step's title."""
    found = stands(booked(event("Place", 4, key=None, appointment_place="12 Elm Street")))
    assert found is not None
    assert (found.title, found.place) == ("Your appointment with Alder Life", "12 Elm Street")


def mail(life: Life, action: str, step: str) -> Message:
    effect = Send(
        key=f"ana:9:{action}",
        customer="ana",
        journey=0,
        playbook=BOOK.name,
        version=BOOK.version,
        step=step,
        action=action,
        approach="standard",
        channel="email",
        purpose="service",
        at=life.state.now,
        decision="d",
    )
    return write(effect, life.state, LIBRARY, LINKS)


def test_only_the_mails_that_say_so_bring_the_appointment() -> None:
    """A cancelled one is taken back only where a mail may have brought it."""
    life = booked()
    assert mail(life, "exam_confirmed", "exam_done").appointment == stands(life)
    assert mail(life, "exam_check", "exam_done").appointment is None
    off = booked(event("Exam Cancelled", 4, key=None))
    taken = mail(off, "book_exam", "exam_booked").appointment
    assert taken is not None
    assert taken.cancelled


def test_nothing_that_leaves_names_the_customer() -> None:
    """Thread, reference and way out are tokens; each leads back for us alone."""
    said = mail(booked(), "exam_confirmed", "exam_done")
    assert said.appointment is not None
    assert "ana" not in said.thread + said.reference + said.leave + said.appointment.uid
    assert LINKS.leaving(said.leave.rpartition("/")[2]) == ("ana", "email", "service")
    assert LINKS.thread_of(said.thread) == ("ana", 0)
    assert said.text.endswith(f"Stop these emails: {said.leave}")
    assert "Example Street" in said.text
