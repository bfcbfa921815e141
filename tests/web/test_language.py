"""Every word of the customer's pages, in every language, with the same blanks to fill."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from ofone.domain.words import CHANNELS
from ofone.journeys.load import bundled, bundled_names
from ofone.journeys.stated import PACE_WORDS, WHERE_WORDS
from ofone.profiles.stated import CADENCE
from ofone.web import language
from ofone.web.language import LOCALE, catalogues, chosen, named

OTHERS = [code for code in catalogues() if code != language.ENGLISH]
BLANK = re.compile(r"%\(\w+\)s|%")


def read(file: Path) -> Catalog:
    with file.open("rb") as text:
        return read_po(text, abort_invalid=True)


def texts(said: str | Sequence[str] | None) -> list[str]:
    return [said] if isinstance(said, str) else list(said or ())


def messages(catalogue: Catalog) -> set[str | tuple[str, ...]]:
    return {m.id if isinstance(m.id, str) else tuple(m.id) for m in catalogue if m.id}


def in_templates() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(
        LOCALE.parent / "templates",
        method_map=[("**.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"trimmed": "true"}},
    )
    return {m[2] if isinstance(m[2], str) else tuple(m[2]) for m in found}


def test_the_template_of_catalogues_holds_what_the_pages_say() -> None:
    """Renew it as docs/how-to/add-a-language.md says."""
    assert messages(read(LOCALE / "ofone.pot")) == in_templates()


@pytest.mark.parametrize("code", OTHERS)
def test_every_catalogue_translates_every_word(code: str) -> None:
    """Nothing missing, nothing uncertain, nothing that no page says any more."""
    catalogue = read(LOCALE / code / "LC_MESSAGES" / "ofone.po")
    assert messages(catalogue) == messages(read(LOCALE / "ofone.pot"))
    for message in catalogue:
        assert all(texts(message.string)), message.id
        assert not (message.id and message.fuzzy), message.id


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_same_blanks(code: str) -> None:
    """A singular may leave the number out; nothing else may."""
    for message in read(LOCALE / code / "LC_MESSAGES" / "ofone.po"):
        asked = BLANK.findall(texts(message.id)[-1])
        said = texts(message.string)
        if message.id:
            assert all(sorted(BLANK.findall(t)) == sorted(asked) for t in said[1:] or said)


def test_what_every_playbook_asks_is_asked_in_every_language() -> None:
    """With a label for each channel and each pace."""
    for words, values in ((WHERE_WORDS, CHANNELS), (PACE_WORDS, tuple(CADENCE))):
        assert set(words) == set(catalogues())
        assert all(set(said) == {"text", *values} for said in words.values())


@pytest.mark.parametrize("name", bundled_names())
def test_the_bundled_items_are_asked_in_every_language(name: str) -> None:
    """A question and both ends of its scale."""
    for item in bundled(name).playbook.items:
        assert set(item.says) == set(OTHERS), item.id
        assert item.low
        assert item.high
        assert all((w.low, w.high) for w in item.says.values())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("fr", "de", "es", "en"), "fr"),
        (("", "de", "es", "en"), "de"),
        (("xx", "", "es-MX,en;q=0.9", "en"), "es"),
        (("", "", "en;q=0.2, fr-CH;q=0.9, *", "de"), "fr"),
        (("", "", "pt", "de"), "de"),
        (("", "", ",;q=x,\x00;q=1", ""), "en"),
    ],
)
def test_a_page_speaks_the_readers_language(given: tuple[str, str, str, str], code: str) -> None:
    """Asked for, stated, accepted by the browser, the company's; and English if there is none."""
    assert chosen(*given) == code


def test_languages_call_themselves_by_their_own_names() -> None:
    """Whoever looks for Español does not look for Spanish."""
    assert named() == {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}
