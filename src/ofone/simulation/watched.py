"""Lives for the proof that a helper learns nothing: what is observable is fixed, the rest varies.

*Observable* is what moves the process or is known to the helper anyway: the events a playbook
names, the dates and facts it remembers, traits, the helper's own answers, and the clock with its
outages. *Private* is all else: needs, whatever they were learnt from, consents, wishes, receipts.
"""

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.effects import Effect, Send, TellHelper, receipt
from ofone.domain.events import Event, Happened, Heard, Scalar, TimerFired, Value
from ofone.domain.state import Belief, CustomerState, NeedState
from ofone.domain.times import DAY, HOUR, MINUTE, Micros, iso
from ofone.domain.words import NEEDS
from ofone.journeys.advance import advance, digest
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Facts, Library

START: Micros = 1_772_460_000_000_000
"""2026-03-02 14:00 UTC, a Monday."""
TICK: Micros = 1_000
"""What one input takes where the clock is the wall's: so much later is the next."""
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Nowhere/Land", None)
OUTAGES: tuple[Micros, ...] = (0, 0, 10 * MINUTE, 12 * HOUR, 3 * DAY)
"""We are awake only every so often, and take then what came; 0: always, and it takes no time."""
_PATH = (
    ("Application Submitted", 3.0),
    ("E-Sign Completed", 2.0),
    ("Exam Booked", 5.0),
    ("Exam Completed", 9.0),
    ("Lab Results Received", 4.0),
    ("Decision Made", 7.0),
    ("Offer Accepted", 7.0),
    ("Policy Delivered", 6.0),
    ("Premium Paid", 5.0),
)
_SIGNS = (
    *("Status Call", "Form Abandoned", "Complaint Made", "Deadline Named", "Ease Rated"),
    *("Reply Received", "Distress Noted", "Message Read"),
)
_DATED = ("Exam Booked", "Exam Rescheduled")


class Arrival(Struct, frozen=True):
    """An event and when it comes in; without one, the helper answers the latest request, if any."""

    at: Micros
    event: Event | None = None


class Lived(Struct, frozen=True):
    """A customer at the end, and all that was asked for on the way."""

    state: CustomerState
    effects: tuple[Effect, ...]

    @property
    def told(self) -> list[TellHelper]:
        """What went to helpers, in order."""
        return [e for e in self.effects if isinstance(e, TellHelper)]

    @property
    def said(self) -> list[tuple[str, str, str, Micros]]:
        """What went to the customer, in order: what, in which approach, where and when."""
        return [
            (e.action, e.approach, e.channel, e.at) for e in self.effects if isinstance(e, Send)
        ]


def observable(chance: Random, book: Compiled, customer: str) -> list[Arrival]:
    """One customer's observables: one journey or two, with loops, gaps, late ones and repeats."""
    helper = chance.choice(("mo", "mo", "mo", "mo", "li", "li", "", None))
    traits: dict[str, Value] = {"name": f"{customer} Berg", "email": f"{customer}@example.com"}
    traits |= {"phone": "+15185550100", "zone": chance.choice(ZONES)}
    traits |= {"advisor_id": helper, "advisor_name": helper and helper.title()}
    if helper and chance.random() < 0.7:
        traits["advisor_email"] = f"{helper}@example.com"
    found: list[tuple[Micros, str, dict[str, Value], dict[str, Value]]] = []
    for key in ("A", "B")[: chance.choice((1, 1, 2))]:
        at = START + chance.randrange(20 * DAY)
        own: dict[str, Value] = {"application_id": key}
        found.append((at, book.entry, own, traits))
        found += [(when, name, own | said, {}) for when, name, said in _process(chance, book, at)]
    if chance.random() < 0.15:
        new: dict[str, Value] = {"advisor_id": "li", "advisor_name": "Li"}
        new |= {"advisor_email": "li@example.com"} if chance.random() < 0.5 else {}
        found.append((START + chance.randrange(60 * DAY), "Advisor Changed", {}, new))
    arrivals = []
    for n, (at, name, said, who) in enumerate(sorted(found, key=lambda f: (f[0], f[1]))):
        event = Happened(
            id=f"o{n}", customer=customer, name=name, at=at, properties=said, traits=who
        )
        comes = at + (chance.randrange(4 * DAY) if chance.random() < 0.1 else 0)
        arrivals.append(Arrival(comes, event))
        if chance.random() < 0.08:
            arrivals.append(Arrival(comes + chance.randrange(30 * DAY), event))
    arrivals += [
        Arrival(START + chance.randrange(100 * DAY)) for _ in range(chance.choice((0, 0, 2, 5)))
    ]
    return arrivals


def _process(
    chance: Random, book: Compiled, at: Micros
) -> Iterable[tuple[Micros, str, dict[str, Value]]]:
    """The milestones at random distances, up to a random end, and events out of turn."""
    begun = at
    for name, days in _PATH[: chance.choice((1, 2, 3, 4, 5, 6, 9, 9))]:
        at += int(DAY * min(chance.expovariate(1 / days), 40))
        for _ in range(chance.choice((0, 0, 0, 1, 2)) if name == "Exam Completed" else 0):
            again = chance.choice(("Exam Missed", "Exam Cancelled", "Exam Rescheduled"))
            yield at, again, _said(chance, again, at)
            at += int(DAY * chance.expovariate(1 / 3))
            if again != "Exam Rescheduled" and chance.random() < 0.8:
                yield at, "Exam Booked", _said(chance, "Exam Booked", at)
                at += int(DAY * chance.expovariate(1 / 6))
        if name == "Lab Results Received" and chance.random() < 0.45:
            yield at, "Physician Statement Requested", {}
            yield at + int(DAY * chance.expovariate(1 / 20)), "Physician Statement Received", {}
        yield at, name, _said(chance, name, at)
    for _ in range(chance.choice((0, 0, 1, 3))):
        when = begun + chance.randrange(1, 60 * DAY)
        name = chance.choice(sorted(book.uses))
        yield when, name, _said(chance, name, when)


def _said(chance: Random, name: str, at: Micros) -> dict[str, Value]:
    if name in _DATED and chance.random() < 0.95:
        return {"appointment_at": iso(at + int(DAY * chance.uniform(-1, 14)) // MINUTE * MINUTE)}
    if name == "Decision Made":
        return {"result": chance.choice(("approved", "approved", "rated", "declined", "postponed"))}
    return {}


def private(chance: Random, book: Compiled, customer: str) -> list[Arrival]:
    """What nobody but the house sees: agreement to be written to, answers, words, wishes, calls."""

    def one(name: str, latest: Micros, **said: Value) -> Happened:
        at = START + chance.randrange(latest)
        return Happened(id=f"p{next(number)}", customer=customer, name=name, at=at, properties=said)

    number = count()
    items = {i: chance.randint(1, 5) for i in book.questions if chance.random() < 0.7}
    channels: list[Scalar] = [c for c in ("email", "sms") if chance.random() < 0.7]
    events = [one("Consent Given", HOUR, channels=channels, purpose="service")]
    events += [one("Baseline Answered", 30 * DAY, **items) for _ in range(chance.choice((0, 1, 2)))]
    events += [one(chance.choice(_SIGNS), 60 * DAY, score=2) for _ in range(chance.randrange(8))]
    for _ in range(chance.choice((0, 1, 2))):
        level = chance.choice(("more", "usual", "less", "open"))
        events.append(one("Need Corrected", 60 * DAY, need=chance.choice(NEEDS), level=level))
    for _ in range(chance.choice((0, 1, 3))):
        score = chance.choice((-2.0, 2.0))
        words = tuple(Heard(need, score, 0.5, "made up") for need in NEEDS)
        said = one("Message Received", 60 * DAY)
        events.append(
            Happened(id=said.id, customer=customer, name=said.name, at=said.at, heard=words)
        )
    if chance.random() < 0.3:
        wish = chance.choice(({"channel": "sms"}, {"personalisation": False}, {"cadence": 1}))
        events.append(one("Preference Stated", 60 * DAY, **wish))
    if chance.random() < 0.25:
        word = chance.choice(("Consent Withdrawn", "Suppressed", "Message Bounced"))
        events.append(one(word, 60 * DAY, channels=["email", "sms"], channel="email"))
    return [Arrival(e.at, e) for e in events]


def needing(level: float) -> Callable[[CustomerState], CustomerState]:
    """Put every need of a state at ``level``, surely, whatever was learnt."""

    def forced(state: CustomerState) -> CustomerState:
        belief = Belief(state.now, level, 0.0, 1e-6, 1e-6, 0.0)
        return replace(state, needs=dict.fromkeys(NEEDS, NeedState(belief, belief, ())))

    return forced


class _Live:
    """One customer under way: the engine's rules (timers first, repeats known for ever)."""

    def __init__(
        self,
        customer: str,
        library: Library,
        outage: Micros,
        before: Callable[[CustomerState], CustomerState],
    ) -> None:
        self.state = CustomerState(customer=customer)
        self.library = library
        self.outage = outage
        self.before = before
        self.effects: list[Effect] = []
        self.known: set[bytes] = set()

    def awake(self, at: Micros) -> Micros:
        """When something of this moment is done: at the next waking, which lasts a minute."""
        return max(at, -((MINUTE - at) // self.outage) * self.outage) if self.outage else at

    def until(self, at: Micros) -> None:
        """Fire the timers that are due, and seen, by then; also those that these set."""
        while self.state.timers and (seen := self.awake(self.state.timers[0].due)) <= at:
            self.fire(max(seen, self.state.now))

    def fire(self, now: Micros) -> None:
        """The timer that is due first."""
        timer = self.state.timers[0]
        self.fold(TimerFired(customer=self.state.customer, name=timer.name, due=timer.due), now)

    def take(self, event: Event, at: Micros) -> None:
        """An input, after the timers due by then; repeats are known for ever, as in the engine."""
        if isinstance(event, Happened):
            mark = digest(event.id)
            if mark in self.known:
                return
            self.known.add(mark)
        now = max(at, self.state.now)
        while self.state.timers and self.state.timers[0].due <= now:
            self.fire(max(now, self.state.now))
        self.fold(event, max(now, self.state.now))

    def fold(self, event: Event, now: Micros) -> None:
        done = advance(self.before(self.state), event, Facts(now=now, library=self.library))
        self.state = replace(done.state, now=now + TICK) if self.outage else done.state
        self.effects += done.effects


def live(
    customer: str,
    arrivals: Iterable[Arrival],
    library: Library,
    *,
    end: Micros,
    outage: Micros = 0,
    before: Callable[[CustomerState], CustomerState] = lambda state: state,
    failing: Random | None = None,
) -> Lived:
    """Let one customer live to the ``end``. ``before`` is applied to the state before each input;
    ``failing``: one delivery in ten comes back as failed.
    """
    alive = _Live(customer, library, outage, before)
    comes = ((alive.awake(a.at), n, a.event) for n, a in enumerate(arrivals))
    queue = [one for one in comes if one[0] < end]
    heapify(queue)
    number = count(2**30)
    looked, over = 0, False
    while queue or not over:
        over = not queue
        at, _, event = heappop(queue) if queue else (end, 0, None)
        alive.until(at)
        event = event or (None if over else _answer(alive, at))
        if event is not None:
            alive.take(event, at)
        for effect in alive.effects[looked:]:
            if failing is not None and isinstance(effect, Send) and failing.random() < 0.1:
                later = alive.awake(effect.at + MINUTE)
                if later < end:
                    heappush(queue, (later, next(number), receipt(effect, "failed", later)))
        looked = len(alive.effects)
    return Lived(alive.state, tuple(alive.effects))


def _answer(alive: _Live, at: Micros) -> Happened | None:
    """The helper's answer to the latest request."""
    asked = [e for e in alive.effects if isinstance(e, TellHelper) and e.answer_by is not None]
    if not asked:
        return None
    said: dict[str, Value] = {"reference": asked[-1].reference, "by": asked[-1].view.helper}
    said["outcome"] = ("done", "reached", "not_reached", "declined")[at % 4]
    return Happened(
        id=f"answer {asked[-1].reference} {at}",
        customer=alive.state.customer,
        name="Help Answered",
        at=at,
        properties=said,
    )
