"""The mailbox on this machine."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.channels.contract import HELLO, ChannelContract

from ofone.channels.mailbox import Mailbox
from ofone.domain.errors import StoreError
from ofone.runtime.ports import Channel


class TestMailboxInMemory(ChannelContract):
    @pytest.fixture
    def channel(self) -> Iterator[Channel]:
        mailbox = Mailbox()
        yield mailbox
        mailbox.close()

    def seen(self, channel: Channel) -> list[tuple[str, str, str]]:
        assert isinstance(channel, Mailbox)
        return [(m.address, m.subject, m.text) for m in reversed(channel.messages())]


class TestMailboxInAFile(TestMailboxInMemory):
    @pytest.fixture
    def channel(self, tmp_path: Path) -> Iterator[Channel]:
        mailbox = Mailbox(tmp_path / "mailbox.db")
        yield mailbox
        mailbox.close()


def test_a_mailbox_remembers_over_a_restart(tmp_path: Path) -> None:
    """The key too: the repeat after a crash changes nothing."""
    for _ in range(2):
        mailbox = Mailbox(tmp_path / "m.db")
        assert mailbox.deliver(HELLO).status == "delivered"
        mailbox.close()
    mailbox = Mailbox(tmp_path / "m.db")
    assert mailbox.messages() == [HELLO]
    mailbox.close()


def test_a_person_finds_their_own_messages_the_newest_first() -> None:
    """Newest is what arrived last; ``limit`` cuts off the old ones."""
    mailbox = Mailbox()
    for n, who in enumerate(["a", "b", "a", "a"]):
        mailbox.deliver(replace(HELLO, key=str(n), who=who))
    assert [m.key for m in mailbox.messages("a", limit=2)] == ["3", "2"]
    assert [m.key for m in mailbox.messages()] == ["3", "2", "1", "0"]
    assert mailbox.messages("nobody") == []
    mailbox.close()


def test_a_mailbox_that_is_in_use_asks_for_another_attempt(tmp_path: Path) -> None:
    """Somebody else's lock is trouble of the moment; the message was surely not taken."""
    mailbox = Mailbox(tmp_path / "m.db", wait_s=0.01)
    with closing(sqlite3.connect(tmp_path / "m.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = mailbox.deliver(HELLO)
    assert outcome.status == "retry"
    assert "m.db refused it: database is locked" in outcome.detail
    assert mailbox.deliver(HELLO).status == "delivered"
    mailbox.close()


def test_a_file_that_is_no_mailbox_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("dear diary " * 500)
    with pytest.raises(StoreError, match=r"cannot open the mailbox .*notes.txt: file is not a"):
        Mailbox(tmp_path / "notes.txt")
