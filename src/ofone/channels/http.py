"""One HTTP request, with an honest line between "surely not taken" and "nobody knows".

Built on httpcore, because three things must be known that a higher client hides: whether the whole
request was written, which address a name led to, and that an exchange ends by its deadline however
slowly the other side drips.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import httpcore
from msgspec import Struct

from ofone.conversations.templates import printable
from ofone.domain.errors import OfoneError

LONGEST_ANSWER = 256 * 1024
"""Bytes of an answer that are read; whoever says more is not listened to."""
LONGEST_WAIT_S = 24 * 3600.0

Lookup = Callable[[str, int], Iterable[str]]
"""The addresses of a host and port. Raises OSError."""


class Answer(Struct, frozen=True):
    """What the other side answered. ``headers`` have lower-case names; of several, the last."""

    status: int
    headers: dict[str, str]
    body: bytes

    def wait_s(self, now: float) -> float:
        """Seconds that Retry-After asks for (RFC 9110 §10.2.3), from ``now`` in Unix seconds.

        At most a day; 0 when it says nothing that can be understood.
        """
        said = self.headers.get("retry-after", "").strip()
        if said.isascii() and said.isdigit():
            return min(float(said[:9]), LONGEST_WAIT_S)
        try:
            until = parsedate_to_datetime(said).timestamp()
        except (ValueError, OverflowError):
            return 0.0
        return min(max(until - now, 0.0), LONGEST_WAIT_S)


class NoAnswer(Struct, frozen=True):
    """No answer, or none that is one. ``taken`` is False when the request surely was not taken."""

    taken: bool
    why: str


class Http:
    """A pool of connections to whom we send. Thread-safe. No redirects, no proxies, no cookies.

    ``timeout_s`` holds for a whole exchange, from the connection to the last byte of the answer.
    ``private``: whether addresses that are not public (loopback, home and data-centre networks,
    cloud metadata) may be spoken to; the address that was checked is the one that is used.
    ``ca``: a file of certificates that are trusted beside the system's.
    """

    def __init__(
        self,
        *,
        timeout_s: float = 20.0,
        private: bool = False,
        ca: Path | None = None,
        lookup: Lookup | None = None,
    ) -> None:
        self._timeout = timeout_s
        self._exchange = _Exchange()
        trusted = ssl.create_default_context()
        if ca:
            trusted.load_verify_locations(ca)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted,
            max_connections=32,
            keepalive_expiry=5.0,
            network_backend=_Network(self._exchange, lookup or _lookup, private=private),
        )
        self._closed = False

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer | NoAnswer:
        """One request and what came of it. Never raises for what the network does."""
        if self._closed:
            return NoAnswer(taken=False, why="closed on our side")
        fields = {"Host": urlsplit(url).netloc.rpartition("@")[2], "Accept-Encoding": "identity"}
        fields |= {"Content-Length": str(len(body)), **headers}
        with self._exchange.begin(self._timeout) as exchange:
            try:
                with self._pool.stream(
                    method,
                    url,
                    headers=[(k.encode(), v.encode("latin-1")) for k, v in fields.items()],
                    content=body,
                    extensions={"timeout": {"pool": self._timeout}},
                ) as answer:
                    return Answer(answer.status, _named(answer.headers), _whole(answer))
            except _TooLong:
                return NoAnswer(taken=True, why=f"it answered more than {LONGEST_ANSWER} bytes")
            except (httpcore.TimeoutException, TimeoutError):
                why = f"no answer within {self._timeout:g} s"
            except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
                why = printable(str(error)) or type(error).__name__
            return NoAnswer(taken=exchange.whole, why=why)

    def close(self) -> None:
        """Close what is open; may be called again."""
        self._closed = True
        self._pool.close()


class _TooLong(Exception):
    """The answer does not end."""


class _Exchange(threading.local):
    """The request this thread is making: its deadline, and whether all of it was written."""

    deadline = 0.0
    whole = False

    @contextmanager
    def begin(self, timeout_s: float) -> Any:
        self.deadline, self.whole = time.monotonic() + timeout_s, False
        yield self

    def left(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Network(httpcore.NetworkBackend):
    """Connects to addresses that may be spoken to, over streams that keep the deadline."""

    def __init__(self, exchange: _Exchange, lookup: Lookup, *, private: bool) -> None:
        self._exchange = exchange
        self._lookup = lookup
        self._private = private
        self._network = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """To the first of the host's addresses that takes us. Raises httpcore.ConnectError."""
        try:
            found = list(self._lookup(host, port))
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be found: {error}") from error
        refused = [a for a in found if not (self._private or _public(a))]
        if refused or not found:
            raise httpcore.ConnectError(
                f"{host} leads to {refused[0]}, which is not a public address"
                if refused
                else f"{host} has no address"
            )
        trouble: Exception = httpcore.ConnectError(host)
        for address in found:
            try:
                stream = self._network.connect_tcp(address, port, self._exchange.left())
                return _Stream(stream, self._exchange)
            except httpcore.NetworkError as error:
                trouble = error
        raise trouble


class _Stream(httpcore.NetworkStream):
    """A stream that ends with its exchange and knows whether the request was written whole.

    A part of a request is not acted on (RFC 9112 §8), so a write that failed means: not taken.
    """

    def __init__(self, stream: httpcore.NetworkStream, exchange: _Exchange) -> None:
        self._stream = stream
        self._exchange = exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._exchange.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:
            self._exchange.whole = False
            self._stream.write(buffer, self._exchange.left())
            self._exchange.whole = True

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._exchange.left()
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._exchange)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _whole(answer: httpcore.Response) -> bytes:
    """All of the body. Raises _TooLong."""
    body = bytearray()
    for part in answer.iter_stream():
        body += part
        if len(body) > LONGEST_ANSWER:
            raise _TooLong
    return bytes(body)


def _named(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in headers}


def _lookup(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _public(address: str) -> bool:
    """Whether an address belongs to the public internet, also when it is written inside IPv6."""
    ip = ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    # 64:ff9b::/96 leads to an IPv4 address wherever a NAT64 gateway stands.
    nat64 = ip.version == 6 and int(ip) >> 32 == 0x64FF9B << 64
    return ip.is_global and not ip.is_multicast and not nat64 and (inner is None or inner.is_global)


def settings(text: str, known: Mapping[str, str], like: str) -> tuple[SplitResult, dict[str, str]]:
    """An address of ours and the settings behind its ``?``, where ``+`` is a plus.

    ``known``: the settings there are, with what they mean. Raises OfoneError that says what would
    work, ``like`` what; secrets in the address are not repeated.
    """
    try:
        url = urlsplit(text)
        hidden = f"{url.scheme}://…@{url.hostname}" if url.password else f"{url.scheme}://…"
        _ = url.port
    except ValueError as error:
        raise OfoneError(f"cannot read the address: {error}; write {like}") from None
    said = {}
    for part in filter(None, url.query.split("&")):
        name, _, value = part.partition("=")
        if name not in known:
            words = ", ".join(f"{name} ({what})" for name, what in known.items())
            raise OfoneError(f"{hidden}: unknown setting {name!r}; settings are: {words}")
        said[name] = unquote(value)
    return url, said
