"""Erased for good: after it no byte of the customer is in any file of the folder."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ofone.app import DATABASE, App, opened
from ofone.app.server import Timekeeper
from ofone.app.stories import ADAYA, ANGELA, story_events
from ofone.channels.calls import Calls
from ofone.domain.effects import Send
from ofone.domain.errors import StoreError
from ofone.domain.events import Happened, Value
from ofone.domain.messages import Message
from ofone.domain.times import DAY
from ofone.journeys.advance import ERASE
from ofone.journeys.load import bundled
from ofone.runtime import show
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_effect, encode
from ofone.runtime.feed import Fed, feed, run_out
from ofone.runtime.links import Links
from ofone.runtime.ports import Batch, DeadLetter, Gone
from ofone.runtime.purpose import assessment_for
from ofone.runtime.replay import check
from ofone.stores.sqlite import SqliteStore

SAID = "my Dackel Bruno has diabetes"
"""Words that nobody else says."""
LAST = max(e.at for e in story_events(ANGELA)) + 3 * DAY
SECRETS = (ANGELA, "Angela", "Ruiz", "angela@example.com", "5185550142", SAID, "Dackel")


def folder_of(data: Path) -> App:
    return App(data, [bundled("life-insurance")], clock=VirtualClock(), alone=True)


def live(app: App) -> None:
    """Angela and Adaya, whole: journeys, messages, pages, calls, letters and askings."""
    app.channels["call"] = Calls(app.data / "calls.db")
    events = sorted([*story_events(ANGELA), *story_events(ADAYA)], key=lambda e: e.at)
    heard: dict[str, Value] = {"text": f"I am worried: {SAID}"}
    words = Happened(
        id="w", customer=ANGELA, name="Message Written", at=LAST - DAY, properties=heard
    )
    feed(app.engine, app.dispatcher, "", [*events, words], fed := Fed())
    run_out(app.engine, app.dispatcher, LAST, fed)
    for name in (ANGELA, ADAYA):
        show.customer(app.store, name, app.library, app.links)
        app.channels["call"].deliver(call(name))
        assessment_for(
            app.store,
            app.library,
            app.audit,
            customer=name,
            purpose="service",
            who="desk",
            now=LAST,
        )
    app.links.number(ANGELA, "+15185550142")
    raw = b"From: Angela Ruiz <angela@example.com>\n\nWhere is my policy?"
    mail = DeadLetter(at=1, kind="raw", origin="mail", reason="not ours", raw=raw)
    unclear = replace(mail, kind="event", customer=ANGELA, raw=encode(words))
    app.store.commit(Batch(dead=[mail, unclear]))


def call(name: str) -> Message:
    return Message(
        key=f"{name}:1:0",
        to_kind="customer",
        who=name,
        name=name.title(),
        channel="call",
        address="+15185550142" if name == ANGELA else "+15185550100",
        subject="About the visit",
        text=f"Hello {name.title()}",
        at=LAST - DAY,
    )


def erase(customer: str = ANGELA) -> Happened:
    return Happened(
        id="erase", customer=customer, name=ERASE, at=LAST, properties={"by": "customer"}
    )


def found(data: Path) -> dict[str, list[str]]:
    """What is still to be read of Angela, by file."""
    files = {p.name: p.read_bytes().lower() for p in data.iterdir()}
    said = {n: [s for s in SECRETS if s.lower().encode() in raw] for n, raw in files.items()}
    return {name: words for name, words in said.items() if words}


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[App]:
    app = folder_of(tmp_path / "data")
    live(app)
    yield app
    app.close()


def test_no_byte_of_the_customer_is_left(lived: App) -> None:
    """Before, she is all over the folder; after, in none of its files, also while it is open."""
    before = {name.removesuffix("-wal") for name in found(lived.data)}
    assert before == {"journeys.db", "mailbox.db", "calls.db", "audit.jsonl"}
    lived.engine.submit(erase())
    assert lived.clean() == 0
    assert found(lived.data) == {}
    assert "erased.jsonl" in {p.name for p in lived.data.iterdir()}


def test_everybody_else_stays_as_they_were(lived: App) -> None:
    """Adaya's page, messages, calls and the askings about her; and it all can be recomputed."""
    before = show.customer(lived.store, ADAYA, lived.library, lived.links)
    mails = lived.mailbox.messages(ADAYA)
    lived.engine.submit(erase())
    lived.clean()
    assert show.customer(lived.store, ADAYA, lived.library, lived.links) == before
    assert lived.mailbox.messages(ADAYA) == mails
    calls = lived.channels["call"]
    assert isinstance(calls, Calls)
    assert [t.customer for t in calls.open()] == [ADAYA]
    assert [a.customer for a in lived.audit.read()] == ["", ADAYA]
    assert (check(lived.store).differences, check(lived.store).erased) == ([], 1)


def test_the_erased_are_not_brought_back_by_the_same_file(lived: App) -> None:
    """The events that once made her are fed again: nothing of them comes in."""
    lived.engine.submit(erase())
    feed(lived.engine, lived.dispatcher, "", story_events(ANGELA), Fed())
    lived.clean()
    assert found(lived.data) == {}


STAGES = ["graves", "mailbox", "calls", "audit", "tidy", "scrub", "scrubbed"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_crash_at_any_point_is_made_good_on_restart(
    tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wish was acknowledged, so it is carried out, whatever had been done by then."""
    app = folder_of(tmp_path)
    live(app)
    app.engine.submit(erase())
    ends: dict[str, tuple[Any, str]] = {
        "graves": (app.graves, "add"),
        "mailbox": (app.mailbox, "erase"),
        "calls": (app.channels["call"], "erase"),
        "audit": (app.audit, "erase"),
    }
    where, name = ends.get(stage, (app.store, stage))
    monkeypatch.setattr(where, name, ended)
    with pytest.raises(StoreError):
        app.close()
    monkeypatch.undo()
    with closing(SqliteStore(tmp_path / DATABASE, reading=True)) as store:
        assert store.tombstones()[0].told is not None
    app.channels["call"].close()
    with opened(tmp_path, clock=VirtualClock(), alone=True):
        pass
    assert found(tmp_path) == {}


def ended(*_: object) -> None:
    raise StoreError("the process ended here")


def test_a_backup_that_is_put_back_brings_nobody_back(tmp_path: Path) -> None:
    """Its file is older than the wish; the list of who was erased stands beside it."""
    live(app := folder_of(tmp_path))
    app.close()
    app.channels["call"].close()
    backup = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.name != "writer.lock"}
    with opened(tmp_path, clock=VirtualClock(), alone=True) as app:
        app.engine.submit(erase())
    for name, body in backup.items():
        (tmp_path / name).write_bytes(body)
    assert found(tmp_path)
    with opened(tmp_path, clock=VirtualClock(), alone=True) as app:
        assert app.engine.get(ANGELA) is None
        assert app.engine.submit(story_events(ANGELA)[0]).status == "duplicate"
        assert check(app.store).erased == 1
    assert found(tmp_path) == {}


def test_what_waited_to_be_sent_is_not_sent(tmp_path: Path) -> None:
    """The wish comes between asking for a message and its dispatch."""
    with opened(tmp_path, [bundled("life-insurance")], clock=VirtualClock(), alone=True) as app:
        app.engine.submit_many(story_events(ANGELA)[:4])
        sends = [
            e for r in app.store.effects(ANGELA) if isinstance(e := decode_effect(r.body), Send)
        ]
        assert sends
        app.engine.submit(erase())
        app.dispatcher.run_until_idle(LAST + DAY)
        assert app.mailbox.messages() == []


class Deaf:
    """A place where nothing can be wiped while somebody reads it."""

    def erase(self, gone: Gone, told: Collection[str]) -> None:
        raise StoreError("the list is being read")


def test_what_cannot_be_wiped_now_is_said(tmp_path: Path) -> None:
    """A command that erases does not say that it is done when it is not."""
    app = folder_of(tmp_path)
    live(app)
    wiped: Callable[..., None] = app.audit.erase
    app.audit.erase = Deaf().erase  # type: ignore[method-assign]
    app.engine.submit(erase())
    with pytest.raises(StoreError, match="being read"):
        app.clean()
    app.audit.erase = wiped  # type: ignore[method-assign]
    app.close()
    app.channels["call"].close()
    assert found(tmp_path) == {}


def test_a_links_owner_is_gone_with_the_customer(lived: App) -> None:
    """Every token that led to her leads nowhere: pages, letters, threads, the way out, a number."""
    links: Links = lived.links
    row = next(r for r in lived.store.effects(ANGELA) if r.message)
    angela = lived.engine.get(ANGELA)
    assert angela is not None
    tokens = [
        links.token(angela, 0, angela.now),
        links.letter(ANGELA, row.key),
        links.thread(ANGELA, 0),
        links.leave(ANGELA, "email", "service").rsplit("/", 1)[1],
    ]
    assert all(lived.store.linked(t) for t in tokens)
    lived.engine.submit(erase())
    assert [lived.store.linked(t) for t in tokens] == [None, ("", -1), None, None]
    assert links.of_erased(tokens[1])
    assert links.customers_at("+15185550142") == []


def test_a_large_database_is_left_for_the_night(
    lived: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is elsewhere is wiped at once; the rest is still known to be left, and then done."""
    monkeypatch.setattr("ofone.app.LARGE", 0)
    lived.engine.submit(erase())
    assert lived.clean(whole=False) == 1
    assert {n for n in found(lived.data) if not n.startswith("journeys.db")} == set()
    assert lived.clean() == 0
    assert found(lived.data) == {}


@pytest.mark.parametrize(("hour", "large", "wiped"), [(12, False, 1), (12, True, 0), (3, True, 1)])
def test_the_timekeeper_wipes_when_it_may(
    lived: App, hour: int, large: bool, wiped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small database at once, a large one in the hour for it; each erasure once."""
    moment = time.struct_time((2026, 3, 2, hour, 0, 0, 0, 61, 0))
    monkeypatch.setattr("ofone.app.server.time.localtime", lambda: moment)
    monkeypatch.setattr("ofone.app.LARGE", 0 if large else 10**9)
    scrubs: list[bool] = []
    scrub = lived.store.scrub

    def counted() -> bool:
        scrubs.append(True)
        return scrub()

    monkeypatch.setattr(lived.store, "scrub", counted)
    keeper = Timekeeper(lived)
    keeper.close()
    lived.engine.submit(erase())
    for _ in range(3):
        keeper._clean()
    assert (len(scrubs), found(lived.data) == {}) == (wiped, bool(wiped))
