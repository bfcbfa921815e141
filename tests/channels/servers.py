"""Mail servers for tests: a real one, and one that misbehaves to the letter. Both on 127.0.0.1."""

import socket
import ssl
import threading
from asyncio import AbstractServer
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailServer(Controller):
    """Takes everything. ``taken`` are the messages, ``envelopes`` their recipients."""

    def __init__(self, tls: ssl.SSLContext | None = None, **settings: Any) -> None:
        self.taken: list[EmailMessage] = []
        self.envelopes: list[list[str]] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        settings = {"server_hostname": "localhost", "port": port, **settings}  # asks no DNS
        super().__init__(self, hostname="127.0.0.1", ssl_context=tls, **settings)

    def _create_server(self) -> Awaitable[AbstractServer]:
        return self.loop.create_server(
            self._factory_invoker, sock=self._socket, ssl=self.ssl_context
        )

    def factory(self) -> SMTP:
        self.connections += 1
        return SMTP(self, **self.SMTP_kwargs)

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.envelopes.append(envelope.rcpt_tos)
        return "250 Taken"


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, **settings: Any) -> Iterator[MailServer]:
    server = MailServer(tls, **settings)
    server.start()
    server.connections = 0  # the one that start() made
    try:
        yield server
    finally:
        server.stop()


class Rude:
    """Answers each command with a fixed line. None: closes the connection; "": says nothing.

    Commands are the first word of a line; ``CONNECT`` is the greeting, ``END`` the answer to the
    message. ``heard`` is everything that was said to it.
    """

    def __init__(self, **answers: str | None) -> None:
        self.answers: dict[str, str | None] = {
            "CONNECT": "220 hello",
            "EHLO": "250 hello",
            "DATA": "354 go on",
            "QUIT": "221 bye",
            **answers,
        }
        self.heard: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as wire:
                self._talk(wire)

    def _talk(self, wire: Any) -> None:
        command, inside = "CONNECT", False
        while True:
            answer = self.answers.get(command, "250 ok")
            if answer is None:
                return
            if answer:
                wire.write(answer.encode() + b"\r\n")
                wire.flush()
            inside = command == "DATA" and answer == "354 go on"
            while line := wire.readline():
                self.heard.append(line.decode().strip())
                if not inside or line == b".\r\n":
                    break
            else:
                return
            command = "END" if inside else line.split()[0].decode().upper()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@contextmanager
def rude(**answers: str | None) -> Iterator[Rude]:
    server = Rude(**answers)
    try:
        yield server
    finally:
        server.close()
