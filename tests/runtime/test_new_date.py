"""A moved appointment on its way out: with the calendar's update, and never an old date."""

from collections.abc import Sequence

from tests.building import AGREED, ORDERED, START, event
from tests.journeys.test_new_date import at, book
from tests.runtime.contract import Wall

from ofone.domain.messages import Message, Outcome
from ofone.domain.times import DAY, HOUR
from ofone.journeys.library import library
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.stores.memory import MemoryStore


class Post:
    """A channel that is ``busy`` when a moved date comes first, and takes everything in the end."""

    name = "post"
    idempotent = True

    def __init__(self, *, busy: bool = False) -> None:
        self.busy = busy
        self.tried: list[Message] = []

    def deliver(self, message: Message) -> Outcome:
        if self.busy and message.appointment is not None:
            self.busy = False
            return Outcome(status="retry", detail="busy", wait_s=3600)
        self.tried.append(message)
        return Outcome(status="delivered")

    def close(self) -> None:
        """Nothing is open."""


def played(post: Post, days: Sequence[float]) -> list[str]:
    """Moved on these days to the 20th, 21st …; how the confirmations stand two hours later."""
    wall, store = Wall(START), MemoryStore()
    engine = Engine(store, library([book()]), wall)
    links = Links(store, "https://a.example")
    dispatcher = Dispatcher(engine, {"email": post, "sms": post, "helper": post}, links)
    booked = event("Visit Booked", 1, visit_at=at(18))
    moves = [event("Moved", day, visit_at=at(20 + n)) for n, day in enumerate(days)]
    for one in (AGREED, ORDERED, event("Form Sent", 0.5), booked, *moves):
        wall.time = max(one.at, START)
        engine.submit(one)
        dispatcher.run_once(wall.time)
    wall.time += 2 * HOUR
    dispatcher.run_once(wall.time)
    about = [e for e in store.effects() if b"new_date" in e.body]
    return [f"{e.status}: {e.detail}" if e.detail else e.status for e in about]


def starts(post: Post) -> list[int]:
    found = [m.appointment for m in post.tried]
    return [(a.start - START) // DAY for a in found if a is not None]


def test_the_confirmation_brings_the_new_date_into_the_calendar() -> None:
    """The same entry, with a higher number."""
    post = Post()
    assert played(post, [3, 5]) == ["delivered", "delivered"]
    first, second = [m.appointment for m in post.tried if m.appointment is not None]
    assert starts(post) == [20, 21]
    assert (first.uid, first.cancelled) == (second.uid, False)
    assert second.sequence > first.sequence


def test_a_date_that_moved_again_before_it_went_out_is_not_told() -> None:
    """Its words were made; the channel was busy. Only the last date arrives."""
    post = Post(busy=True)
    said = played(post, [3, 3.01])
    assert said == ["withheld: the appointment moved again since", "delivered"]
    assert starts(post) == [21]
