"""A message shown as its reader's device would show it."""

from html import escape
from typing import Any

from litestar import Response

from ofone.web.headers import MAIL_POLICY

_LINKS_LEAVE = '<base target="_blank">'


def mail_page(message: dict[str, Any]) -> Response[str]:
    """The HTML part as a page of its own, or the text part when there is none.

    The page is framed with ``sandbox`` and carries the same by policy, so a mail cannot run script,
    send a form, load a picture from elsewhere or reach the page around it.
    """
    html = str(message.get("html") or "")
    if not html:
        html = f"<!doctype html><meta charset=utf-8><pre>{escape(str(message.get('text') or ''))}"
    return Response(
        _LINKS_LEAVE + html if "<!doctype" not in html[:200].lower() else _after_doctype(html),
        media_type="text/html",
        headers={"Content-Security-Policy": MAIL_POLICY},
    )


def _after_doctype(html: str) -> str:
    # A tag before the doctype would put the mail into quirks mode.
    end = html.index(">", html.lower().index("<!doctype")) + 1
    return html[:end] + _LINKS_LEAVE + html[end:]
