"""Every word of the customer's pages, in every language, with the same blanks to fill."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from ofone.journeys import stated
from ofone.journeys.load import bundled, bundled_names
from ofone.journeys.stated import stated_words
from ofone.web import language
from ofone.web.language import LOCALE, begun, catalogues, chosen, missing, named

BUNDLED = [code for code in begun() if not missing(code)]


def read(file: Path) -> Catalog:
    with file.open("rb") as text:
        return read_po(text, abort_invalid=True)


def messages(catalogue: Catalog) -> set[str | tuple[str, ...]]:
    return {m.id if isinstance(m.id, str) else tuple(m.id) for m in catalogue if m.id}


def in_pages() -> set[str | tuple[str, ...]]:
    with (LOCALE / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    found = extract_from_dir(LOCALE.parent, method_map=methods, options_map=options)
    return {m[2] if isinstance(m[2], str) else tuple(m[2]) for m in found}


def test_the_template_of_catalogues_holds_what_the_pages_say() -> None:
    """Renew it as docs/how-to/add-a-language.md says."""
    assert messages(read(LOCALE / "ofone.pot")) == in_pages()


@pytest.mark.parametrize("code", begun())
def test_every_catalogue_is_complete(code: str) -> None:
    """This says what is missing: a word, a blank that was lost, a label of P1 or P2."""
    assert missing(code) == []


@pytest.mark.parametrize("code", begun())
def test_no_catalogue_says_what_no_page_says(code: str) -> None:
    """Nothing is left of words that went."""
    catalogue = read(LOCALE / code / "LC_MESSAGES" / "ofone.po")
    assert messages(catalogue) <= messages(read(LOCALE / "ofone.pot"))


def test_what_every_playbook_asks_is_asked_in_every_language() -> None:
    """English has no catalogue, and needs these words too."""
    assert set(stated_words()) == set(catalogues())


@pytest.fixture
def italian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The German words under another code, to be spoilt."""
    shutil.copytree(LOCALE, tmp_path / "locale")
    shutil.copytree(stated.FOLDER, tmp_path / "languages")
    shutil.copytree(LOCALE / "de", tmp_path / "locale" / "it")
    shutil.copy(stated.FOLDER / "de.toml", tmp_path / "languages" / "it.toml")
    monkeypatch.setattr(language, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(stated, "FOLDER", tmp_path / "languages")
    for cached in (catalogues, stated_words):
        cached.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for cached in (catalogues, stated_words):
        cached.cache_clear()


def test_a_language_is_found_by_its_files_alone(italian: Path) -> None:
    """Two files, and it is offered, chosen and asked in; no code knows its name."""
    assert italian.is_dir()
    assert named()["it"] == "Italiano"
    assert chosen("", "", "it-CH", "en") == "it"
    assert "it" in stated_words()


@pytest.mark.parametrize(
    ("file", "said", "instead", "what"),
    [
        ("locale/it/LC_MESSAGES/ofone.po", 'msgstr "Zurück"', 'msgstr ""', ["“Back”"]),
        ("locale/it/LC_MESSAGES/ofone.po", "senden: %(answer)s", "senden: ",
         ["“Send this answer: %(answer)s”"]),
        ("languages/it.toml", 'sms = "Per SMS"', "", ["where.sms in it.toml"]),
    ],
)  # fmt: skip
def test_half_a_language_is_not_offered(
    italian: Path, file: str, said: str, instead: str, what: list[str]
) -> None:
    """Nobody is shown English words under the name of another language."""
    text = (italian / file).read_text(encoding="utf-8")
    assert said in text
    (italian / file).write_text(text.replace(said, instead), encoding="utf-8")
    assert missing("it") == what
    assert "it" not in named()
    assert chosen("it", "", "", "de") == "de"


@pytest.mark.parametrize("name", bundled_names())
def test_the_bundled_items_are_asked_in_every_language(name: str) -> None:
    """A question and both ends of its scale."""
    for item in bundled(name).playbook.items:
        assert set(item.says) == set(BUNDLED), item.id
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
    assert list(named()) == list(catalogues())
    assert named()["es"] == "Español"


def test_the_bundled_tracker_speaks_every_language() -> None:
    """Every step, every other end, and the title; the page's own words are in the catalogues."""
    book = bundled("life-insurance").playbook
    assert set(book.title_in) == set(BUNDLED)
    assert all(set(step.says) == set(BUNDLED) for step in book.steps)
    assert all(set(outcome.says_in) == set(BUNDLED) for outcome in book.outcomes)
    late = [step for step in book.steps if step.late_because]
    assert all(words.late_because for step in late for words in step.says.values())
