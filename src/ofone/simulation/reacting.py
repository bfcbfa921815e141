"""Simulated customers who react to how they are accompanied, and so show their needs to everybody.

For the attack on the helper's view: what a helper knows anyway (steps, dates, how long each took,
appointments moved and missed, own conversations) says something of needs here, through people and
*through our service*: that is no leak. All numbers are assumptions, and large on purpose.

- Reassurance and information are standard normal and stay as they are for the six weeks.
- Seven in ten answer the questions, as the items' own parameters say; who needs reassurance calls
  more often; one in ten writes, and is heard.
- A step takes the playbook's days (log-normal). It takes who needs reassurance longer where the
  customer has to act, and less where the approach fits: an e-fold of .4 by ``fit``.
- Each message takes a twentieth of what is left of the wait for who wants to hear more, and adds
  as much for who does not.
- Appointments are missed and moved more often by the anxious, less after two messages about it.
- Some withdraw; some turn to their helper, more often those who need reassurance.
"""

from math import exp, log
from random import Random
from statistics import NormalDist

from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.effects import Effect, Send, TellHelper
from ofone.domain.events import Event, Happened, Heard, TimerFired, Value
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, HOUR, MINUTE, Micros, iso
from ofone.domain.words import NEEDS, Need
from ofone.journeys.advance import advance
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Facts, Library
from ofone.needs.items import answer_to, probability
from ofone.needs.model import assess

START: Micros = 1_772_460_000_000_000
"""2026-03-02 14:00 UTC, a Monday."""
DAYS = 60
STEPS = (
    ("application", "Application Submitted", True),
    ("e_sign", "E-Sign Completed", True),
    ("exam_booked", "Exam Booked", True),
    ("exam_done", "Exam Completed", True),
    ("lab", "Lab Results Received", False),
    ("decision", "Decision Made", False),
    ("offer", "Offer Accepted", True),
    ("issue", "Policy Delivered", False),
    ("first_premium", "Premium Paid", True),
)
"""A step, the event that completes it, and whether it is the customer who has to act."""
FIT = 0.4
_P90 = NormalDist().inv_cdf(0.9)


class Reacted(Struct, frozen=True, kw_only=True):
    """One customer's six weeks. ``events``: what the helper knows anyway, in order.

    ``truth``: reassurance as it is; ``believed``: P(reassurance > cut) as the system saw it when
    the appointment was to be booked (or at the end).
    """

    customer: str
    events: tuple[Happened, ...]
    told: tuple[TellHelper, ...]
    truth: float
    believed: float


def react(chance: Random, customer: str, library: Library, book: Compiled) -> Reacted:
    """Let one customer live, act, and react."""
    person = _Person(chance, customer, library, book)
    person.begin()
    for step, name, acts in STEPS:
        if not person.goes_on(step, name, acts):
            break
    person.until(START + DAYS * DAY)
    return Reacted(
        customer=customer,
        events=tuple(person.events),
        told=tuple(e for e in person.effects if isinstance(e, TellHelper)),
        truth=person.theta["reassurance"],
        believed=person.believed if person.believed is not None else person.belief(),
    )


class _Person:
    def __init__(self, chance: Random, customer: str, library: Library, book: Compiled) -> None:
        self.chance = chance
        self.customer = customer
        self.library = library
        self.book = book
        self.theta: dict[Need, float] = {need: chance.gauss(0, 1) for need in NEEDS}
        self.state = CustomerState(customer=customer)
        self.effects: list[Effect] = []
        self.events: list[Happened] = []
        self.believed: float | None = None
        self.at = START + int(chance.uniform(0, 7 * 24) * HOUR)
        self.waiting: list[tuple[Micros, Happened]] = []

    def begin(self) -> None:
        """The first page, the agreement, the questions, and what is said in private later."""
        chance = self.chance
        traits: dict[str, Value] = {
            "name": "Kim Doe",
            "email": "kim@example.com",
            "phone": "+15185550100",
            "zone": "America/New_York",
            "advisor_id": "mo",
            "advisor_name": "Mo",
            "advisor_email": "mo@example.com",
        }
        self.know("Application Started", traits)
        self.hush("Consent Given", 1, channels=["email", "sms"], purpose="service")
        if chance.random() < 0.7:
            answers: dict[str, Value] = {i: self.answers(i) for i in self.book.questions}
            self.hush("Baseline Answered", 5, **answers)
        calls = exp(0.7 * self.theta["reassurance"])
        at = 0.0
        while (at := at + chance.expovariate(calls / 30)) < DAYS:
            self.hush("Status Call", int(at * 24 * 60))
        if chance.random() < 0.1:
            score = self.theta["reassurance"] + chance.gauss(0, 0.7)
            heard = (Heard("reassurance", score, 0.5, "simulated"),)
            self.hush("Message Received", chance.randrange(20 * 24 * 60), heard)
        self.waiting.sort(key=lambda w: w[0])
        self.until(self.at)

    def answers(self, item: str) -> int:
        question = self.book.questions[item]
        luck = self.chance.random()
        for given in question.answers:
            luck -= probability(self.theta[question.need], answer_to(question, given))
            if luck < 0:
                return given
        return question.answers[-1]

    def goes_on(self, step: str, name: str, acts: bool) -> bool:
        """One step to its end; whether there is a next one."""
        chance, worry = self.chance, self.theta["reassurance"]
        if step == "exam_booked":
            self.believed = self.belief()
        if step == "exam_done" and not self.examined(worry):
            return False
        if acts and chance.random() < 0.03:
            self.wait(chance.expovariate(1 / 5), acts)
            self.know("Application Withdrawn")
            return False
        days = self.book.steps[step].step.days
        spread = log(days.most / days.usual) / _P90
        took = days.usual * exp(spread * chance.gauss(0, 1) + (0.3 * worry if acts else 0.0))
        if step != "exam_done":
            self.wait(took, acts)
        if not self.open():
            return False
        if chance.random() < 0.04 * exp(0.5 * worry):
            self.know("Advisor Contacted")
        said: dict[str, Value] = {"result": "approved"} if step == "decision" else {}
        if step == "exam_booked":
            said["appointment_at"] = self.appointment()
        self.know(name, **said)
        return True

    def examined(self, worry: float) -> bool:
        """The appointment: moved, missed and booked again, or kept."""
        chance = self.chance
        for _ in range(4):
            if chance.random() < 0.15 * exp(0.3 * worry):
                self.wait(chance.uniform(0.2, 2), True)
                self.know("Exam Rescheduled", appointment_at=self.appointment())
            before = sum(isinstance(e, Send) for e in self.effects)
            self.wait(chance.uniform(3, 9), False)
            spoken = sum(isinstance(e, Send) for e in self.effects) - before
            missed = 1 / (1 + exp(1.6 - 0.5 * worry + (0.6 if spoken >= 2 else 0.0)))
            if chance.random() >= missed:
                return self.open()
            self.know("Exam Missed")
            self.wait(chance.expovariate(1 / 3) * exp(0.3 * worry), True)
            self.know("Exam Booked", appointment_at=self.appointment())
        return self.open()

    def appointment(self) -> str | None:
        return iso((self.at + int(self.chance.uniform(3, 9) * DAY)) // MINUTE * MINUTE)

    def wait(self, days: float, acts: bool) -> None:
        """So long, but for how the approach and each message change the wait of who has to act."""
        worry = self.theta["reassurance"]
        left = days * DAY
        if acts:
            approach = self.state.journeys[0].approach
            fit = {"reassuring": worry, "brief": -worry}.get(approach, 0.0)
            left *= exp(-FIT * max(-2.0, min(2.0, fit)))
        end = self.at + int(left)
        while (due := self.next()) is not None and due <= end and due < START + DAYS * DAY:
            before = len(self.effects)
            self.until(due)
            if acts and any(isinstance(e, Send) for e in self.effects[before:]):
                end = due + int((end - due) * exp(-0.05 * (1 if worry > 0 else -1)))
        self.until(end)

    def open(self) -> bool:
        return self.at < START + DAYS * DAY and self.state.journeys[0].status == "active"

    def belief(self) -> float:
        known = self.state.needs.get("reassurance")
        return assess(known, self.state.now, "reassurance", self.book.playbook.cut).high

    def next(self) -> Micros | None:
        """When something happens next without the process going on."""
        timer = self.state.timers[0].due if self.state.timers else None
        hushed = self.waiting[0][0] if self.waiting else None
        return min((d for d in (timer, hushed) if d is not None), default=None)

    def until(self, at: Micros) -> None:
        """Let timers fire and private events come, each at its time."""
        while (due := self.next()) is not None and due <= at:
            if self.state.timers and self.state.timers[0].due == due:
                name = self.state.timers[0].name
                self.fold(TimerFired(customer=self.customer, name=name, due=due), due)
            else:
                self.fold(self.waiting.pop(0)[1], due)
        self.at = max(self.at, at)

    def know(self, name: str, traits: dict[str, Value] | None = None, /, **said: Value) -> None:
        """Something that the helper knows anyway happens now."""
        if self.at >= START + DAYS * DAY:
            return
        event = Happened(
            id=f"{name}@{self.at}",
            customer=self.customer,
            name=name,
            at=self.at,
            properties={"application_id": "A", **said},
            traits=traits or {},
        )
        self.events.append(event)
        self.fold(event, self.at)

    def hush(
        self, name: str, minutes: int, heard: tuple[Heard, ...] = (), /, **said: Value
    ) -> None:
        """Something that no helper knows will happen, so many minutes after the beginning."""
        at = self.at + minutes * MINUTE
        event = Happened(id=f"{name}@{at}", customer=self.customer, name=name, at=at, heard=heard)
        self.waiting.append((at, replace(event, properties=said)))

    def fold(self, event: Event, now: Micros) -> None:
        now = max(now, self.state.now)
        done = advance(self.state, event, Facts(now=now, library=self.library))
        self.state = done.state
        self.effects += done.effects
