"""A template and a customer's words become a message, in the shape of its channel."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from msgspec import Struct

from ofone.conversations import layout, letters, templates
from ofone.domain.errors import TemplateError
from ofone.domain.words import Channel

_LEAD = 110
"""Characters of the lead: more than any mailbox shows beside a subject."""

_WHY = {
    "en": "Why did I get this?",
    "de": "Warum erhalte ich das?",
    "es": "¿Por qué recibo esto?",
    "fr": "Pourquoi ce message ?",
}
_LEAVE = {
    "en": "Stop these emails",
    "de": "Diese E-Mails abbestellen",
    "es": "No recibir más estos correos",
    "fr": "Ne plus recevoir ces e-mails",
}
_MARK = (
    '<span class="mark" style="display:inline-block;width:10px;height:10px;border-radius:3px;'
    "margin:0 9px 0 0;font-size:8px;line-height:10px;vertical-align:1px;background-color:#0F6B66"
    '">&#8203;</span>'
)


class Rendered(Struct, frozen=True, kw_only=True):
    """What is said, ready to go. ``html`` is empty where the channel carries only text."""

    subject: str
    text: str
    html: str = ""


def compose(
    *, subject: str, body: str, channel: Channel, context: Mapping[str, Any], where: str
) -> Rendered:
    """A message from Liquid templates; an e-mail's body is Markdown as well.

    Beside the names for the templates, ``context`` may hold ``_zone`` (the reader's, IANA),
    ``_locale`` (the text's language with the reader's region, such as en-GB), ``_company`` (who
    writes), ``_address`` (where the company is, in one line), ``_tracker`` (the link that says why)
    and ``_leave`` (the link that ends such messages). A text message, and a message in the app, is
    one line of plain text.

    Raises TemplateError, which begins with ``where`` and says whether subject or body is wrong.
    """
    title = templates.printable(templates.render(subject, context, where + " subject"))
    if channel != "email":
        text = templates.printable(templates.render(body, context, where + " body"))
        return Rendered(subject=title, text=text)
    skeleton, values = templates.skeleton(body, context, where + " body")
    try:
        html, text, lead = letters.fill(letters.letter(skeleton), values)
    except ValueError as err:
        raise TemplateError(f"{where} body: {err}") from err
    language = str(context.get("_locale") or "en").replace("_", "-")
    company, address, tracker, leave = (
        templates.printable(str(context.get(name) or ""))
        for name in ("_company", "_address", "_tracker", "_leave")
    )
    links = [(_WHY.get(language[:2], _WHY["en"]), tracker)]
    links += [(_LEAVE.get(language[:2], _LEAVE["en"]), leave)]
    signed, foot = _signed([company, address], [link for link in links if link[1]])
    page = layout.page(
        language=language,
        title=title,
        preview=_short(lead),
        head=_MARK + escape(company) if company else "",
        body=html,
        foot=foot,
    )
    return Rendered(subject=title, text=f"{text}\n{signed}", html=page)


def check(*, subject: str, body: str, channel: Channel, known: Mapping[str, Any]) -> list[str]:
    """What is wrong with a message's templates, as ``templates.check`` says it; and its links."""
    problems = [f"subject: {what}" for what in templates.check(subject, known)]
    problems += [f"body: {what}" for what in templates.check(body, known)]
    if channel == "email" and not problems:
        try:
            letters.letter(templates.outline(body))
        except ValueError as err:
            problems.append(f"body: {err}")
    return problems


def _signed(names: Sequence[str], links: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """What stands below an e-mail, as text and as HTML: who writes, from where, and the links."""
    said = [name for name in names if name]
    text = ["-- ", *said, *(f"{words}: {link}".replace("?:", "?") for words, link in links)]
    linked = [
        f'<a href="{escape(link)}" style="color:#5A6170">{escape(words)}</a>'
        for words, link in links
    ]
    rows = [" &nbsp;·&nbsp; ".join(part) for part in (map(escape, said), linked)]
    html = "<br />".join(row for row in rows if row)
    return "".join(f"\n{row}" for row in text if said or links), html


def _short(text: str) -> str:
    return text if len(text) <= _LEAD else text[:_LEAD].rpartition(" ")[0].rstrip(",;:.") + "…"
