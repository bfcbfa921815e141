"""What comes back by e-mail: bounces, complaints, automatic answers, and people's own words.

Everything here is written by strangers. ``read`` is total: whatever the bytes are, it says what
they are or why they are nothing that we can use. What a mail is about is said by tokens of ours
(``Links.letter``, ``Links.thread``) in its headers or in the mail it returns; nobody can make one
up, so a forged bounce for somebody else's mail is about nothing.

Formats: delivery status notifications (RFC 3464) and the usual other bounces (Exim, qmail,
Exchange), feedback reports (RFC 5965), automatic answers (RFC 3834).
"""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.utils import parsedate_to_datetime
from hashlib import sha256
from html import unescape

from msgspec import Struct

from ofone.conversations.templates import printable
from ofone.domain.times import Micros, to_micros

LONGEST = 2_000_000
"""Bytes of a mail that are looked at: words come first, pictures after them."""
LONGEST_TEXT = 20_000
_PARTS = 64
_DETAIL = 300

_CODE = r"([A-Za-z0-9_-]{22})"
_NAMED = re.compile(rf"<{_CODE}@[^<>\s]+>")
_RETURNED = re.compile(
    rb"(?im)^[> \t]*(?:message-id:\s*<|original-envelope-id:\s*)" + _CODE.encode()
)
_LEAVES = re.compile(rf"\s*unsubscribe\s+{_CODE}\s*", re.IGNORECASE)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])(?![.\d])")
_NOBODY = re.compile(
    r"(?:user|recipient|mailbox|address|account)[^.\n]{0,40}(?:unknown|not found|disabled|invalid"
    r"|does(?: not|n't) exist)"
    r"|(?:unknown|no such|invalid) (?:user|recipient|mailbox|address|account)"
    r"|unbekannter (?:empfänger|benutzer)|does(?: not|n't) have an? .{0,40}account",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|deliver\w*(?: status)? (?:notification|failure|problem|has failed)|delivery failed"
    r"|failure notice|returned (?:mail|to sender)|mail delivery|could not be delivered|unzustellbar"
    r"|non remis|no se pudo entregar",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"mailer[-_]?daemon|postmaster|mail delivery (?:sub)?system", re.IGNORECASE)
_AWAY = re.compile(
    r"\s*(?:auto(?:matic)?[- :]?(?:reply|response|antwort)|automatische antwort"
    r"|out of (?:the )?office|abwesen|réponse automatique|respuesta automática|absence du bureau"
    r"|fuera de la oficina)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,10})\b[^<>]{0,1000}>|<[!?][^<>]{0,1000}>")
_GOOD_FOR_LATER = frozenset({("2", "2"), ("2", "3"), ("3", "1"), ("3", "4")})
"""Mailbox full, mail too large, system full: not the address's fault, also with a 5 before it."""


class _About(Struct, frozen=True, kw_only=True):
    """``about``: tokens that may say which mail or thread it is about, the nearest first."""

    about: tuple[str, ...]


class Bounced(_About, frozen=True, kw_only=True):
    """A mail did not arrive. ``hard``: no mail to this address ever will. ``status``: RFC 3463."""

    hard: bool
    status: str
    detail: str


class Arrived(_About, frozen=True, kw_only=True):
    """A server says that the mail is where the customer reads it."""


class Complained(_About, frozen=True, kw_only=True):
    """The customer told their provider that the mail is unwanted; ``kind`` as RFC 5965 has it."""

    kind: str


class AutoReplied(_About, frozen=True, kw_only=True):
    """A machine answered. ``id`` is the same for the same mail."""

    id: str


class Replied(_About, frozen=True, kw_only=True):
    """A person answered. ``text`` is all of it, with what it quotes; ``at`` as the mail says."""

    id: str
    text: str
    at: Micros | None


class Left(Struct, frozen=True, kw_only=True):
    """Somebody uses the way out by writing to it; ``token`` is that of ``Links.leave``."""

    token: str


class Unread(Struct, frozen=True, kw_only=True):
    """Nothing that we can use, and why."""

    reason: str


News = Bounced | Arrived | Complained | AutoReplied | Replied | Left | Unread


def read(raw: bytes) -> News:
    """What a mail is, as it came over the wire; its first ``LONGEST`` bytes are looked at."""
    if not raw.strip():
        return Unread(reason="it is empty; send the whole mail, with its headers")
    if raw[:LONGEST].lower().count(b"boundary=") > _PARTS:
        return Unread(reason=f"more than {_PARTS} parts inside parts; nobody writes such mails")
    raw = re.sub(rb"\AFrom [^\n]*\n", b"", raw[:LONGEST])  # the line that mbox puts in front
    try:
        return _read(message_from_bytes(raw), raw)
    except (
        RecursionError,
        MessageError,
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
    ) as error:
        # The library's parser of headers fails on some that break its rules.
        return Unread(reason=f"it cannot be read as a mail: {printable(repr(error))[:_DETAIL]}")


def _read(mail: Mail, raw: bytes) -> News:
    parts = list(_parts(mail))
    subject, sender = _header(mail, "Subject"), _header(mail, "From")
    kinds = {part.get_content_type(): part for part in reversed(parts)}
    returned = tuple(dict.fromkeys(t.decode() for t in _RETURNED.findall(raw)))[:20]
    if "message/feedback-report" in kinds:
        report = _said(kinds["message/feedback-report"])
        kind = re.search(r"(?im)^feedback-type:\s*([\w-]{1,40})", report)
        return Complained(about=returned, kind=kind[1].lower() if kind else "abuse")
    if "message/delivery-status" in kinds:
        return _bounced(returned, _said(kinds["message/delivery-status"]))
    nobody = _header(mail, "Return-Path").strip() == "<>" or _DAEMON.search(sender)
    if mail["X-Failed-Recipients"] or (nobody and _BOUNCE_SUBJECT.search(subject)):
        return _bounced(returned, _words(parts))
    about = _named(mail)
    if not mail.keys():
        return Unread(reason="it has no headers; send the whole mail as it came")
    identity = _header(mail, "Message-ID").strip()
    words = _words(parts)
    told = f"{identity}\0{words}" if identity else raw.decode("latin-1")
    name = f"mail:{sha256(told.encode('utf-8', 'replace')).hexdigest()[:32]}"
    if _by_machine(mail, subject, kinds.keys()):
        return AutoReplied(about=about, id=name)
    if leaves := _LEAVES.fullmatch(subject):
        return Left(token=leaves[1])
    return Replied(about=about, id=name, text=words, at=_date(mail))


def _parts(mail: Mail) -> Iterator[Mail]:
    """The parts from the outside in; what a report returns is looked at as text alone."""
    waiting, found = [mail], 0
    while waiting and found < _PARTS:
        part = waiting.pop(0)
        found += 1
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting = [*(p for p in part.get_payload() if isinstance(p, Mail)), *waiting]


def _bounced(about: tuple[str, ...], report: str) -> Bounced | Arrived:
    action = re.search(r"(?im)^action:\s*(\w+)", report)
    said = action[1].lower() if action else "failed"
    if said in ("delivered", "relayed", "expanded"):
        return Arrived(about=about)
    field = re.search(r"(?im)^status:\s*(\S+)", report)
    code = _STATUS.search(field[1] if field else report) or _STATUS.search(report)
    plain = _REPLY_CODE.search(report)
    unknown = _NOBODY.search(report)
    status = code[0] if code else f"{plain[1]}.0.0" if plain else "5.1.1" if unknown else "4.0.0"
    kind, subject, detail = status.split(".")
    ours = subject in ("6", "7") or (subject, detail) in _GOOD_FOR_LATER
    why = re.search(r"(?im)^diagnostic-code:\s*(.+(?:\n[ \t].+)*)", report)
    nobody = f": {unknown[0]}" if unknown else ""
    return Bounced(
        about=about,
        hard=said == "failed" and kind == "5" and not ours,
        status=status,
        detail=printable(why[1] if why else f"{status}{nobody}")[:_DETAIL],
    )


def _by_machine(mail: Mail, subject: str, kinds: Iterable[str]) -> bool:
    """RFC 3834, and what is used beside it; answers of calendars and receipts are machines' too."""
    submitted = _header(mail, "Auto-Submitted").strip().lower()
    precedence = _header(mail, "Precedence").strip().lower()
    return (
        (bool(submitted) and submitted.partition(";")[0].strip() != "no")
        or any(mail[name] for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply"))
        or precedence in ("auto_reply", "bulk", "junk", "list")
        or _AWAY.match(subject) is not None
        or not {"text/calendar", "message/disposition-notification"}.isdisjoint(kinds)
    )


def _named(mail: Mail) -> tuple[str, ...]:
    """The tokens of the mails that this one answers, the nearest first."""
    near = _NAMED.findall(_header(mail, "In-Reply-To"))
    far = _NAMED.findall(_header(mail, "References"))
    return tuple(dict.fromkeys([*near, *reversed(far)]))[:20]


def _header(mail: Mail, name: str) -> str:
    value = str(mail.get(name, ""))[:4_000]
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, LookupError, ValueError):
        return value  # an encoding that nobody knows: as it stands


def _date(mail: Mail) -> Micros | None:
    try:
        return to_micros(parsedate_to_datetime(_header(mail, "Date")))
    except (TypeError, ValueError, OverflowError):
        return None


def _words(parts: list[Mail]) -> str:
    """The text of the first part that has one; of HTML, its words."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                text = _said(part)
                if kind == "text/html":
                    text = _without_markup(text)
                if text.strip():
                    return text[:LONGEST_TEXT]
    return ""


def _said(part: Mail) -> str:
    """A part's text in whatever it is written; reports may hold blocks of headers."""
    payload = part.get_payload()
    if isinstance(payload, list):
        blocks = (block.items() for block in payload[:_PARTS] if isinstance(block, Mail))
        return "\n".join(f"{name}: {value}" for block in blocks for name, value in block)
    body = part.get_payload(decode=True)
    raw = body if isinstance(body, bytes) else str(payload).encode("utf-8", "replace")
    try:
        text = raw.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        text = raw.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\0", "")


def _without_markup(html: str) -> str:
    """The words of HTML. By hand: the library's parser takes seconds for some that are hostile."""
    first, *pieces = html[: 10 * LONGEST_TEXT].split("<!--")
    said = "".join([first, *(piece.partition("-->")[2] for piece in pieces)])
    found: list[str] = []
    hidden, at = "", 0
    for tag in _TAG.finditer(said):
        found.append("" if hidden else unescape(said[at : tag.start()]))
        at, ends, name = tag.end(), tag[1], (tag[2] or "").lower()
        if name in ("script", "style", "head"):
            hidden = name if not ends else "" if name == hidden else hidden
        elif name == "blockquote" and not ends:
            found.append("\n> ")
        elif name in ("p", "div", "br", "li", "tr", "h1", "h2", "h3") and not (
            ends and name != "p"
        ):
            found.append("\n")
    found.append("" if hidden else unescape(said[at:]))
    return re.sub(r"\n{3,}", "\n\n", "".join(found)).strip()
