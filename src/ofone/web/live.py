"""Pages that stay true while they are open: a stream that says "look again", and nothing else.

One task and one small object for each open page (server-sent events, WHATWG HTML 9.2). What moved
is never in the stream: the page asks for itself again, and every rule of access is asked again.
"""

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException, TooManyRequestsException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.types import Receive, Scope, Send

from ofone.web.ports import Book

BEAT_S = 25.0
"""A word to every stream so often, so that nothing in between takes it for dead."""
EACH = 8
"""Open pages of one customer; who opens more has forgotten some, or is no customer."""
MOST = 10_000

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # proxies that gather answers would hold the news back
]
_HELLO = b"retry: 10000\n\n"
_NEWS = b"data: moved\n\n"
_BEAT = b":\n\n"


class _Stream:
    """One open page. While a word is on its way to it, another would say nothing new."""

    __slots__ = ("busy", "send", "task")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.busy = False
        self.task = asyncio.current_task()

    async def say(self, word: bytes) -> None:
        self.busy = True
        try:
            await self.send({"type": "http.response.body", "body": word, "more_body": True})
        finally:
            self.busy = False


class Streams:
    """The open pages by customer. All but ``moved`` belongs to the thread that serves them."""

    def __init__(self, *, most: int = MOST, each: int = EACH) -> None:
        self.most = most
        self.each = each
        self.open = 0
        self._by: dict[str, list[_Stream]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._saying: set[asyncio.Task[None]] = set()
        self._closed = False

    def moved(self, customers: Collection[str]) -> None:
        """These customers' pages are not as they were. From any thread; never waits."""
        looking = [c for c in customers if c in self._by]
        if looking and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, looking)

    def full(self, customer: str) -> bool:
        """Whether one more page of this customer is too many."""
        return self.open >= self.most or len(self._by.get(customer, ())) >= self.each

    async def keep(
        self,
        customer: str,
        receive: Receive,
        send: Send,
        stale: Callable[[], bool] = lambda: False,
    ) -> None:
        """Serve one page's stream until it is closed.

        ``stale`` is asked once the stream listens: whether the page was drawn before what is now.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.call_later(BEAT_S, self._beat)
        stream = _Stream(send)
        # Listening before the first word: what moves from here on is heard.
        self._by.setdefault(customer, []).append(stream)
        self.open += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await stream.say(_HELLO)
            if stale():
                await stream.say(_NEWS)
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not self._closed:
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.open -= 1
            self._by[customer].remove(stream)
            if not self._by[customer]:
                del self._by[customer]

    def close(self) -> None:
        """End every stream: a server that stops waits for all that it still answers."""
        self._closed = True
        for stream in [one for streams in self._by.values() for one in streams]:
            if stream.task is not None:
                stream.task.cancel()

    def _tell(self, customers: Collection[str]) -> None:
        for customer in customers:
            self._say(self._by.get(customer, ()), _NEWS)

    def _beat(self) -> None:
        for streams in self._by.values():
            self._say(streams, _BEAT)
        asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def _say(self, streams: Collection[_Stream], word: bytes) -> None:
        for stream in streams:
            if not stream.busy:
                task = asyncio.create_task(stream.say(word))
                self._saying.add(task)
                task.add_done_callback(self._saying.discard)


class _Live(Response[None]):
    """An answer that does not end: the stream itself."""

    def __init__(self, streams: Streams, customer: str, stale: Callable[[], bool]) -> None:
        super().__init__(None)
        self.streams = streams
        self.customer = customer
        self.stale = stale

    def to_asgi_response(self, *_: object, **__: object) -> Any:
        async def stream(scope: Scope, receive: Receive, send: Send) -> None:
            await self.streams.keep(self.customer, receive, send, self.stale)

        return stream


def live_handler(book: Book, streams: Streams) -> HTTPRouteHandler:
    """``GET /t/TOKEN/live?at=N``: a stream for who may see the tracker.

    ``at`` is the version that the page was drawn from: what moved before the stream listened, or
    while it was cut off, is said at once.
    """

    @get("/t/{token:str}/live", sync_to_thread=False)
    def live(token: FromPath[str], at: FromQuery[int] = 0) -> _Live:
        found = book.by_link(token)
        if found is None:
            raise NotFoundException("no tracker behind this link")
        if streams.full(found[0]):
            raise TooManyRequestsException("too many open pages; close some of them")

        def stale() -> bool:
            tracked = book.tracked(*found)
            return tracked is not None and bool(at) and tracked.version != at

        return _Live(streams, found[0], stale)

    return live
