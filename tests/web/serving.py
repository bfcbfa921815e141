"""Pages that a real browser can open, on a port of their own."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from litestar import Litestar


class Server(uvicorn.Server):
    """Says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def served(made: Litestar | Callable[[str], Litestar]) -> Iterator[str]:
    """The address of the pages; they may be made for it. Over when the block is."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        pages = made if isinstance(made, Litestar) else made(base)
        server = Server(uvicorn.Config(pages, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        assert server.ready.wait(20)
        try:
            yield base
        finally:
            server.should_exit = True
            thread.join(20)
