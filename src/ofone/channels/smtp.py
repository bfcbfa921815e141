"""E-mail by SMTP, with an honest line between "surely not sent" and "nobody knows".

Until the message itself is on the wire, any trouble means that it was not taken: ``retry``. Once
it is, and no answer comes, it may have been taken: ``unknown``. So DATA is spoken step by step.

What a customer's mail program needs stands in the headers: the way out with one click (RFC 2369,
8058), which mails are one conversation, and that no person wrote it (RFC 3834).
"""

import asyncio
import re
import socket
from binascii import b2a_qp
from collections.abc import Sequence
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal
from urllib.parse import quote

import aiosmtplib as smtp
from msgspec import Struct

from ofone.conversations.templates import printable
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import to_datetime

Status = Literal["accepted", "failed", "retry", "unknown"]

_READY_FOR_MESSAGE = 354
CONNECTIONS = 4
"""At most, to one server; more is what servers take for an attack."""
_LONGEST = 300
"""Characters kept of what a server says."""
_OUR_FAULT = frozenset({530, 534, 535, 538})
"""Answers about the account or the encryption: no message is to blame, all may be tried again."""

_ROW = 76
"""Characters of a line, less the colon and the blank after a header's name."""
_IN_ADDRESS = ":/?#[]@!$&'()*+,;=%-._~"
_LOCAL = re.compile(r"[^\s\"\\,;:<>@()\[\]\x00-\x1f\x7f-\x9f]{1,64}")
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class _Mail(Struct, frozen=True, kw_only=True):
    """One message as it goes over the wire. ``unicode``: the server must know SMTPUTF8.

    ``envelope``: what a server that knows DSN (RFC 3461) writes into a bounce.
    """

    recipient: str
    envelope: str
    body: bytes
    unicode: bool


class Smtp:
    """One mail server, over ``connections`` at most, which are kept. Thread-safe.

    ``sender`` stands in From, such as ``Harbor Life <hello@harbor.example>``; ``reply_to``, where
    given, is where answers go instead. ``timeout_s`` holds for each step of the conversation.
    ``ca`` is a file of certificates that are trusted beside the system's.

    Raises OfoneError when ``sender`` or ``reply_to`` is no address.
    """

    name = "email"
    idempotent = False

    def __init__(
        self,
        host: str,
        port: int = 587,
        *,
        tls: Literal["none", "starttls", "tls"] = "starttls",
        username: str = "",
        password: str = "",
        sender: str,
        timeout_s: float = 30.0,
        ca: Path | None = None,
        reply_to: str = "",
        connections: int = CONNECTIONS,
    ) -> None:
        self._sender = _own_address(sender, "sender")
        self._reply_to = _own_address(reply_to, "address for replies") if reply_to else None
        self._lock = Lock()
        # A loop of our own that is nobody else's current one.
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._closed = False
        self._place = f"{host}:{port}"
        self._lines = [
            _Line(
                smtp.SMTP(
                    hostname=host,
                    port=port,
                    use_tls=tls == "tls",
                    start_tls=tls == "starttls",
                    username=username or None,
                    password=password if username else None,
                    timeout=timeout_s,
                    cert_bundle=str(ca) if ca else None,
                    local_hostname=_own_name(),
                ),
                self._place,
                self._sender,
                username,
                timeout_s,
            )
            for _ in range(connections)
        ]

    def deliver(self, message: Message) -> Outcome:
        """Hand one message to the server; the outcome's detail names the server and what it said.

        ``failed`` on a 5xx answer about this message; ``retry`` on trouble before the message was
        sent and on 4xx; ``unknown`` when the answer to a sent message is lost.
        """
        return self.deliver_all([message])[0]

    def deliver_all(self, messages: Sequence[Message]) -> list[Outcome]:
        """Hand over many, each as ``deliver`` does, over several connections at once."""
        with self._lock:
            if self._closed:
                closed = Outcome(status="retry", detail=f"{self._place}: closed on our side")
                return [closed] * len(messages)
            return self._runner.run(self._share(messages))

    def close(self) -> None:
        """Say goodbye to the server; may be called again."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._runner.run(self._leave())
                self._runner.close()

    async def _share(self, messages: Sequence[Message]) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        todo = iter(enumerate(messages))  # each takes the next one when it is done with its last

        async def work(line: _Line) -> None:
            line.rested = True
            for n, message in todo:
                try:
                    mail = _written(message, self._sender, self._reply_to)
                except ValueError as err:
                    outcomes[n] = Outcome(status="failed", detail=str(err))
                else:
                    outcomes[n] = await line.converse(mail)

        async with asyncio.TaskGroup() as working:  # none goes on alone when another one fails
            for line in self._lines[: len(messages)]:
                working.create_task(work(line))
        return [outcomes[n] for n in range(len(messages))]

    async def _leave(self) -> None:
        await asyncio.gather(*(line.leave() for line in self._lines))


class _Line:
    """One connection to the server, and what is said over it, one message after the other."""

    def __init__(
        self, client: smtp.SMTP, place: str, sender: Address, username: str, timeout_s: float
    ) -> None:
        self._client = client
        self._place = place
        self._sender = sender
        self._username = username
        self._timeout = timeout_s
        self.rested = True
        """Whether a while may have passed since it was used."""

    async def converse(self, mail: _Mail) -> Outcome:
        outcome: Outcome | None = None
        try:
            outcome = await self._prepare(mail) or await self._send(mail)
        finally:
            # After anything but success, an interruption included, nobody knows what the server
            # waits for: the next message begins with a connection of its own.
            if outcome is None or outcome.status != "accepted":
                self._client.close()
                await _turns()
        return outcome

    async def _prepare(self, mail: _Mail) -> Outcome | None:
        """Everything before the message itself; None when the server waits for it."""
        client = self._client
        try:
            await self._connect()
            if client.is_ehlo_or_helo_needed:
                await self._greet()
            if mail.unicode and not client.supports_extension("smtputf8"):
                return self._says("failed", f"cannot carry the address {mail.recipient}")
            encoding, options = ("utf-8", ["SMTPUTF8"]) if mail.unicode else ("ascii", [])
            if client.supports_extension("dsn"):
                options = [*options, "RET=HDRS", f"ENVID={mail.envelope}"]
            await client.mail(self._sender.addr_spec, options=options, encoding=encoding)
            await client.rcpt(mail.recipient, encoding=encoding)
            answer = await client.execute_command(b"DATA")
        except (smtp.SMTPException, OSError, ValueError) as err:  # ValueError: a host like "a..b"
            return self._trouble(err)
        if answer.code != _READY_FOR_MESSAGE:
            return self._refused(answer.code, answer.message, otherwise="retry")
        return None

    async def _greet(self) -> None:
        try:
            await self._client.ehlo()
        except smtp.SMTPHeloError:
            await self._client.helo()  # an old server; it knows no extensions

    async def _connect(self) -> None:
        """A kept connection may have grown old: it has to answer before it is used."""
        if self._client.is_connected and self.rested:
            try:
                await self._client.rset()
            except (smtp.SMTPException, OSError):
                self._client.close()
        if not self._client.is_connected:
            await self._client.connect()
        self.rested = False

    async def _send(self, mail: _Mail) -> Outcome:
        """The message itself, and the server's answer to it."""
        try:
            if (protocol := self._client.protocol) is None:
                raise smtp.SMTPServerDisconnected("connection lost")
            protocol.write(_on_the_wire(mail.body))
            answer = await protocol.read_response(timeout=self._timeout)
        except (smtp.SMTPException, OSError) as err:
            what = err.message if isinstance(err, smtp.SMTPException) else err
            return self._says("unknown", f"sent, but no answer came: {what}")
        if answer.code // 100 == 2:
            return self._says("accepted", f"{answer.code} {answer.message}")
        return self._refused(answer.code, answer.message, otherwise="unknown")

    async def leave(self) -> None:
        try:
            if self._client.is_connected:
                await self._client.quit()
        except (smtp.SMTPException, OSError):
            pass  # goodbye is a courtesy
        finally:
            self._client.close()
            await _turns()

    def _refused(self, code: int, words: str, *, otherwise: Status) -> Outcome:
        """What a refusal means; ``otherwise``: for an answer that is none."""
        said = f"{code} {words}"
        if code in _OUR_FAULT:
            return self._says("retry", f"{said}; check tls, username and password")
        means: dict[int, Status] = {4: "retry", 5: "failed"}
        return self._says(means.get(code // 100, otherwise), said)

    def _trouble(self, err: Exception) -> Outcome:
        """What went wrong before the message was sent; only its sender or recipient can fail it."""
        match err:
            case smtp.SMTPSenderRefused() | smtp.SMTPRecipientRefused():
                return self._refused(err.code, err.message, otherwise="retry")
            case smtp.SMTPAuthenticationError():
                what = f"{err.code} {err.message}; check username {self._username!r} and password"
            case smtp.SMTPResponseException():
                what = f"{err.code} {err.message}; try again, or ask who runs the server"
            case TimeoutError():
                what = f"no answer within {self._timeout:g} s; check host, port and tls"
            case smtp.SMTPServerDisconnected():
                what = f"{err}; check port and tls"
            case _:
                what = f"{err}; check host, port, tls (none, starttls, tls), username and password"
        return self._says("retry", what)

    def _says(self, status: Status, words: str) -> Outcome:
        return Outcome(status=status, detail=printable(f"{self._place}: {words}")[:_LONGEST])


def write(message: Message, sender: Address, reply_to: Address | None = None) -> bytes:
    """The mail of a message, lines ending in CRLF.

    Message-ID is the same for the same key, and nothing of the key can be read from it. Raises
    ValueError when the message's address is none.
    """
    return _written(message, sender, reply_to).body


def _written(message: Message, sender: Address, reply_to: Address | None) -> _Mail:
    """Written by hand where nothing can go wrong: the library takes five times as long for it."""
    to = Address(_display(message.name), *_parts(message.address))
    unicode = not f"{sender.addr_spec}{to.addr_spec}".isascii()
    identity = _identity(message.reference, message.key, sender)
    head = [_header("From", str(sender), unicode), _header("To", str(to), unicode)]
    if reply_to is not None:
        head.append(_header("Reply-To", str(reply_to), unicode))
    head.append(_header("Subject", printable(message.subject), unicode))
    head.append(f"Date: {format_datetime(to_datetime(message.at))}\r\nMessage-ID: {identity}\r\n")
    if message.thread:
        # The first of a thread refers to the thread itself, so that all of them have one ancestor.
        thread = _identity(message.thread, "", sender)
        head.append(f"In-Reply-To: {thread}\r\nReferences: {thread}\r\n")
    head.append("Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n")
    if message.leave:
        head.append(_way_out(message.leave, (reply_to or sender).addr_spec))
    head.append("MIME-Version: 1.0\r\n")
    parts = [_part("text/plain", message.text)]
    parts += [_part("text/html", message.html)] if message.html else []
    if message.appointment is None:
        body = _several("alternative", parts, "a")
    else:
        from ofone.conversations.calendar import invitation  # the library takes a while to load

        method, entry = invitation(message.appointment, reply_to or sender, to)
        words = entry.decode()
        parts.append(_part("text/calendar", words, f'; method="{method}"'))
        disposition = 'Content-Disposition: attachment; filename="invite.ics"\r\n'
        attached = _part("application/ics", words, '; name="invite.ics"', disposition)
        body = _several("mixed", [_several("alternative", parts, "a"), attached], "m")
    return _Mail(
        recipient=to.addr_spec,
        envelope=identity.strip("<>").partition("@")[0],
        body="".join(head).encode() + body,
        unicode=unicode,
    )


@lru_cache(maxsize=1024)
def _header(name: str, value: str, unicode: bool) -> str:
    """A header as it is where it fits into one plain line; else as the library folds it."""
    if value.isascii() and len(name) + len(value) < _ROW and "=?" not in value:
        return f"{name}: {value}\r\n"
    policy = SMTPUTF8 if unicode else SMTP
    return str(policy.header_factory(name, value).fold(policy=policy))


def _way_out(leave: str, post: str) -> str:
    """Never folded inside an address: some programs do not put it together again."""
    address = quote(printable(leave), safe=_IN_ADDRESS)
    token = quote(leave.rpartition("/")[2])
    mailto = f"mailto:{quote(post, safe='@+')}?subject=unsubscribe%20{token}"
    offered = f"List-Unsubscribe: <{address}>,\r\n <{mailto}>\r\n"
    if address.startswith("https://"):
        offered += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    return offered


def _several(how: str, parts: Sequence[bytes], name: str) -> bytes:
    # "=_" never stands in quoted-printable text, so no part can end early.
    between = f"=_{name}".encode()
    head = f'Content-Type: multipart/{how}; boundary="=_{name}"\r\n\r\n'.encode()
    whole = [b"--" + between + b"\r\n" + part + b"\r\n" for part in parts]
    return head + b"".join(whole) + b"--" + between + b"--\r\n"


def _part(kind: str, text: str, parameters: str = "", more: str = "") -> bytes:
    head = f'Content-Type: {kind}; charset="utf-8"{parameters}\r\n{more}'
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    body = b2a_qp(lines.encode("utf-8", "replace"), istext=True)
    encoding = "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    return f"{head}{encoding}".encode() + body.replace(b"\n", b"\r\n")


def _on_the_wire(body: bytes) -> bytes:
    """As RFC 5321 has it: a dot before a dot that begins a line, and a dot alone at the end."""
    return body.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _identity(reference: str, key: str, sender: Address) -> str:
    """``reference`` where there is one: it is recognised when an answer or a bounce names it."""
    return f"<{reference or sha256(key.encode()).hexdigest()[:32]}@{sender.domain}>"


def _own_address(text: str, what: str) -> Address:
    name, address = parseaddr(text)
    try:
        return Address(_display(name), *_parts(address))
    except ValueError as err:
        raise OfoneError(f"the {what} cannot be used: {err}") from err


def _parts(address: str) -> tuple[str, str]:
    """Local part and domain, the domain as DNS knows it. Raises ValueError."""
    local, at, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain):
        raise ValueError(f"{address!r} is no e-mail address; one looks like name@example.org")
    return local, ascii_domain


def _display(name: str) -> str:
    """A name that needs no quotes: no address can hide in it, and no folding can unquote it."""
    return " ".join(re.sub(r"[\"\\,;:<>@()\[\]]", " ", printable(name)).split())


def _own_name() -> str:
    """How we greet: our full name, or, as RFC 5321 has it, an address when there is none."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


async def _turns() -> None:
    """Let the loop close what was let go of: it does so on its next turns, and might have none."""
    for _ in range(3):
        await asyncio.sleep(0)
