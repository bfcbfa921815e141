"""Pages in the reader's language: gettext catalogues, read once, and the choice between them.

The words in the code are English; ``locale/<code>/LC_MESSAGES/ofone.po`` holds the others. A
catalogue is read as it is written, so that adding one needs no compiler. A language is offered once
its catalogue is complete, and so are its words for what every playbook asks (``journeys.stated``).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from ofone.journeys import stated

LOCALE = Path(__file__).parent / "locale"
ENGLISH = "en"
_PATH = "LC_MESSAGES/ofone.po"
_BLANK = re.compile(r"%\(\w+\)s|%")


@cache
def catalogues() -> dict[str, NullTranslations]:
    """Every language that is complete, English first, then by code."""
    found: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}
    for code in begun():
        if not missing(code):
            compiled = BytesIO()
            write_mo(compiled, _read(_file(code)))
            compiled.seek(0)
            found[code] = GNUTranslations(compiled)
    return found


def begun() -> list[str]:
    """The languages that have a catalogue, complete or not; English needs none."""
    return sorted(file.parents[1].name for file in LOCALE.glob(f"*/{_PATH}"))


def missing(code: str) -> list[str]:
    """What a language has yet to say, or says with other blanks; until then it is not offered."""
    said = _read(_file(code))
    return [*_untranslated(said, _read(LOCALE / "ofone.pot")), *stated.missing(code)]


def _untranslated(said: Catalog, asked: Catalog) -> Iterator[str]:
    for message in asked:
        if not message.id:
            continue
        found = said.get(message.id)
        texts = _texts(found.string if found and not found.fuzzy else "")
        blanks = set(_BLANK.findall(_texts(message.id)[-1]))
        # A singular may leave its number out.
        whole = all(set(_BLANK.findall(text)) == blanks for text in texts[1:] or texts)
        if not all(texts) or not whole or not set(_BLANK.findall(texts[0])) <= blanks:
            yield f"“{_texts(message.id)[0]}”"


def _texts(said: str | Sequence[str] | None) -> list[str]:
    return [said or ""] if isinstance(said, str | None) else [text or "" for text in said]


def _file(code: str) -> Path:
    return LOCALE / code / _PATH


def _read(file: Path) -> Catalog:
    with file.open("rb") as text:
        return read_po(text, locale=None if file.suffix == ".pot" else file.parents[1].name)


def chosen(asked: str, stated: str, accepted: str, own: str) -> str:
    """The code of the page's language: asked for, stated by the customer, accepted by the browser
    (the header Accept-Language), or the company's own; the first of them that there is.
    """
    return _chosen(asked[:40], stated[:40], accepted[:200], own, tuple(catalogues()))


@lru_cache(maxsize=1_000)
def _chosen(asked: str, stated: str, accepted: str, own: str, codes: tuple[str, ...]) -> str:
    known = {code.lower().replace("_", "-"): code for code in codes}
    wanted = [asked, stated, *_accepted(accepted), own, ENGLISH]
    spelled = [code.lower().replace("_", "-") for code in wanted if code]
    return known[negotiate_locale(spelled, list(known), sep="-") or ENGLISH]


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, the dearest first (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, int, str]] = []
    for part in header.split(","):
        code, _, q = part.strip().partition(";")
        try:
            weight = float(q.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if code and weight > 0:
            weighed.append((-weight, len(weighed), code))
    return [code for _, _, code in sorted(weighed)]


def named() -> dict[str, str]:
    """Each language's name for itself: ``{"de": "Deutsch", ...}``."""
    return _named(tuple(catalogues()))


@lru_cache(maxsize=4)
def _named(codes: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for code in codes:
        name = Locale.parse(code).get_display_name(code) or code
        found[code] = name[:1].upper() + name[1:]
    return found


class Say:
    """Words in one language, for code that is no template. Blanks are filled by name."""

    def __init__(self, language: str) -> None:
        known = catalogues()
        self._words = known.get(language, known[ENGLISH])

    def gettext(self, message: str, **blanks: object) -> str:
        """The message in this language."""
        text = self._words.gettext(message)
        return text % blanks if blanks else text

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The one of both that suits ``n``, which fills the blank of that name."""
        return self._words.ngettext(one, many, n) % {"n": n}


def install(environment: Environment) -> None:
    """Let templates say ``{% trans %}`` in the language that their context names."""
    environment.add_extension("jinja2.ext.i18n")
    # The extension adds this method when it is added.
    wire: Any = environment
    wire.install_gettext_callables(_gettext, _ngettext, newstyle=True)


@pass_context
def _gettext(context: Context, message: str) -> str:
    return _catalogue(context).gettext(message)


@pass_context
def _ngettext(context: Context, one: str, many: str, n: int) -> str:
    return _catalogue(context).ngettext(one, many, n)


def _catalogue(context: Context) -> NullTranslations:
    known = catalogues()
    return known.get(str(context.get("language")), known[ENGLISH])
