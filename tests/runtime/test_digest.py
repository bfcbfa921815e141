"""Tips of a helper with many cases: one list a week, whatever order the customers came in."""

from datetime import date
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import AGREED, ORDERED, START, event, moment, visit_with

from ofone.channels.mailbox import Mailbox
from ofone.domain.effects import TellHelper
from ofone.domain.errors import PlaybookError
from ofone.domain.events import Happened
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import DAY, HOUR, iso
from ofone.journeys.library import library
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_effect
from ofone.runtime.digest import EVERYTHING, list_morning
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.helping import inbox
from ofone.runtime.links import Links
from ofone.runtime.show import helper_inbox
from ofone.stores.memory import MemoryStore

BOOK = visit_with("subject: A tip,", "subject: A tip, weekly: Ask first.,")
Life = list[Happened]


def life(who: str, sent: float, ended: float | None = None) -> Life:
    """A customer of Gil's whose form is sent on that day: the tip follows at nine."""
    events = [AGREED, ORDERED, event("Form Sent", sent)]
    events += [event("Visit Booked", ended), event("Visited", ended + 0.1)] if ended else []
    return [replace(e, customer=who) for e in events]


class House:
    """Gil's mailbox over an engine. ``real``: time passes an hour at a time, the same for all."""

    def __init__(self, *, real: bool = False) -> None:
        self.engine = Engine(MemoryStore(), library([BOOK]), VirtualClock())
        self.box = Mailbox()
        self.real = real
        self.dispatcher = self.hired(self.box)

    def hired(self, box: Mailbox) -> Dispatcher:
        channels = dict.fromkeys(("email", "sms", "in_app", "helper"), box)
        links = Links(self.engine.store, "http://x.example")
        return Dispatcher(self.engine, channels, links, real=self.real)

    def read(self, *lives: Life, batch: int = 1) -> "House":
        """A replay: whole lives one after another, dispatched after every ``batch`` events."""
        events = [e for one in lives for e in one]
        for n in range(0, len(events), batch):
            self.engine.submit_many(events[n : n + batch])
            self.dispatcher.run_until_idle(2**62)
        while self.engine.fire_due(START + 30 * DAY):
            self.dispatcher.run_until_idle(2**62)
        self.dispatcher.run_until_idle(EVERYTHING)
        return self

    def live(self, *lives: Life) -> "House":
        events = sorted((e for one in lives for e in one), key=lambda e: e.at)
        for now in range(START - 2 * DAY, START + 30 * DAY, HOUR):
            while events and events[0].at <= now:
                self.engine.submit(events.pop(0))
            while self.engine.fire_due(now):
                pass
            self.dispatcher.run_until_idle(now)
        return self

    @property
    def got(self) -> list[Message]:
        found = [m for m in self.box.messages(limit=1000) if m.to_kind == "helper"]
        return sorted(found, key=lambda m: (m.at, m.key))

    @property
    def tips(self) -> list[tuple[str | None, str]]:
        return [(iso(m.at), m.subject) for m in self.got if m.subject != "Help"]


FEW = [life(f"c{n}", 0.1 + n) for n in range(5)]
MANY = [life(f"c{n}", 0.1 + n / 10) for n in range(5)] + [life("c8", 1), life("c9", 8.1)]


@pytest.mark.parametrize(
    ("at", "morning"),
    [
        ("2026-03-02T09:00:00", "2026-03-02T09:00:00Z"),
        ("2026-03-02T09:00:01", "2026-03-09T09:00:00Z"),
        ("2026-03-08T23:00:00", "2026-03-09T09:00:00Z"),
        ("2026-04-03T09:00:00", "2026-04-07T09:00:00Z"),
    ],
)
def test_a_list_comes_on_the_first_business_morning_of_a_week(at: str, morning: str) -> None:
    """Monday at nine; on Tuesday after Easter."""
    holidays = frozenset({date(2026, 4, 6)})
    assert iso(list_morning(moment(at), ZoneInfo("UTC"), holidays)) == morning


@pytest.mark.parametrize("real", [True, False])
def test_with_five_cases_every_tip_comes_by_itself(real: bool) -> None:
    """On its own morning."""
    house = House(real=real)
    house = house.live(*FEW) if real else house.read(*FEW)
    assert len(house.tips) == 5
    assert {subject for _, subject in house.tips} == {"A tip"}


@pytest.mark.parametrize("real", [True, False])
def test_with_six_cases_there_is_one_list_a_week(real: bool) -> None:
    """By step and without a name; what comes on that very Monday is in it."""
    house = House(real=real)
    house = house.live(*MANY) if real else house.read(*MANY)
    assert house.tips[:5] == [("2026-03-03T09:00:00Z", "A tip")] * 5
    assert house.tips[5:] == [
        ("2026-03-09T09:00:00Z", "This week: what helps people at one step"),
        ("2026-03-16T09:00:00Z", "This week: what helps people at one step"),
    ]
    text = next(m.text for m in house.got if m.subject.startswith("This week"))
    assert "Your appointment (A visit)\n\nAsk first." in text
    assert "Ana Berg" not in text


def test_a_case_that_has_ended_is_no_open_case() -> None:
    """The sixth comes when the first is over: single tips go on."""
    over = [life("c0", 0.1, 2), *[life(f"c{n}", 0.2) for n in range(1, 5)], life("c9", 3)]
    assert {s for _, s in House().read(*over).tips} == {"A tip"}


def words(house: House) -> list[tuple[str, str, int, str]]:
    return [(m.key, m.subject, m.at, m.text.split("http")[0]) for m in house.got]


@settings(max_examples=25)
@given(
    st.lists(st.floats(0.1, 14), min_size=3, max_size=9),
    st.randoms(use_true_random=False),
    st.integers(1, 12),
)
def test_the_order_of_the_customers_does_not_count(
    days: list[float], order: Random, batch: int
) -> None:
    """Replayed in any order and in batches of any size, or lived through: the same messages."""
    lives = [life(f"c{n}", day) for n, day in enumerate(days)]
    mixed = list(lives)
    order.shuffle(mixed)
    assert words(House().read(*lives)) == words(House().read(*mixed, batch=batch))
    assert words(House().read(*lives)) == words(House(real=True).live(*lives))


def test_every_tip_is_delivered_exactly_once() -> None:
    """Alone or in one list; nothing is left behind."""
    house = House().read(*MANY)
    rows = list(house.engine.store.effects())
    tips = [
        r for r in rows if isinstance(e := decode_effect(r.body), TellHelper) and e.kind == "tip"
    ]
    assert {(r.status, r.next_at) for r in tips} == {("delivered", None)}
    assert len(tips) == 7


class Dies(Mailbox):
    """Takes a list, and then the process is gone; ``often`` times."""

    often = 2

    def deliver(self, message: Message) -> Outcome:
        said = super().deliver(message)
        if message.subject.startswith("This week") and self.often:
            self.often -= 1
            raise KeyboardInterrupt
        return said


def test_a_list_that_was_cut_off_comes_once() -> None:
    """Its words are frozen with its tips, so it goes out again under the same key."""
    house = House()
    house.box = Dies()
    house.dispatcher = house.hired(house.box)
    with pytest.raises(KeyboardInterrupt):
        house.read(*MANY)
    with pytest.raises(KeyboardInterrupt):
        house.hired(house.box).run_until_idle(EVERYTHING)
    house.hired(house.box).run_until_idle(EVERYTHING)
    assert [s for _, s in house.tips].count("This week: what helps people at one step") == 2


def test_weekly_words_that_name_somebody_are_refused() -> None:
    """A subject that does is refused too, where there are no weekly words."""
    for words in ("weekly: '{{ customer.name }}'", "subject: '{{ customer.name }}'"):
        old, new = "subject: A tip,", f"subject: A tip, {words},"
        new = f"{words}," if words.startswith("subject") else new
        with pytest.raises(PlaybookError, match="a weekly list names nobody"):
            visit_with(old, new)


def test_a_list_is_one_note_to_the_helper() -> None:
    """On the page and in the export, however many tips are in it."""
    house = House().read(*MANY)
    notes = inbox(house.engine.store, house.engine.library, "gil").notes
    assert [n.subject for n in notes].count("This week: what helps people at one step") == 2
    assert len(notes) == len(house.tips)
    subjects = [str(m["subject"]) for m in helper_inbox(house.engine.store, house.engine.library)]
    assert [s for s in subjects if s != "Help"] == [subject for _, subject in house.tips]
