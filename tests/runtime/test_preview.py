"""A preview shows what a dispatch would send: it is the same function over a moment."""

import pytest
from tests.building import Life, event

from ofone.domain.errors import NotFound
from ofone.domain.events import Value
from ofone.domain.state import CustomerState
from ofone.journeys.load import bundled
from ofone.runtime.links import Links
from ofone.runtime.preview import Text, Wanted, said_at, texts
from ofone.stores.memory import MemoryStore

BOOK = bundled("life-insurance")
LINKS = Links(MemoryStore(), "https://alder.example", remember=False)


def begun() -> CustomerState:
    traits: dict[str, Value] = {"name": "Ana Lee", "email": "a@b.example"}
    return Life(BOOK).tell(event("Application Started", application_id="1", traits=traits)).state


def shown(wanted: Wanted, state: CustomerState | None = None) -> list[Text]:
    moment = begun() if state is None else state
    return texts(BOOK, lambda *_: moment, LINKS, wanted)


def test_every_action_is_said_by_the_approaches_that_send_it() -> None:
    """And at the step where they do; a closing by all, at the goal."""
    said = said_at(BOOK)
    assert said["prepare_exam"] == {"reassuring": "exam_done"}
    assert said["booking_nudge"] == {"brief": "exam_booked", "standard": "exam_booked"}
    assert said["covered"] == dict.fromkeys(BOOK.approaches, "first_premium")
    assert list(said) == [a.id for a in BOOK.playbook.actions]


def test_equal_words_are_shown_once_with_all_who_say_them() -> None:
    """What differs stands apart."""
    by = {(t.channel, t.approaches) for t in shown(Wanted(action="exam_tomorrow"))}
    assert by == {(c, tuple(BOOK.approaches)) for c in ("email", "sms", "in_app")}
    signs = shown(Wanted(action="sign", channel="email"))
    assert [t.approaches for t in signs] == [("reassuring",), ("brief",), ("standard",)]


def test_any_action_is_shown_wherever_the_customer_stands() -> None:
    """As if the customer stood at its step: words, HTML, segments; nothing is held back."""
    found = shown(Wanted())
    assert [t.action for t in found if t.held] == []
    assert all(t.html and t.subject for t in found if t.channel == "email")
    assert {t.segments for t in found if t.channel == "sms"} <= {1, 2}
    assert "Hi Ana" in next(t.text for t in found if t.channel == "email")


def test_a_language_is_tried_on_and_what_is_missing_shows() -> None:
    """German where there is German, and the playbook's own where there is none."""
    german = {t.approaches: t for t in shown(Wanted(action="sign", language="de", channel="sms"))}
    assert german["brief",].text.startswith("Alder Life: bereit zur Unterschrift")
    assert [german[a,].language for a in BOOK.approaches] == ["en", "de", "de"]


def test_a_fact_is_tried_on() -> None:
    """What is not known yet can be made up for a look."""
    known: dict[str, Value] = {
        "appointment_at": "2026-03-10T10:20:00-04:00",
        "appointment_place": "7 Elm Street",
    }
    wanted = Wanted(action="exam_tomorrow", facts=known)
    assert all("7 Elm Street" in t.text for t in shown(wanted))


def test_who_has_no_journey_here_is_shown_one() -> None:
    """Somebody who bought elsewhere, or a persona of another playbook."""
    (text,) = shown(
        Wanted(action="sign", approach="brief", channel="email"), CustomerState(customer="eve")
    )
    assert (text.held, text.subject) == ("", "Ready to sign")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(action="sing"), "no action 'sing'; actions are: welcome,"),
        (Wanted(approach="warm"), "approaches are: reassuring, brief, standard"),
        (
            Wanted(action="prepare_exam", approach="brief"),
            "nothing says prepare_exam in 'brief'; it is said in reassuring by email",
        ),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(wanted: Wanted, said: str) -> None:
    """The names there are."""
    with pytest.raises(NotFound, match=said):
        shown(wanted)


def test_what_says_that_a_step_takes_longer_is_shown_with_both_dates() -> None:
    """As it would be said when the range that is told now will soon end."""
    (text,) = shown(Wanted(action="statement_late", channel="sms"))
    assert text.held == ""
    assert "we said by Apr 13, and we are sorry: it now looks like Apr 21 to May 21" in text.text
