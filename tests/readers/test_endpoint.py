"""The optional second opinion, against a server of our own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ofone.readers.endpoint import EndpointReader

pytest.importorskip("openai")


@contextmanager
def endpoint(answer: str, status: int = 200) -> Iterator[tuple[EndpointReader, list[Any]]]:
    """A reader on a server that always gives this answer, and the requests that it got."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": answer}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"}
            raw = json.dumps(body | {"choices": [choice]}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield EndpointReader(base_url=url, model="m", api_key="k", timeout_s=5), asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def said(strength: float, *quotes: str) -> str:
    return json.dumps(
        {"needs": [{"need": "reassurance", "strength": strength, "quotes": list(quotes)}]}
    )


def test_an_opinion_is_evidence_with_its_quotes() -> None:
    """Strength becomes score and weight; a quote becomes a place in the text."""
    with endpoint(said(0.8, "worried")) as (reader, asked):
        found = reader.read(["I am worried.\n> You are calm."])[0].evidence["reassurance"]
    assert found.score == pytest.approx(1.2)
    assert found.spans == ((5, 12),)
    assert asked[0]["temperature"] == 0
    assert asked[0]["messages"][1]["content"] == "I am worried."


@pytest.mark.parametrize("answer", [said(0.9, "terrified"), said(0.2, "worried"), '{"needs": []}'])
def test_what_is_weak_or_made_up_does_not_count(answer: str) -> None:
    """A quote that is not in the text is no evidence."""
    with endpoint(answer) as (reader, _):
        assert reader.read(["I am worried."])[0].abstained


@pytest.mark.parametrize(
    ("answer", "status"), [("no json", 200), ('{"needs": 5}', 200), ("{}", 500), ("{}", 401)]
)
def test_an_endpoint_that_fails_gives_no_opinion_and_is_asked_once(
    answer: str, status: int
) -> None:
    """Nothing is retried, nothing raises: the local reading stands anyway."""
    with endpoint(answer, status) as (reader, asked):
        found = reader.read(["I am worried."])[0]
    assert found.abstained
    assert "no opinion" in found.note
    assert len(asked) == 1


def test_an_empty_text_is_never_sent() -> None:
    """Nothing to read, nothing to pay."""
    with endpoint(said(1, "x")) as (reader, asked):
        assert reader.read(["", "> quoted", "\x00"])[0].abstained
    assert asked == []
