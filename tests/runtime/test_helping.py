"""What a helper may see: one projection, a function of what the helper knows anyway."""

import re
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from mypy import api
from tests.building import AGREED, START, event
from tests.journeys.test_helper import BOOK, KNOWN
from tests.strategies import streams
from tests.web.helped import Office

from ofone.channels.mailbox import Mailbox
from ofone.domain import helping as projection
from ofone.domain.errors import NotFound
from ofone.domain.events import Happened
from ofone.domain.helping import HelperInbox
from ofone.domain.state import CustomerState, Evidence
from ofone.domain.times import DAY
from ofone.domain.words import NEEDS
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.needs.model import learn
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import encode
from ofone.runtime.digest import EVERYTHING
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.helping import inbox
from ofone.runtime.links import Links
from ofone.runtime.ports import Batch, StateRow
from ofone.stores.memory import MemoryStore

INSURANCE = bundled("life-insurance")


def leaves(kind: Any) -> set[Any]:
    """Every type that a field of a projection, or of what is in it, may hold."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        found = [leaves(f.type) for f in msgspec.structs.fields(kind)]
        return set().union(*found)
    if get_origin(kind) is None:
        return {kind}
    return set().union(*(leaves(a) for a in get_args(kind) if a is not ...))


def test_there_is_no_place_for_a_need_in_what_a_helper_sees() -> None:
    """Texts, yes and no, closed words: no mapping, no number, nothing of another floor."""
    words = {k for k in leaves(HelperInbox) if isinstance(k, str)}
    assert leaves(HelperInbox) - words == {str, bool, type(None)}
    assert words <= {"ahead", "current", "done", "skipped", "active", "completed", "ended"} | {
        *("open", "taken up", "answered", "passed on", "over", "tip", "copy")
    }
    assert not {n for n in dir(projection) if "need" in n.lower() or n in NEEDS}


LEAKS = (
    "HelperStep(title='x', status='current', reassurance=1.2)",
    "HelperStep(title='x', status='current', expected_to=needs.high)",
    "HelperStep(title=needs, status='current')",
    "HelperNote(kind='approach', step='', subject='', text='', at='')",
)


def test_a_leak_does_not_type_check(tmp_path: Path) -> None:
    """Whoever tries to put a need in is told so, line by line, before anything runs."""
    first = (
        "from ofone.domain.helping import HelperNote, HelperStep",
        "from ofone.needs.model import Assessment",
        "def leak(needs: Assessment) -> None:",
    )
    file = tmp_path / "leak.py"
    file.write_text("\n".join([*first, *(f"    {line}" for line in LEAKS)]), encoding="utf-8")
    said, failed, _ = api.run(["--strict", "--config-file=", f"{file}"])
    wrong = {int(n) for n in re.findall(r"leak\.py:(\d+): error", said)}
    assert wrong == {4, 5, 6, 7}, said + failed


def seen(events: list[Happened], needs: float, book: Any = INSURANCE) -> list[bytes]:
    """The exports of every helper, when every need is as strong as ``needs`` from the beginning."""
    store = MemoryStore()
    store._secret = b"0" * 32
    engine = Engine(store, library([book]), VirtualClock())
    state = CustomerState(customer="ana")
    for need in NEEDS:
        sure = Evidence(START - DAY, needs, 0.01, "forced", "forced")
        state = replace(state, needs=state.needs | {need: learn(None, sure, need)})
    store.commit(Batch(states=[StateRow("ana", 1, None, encode(replace(state, version=1)))]))
    box = Mailbox()
    channels = dict.fromkeys(("email", "sms", "in_app", "helper"), box)
    links = Links(store, "http://x.example")
    dispatcher = Dispatcher(engine, channels, links, real=False)
    for one in [AGREED, *events]:
        engine.submit(one)
    while engine.fire_due(START + 90 * DAY):
        pass
    dispatcher.run_until_idle(EVERYTHING)
    found = [msgspec.json.encode(inbox(store, engine.library, h)) for h in store.helpers()]
    sent = [m for m in box.messages(limit=1000) if m.to_kind == "helper"]
    return found + sorted(msgspec.json.encode(m) for m in sent)


@settings(max_examples=40, deadline=None)
@given(streams(INSURANCE, least=3, most=12), st.floats(-3, 3))
def test_what_a_helper_reads_says_nothing_about_a_need(events: list[Happened], need: float) -> None:
    """The export and every mail, byte for byte, with needs at 3, at -3 and at random."""
    sees = seen(events, 3.0)
    assert sees == seen(events, -3.0) == seen(events, need)


def test_there_is_something_to_read_in_these_journeys() -> None:
    """The proof above is not about silence."""
    slow = [replace(event("x"), name="Application Started", traits={"advisor_id": "mo"})]
    slow += [event("Application Submitted", 1), event("E-Sign Completed", 2)]
    slow = [replace(e, properties={"application_id": "A"}) for e in slow]
    assert len(seen(slow, 3.0)) >= 3


def test_a_case_has_its_steps_and_the_dates_that_everybody_is_told() -> None:
    """By the playbook's figures, and from what happened."""
    office = Office()
    ana = inbox(office.engine.store, office.library, "gil", office.at).cases[0]
    assert (ana.name, ana.status, ana.journey) == ("Ana Berg", "active", "A visit")
    assert [(s.title, s.status) for s in ana.steps] == [
        ("Your form", "current"),
        ("Your appointment", "ahead"),
        ("Your visit", "ahead"),
    ]
    assert ana.steps[0].late


def test_a_deputy_sees_whom_they_were_asked_about_and_nobody_else() -> None:
    """The desk is beside nobody; it has a case because it was asked."""
    office = Office(day=30)
    desk = inbox(office.engine.store, office.library, "desk-1", office.at)
    assert [c.name for c in desk.cases] == ["Ana Berg"]
    gil = inbox(office.engine.store, office.library, "gil", office.at)
    assert [r.state for r in gil.requests] == ["passed on"]


def test_a_case_that_went_to_another_helper_is_theirs() -> None:
    """Who was the helper once sees no more of it."""
    office = Office(day=3)
    moved = event("Moved", 3, key=None, customer="c0", traits={"guide_id": "zoe"})
    office.engine.submit(moved)
    names = {
        h: [c.name for c in inbox(office.engine.store, office.library, h).cases]
        for h in ("gil", "zoe")
    }
    assert "Ana Berg" not in names["gil"]
    assert names["zoe"] == ["Ana Berg"]


def test_nobody_has_no_page() -> None:
    """The message names who there is."""
    office = Office(day=1)
    with pytest.raises(NotFound, match="no helper 'x' here; helpers are: gil, lia"):
        inbox(office.engine.store, office.library, "x")


def test_the_small_playbook_of_requests_says_nothing_either() -> None:
    """Reminder, deputy and desk included."""
    events = [replace(KNOWN, id="k"), event("Ordered")]
    assert seen(events, 3.0, BOOK) == seen(events, -3.0, BOOK)
    assert len(seen(events, 3.0, BOOK)) == 3 + 4
