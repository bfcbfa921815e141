"""The intake answers once an event is durable, and says what it could not take."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from tests.channels.mails import mail

from ofone.app import App, opened, replay_dead
from ofone.app.book import AppBook, AppDesk
from ofone.app.server import intake_handler, listening, mail_handler
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened
from ofone.journeys.load import bundled
from ofone.needs.evidence import BASELINE
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_event
from ofone.runtime.intake import Intake
from ofone.web.pages import create_app

EVENT = (
    '{"id":"1","customer":"kim","name":"A_SUBMITTED","time":"2026-01-05T10:00:00Z",'
    '"properties":{"case":"L-1"}}'
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with opened(tmp_path, [bundled("loan")], clock=VirtualClock()) as app:
        yield app


@pytest.fixture
def client(app: App) -> Iterator[TestClient[Any]]:
    intake = Intake(app.engine)
    pages = create_app(AppBook(app, live=False), more=[intake_handler(intake)])
    with TestClient(pages) as client:
        yield client
    intake.close()


def test_an_event_is_there_once_it_is_acknowledged(client: TestClient[Any], app: App) -> None:
    """The answer comes after the commit, so the next read sees it."""
    answer = client.post("/v1/events", content=EVENT)
    assert answer.json() == {"accepted": 1, "duplicates": 0, "kept_as_dead_letters": []}
    assert app.engine.get("kim", min_version=1) is not None


def test_a_repeat_is_acknowledged_and_changes_nothing(client: TestClient[Any], app: App) -> None:
    """At-least-once senders are safe."""
    client.post("/v1/events", content=EVENT)
    before = app.store.load("kim")
    assert client.post("/v1/events", content=EVENT).json()["duplicates"] == 1
    assert app.store.load("kim") == before


@pytest.mark.parametrize("body", [f"[{EVENT}]", f"{EVENT}\n{EVENT}", f"[{EVENT}, {EVENT}]"])
def test_lists_and_lines_are_taken_alike(client: TestClient[Any], body: str) -> None:
    """One event, a JSON list, or a line each."""
    assert client.post("/v1/events", content=body).json()["accepted"] == 1


def test_what_is_no_event_is_kept_and_said(client: TestClient[Any], app: App) -> None:
    """The good ones are taken, the bad one is a dead letter with its reason."""
    bad = EVENT.replace("10:00:00Z", "10:00:00").replace('"1"', '"2"')
    answer = client.post("/v1/events", content=f"{EVENT}\n{bad}")
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert "no zone" in answer.json()["kept_as_dead_letters"][0]["reason"]
    assert app.store.dead_letters()[0].raw == bad.encode()


def test_nothing_usable_is_an_error_for_the_caller(client: TestClient[Any]) -> None:
    """A caller that only looks at the status learns that nothing was taken."""
    assert client.post("/v1/events", content="not json").status_code == 422


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000])
def test_what_is_nested_too_deep_is_kept_and_said(
    client: TestClient[Any], app: App, deep: str
) -> None:
    """No fault of the server, and what came with it is taken."""
    refused = client.post("/v1/events", content=deep)
    assert refused.status_code == 422
    assert "nested far too deep" in refused.json()["kept_as_dead_letters"][0]["reason"]
    assert app.store.dead_letters()[0].raw == deep.encode()
    assert client.post("/v1/events", content=f"{deep}\n{EVENT}").json()["accepted"] == 1


def test_lines_that_were_joined_on_the_way_are_told_how_to_stay_apart(
    client: TestClient[Any],
) -> None:
    """What curl does with -d, and what works."""
    (refused,) = client.post("/v1/events", content=EVENT * 2).json()["kept_as_dead_letters"]
    assert "one event a line; with curl use --data-binary" in refused["reason"]


def test_a_key_is_asked_for_when_one_is_set(
    client: TestClient[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With OFONE_INTAKE_KEY, callers without it are refused."""
    monkeypatch.setenv("OFONE_INTAKE_KEY", "secret")
    assert client.post("/v1/events", content=EVENT).status_code == 401
    headers = {"Authorization": "Bearer secret"}
    assert client.post("/v1/events", content=EVENT, headers=headers).status_code == 200


def test_the_pages_read_what_the_intake_took(client: TestClient[Any]) -> None:
    """One store behind both doors."""
    client.post("/v1/events", content=EVENT)
    assert "Loan request" in client.get("/customers/kim").text


def test_what_lies_ahead_has_not_happened(client: TestClient[Any], app: App) -> None:
    """A sender whose clock is wrong would hold the customer's clocks for years."""
    ahead = EVENT.replace("2026-01-05", "2126-01-05")
    answer = client.post("/v1/events", content=ahead)
    assert answer.status_code == 422
    assert "lies ahead of now" in answer.json()["kept_as_dead_letters"][0]["reason"]
    assert app.store.dead_letters()[0].raw == ahead.encode()


def test_a_door_says_its_address_before_anything_is_linked() -> None:
    """Port 0 takes any free port, and links to customers begin with the one that was taken."""
    with listening("127.0.0.1", 0) as door:
        assert door.address == f"http://127.0.0.1:{door.bound.getsockname()[1]}"
        with pytest.raises(OfoneError, match="choose another with --port"):
            listening("127.0.0.1", door.bound.getsockname()[1]).__enter__()


LIFE = (
    '{"id":"1","customer":"kim","name":"Application Started","time":"2026-01-05T10:00:00Z",'
    '"properties":{"application_id":"L-1"},"traits":{"email":"kim@example.com"}}\n'
    '{"id":"2","customer":"kim","name":"Consent Given","time":"2026-01-05T10:00:01Z",'
    '"properties":{"channels":["email"],"purpose":"service"}}'
)


def test_an_answer_on_the_page_goes_through_the_one_door(tmp_path: Path) -> None:
    """Logged, durable, folded, and read back by the next page; the same form twice once."""
    with opened(tmp_path, [bundled("life-insurance")], clock=VirtualClock()) as app:
        intake = Intake(app.engine)
        handlers = [intake_handler(intake)]
        pages = create_app(AppBook(app, live=False), AppDesk(intake), more=handlers)
        with TestClient(pages) as client:
            client.post("/v1/events", content=LIFE)
            kim = app.engine.get("kim")
            assert kim is not None
            page = f"/t/{app.links.token(kim, 0, kim.now)}/questions"
            form = {"item": "P1", "answer": "in_app", "nonce": "abcdefgh"}
            assert "Question 1 of at most 4" in client.get(page).text
            assert client.post(page, data=form).url.path == page
            assert "Question 2 of at most 4" in client.post(page, data=form).text
        intake.close()
        logged = [decode_event(row.body) for row in app.store.log("kim")]
    answers = [e for e in logged if isinstance(e, Happened) and e.name == BASELINE]
    assert [(e.properties, e.source) for e in answers] == [({"P1": "in_app"}, "baseline page")]


def test_an_answer_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    """The page is told; the event is kept as a dead letter, as everywhere."""
    with opened(tmp_path, [bundled("life-insurance")], clock=VirtualClock()) as app:
        intake = Intake(app.engine)
        wrong = Happened(id="1", customer="kim", name=BASELINE, at=1, properties={"A1": 9})
        assert "whole numbers from 1 to 5" in asyncio.run(AppDesk(intake).tell(wrong))
        intake.close()
        assert len(app.store.dead_letters()) == 1


@pytest.fixture
def kim(tmp_path: Path) -> Iterator[tuple[App, TestClient[Any]]]:
    """Kim has begun and agreed to e-mail; pages, intake and the door for mail are open."""
    with opened(tmp_path, [bundled("life-insurance")], clock=VirtualClock()) as app:
        intake = Intake(app.engine)
        doors = [intake_handler(intake), mail_handler(app)]
        pages = create_app(AppBook(app, live=False), AppDesk(intake), more=doors)
        with TestClient(pages) as client:
            client.post("/v1/events", content=LIFE)
            yield app, client
        intake.close()


def named(app: App) -> list[str]:
    """The names of Kim's events, as they are in the log."""
    events = [decode_event(row.body) for row in app.store.log("kim")]
    return [e.name for e in events if isinstance(e, Happened)]


def test_one_click_in_a_mail_reaches_the_ledger(kim: tuple[App, TestClient[Any]]) -> None:
    """Durable once it is answered, logged once, and said by the page from then on."""
    app, client = kim
    path = app.links.leave("kim", "email", "service").removeprefix(app.links.base)
    assert "Do you want to stop these emails?" in client.get(path).text
    for _ in range(2):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    state = app.engine.get("kim")
    assert state is not None
    assert not state.profile.consents["email:service"].granted
    assert "Alder Life" in client.get(path).text
    assert named(app).count("Consent Withdrawn") == 1


def test_a_mail_comes_in_by_the_same_key_as_events(
    kim: tuple[App, TestClient[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answered once it is durable, with 200 also where only a person can use it."""
    app, client = kim
    thread = app.links.thread("kim", 0)
    answer = mail("When is it?", In_Reply_To=f"<{thread}@alder.example>")
    assert client.post("/v1/mail", content=answer).json()["events"] == ["Reply Received"]
    monkeypatch.setenv("OFONE_INTAKE_KEY", "secret")
    assert client.post("/v1/mail", content=answer).status_code == 401
    headers = {"Authorization": "Bearer secret"}
    kept = client.post("/v1/mail", content=b"nothing", headers=headers)
    assert (kept.status_code, kept.json()["events"]) == (200, [])
    assert "no headers" in kept.json()["kept_as_dead_letters"][0]
    assert [d.origin for d in app.store.dead_letters()] == ["mail"]


def test_a_mail_that_was_kept_can_be_taken_later(kim: tuple[App, TestClient[Any]]) -> None:
    """Once its token is known, after data were brought back, say; else it goes on waiting."""
    app, client = kim
    token = app.links.gathering().thread("kim", 0)
    client.post("/v1/mail", content=mail("Hi", In_Reply_To=f"<{token}@alder.example>"))
    client.post("/v1/mail", content=mail("Hi"))
    assert len(app.store.dead_letters()) == 2
    app.links.thread("kim", 0)
    through, left = replay_dead(app)
    assert (through, len(left)) == (1, 1)
    assert named(app).count("Reply Received") == 1


def test_no_page_opens_by_a_token_that_is_none_of_a_page(
    kim: tuple[App, TestClient[Any]],
) -> None:
    """A Message-ID is no key to the tracker."""
    app, client = kim
    for token in (app.links.thread("kim", 0), app.links.letter("kim", "kim:1:0")):
        for page in ("", "/questions", "/calendar/exam_done.ics"):
            assert client.get(f"/t/{token}{page}").status_code == 404


def test_an_answer_waits_for_no_receipt() -> None:
    """Asyncio turns Nagle's delay off for what says that it is TCP: 40 ms on every page."""
    with listening("127.0.0.1", 0) as door:
        assert door.bound.proto == socket.IPPROTO_TCP
