"""Streams that say "look again": who hears, who does not, and what a slow page costs."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import Any

import pytest
from litestar.testing import TestClient
from tests.web.fake import FakeBook

from ofone.web.live import Streams
from ofone.web.pages import create_app

NEWS = b"data: moved\n\n"


class Open:
    """One open page: what it was sent so far, and its end."""

    def __init__(self, streams: Streams, customer: str, *, stale: bool = False) -> None:
        self.words: asyncio.Queue[bytes] = asyncio.Queue()
        self.left = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self.task = asyncio.create_task(
            streams.keep(customer, self.receive, self.send, lambda: stale)
        )

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.reads.wait()
        self.words.put_nowait(message.get("body", b""))

    async def hello(self) -> "Open":
        assert [await self.words.get() for _ in range(2)] == [b"", b"retry: 10000\n\n"]
        return self

    async def close(self) -> None:
        self.left.set()
        await self.task


def run(story: Callable[[Streams], Awaitable[None]], streams: Streams | None = None) -> None:
    async def whole() -> None:
        await asyncio.wait_for(story(streams or Streams()), 20)

    asyncio.run(whole())


def test_a_page_hears_that_its_customer_moved_and_no_other() -> None:
    """Also from another thread: the engine commits in its own."""

    async def story(streams: Streams) -> None:
        nora, theo = await Open(streams, "nora").hello(), await Open(streams, "theo").hello()
        teller = Thread(target=streams.moved, args=(["nora", "nobody"],))
        teller.start()
        assert await nora.words.get() == NEWS
        teller.join()
        assert theo.words.empty()
        await nora.close()
        await theo.close()

    run(story)


def test_what_moved_before_the_stream_listened_is_said_at_once() -> None:
    """A page is drawn first and listens then; what comes in between must not be missed."""

    async def story(streams: Streams) -> None:
        page = await Open(streams, "nora", stale=True).hello()
        assert await page.words.get() == NEWS
        await page.close()

    run(story)


def test_a_page_that_does_not_read_is_told_once() -> None:
    """It will ask for the newest when it does; words must not pile up behind it."""

    async def story(streams: Streams) -> None:
        slow, quick = await Open(streams, "nora").hello(), await Open(streams, "nora").hello()
        slow.reads.clear()
        for _ in range(3):
            streams.moved(["nora"])
            assert await quick.words.get() == NEWS
        slow.reads.set()
        assert await slow.words.get() == NEWS
        assert slow.words.empty()
        await slow.close()
        await quick.close()

    run(story)


def test_who_leaves_is_forgotten() -> None:
    """Nothing is kept of a closed page, and telling nobody is no error."""

    async def story(streams: Streams) -> None:
        page = await Open(streams, "nora").hello()
        await page.close()
        streams.moved(["nora"])
        assert (streams.open, streams.full("nora")) == (0, False)

    run(story)


def test_a_server_that_stops_ends_its_streams() -> None:
    """It would else wait for pages that are open all day; they come back by themselves."""

    async def story(streams: Streams) -> None:
        pages = [await Open(streams, who).hello() for who in ("nora", "theo")]
        streams.close()
        await asyncio.gather(*(page.task for page in pages))
        assert (streams.open, [await page.words.get() for page in pages]) == (0, [b"", b""])

    run(story)


def test_nobody_opens_more_pages_than_a_person_would() -> None:
    """A link that was passed on cannot use up the house."""

    async def story(streams: Streams) -> None:
        pages = [await Open(streams, "nora").hello() for _ in range(2)]
        assert streams.full("nora")
        assert not streams.full("theo")
        for page in pages:
            await page.close()

    run(story, Streams(each=2))


@pytest.mark.parametrize(("token", "status"), [("token-angela", 429), ("nobody", 404)])
def test_a_stream_is_refused_in_words(token: str, status: int) -> None:
    """An unknown link opens no stream; neither does one page too many."""
    book = FakeBook()
    app = create_app(book, streams=Streams(most=0))
    with TestClient(app) as client:
        answer = client.get(f"/t/{token}/live")
    assert answer.status_code == status
    assert answer.headers["referrer-policy"] == "no-referrer"
