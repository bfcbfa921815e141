"""Pages in the reader's language: gettext catalogues, read once, and the choice between them.

The words in the code are English; ``locale/<code>/LC_MESSAGES/ofone.po`` holds the others. A
catalogue is read as it is written, so that adding one needs no compiler.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

LOCALE = Path(__file__).parent / "locale"
ENGLISH = "en"


@cache
def catalogues() -> dict[str, NullTranslations]:
    """Every language there is, English first, then by code."""
    found: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}
    for file in sorted(LOCALE.glob("*/LC_MESSAGES/ofone.po")):
        code = file.parents[1].name
        with file.open("rb") as text:
            catalogue = read_po(text, locale=code, abort_invalid=True)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        found[code] = GNUTranslations(compiled)
    return found


def chosen(asked: str, stated: str, accepted: str, own: str) -> str:
    """The code of the page's language: asked for, stated by the customer, accepted by the browser
    (the header Accept-Language), or the company's own; the first of them that there is.
    """
    return (
        negotiate_locale(
            [code for code in (asked, stated, *_accepted(accepted), own, ENGLISH) if code],
            list(catalogues()),
            sep="-",
        )
        or ENGLISH
    )


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, the dearest first (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, int, str]] = []
    for part in header[:200].split(","):
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
    found = {}
    for code in catalogues():
        name = Locale.parse(code).get_display_name(code) or code
        found[code] = name[:1].upper() + name[1:]
    return found


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
