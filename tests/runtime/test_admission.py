"""The words of a code and of a new link: in the customer's language, short, and nothing beside."""

import re

import pytest
from tests.building import Life, event

from ofone.conversations.segments import segments
from ofone.domain.effects import Admit
from ofone.domain.events import Value
from ofone.domain.messages import Message
from ofone.domain.words import Channel
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.runtime.admission import write
from ofone.runtime.links import Links
from ofone.stores.memory import MemoryStore

BOOK = bundled("life-insurance")
LINKS = Links(MemoryStore(), "https://alder.example")
LANGUAGES = ["en", "de", "es", "fr"]


def written(what: str, channel: Channel, language: str) -> Message:
    known: dict[str, Value] = {"email": "a@b.example", "phone": "+12125550123"}
    known["language"] = language
    state = Life(BOOK).tell(
        event("Application Started", key=None, application_id="1", traits=known)
    )
    effect = Admit(
        key="ana:7:0",
        customer="ana",
        journey=0,
        playbook=BOOK.name,
        version=BOOK.version,
        what="code" if what == "code" else "link",
        channel=channel,
        at=state.state.now,
    )
    return write(effect, state.state, library([BOOK]), LINKS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_with_a_code_holds_the_code_and_no_way_in(language: str) -> None:
    """Who gets used to links beside codes follows a stranger's as well."""
    mail = written("code", "email", language)
    assert re.findall(r"\b\d{6}\b", mail.text) == [LINKS.code("ana:7:0")]
    links = re.findall(r"https?://\S+", mail.text)
    assert all(link.startswith("https://alder.example/u/") for link in links)
    assert LINKS.code("ana:7:0") not in mail.subject
    assert "{{" not in mail.text + mail.html + mail.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_with_a_link_holds_the_link_and_no_code(language: str) -> None:
    mail = written("link", "email", language)
    assert "https://alder.example/t/" in mail.text
    assert not re.search(r"\b\d{6}\b", mail.text)
    assert mail.address == "a@b.example"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", ["code", "link"])
def test_a_text_is_short_and_names_who_writes(what: str, language: str) -> None:
    """Three segments at most, with the line by which telephones fill a code in."""
    text = written(what, "sms", language)
    assert text.text.startswith("Alder Life")
    assert segments(text.text) <= 3
    found = re.search(r"\n\n@alder\.example #(\d{6})$", text.text)
    assert (found is not None) == (what == "code")
    assert found is None or found[1] == LINKS.code("ana:7:0")


@pytest.mark.parametrize("language", ["it", "", "tlh", "../en", "DE_ch"])
def test_a_language_we_do_not_speak_gets_one_that_we_do(language: str) -> None:
    """The playbook's, else English; and German in whatever spelling."""
    subject = written("code", "email", language).subject
    assert subject == ("Ihr Code" if language.lower().startswith("de") else "Your code")
