"""Calls on the command line: listed, answered, and refused in words."""

from pathlib import Path

import pytest
from tests.channels.web import Asked, Says, web_server
from tests.cli.conftest import Ofone

from ofone.app import App, as_letter, opened, opened_to_read, playbook, records
from ofone.app.calling import CALLS
from ofone.domain.events import Happened
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_state
from ofone.runtime.digest import EVERYTHING
from ofone.sources import ReadOptions, parse_json

YAML = """\
playbook: ring
title: A call
about: A form, and a call about it.
zone: UTC
goal: form
entry: {event: Started, key: case}
approaches:
  - {id: standard, title: Standard, because: For all., cadence: normal, tone: plain,
     channels: [call], tracker: quiet}
steps:
  - id: form
    title: The form
    happens: You fill in a form.
    completes: [Form Sent]
    days: {usual: 1, most: 3}
    accompany:
      standard: [{send: ring}]
actions:
  - id: ring
    title: A call
    content:
      any:
        call: {subject: Your form, body: May I help you with it?}
"""
EVENTS = """\
{"id":"1","customer":"anna","name":"Consent Given","time":"2026-03-02T09:00:00Z",\
"properties":{"channels":["call","sms"],"purpose":"service"},\
"traits":{"name":"Anna Weiss","phone":"+14155550123","zone":"UTC"}}
{"id":"2","customer":"anna","name":"Started","time":"2026-03-02T10:00:00Z",\
"properties":{"case":"A"}}
"""
SENT = (
    '{"id":"3","customer":"anna","name":"Form Sent","time":"2026-03-03T10:00:00Z",'
    '"properties":{"case":"A"}}\n'
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose list has one call, as ``ofone serve`` leaves it."""
    (tmp_path / "ring.yaml").write_text(YAML)
    (tmp_path / "events.jsonl").write_text(EVENTS)
    ring = [playbook(str(tmp_path / "ring.yaml"))]
    with opened(tmp_path / "data", ring, clock=VirtualClock(), listing=True, alone=True) as app:
        take_in(app, tmp_path / "events.jsonl")
        app.dispatcher.run_until_idle(EVERYTHING)
    return tmp_path / "data"


def take_in(app: App, file: Path) -> None:
    for record in records(file, ReadOptions()):
        assert isinstance(record, Happened)
        app.engine.submit(record)


def word(data: Path, key: str) -> bool:
    """What the customer's consent says by now."""
    with opened_to_read(data) as app:
        body = app.store.load("anna")
    assert body is not None
    return decode_state(body).profile.consents[key].granted


def test_calls_are_listed_with_whom_to_call(ofone: Ofone, data: Path) -> None:
    """In words and as JSON, by the same projection as the page."""
    (call,) = ofone("calls", "--data", data, "--json").data["calls"]
    assert (call["name"], call["phone"], call["step"]) == ("Anna Weiss", "+14155550123", "The form")
    assert not set(call) & {"need", "needs", "approach", "key"}
    said = ofone("calls", "--data", data).out
    assert "1  Anna Weiss, +14155550123, The form" in said


def test_an_answer_is_taken_once(ofone: Ofone, data: Path) -> None:
    """The call is off the list; the same again changes nothing, another is told what was said."""
    answer = ("calls", 1, "no_calls", "--by", "Ben", "--data", data)
    assert ofone(*answer).out == "call 1, Anna Weiss: no_calls, noted\n"
    assert ofone(*answer, "--json").data["outcome"] == "no_calls"
    assert ofone("calls", "--data", data).out == "no call waits\n"
    assert (word(data, "call:service"), word(data, "sms:service")) == (False, True)
    late = ofone("calls", 1, "reached", "--data", data)
    assert (late.code, late.err) == (2, "call 1 is over: Ben says no_calls\n")


def test_a_call_that_nobody_needs_says_why(ofone: Ofone, data: Path, tmp_path: Path) -> None:
    (tmp_path / "sent.jsonl").write_text(SENT)
    with opened(data, clock=VirtualClock(), alone=True) as app:
        take_in(app, tmp_path / "sent.jsonl")
    found = ofone("calls", "--data", data, "--json").data
    assert (found["calls"], found["count"]) == ([], 0)
    refused = ofone("calls", 1, "reached", "--data", data)
    assert "call 1 is not needed any more" in refused.err


def test_looking_makes_no_list(ofone: Ofone, data: Path) -> None:
    """A folder without calls has none, and gets none by being asked."""
    (data / CALLS).unlink()
    assert ofone("calls", "--data", data).out == "no call waits\n"
    refused = ofone("calls", 1, "reached", "--data", data)
    assert (refused.code, refused.err) == (2, "there is no call 1; open calls are: none\n")
    assert not (data / CALLS).exists()


def test_while_the_folder_is_served_the_server_takes_it(ofone: Ofone, data: Path) -> None:
    """Beside it nothing is written; with its address, its intake is told."""
    with opened(data, alone=True) as app:
        refused = ofone("calls", 1, "reached", "--data", data)
        assert "takes it with --server http://HOST:PORT" in refused.err
        taken: list[bytes] = []

        def intake(asked: Asked) -> Says:
            taken.append(asked.body)
            for line in asked.body.splitlines():
                record = as_letter(parse_json(line, "intake"))
                assert isinstance(record, Happened)
                app.engine.submit(record)
            return Says(200, b'{"accepted": 2, "kept_as_dead_letters": []}')

        with web_server(intake) as server:
            said = ofone("calls", 1, "no_calls", "--data", data, "--server", server.url)
        assert said.out == "call 1, Anna Weiss: no_calls, noted\n"
    assert b"Consent Withdrawn" in taken[0]
    assert not word(data, "call:service")


@pytest.mark.parametrize("says", [Says(401, b"{}"), Says(200, b'{"kept_as_dead_letters": [1]}')])
def test_what_a_server_does_not_take_stays_on_the_list(
    ofone: Ofone, data: Path, says: Says
) -> None:
    with web_server(lambda _: says) as server:
        refused = ofone("calls", 1, "reached", "--data", data, "--server", server.url)
    assert "the call is still on the list" in refused.err
    assert len(ofone("calls", "--data", data, "--json").data["calls"]) == 1
