"""Simulated customers with true needs live six weeks of a life insurance application.

What is made up, and therefore assumed:

- Each need is a trait plus an Ornstein-Uhlenbeck state with the model's own variances and
  half-lives, and nothing that we send changes it. A day is one value.
- The steps take the playbook's own days (log-normal through its 50 and 90 % points); nobody
  drops out; 45 % need records from a doctor.
- A company's customers show their needs in what they do, more or less. How much is drawn for each
  company and behaviour: the assumed strength times N(1, 1) in a ``wide`` world, so that an
  assumption is right on average at best, nothing at all in one company of six or the contrary;
  times 0 where there is ``none``, times 1 where all is as ``assumed``.
- Of a counted behaviour the strength is the weight. Companies differ in how often it happens
  (log-normal, sd .4), and so do people, for reasons that have nothing to do with the need (sd .5):
  neither is known to the model. Where all is ``assumed``, there is neither.
- Of any other behaviour it is the correlation between the need and what makes people act: they act
  when a sum of need and chance passes a mark that only so many pass (``COMMON``). This is what a
  *validity* claims; a playbook's score says much less (score times the square of validity).
- Words: what people express is drawn in the same way, one need a text at most. What the reader
  hears is what it heard in a real sentence that expresses the same thing (or nothing).
- Three in ten leave the questions unanswered. Answers follow the items' parameters, but for slopes
  and cuts that are off by a company's own factor (log-normal, sd .25; N(0, .25)).
- One in twelve says, on a page, how much of one need applies to them: the nearest of three words
  to the truth plus an error, whose deviation is a company's own (|N(0, .5)|).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import exp, log, sqrt
from random import Random
from statistics import NormalDist
from typing import Literal

from msgspec import Struct

from ofone.domain.errors import OfoneError
from ofone.domain.events import Event, Happened, Heard, TimerFired, Value
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, Micros
from ofone.domain.words import NEEDS, Need
from ofone.journeys.advance import advance
from ofone.journeys.ask_next import prefers, weighed
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Facts, Library
from ofone.journeys.playbook import Counts, Match, Signal
from ofone.needs.adaptive import Preferred, next_item
from ofone.needs.evidence import BASELINE, CORRECTED, level_of
from ofone.needs.items import Question, answer_to, posterior, probability
from ofone.needs.model import HALF_LIFE_DAYS, STATE_VAR, TRAIT_VAR

DAYS = 42
START: Micros = 1_772_460_000_000_000
"""2026-03-02 14:00 UTC, a Monday morning in New York."""
LANGUAGE = 0.32
"""The correlation of what people express with what they need (published .32 to .52)."""

World = Literal["wide", "assumed", "none"]
Said = tuple[Need, int]
"""A need, and much (1) or little (-1) of it."""
Readings = Mapping[Said | None, Sequence[tuple[Heard, ...]]]
"""What a reader heard in sentences that express this, or nothing."""

CANDIDATES = (
    Signal(
        event="Status Call",
        need="reassurance",
        counts=Counts(usual=1, days=60, weight=0.7),
        because="Called to ask how things stand.",
    ),
    Signal(
        event="Help Page Read",
        need="information",
        counts=Counts(usual=1, days=14, weight=0.5),
        because="Read a page that explains a step.",
    ),
    Signal(
        event="Form Abandoned",
        need="effort_sensitivity",
        counts=Counts(usual=1, days=30, weight=0.5),
        because="Left a form half way.",
    ),
    Signal(
        event=Match(event="Ease Rated", if_="event.score <= 3"),
        need="effort_sensitivity",
        score=1.0,
        validity=0.32,
        because="Rated a step as hard work.",
    ),
    Signal(
        event="Exam Rescheduled",
        need="control",
        counts=Counts(usual=1, days=60, weight=0.5),
        because="Moved the appointment to a time that suits better.",
    ),
    Signal(
        event="Complaint Made",
        need="trust",
        score=1.2,
        validity=0.32,
        because="Told us that we did not do what we said.",
    ),
    Signal(
        event="Verification Question",
        need="trust",
        score=0.6,
        validity=0.2,
        because="Asked whether a message or a person was really from us.",
    ),
    Signal(
        event="Deadline Named",
        need="urgency",
        score=1.2,
        validity=0.4,
        because="Named a date by which this must be settled.",
    ),
    Signal(
        event="Exam Booked",
        need="urgency",
        soon="3 days",
        score=0.5,
        validity=0.2,
        because="Chose an appointment as soon as we asked, or let it lie.",
    ),
    Signal(
        event="Baseline Offered",
        need="effort_sensitivity",
        unless=(BASELINE,),
        within="7 days",
        score=0.5,
        validity=0.1,
        because="Did not answer our questions.",
    ),
    Signal(
        event="Advisor Contacted",
        need="relationship",
        counts=Counts(usual=1, days=30, weight=0.5),
        because="Turned to the financial professional with a question.",
    ),
    Signal(
        event=Match(event="Exam Booked", if_="event.booked_by == 'customer'"),
        need="relationship",
        score=-0.4,
        validity=0.15,
        because="Booked online, without a person.",
    ),
)
"""The signals that the bundled playbook uses, or has tried: what an ablation compares."""

SCORED = {
    "Called to ask how things stand.": (1.0, 0.32),
    "Read a page that explains a step.": (0.8, 0.2),
    "Left a form half way.": (0.8, 0.25),
    "Moved the appointment to a time that suits better.": (0.6, 0.2),
    "Turned to the financial professional with a question.": (0.8, 0.25),
}
"""Score and validity of what is counted, where each one of it is scored instead."""

COMMON = {
    "Complaint Made": 0.06,
    "Verification Question": 0.08,
    "Deadline Named": 0.2,
    "Ease Rated": 0.25,
    "Exam Booked": 0.6,
    "Baseline Offered": 0.3,
}
"""The share of people (or of ratings, bookings, offers) for whom it is so."""
_TEXTS = 1.5
_MUCH, _LITTLE = 1.28, -1.64
_USUAL_SPREAD, _FRAILTY = 0.4, 0.5


class Company(Struct, frozen=True, kw_only=True):
    """What is true of one company's customers.

    ``strength`` is keyed by a signal's ``because``: a weight where it is counted, a correlation
    else. ``often``: the factor on how often it happens; ``frailty``: how much people differ in it.
    """

    strength: dict[str, float]
    often: dict[str, float]
    frailty: float
    words: float
    questions: dict[str, Question]
    slip: float


class Lived(Struct, frozen=True, kw_only=True):
    """A customer: events in order of time, and the true needs, a value for each day."""

    customer: str
    events: tuple[Happened, ...]
    truth: dict[Need, tuple[float, ...]]


def company(
    chance: Random, world: World, questions: Mapping[str, Question], *, mirrored: bool = False
) -> Company:
    """Draw how customers of one company show their needs.

    ``mirrored``: every draw with the other sign. Averages over a company and its mirror image are
    free of most of the luck of the draw (antithetic variates, Hammersley and Morton 1956).
    """
    exactly = world == "assumed"

    def gauss(sd: float) -> float:
        return (-sd if mirrored else sd) * chance.gauss(0, 1)

    def factor() -> float:
        return {"wide": 1 + gauss(1), "assumed": 1.0, "none": 0.0}[world]

    def of(signal: Signal) -> float:
        if signal.counts is not None:
            return _within(factor() * signal.counts.weight, 2.0)
        towards = 1 if (signal.score or 0) > 0 else -1
        return _within(factor() * signal.validity * towards, 0.9)

    sharp = exp(0.0 if exactly else gauss(0.25))
    shift = 0.0 if exactly else gauss(0.25)
    return Company(
        strength={s.because: of(s) for s in CANDIDATES},
        often={s.because: 1.0 if exactly else exp(gauss(_USUAL_SPREAD)) for s in CANDIDATES},
        frailty=0.0 if exactly else _FRAILTY,
        words=_within(factor() * LANGUAGE, 0.9),
        questions={
            name: Question(
                id=q.id,
                need=q.need,
                text=q.text,
                toward=q.toward,
                slope=q.slope * sharp,
                cuts=tuple(b + shift for b in q.cuts),
            )
            for name, q in questions.items()
        },
        slip=abs(chance.gauss(0, 0.5)),
    )


def lived(
    chance: Random,
    customer: str,
    firm: Company,
    book: Compiled,
    readings: Readings,
    *,
    every_item: bool = False,
) -> Lived:
    """Draw six weeks of one customer.

    ``every_item``: all items are answered; else those that the adaptive rule chooses (the answers
    are as little like the model as the company is).
    """
    person = _Person(chance, customer, firm)
    person.steps(book)
    person.asked(book, every_item)
    for signal in CANDIDATES:
        person.acts(signal)
    person.writes(readings)
    person.corrects()
    events = sorted((e for e in person.events if e.at < START + DAYS * DAY), key=lambda e: e.at)
    return Lived(customer=customer, events=tuple(events), truth=person.truth)


class _Person:
    """A customer in the making. Each part draws from chance of its own, so that one leaves the
    others as they are.
    """

    def __init__(self, chance: Random, customer: str, firm: Company) -> None:
        self.customer = customer
        self.firm = firm
        self.seed = chance.random()
        self.truth = {need: _path(self.chance(need), need) for need in NEEDS}
        self.events: list[Happened] = []
        self.done: dict[str, float] = {}

    def chance(self, part: str) -> Random:
        return Random(f"{self.seed}/{part}")

    def theta(self, need: Need, day: float) -> float:
        return self.truth[need][min(int(day), DAYS)]

    def driven(self, chance: Random, signal: Signal, day: float) -> float:
        """What makes this person act: standard normal, and correlated with the need of the day."""
        return self.mixed(chance, self.firm.strength[signal.because], signal.need, day)

    def mixed(self, chance: Random, strength: float, need: Need, day: float) -> float:
        return strength * self.theta(need, day) + sqrt(1 - strength**2) * chance.gauss(0, 1)

    def tell(
        self, name: str, day: float, heard: tuple[Heard, ...] = (), /, **properties: Value
    ) -> None:
        at = START + int(day * DAY)
        self.events.append(
            Happened(
                id=f"{name}@{at}",
                customer=self.customer,
                name=name,
                at=at,
                properties={"application_id": "AL-1", **properties},
                traits=_TRAITS if name == "Application Started" else {},
                heard=heard,
            )
        )

    def steps(self, book: Compiled) -> None:
        """The milestones, all but the booking, which is the customer's own doing."""
        chance = self.chance("steps")
        took = {
            s.id: exp(
                log(s.days.usual) + log(s.days.most / s.days.usual) / _P90 * chance.gauss(0, 1)
            )
            for s in book.playbook.steps
        }
        day = 0.0
        self.tell("Application Started", day, carrier="Alder Life")
        self.tell("Consent Given", 0.0007, channels=["email", "sms"], purpose="service")
        for step, event in _STEPS:
            if step == "exam_booked":
                # The more urgent, the sooner: by 0.9 of an e-fold, as the playbook's days spread.
                took[step] = 3 * exp(-0.9 * self.driven(self.chance("booking"), _SOON, day))
            day += took[step]
            self.done[step] = day
            if step == "exam_booked":
                own = self.driven(self.chance("booked by"), _BOOKED, day)
                by = "customer" if own > _mark(COMMON[event]) else "advisor"
                self.tell(event, day, booked_by=by, appointment_at=_APPOINTMENT)
            else:
                self.tell(event, day, **({"result": "approved"} if step == "decision" else {}))
            if step == "exam_done" and chance.random() < 0.45:
                self.tell("Physician Statement Requested", day + 1)
                self.tell("Physician Statement Received", day + 1 + took["physician_statement"])
                took["decision"] += took["physician_statement"]

    def asked(self, book: Compiled, every_item: bool) -> None:
        """The questions at the beginning, and whether they are answered."""
        chance = self.chance("answers")
        self.tell("Baseline Offered", 0.004)
        if self.driven(chance, _SILENT, 0) > _mark(COMMON["Baseline Offered"]):
            return
        names = list(book.questions) if every_item else _adaptive(book, self._answers)
        said: dict[str, Value] = {n: self._answers(n) for n in names}
        self.tell(BASELINE, 0.006, P1="email", **said)

    def _answers(self, item: str) -> int:
        question = self.firm.questions[item]
        luck = self.chance(f"item {item}").random()
        theta = self.theta(question.need, 0)
        for given in question.answers:
            luck -= probability(theta, answer_to(question, given))
            if luck < 0:
                return given
        return question.answers[-1]

    def acts(self, signal: Signal) -> None:
        """One behaviour over the six weeks."""
        name = signal.event.event if isinstance(signal.event, Match) else signal.event
        chance = self.chance(signal.because)
        if signal.counts is not None:
            own = log(self.firm.often[signal.because]) + self.firm.frailty * chance.gauss(0, 1)
            usual = exp(own) * signal.counts.usual / signal.counts.days
            open_until = min(self.done["first_premium"], DAYS)
            for whole in range(int(open_until)):
                drive = self.firm.strength[signal.because] * self.theta(signal.need, whole)
                at = whole + chance.expovariate(usual * exp(drive))
                while at < whole + 1:
                    self.tell(name, at)
                    at += chance.expovariate(usual * exp(drive))
        elif name == "Ease Rated":
            for step in ("e_sign", "exam_done"):
                day = self.done[step] + 0.1
                hard = self.driven(chance, signal, day) > _mark(COMMON[name])
                if chance.random() < 0.5:
                    self.tell(name, day, score=2 if hard else 6)
        elif name not in ("Exam Booked", "Baseline Offered"):
            day = chance.uniform(0.1, 10 if name == "Deadline Named" else DAYS)
            if self.driven(chance, signal, day) > _mark(COMMON[name]):
                self.tell(name, day)

    def writes(self, readings: Readings) -> None:
        """Texts, and what is heard in them."""
        chance = self.chance("texts")
        day = chance.expovariate(_TEXTS / DAYS)
        while readings and day < DAYS:
            drives = {n: self.mixed(chance, self.firm.words, n, day) for n in NEEDS}
            need = max(NEEDS, key=lambda n: max(drives[n] / _MUCH, drives[n] / _LITTLE))
            said: Said | None = None
            if drives[need] > _MUCH or drives[need] < _LITTLE:
                said = (need, 1 if drives[need] > 0 else -1)
            if (heard := readings.get(said)) is not None:
                self.tell("Message Received", day, chance.choice(heard))
            day += chance.expovariate(_TEXTS / DAYS)

    def corrects(self) -> None:
        """The customer's own word on one need."""
        chance = self.chance("corrects")
        if chance.random() < 1 / 12:
            need, day = chance.choice(NEEDS), chance.uniform(1, DAYS)
            felt = self.theta(need, day) + self.firm.slip * chance.gauss(0, 1)
            self.tell(CORRECTED, day, need=need, level=level_of(felt))


_SOON = next(s for s in CANDIDATES if s.soon)
_BOOKED = next(s for s in CANDIDATES if s.because.startswith("Booked online"))
_SILENT = next(s for s in CANDIDATES if s.unless)
_APPOINTMENT = "2026-04-20T10:00:00-04:00"
_P90 = NormalDist().inv_cdf(0.9)
_TRAITS: dict[str, Value] = {
    "name": "Kim Doe",
    "first_name": "Kim",
    "email": "kim@example.com",
    "phone": "+15185550100",
    "zone": "America/New_York",
}
_STEPS = (
    ("application", "Application Submitted"),
    ("e_sign", "E-Sign Completed"),
    ("exam_booked", "Exam Booked"),
    ("exam_done", "Exam Completed"),
    ("lab", "Lab Results Received"),
    ("decision", "Decision Made"),
    ("offer", "Offer Accepted"),
    ("issue", "Policy Delivered"),
    ("first_premium", "Premium Paid"),
)


def _within(x: float, most: float) -> float:
    return max(-most, min(most, x))


def _mark(share: float) -> float:
    """The mark that this share of a standard normal passes."""
    return NormalDist().inv_cdf(1 - share)


def _path(chance: Random, need: Need) -> tuple[float, ...]:
    trait, state = chance.gauss(0, sqrt(TRAIT_VAR)), chance.gauss(0, sqrt(STATE_VAR))
    phi = exp(-log(2) / HALF_LIFE_DAYS[need])
    found = []
    for _ in range(DAYS + 1):
        found.append(trait + state)
        state = phi * state + chance.gauss(0, sqrt(STATE_VAR * (1 - phi * phi)))
    return tuple(found)


def _adaptive(book: Compiled, answers: Callable[[str], int]) -> list[str]:
    """The items that a newcomer is asked, one after the other."""
    preferred: Preferred = prefers(book)
    known = dict.fromkeys(weighed(book), (0.0, 1.0))
    asked: list[str] = []
    while (
        name := next_item(book.questions, asked, known, preferred, book.playbook.cut)
    ) is not None:
        asked.append(name)
        if name in book.questions:
            question = book.questions[name]
            answer = answer_to(question, answers(name))
            _, mean, variance = posterior(*known[question.need], answer)
            known[question.need] = mean, variance
    return [n for n in asked if n in book.questions]


def states(
    customer: str, events: Iterable[Happened], library: Library, days: Sequence[float]
) -> list[CustomerState]:
    """Let ``advance`` live the events, timers and all; the state after each of so many days.

    Raises OfoneError for an event that the playbook cannot use: the simulation is wrong then.
    """
    state = CustomerState(customer=customer)
    found: list[CustomerState] = []
    waiting = [START + int(day * DAY) for day in days]
    for event in (*events, None):
        while waiting and (event is None or waiting[0] < event.at):
            state = _until(state, waiting.pop(0), library)
            found.append(state)
        if event is not None:
            state = _one(_until(state, event.at, library), event, event.at, library)
    return found


def _until(state: CustomerState, at: Micros, library: Library) -> CustomerState:
    while state.timers and state.timers[0].due <= at:
        timer = state.timers[0]
        fired = TimerFired(customer=state.customer, name=timer.name, due=timer.due)
        state = _one(state, fired, max(timer.due, state.now), library)
    return state


def _one(state: CustomerState, event: Event, at: Micros, library: Library) -> CustomerState:
    done = advance(state, event, Facts(now=max(at, state.now), library=library))
    if done.unusable:
        raise OfoneError(f"the simulated {event.id} is unusable: {done.unusable}")
    return done.state
