"""Markdown with slots becomes HTML and plain text; then the values go into the slots.

A value goes in after Markdown is done, escaped for where it stands, so a customer called
``[x](http://evil)`` stays a text. What Markdown made of a skeleton is kept for the next customer.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from msgspec import Struct

from ofone.conversations.templates import SLOT

WIDTH = 76
"""Columns of the plain text; an address is never broken."""

_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)\S+$")
_HOLE = re.compile(r"oq(slot|link|part)(\d+)z")  # a text; a whole address; a part of one

_STYLES = {
    "p": "margin:0 0 16px",
    "h1": "margin:0 0 16px;font-size:25px;line-height:1.25;font-weight:600",
    "h2": "margin:28px 0 8px;font-size:19px;line-height:1.3;font-weight:600",
    "h3": "margin:24px 0 4px;font-size:16px;line-height:1.5;font-weight:600",
    "ul": "margin:0 0 16px;padding:0 0 0 22px",
    "ol": "margin:0 0 16px;padding:0 0 0 22px",
    "li": "margin:0 0 6px",
    "a": "color:#0F6B66;text-decoration:underline;text-underline-offset:3px",
    "strong": "font-weight:600",
    "blockquote": "margin:0 0 16px;padding:14px 18px;border-left:3px solid #0F6B66;"
    "border-radius:0 8px 8px 0;background-color:#F1F5F2",
    "code": "padding:1px 4px;border-radius:4px;background-color:#F1F5F2;font-size:14px",
    "hr": "margin:24px 0;border:0;border-top:1px solid #E9E5DC",
}
_BEFORE_LIST = "margin:0 0 6px"
_BEFORE_CHOICES = "margin:0 0 12px"
_AFTER_CHOICES = '<div style="height:8px;line-height:8px">&#8202;</div>\n'
_EMPTY = f'<p style="{_STYLES["p"]}"></p>\n'
_BUTTON = (
    '<table class="button" role="presentation" cellpadding="0" cellspacing="0" border="0" '
    'style="margin:8px 0 24px;border-collapse:separate;border-radius:12px;'
    'background-color:#0F6B66"><tr><td style="mso-padding-alt:12px 24px">'
    '<a href="{href}" style="display:block;padding:12px 24px;font-weight:600;line-height:24px;'
    'text-align:center;color:#FFFFFF;text-decoration:none">{words}</a></td></tr></table>\n'
)


_CHOICE = (
    '<table class="choice" role="presentation" width="100%" cellpadding="0" cellspacing="0" '
    'border="0" style="margin:0 0 8px;border-collapse:separate;border:1px solid #0F6B66;'
    'border-radius:12px"><tr><td style="mso-padding-alt:10px 16px">'
    '<a href="{href}" style="display:block;padding:10px 16px;line-height:24px;color:#0F6B66;'
    'text-decoration:none">{words}</a></td></tr></table>\n'
)


class Line(Struct, frozen=True, kw_only=True):
    """One paragraph of the plain text: what its first row and the other rows begin with, its words.

    ``close``: without an empty row before it, as in a list.
    """

    first: str
    rest: str
    words: str
    close: bool


class Letter(Struct, frozen=True, kw_only=True):
    """A body with its slots still open. ``lead`` is its words alone, without the greeting."""

    html: str
    lines: tuple[Line, ...]
    lead: str


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        """Every link is let through here; ``_address`` refuses the bad ones in words."""
        return True


# What a letter has no use for stays text: HTML, pictures (they report back), code.
_MARKDOWN = _Markdown("commonmark", {"html": False}).disable(
    ["code", "fence", "html_block", "html_inline", "image"]
)
_RENDERER = RendererHTML()


@lru_cache(maxsize=1024)
def letter(skeleton: str) -> Letter:
    """Markdown into a letter. Raises ValueError for a link that leads nowhere.

    The first paragraph that is a link and nothing else becomes the button: a letter asks for one
    thing. A list of which every point is a link and nothing else becomes a row of choices, each
    as large as a thumb.
    """
    tokens = _MARKDOWN.parse(skeleton)
    lines = _lines(tokens)
    spoken = [_words(t.children or [], addresses=False) for t in tokens if t.type == "inline"]
    greets = len(spoken) > 1 and spoken[0].endswith(",")
    return Letter(html=_html(tokens), lines=lines, lead=" ".join(spoken[1:] if greets else spoken))


def fill(letter: Letter, values: Sequence[str]) -> tuple[str, str, str]:
    """HTML, plain text and lead, with the values in their slots.

    Raises ValueError for a value that has to be an address and is none.
    """

    def text(hole: re.Match[str]) -> str:
        value = values[int(hole[2])]
        if hole[1] == "slot":
            return value
        value = quote(value, safe=";/?:@&=+$,-_.!~*'()#%")
        return _address(value) if hole[1] == "link" else value

    html = _HOLE.sub(lambda hole: escape(text(hole)), letter.html).replace(_EMPTY, "")
    spoken = [(line, _HOLE.sub(text, line.words)) for line in letter.lines]
    rows = [
        ("\n" if line.close else "\n\n") + _wrapped(line, words)
        for line, words in spoken
        if words.strip()
    ]
    return html, "".join(rows).lstrip("\n"), _HOLE.sub(text, letter.lead)


def _address(address: str) -> str:
    if not _ADDRESS.match(address):
        raise ValueError(
            f"a link leads to {address!r}; an address begins with https://, mailto: or tel:"
        )
    return address


def _open(address: str) -> str:
    """The address of a link, with the holes that belong into an address."""
    if whole := SLOT.match(address):
        return f"oqlink{whole[1]}z" + SLOT.sub(r"oqpart\1z", address[whole.end() :])
    return SLOT.sub(r"oqpart\1z", _address(address))


def _html(tokens: Sequence[Token]) -> str:
    for part in [part for token in tokens for part in (token, *(token.children or ()))]:
        if part.nesting >= 0 and part.tag in _STYLES:
            part.attrSet("style", _STYLES[part.tag])
        if part.type == "link_open":
            part.attrSet("href", _open(str(part.attrs["href"])))
    for at, (paragraph, after) in enumerate(zip(tokens, tokens[3:], strict=False)):
        if paragraph.type == "paragraph_open" and after.tag in ("ul", "ol") and after.nesting == 1:
            row = _choices(tokens, at + 3)
            paragraph.attrSet("style", _BEFORE_CHOICES if row else _BEFORE_LIST)
    begun, asked = 0, False
    parts: list[str] = []
    for at in range(len(tokens)):
        row, alone = _choices(tokens, at), 0 if asked else _alone(tokens, at)
        if at < begun or not (row or alone):
            continue
        parts.append(_RENDERER.render(tokens[begun:at], _MARKDOWN.options, {}))
        begun, asked = row or alone, asked or bool(alone)
        links = [t.children or [] for t in tokens[at:begun] if t.type == "inline"]
        parts += [_boxed(_CHOICE if row else _BUTTON, link) for link in links]
        parts += [_AFTER_CHOICES] if row else []
    return "".join([*parts, _RENDERER.render(tokens[begun:], _MARKDOWN.options, {})])


def _boxed(box: str, link: Sequence[Token]) -> str:
    words = _RENDERER.renderInline(link[1:-1], _MARKDOWN.options, {})
    return box.format(href=escape(str(link[0].attrs["href"])), words=words)


def _alone(tokens: Sequence[Token], at: int) -> int:
    """Where a paragraph of the letter itself ends that is a link and nothing else, or 0."""
    token = tokens[at]
    found = token.type == "paragraph_open" and not token.level
    return at + 3 if found and _is_link(tokens[at + 1].children or []) else 0


def _choices(tokens: Sequence[Token], at: int) -> int:
    """Where a list ends of which every point is a link and nothing else, or 0."""
    if tokens[at].type != "bullet_list_open" or tokens[at].level:
        return 0
    end = at + 1
    while tokens[end].type != "bullet_list_close" or tokens[end].level:
        end += 1
    points = [t for t in tokens[at:end] if t.type == "list_item_open"]
    inside = [t.children or [] for t in tokens[at:end] if t.type == "inline"]
    return end + 1 if len(points) == len(inside) and all(map(_is_link, inside)) else 0


def _is_link(children: Sequence[Token]) -> bool:
    types = [child.type for child in children]
    return types[:1] == ["link_open"] and types.index("link_close") == len(types) - 1


def _lines(tokens: Sequence[Token]) -> tuple[Line, ...]:
    lines: list[Line] = []
    indents, bullet, close = [""], "", False
    for before, token in zip([None, *tokens], tokens, strict=False):
        match token.type:
            case "blockquote_open":
                indents.append(indents[-1] + "> ")
            case "list_item_open":
                bullet = f"{token.info}. " if token.info else "- "
                indents.append(indents[-1] + " " * len(bullet))
            case "list_item_close" | "blockquote_close":
                indents.pop()
                bullet = ""
            case "bullet_list_open" | "ordered_list_open":
                close = len(indents) > 1
            case "hr":
                lines.append(Line(first="", rest="", words="-" * 12, close=False))
            case "inline":
                rest = indents[-1]
                first = rest[: len(rest) - len(bullet)] + bullet
                words = _words(token.children or [], addresses=True)
                tight = close and before is not None and before.hidden
                lines.append(Line(first=first, rest=rest, words=words, close=tight))
                bullet, close = "", True
            case _:
                pass
    return tuple(lines)


def _words(children: Sequence[Token], *, addresses: bool) -> str:
    """The words of a paragraph; a link as ``words: address``."""
    parts: list[str] = []
    address, begun = "", 0
    for child, after in zip(children, [*children[1:], None], strict=True):
        match child.type:
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "link_open":
                address, begun = str(child.attrs["href"]), len(parts)
            case "link_close" if addresses and not _says("".join(parts[begun:]), address):
                # Brackets keep a full stop after it from becoming part of the address.
                shut = after is not None and not after.content[:1].isspace()
                parts.append(f": <{_open(address)}>" if shut else f": {_open(address)}")
            case _:
                parts.append(child.content)
    return "".join(parts)


def _says(words: str, address: str) -> bool:
    """Whether the words of a link are its address already, as with a telephone number."""
    if not address.startswith(("mailto:", "tel:")):
        return words == address
    digits = re.sub(r"\W", "", words)
    return bool(digits) and re.sub(r"\W", "", address).endswith(digits)


def _wrapped(line: Line, words: str) -> str:
    """Greedy rows of at most ``WIDTH`` columns; a word that is longer stands alone."""
    rows: list[str] = []
    for hard in words.split("\n"):
        begin = row = line.rest if rows else line.first
        for word in hard.split():
            if row != begin and len(row) + 1 + len(word) > WIDTH:
                rows.append(row)
                begin = row = line.rest
            row += word if row == begin else f" {word}"
        rows.append(row)
    return "\n".join(rows)
