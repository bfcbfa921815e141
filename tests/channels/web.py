"""HTTP servers for tests: a real one that says what it is told, and one that breaks the rules."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct


class Asked(Struct, frozen=True, kw_only=True):
    """One request as it came in. ``headers`` have lower-case names."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Says(Struct, frozen=True):
    """What is answered. ``headers`` come beside Content-Length."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}


class WebServer(ThreadingHTTPServer):
    """Answers with what ``answer`` makes of a request. ``asked`` are the requests so far."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, answer: Callable[[Asked], Says]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement
    server: WebServer

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(method=self.command, path=self.path, headers=headers, body=body)
        self.server.asked.append(asked)
        says = self.server.answer(asked)
        self.send_response(says.status)
        for name, value in {"Content-Type": "application/json", **says.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(says.body)))
        self.end_headers()
        self.wfile.write(says.body)

    do_GET = do_POST = _answer  # noqa: N815 - the names are http.server's

    def log_message(self, *_: Any) -> None:
        """Nothing: a test's output is its own."""


@contextmanager
def web_server(answer: Callable[[Asked], Says] = lambda _: Says()) -> Iterator[WebServer]:
    server = WebServer(answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class Liar:
    """Reads one whole request a connection, says these bytes, and hangs up.

    ``holds``: it stays on the line instead, saying nothing more. ``drips``: it repeats the bytes
    for as long as somebody listens. ``deaf``: it hangs up without reading.
    """

    def __init__(
        self, says: bytes, *, holds: bool = False, drips: bool = False, deaf: bool = False
    ) -> None:
        self.says, self.holds, self.drips, self.deaf = says, holds, drips, deaf
        self.heard = 0
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as wire:
                try:
                    self._talk(wire)
                except OSError:
                    continue

    def _talk(self, wire: Any) -> None:
        if self.deaf:
            return
        length = 0
        while (head := wire.readline()) not in (b"\r\n", b""):
            if head.lower().startswith(b"content-length:"):
                length = int(head.partition(b":")[2])
        wire.read(length)
        self.heard += 1
        wire.write(self.says)
        wire.flush()
        while self.drips and not self._over.wait(0.01):
            wire.write(self.says[-1:])
            wire.flush()
        if self.holds:
            self._over.wait(10)

    def close(self) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@contextmanager
def liar(says: bytes = b"", **how: bool) -> Iterator[Liar]:
    server = Liar(says, **how)
    try:
        yield server
    finally:
        server.close()


CHUNKS = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
LIES = {
    "hangs up": b"",
    "half a header": b"HTTP/1.1 20",
    "no HTTP": b"220 hello, this is a mail server\r\n\r\n",
    "half a body": b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{",
    "garbage in chunks": CHUNKS + b"zz\r\n{}\r\n",
    "chunks without an end": CHUNKS + b"5\r\n{",
    "a header that is none": b"HTTP/1.1 201 Created\r\nno colon\r\n\r\n{}",
}
"""Answers that are none, each ending with a closed connection."""


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
