"""E-mail by SMTP, with an honest line between "surely not sent" and "nobody knows".

Until the message itself is on the wire, any trouble means that it was not taken: ``retry``. Once
it is, and no answer comes, it may have been taken: ``unknown``. So DATA is spoken step by step.
"""

import asyncio
import re
import socket
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal

import aiosmtplib as smtp
from msgspec import Struct

from ofone.conversations.templates import printable
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import to_datetime

Status = Literal["accepted", "failed", "retry", "unknown"]

_READY_FOR_MESSAGE = 354
_LONGEST = 300
"""Characters kept of what a server says."""
_OUR_FAULT = frozenset({530, 534, 535, 538})
"""Answers about the account or the encryption: no message is to blame, all may be tried again."""

_LOCAL = re.compile(r"[^\s\"\\,;:<>@()\[\]\x00-\x1f\x7f-\x9f]{1,64}")
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class _Mail(Struct, frozen=True, kw_only=True):
    """One message as it goes over the wire. ``unicode``: the server must know SMTPUTF8."""

    recipient: str
    body: bytes
    unicode: bool


class Smtp:
    """One mail server, over a connection that is kept. Thread-safe: one message at a time.

    ``sender`` stands in From, such as ``Harbor Life <hello@harbor.example>``. ``timeout_s`` holds
    for each step of the conversation. ``unsubscribe`` gives the address that ends these messages
    for a customer (RFC 8058, one click), or nothing. ``ca`` is a file of certificates that are
    trusted beside the system's.

    Raises OfoneError when ``sender`` is no address.
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
        unsubscribe: Callable[[Message], str] = lambda _: "",
        ca: Path | None = None,
    ) -> None:
        name, address = parseaddr(sender)
        try:
            self._sender = Address(_display(name), *_parts(address))
        except ValueError as err:
            raise OfoneError(f"the sender cannot be used: {err}") from err
        self._place = f"{host}:{port}"
        self._timeout = timeout_s
        self._username = username
        self._unsubscribe = unsubscribe
        self._lock = Lock()
        # A loop of our own that is nobody else's current one.
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._closed = False
        self._client = smtp.SMTP(
            hostname=host,
            port=port,
            use_tls=tls == "tls",
            start_tls=tls == "starttls",
            username=username or None,
            password=password if username else None,
            timeout=timeout_s,
            cert_bundle=str(ca) if ca else None,
            local_hostname=_own_name(),
        )

    def deliver(self, message: Message) -> Outcome:
        """Hand one message to the server; the outcome's detail names the server and what it said.

        ``failed`` on a 5xx answer about this message; ``retry`` on trouble before the message was
        sent and on 4xx; ``unknown`` when the answer to a sent message is lost.
        """
        leave = self._unsubscribe(message) if message.to_kind == "customer" else ""
        try:
            mail = _wire(write(message, self._sender, leave))
        except ValueError as err:
            return Outcome(status="failed", detail=str(err))
        with self._lock:
            if self._closed:
                return Outcome(status="retry", detail=f"{self._place}: closed on our side")
            return self._runner.run(self._converse(mail))

    def close(self) -> None:
        """Say goodbye to the server; may be called again."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._runner.run(self._leave())
                self._runner.close()

    async def _converse(self, mail: _Mail) -> Outcome:
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
            if mail.unicode and client.is_ehlo_or_helo_needed:
                await client.ehlo()
            if mail.unicode and not client.supports_extension("smtputf8"):
                return self._says("failed", f"cannot carry the address {mail.recipient}")
            encoding, options = ("utf-8", ["SMTPUTF8"]) if mail.unicode else ("ascii", [])
            await client.mail(self._sender.addr_spec, options=options, encoding=encoding)
            await client.rcpt(mail.recipient, encoding=encoding)
            answer = await client.execute_command(b"DATA")
        except (smtp.SMTPException, OSError, ValueError) as err:  # ValueError: a host like "a..b"
            return self._trouble(err)
        if answer.code != _READY_FOR_MESSAGE:
            return self._refused(answer.code, answer.message, otherwise="retry")
        return None

    async def _connect(self) -> None:
        """A kept connection may have grown old: it has to answer before it is used."""
        if self._client.is_connected:
            try:
                await self._client.rset()
            except (smtp.SMTPException, OSError):
                self._client.close()
        if not self._client.is_connected:
            await self._client.connect()

    async def _send(self, mail: _Mail) -> Outcome:
        """The message itself, and the server's answer to it."""
        try:
            if (protocol := self._client.protocol) is None:
                raise smtp.SMTPServerDisconnected("connection lost")
            protocol.write(mail.body)
            answer = await protocol.read_response(timeout=self._timeout)
        except (smtp.SMTPException, OSError) as err:
            what = err.message if isinstance(err, smtp.SMTPException) else err
            return self._says("unknown", f"sent, but no answer came: {what}")
        if answer.code // 100 == 2:
            return self._says("accepted", f"{answer.code} {answer.message}")
        return self._refused(answer.code, answer.message, otherwise="unknown")

    async def _leave(self) -> None:
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


def write(message: Message, sender: Address, leave: str = "") -> EmailMessage:
    """The mail of a message; ``leave`` is the address that ends such mails, where there is one.

    Message-ID is the same for the same key, and nothing of the key can be read from it. Raises
    ValueError when the message's address is none.
    """
    to = Address(_display(message.name), *_parts(message.address))
    ascii_only = f"{sender.addr_spec}{to.addr_spec}".isascii()
    mail = EmailMessage(policy=SMTP if ascii_only else SMTPUTF8)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = printable(message.subject)
    mail["Date"] = format_datetime(to_datetime(message.at))
    mail["Message-ID"] = _identity(message.key, sender)
    if message.thread:
        mail["References"] = _identity(f"thread {message.thread}", sender)
    mail["Auto-Submitted"] = "auto-generated"
    if leave:
        mail["List-Unsubscribe"] = f"<{printable(leave)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail


def _wire(mail: EmailMessage) -> _Mail:
    """The mail as RFC 5321 has it: a dot before a dot that begins a line, and a dot alone."""
    body = re.sub(rb"(?m)^\.", b"..", mail.as_bytes()).removesuffix(b"\r\n") + b"\r\n.\r\n"
    (to,) = mail["To"].addresses
    return _Mail(recipient=to.addr_spec, body=body, unicode=mail.policy is SMTPUTF8)


def _identity(key: str, sender: Address) -> str:
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{sender.domain}>"


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
