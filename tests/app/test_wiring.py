"""The one file that wires: what is opened is closed, and what was kept is found again."""

import gc
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from tests.runtime.small import MONDAY, PLAYBOOK, SMALL, happened, story

from ofone.app import App, channels, existing, opened, playbook, records, replay_dead, source
from ofone.channels.mailbox import Mailbox
from ofone.channels.smtp import Smtp
from ofone.domain.errors import NotFound, OfoneError, PlaybookError, StoreError
from ofone.domain.events import Happened
from ofone.journeys.compiled import compile_playbook
from ofone.journeys.lengths import Lengths
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import encode
from ofone.runtime.feed import FAR
from ofone.runtime.ports import Batch, DeadLetter
from ofone.runtime.replay import check
from ofone.sources import ReadOptions


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with opened(tmp_path, [SMALL], clock=VirtualClock()) as app:
        yield app


def test_a_folder_remembers_its_playbooks(tmp_path: Path) -> None:
    """A later command need not name them: the last ones in force still are."""
    newer = compile_playbook(replace(PLAYBOOK, title="Newer"))
    for given in (SMALL, newer):
        with opened(tmp_path, [given]):
            pass
    with opened(tmp_path) as app:
        assert app.library.current["small"].version == newer.version
        assert {v for _, v in app.library.versions} == {SMALL.version, newer.version}


def test_going_back_to_an_older_version_is_remembered_too(tmp_path: Path) -> None:
    """In force is what was given last, not what was made last."""
    newer = compile_playbook(replace(PLAYBOOK, title="Newer"))
    for given in ([SMALL], [newer], [SMALL]):
        with opened(tmp_path, given):
            pass
    with opened(tmp_path) as app:
        assert app.library.current["small"].version == SMALL.version


def test_one_process_at_a_time_advances_a_folder(tmp_path: Path) -> None:
    """The second one is told what to do; when the first is gone, it may."""
    with opened(tmp_path, [SMALL], alone=True):
        with pytest.raises(StoreError, match="another ofone process is advancing"):
            App(tmp_path, alone=True)
        with opened(tmp_path):
            pass
    with opened(tmp_path, alone=True):
        pass


def test_what_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    """Not the store, and not the claim on the folder."""
    (tmp_path / "mailbox.db").write_bytes(b"Dear Anna, " * 1000)
    with pytest.raises(StoreError, match="mailbox"):
        App(tmp_path, [SMALL], alone=True)
    (tmp_path / "mailbox.db").unlink()
    gc.disable()
    try:
        App(tmp_path, [SMALL], alone=True).close()
    finally:
        gc.enable()


def test_a_folder_without_journeys_says_how_to_begin(tmp_path: Path) -> None:
    """Reading makes no folder and no file."""
    with pytest.raises(NotFound, match=r"holds no journeys; begin with: ofone run"):
        existing(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_everything_stays_on_this_machine_until_a_server_is_named(tmp_path: Path) -> None:
    """Then e-mail goes there, and the rest stays."""
    with closing(Mailbox()) as mailbox:
        assert set(channels(mailbox, "").values()) == {mailbox}
        carried = channels(mailbox, "smtp+starttls://me:p%40ss@mail.example:587?from=a@b.example")
        assert isinstance(carried["email"], Smtp)
        assert carried["sms"] is carried["helper"] is mailbox
        for wrong in ("mail.example:25", "http://mail.example", "smtp://"):
            with pytest.raises(OfoneError, match=r"write smtp://host:25"):
                channels(mailbox, wrong)


def test_a_playbook_is_a_file_or_a_bundled_one(tmp_path: Path) -> None:
    """What cannot be read is said with what would work."""
    assert playbook("loan").name == "loan"
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "latin.yaml").write_bytes("title: Prüfung".encode("latin-1"))
    with pytest.raises(NotFound, match=r"no file .*none\.yaml; bundled playbooks are: .*loan"):
        playbook(str(tmp_path / "none.yaml"))
    with pytest.raises(NotFound, match=r"no bundled playbook 'lone'; there are: .*loan"):
        playbook("lone")
    with pytest.raises(OfoneError, match=r"cannot be read: .*; it should be YAML in UTF-8"):
        playbook(str(tmp_path / "latin.yaml"))
    with pytest.raises(PlaybookError, match=r"empty\.yaml:1:1: a playbook is a mapping"):
        playbook(str(tmp_path / "empty.yaml"))


def test_a_file_is_known_by_its_place_and_content(tmp_path: Path) -> None:
    """Changed, it is another one and read from its beginning; stdin is never the same twice."""
    path = tmp_path / "events.jsonl"
    path.write_text("{}\n")
    before = source(path)
    assert source(Path(os.path.relpath(path))) == before
    path.write_text("{}\n{}\n")
    assert source(path) != before
    assert source(Path("-")) == ""


def test_what_is_no_event_comes_as_a_dead_letter(tmp_path: Path) -> None:
    """With the line as it is; a missing file is said at once."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"id": \xff}\n')
    (letter,) = records(path, ReadOptions())
    assert isinstance(letter, DeadLetter)
    assert (letter.kind, letter.raw, letter.origin) == ("raw", b'{"id": \xff}', "events.jsonl:1")
    with pytest.raises(OfoneError, match="no such file"):
        records(tmp_path / "none.jsonl", ReadOptions())


def test_an_event_goes_through_once_its_customer_is_mended(app: App) -> None:
    """The letter is marked, and not tried again."""
    app.engine.submit_many([happened("anna", "Started", named=k, case=k) for k in ("one", "two")])
    app.engine.submit(happened("anna", "Form Sent"))
    assert [d.number for d in replay_dead(app)[1]] == [1]
    app.engine.submit(happened("anna", "Withdrawn", case="two"))
    assert replay_dead(app, [1]) == (1, [])
    assert app.store.dead_letters(waiting=False)[0].status == "replayed"
    assert replay_dead(app, [1]) == (0, [])


def test_raw_bytes_go_through_once_the_program_understands_them(app: App) -> None:
    """What still is no event waits on."""
    good = b'{"id": "e", "customer": "anna", "name": "Seen", "time": "2026-03-02T10:00:00Z"}'
    for n, raw in enumerate((good, b"{")):
        letter = DeadLetter(at=0, kind="raw", origin=f"f:{n}", reason="unknown", raw=raw)
        app.store.commit(Batch(dead=[letter]))
    through, left = replay_dead(app)
    assert (through, [d.raw for d in left]) == (1, [b"{"])
    assert app.store.load("anna") is not None


def test_only_the_letters_asked_for_are_tried(app: App) -> None:
    """By their numbers."""
    for n in range(3):
        event = Happened(id=f"e{n}", customer="anna", name="Seen", at=MONDAY)
        raw = encode(event)
        letter = DeadLetter(at=0, kind="event", origin=f"e{n}", reason="a fault", raw=raw)
        app.store.commit(Batch(dead=[letter]))
    assert replay_dead(app, [2]) == (1, [])
    assert [d.number for d in app.store.dead_letters()] == [1, 3]


def test_a_delivery_goes_out_once_its_words_are_complete(app: App) -> None:
    """At its own hour; until then it is held, and its letter waits."""
    told = story("anna")
    app.engine.submit_many([*told[:2], happened("anna", "Form Sent", told[2].at)])
    app.dispatcher.run_until_idle(FAR)
    through, (letter,) = replay_dead(app)
    assert (through, letter.kind) == (0, "delivery")
    app.engine.submit(happened("anna", "Room Given", told[2].at, room="7b"))
    assert replay_dead(app) == (1, [])
    assert app.mailbox.messages("anna")[0].text.startswith("Come to room 7b.")
    assert [e.status for e in app.store.effects()] == ["delivered", "delivered"]


def test_a_new_snapshot_of_lengths_is_taken_up_while_the_folder_is_served(app: App) -> None:
    """By everybody who tells dates, and the log names it from then on; once is enough."""
    app.renew()
    app.engine.submit_many(story("anna")[:1])
    made = Lengths(stays={"small": 3})
    assert app.store.keep_lengths(msgspec.json.encode(made)) == 1
    app.renew()
    app.renew()
    app.engine.submit_many(story("berta")[:1])
    assert app.library.lengths == replace(made, number=1)
    assert [app.store.log(who)[0].facts for who in ("anna", "berta")] == [1, 2]
    assert check(app.store).differences == []
