"""Mail from a pipe, a file or a folder, as a mail server would hand it over."""

import io
import sys
from pathlib import Path

import pytest
from tests.channels.mails import mail
from tests.cli.conftest import Ofone

from ofone.app import opened


@pytest.fixture
def answer(data: Path) -> bytes:
    """Berta answers a mail of her journey."""
    with opened(data) as app:
        thread = app.links.thread("berta", 0)
    return mail("When is it?", In_Reply_To=f"<{thread}@small.example>")


def test_a_mail_is_taken_from_a_pipe(
    ofone: Ofone, data: Path, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was is said, and the customer's log has it."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(answer)))
    assert ofone("receive", "--data", data).out == "1 Reply Received\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert "kept as a dead letter: it is empty" in ofone("receive", "-", "--data", data).out


def test_a_file_may_be_taken_twice(ofone: Ofone, data: Path, answer: bytes) -> None:
    """Ids are the mail's own, so the second time changes nothing."""
    file = data / "one.eml"
    file.write_bytes(answer)
    for _ in range(2):
        found = ofone("receive", file, "--data", data, "--json").data
        assert found["events"] == ["Reply Received"]
    with opened(data) as app:
        state = app.engine.get("berta")
        assert state is not None
        assert len(app.store.log("berta")) == 3


def test_a_busy_folder_asks_the_mail_server_to_try_again(
    ofone: Ofone, data: Path, answer: bytes
) -> None:
    """Exit code 75; the mail stays in the queue, and the way that works now is named."""
    file = data / "one.eml"
    file.write_bytes(answer)
    with opened(data, alone=True):
        said = ofone("receive", file, "--data", data)
    assert said.code == 75
    assert "another ofone process" in said.err
