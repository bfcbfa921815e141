"""A template and a customer's words become a message, in the shape of its channel."""

from collections.abc import Mapping
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
    writes) and ``_tracker`` (the address that says why). A text message, and a message in the app,
    is one line of plain text.

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
    company = templates.printable(str(context.get("_company") or ""))
    tracker = templates.printable(str(context.get("_tracker") or ""))
    signed, foot = _signed(company, tracker, _WHY.get(language[:2], _WHY["en"]))
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


def _signed(company: str, tracker: str, why: str) -> tuple[str, str]:
    """What stands below an e-mail, as text and as HTML: who writes, and the way to find out why."""
    text = [company] if company else []
    html = [escape(company)] if company else []
    if tracker:
        text.append(f"{why} {tracker}")
        html.append(f'<a href="{escape(tracker)}" style="color:#5A6170">{escape(why)}</a>')
    return "".join(f"\n{row}" for row in ["-- ", *text] if text), " &nbsp;·&nbsp; ".join(html)


def _short(text: str) -> str:
    return text if len(text) <= _LEAD else text[:_LEAD].rpartition(" ")[0].rstrip(",;:.") + "…"
