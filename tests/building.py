"""A small playbook, events for it, and one customer's life folded without an engine."""

from functools import cache

from msgspec.structs import replace

from ofone.domain.decisions import Decision
from ofone.domain.effects import Effect, Send, TellHelper
from ofone.domain.events import Event, Happened, TimerFired, Value
from ofone.domain.state import CustomerState, Journey, StepState
from ofone.domain.times import DAY, Micros
from ofone.domain.transition import Transition
from ofone.journeys.advance import advance
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.library import Facts, library
from ofone.journeys.load import load
from ofone.journeys.playbook import Playbook
from ofone.journeys.schedule import read_date

VISIT = """\
playbook: visit
title: A visit
about: A small journey for tests, with guards that are wide open.
zone: UTC
goal: visited
entry: {event: Ordered, key: order}
remember: [visit_at, place]
helpers:
  - {id: guide, title: guide, trait: guide_id, name: guide_name, email: guide_email}
approaches:
  - id: warm
    title: Warm
    prefer: needs.reassurance.high > 0.5
    because: This person would like to hear more.
    cadence: more
    tone: reassuring
    channels: [email, sms, in_app]
    tracker: front
  - id: plain
    title: Plain
    because: Good service for everyone.
    cadence: normal
    tone: plain
    channels: [email, sms, in_app]
    tracker: quiet
steps:
  - id: form
    title: Your form
    happens: You fill in a form.
    completes: [Form Sent]
    repeats: [Form Returned]
    days: {usual: 1, most: 3}
    accompany:
      warm:
        - send: hello
        - send: more
          at: after 1 day
      plain:
        - send: hello
    reactions:
      - id: slow
        within: 2 days
        because: Two days are long.
        then:
          - send: nudge
      - id: slower
        within: 5 business days
        because: Five are longer.
        then:
          - ask: help_form
          - approach: warm
            for: [plain]
  - id: booked
    title: Your appointment
    happens: You choose a time.
    completes: [Visit Booked]
    repeats: [Visit Missed]
    skips: [Visit Waived]
    days: {usual: 2, most: 4}
    tip: tip_booked
  - id: paper
    title: A paper
    happens: Somebody sends a paper.
    after: [form]
    optional: true
    opens: [Paper Asked]
    completes: [Paper Got]
    days: {usual: 5, most: 9}
    accompany:
      plain:
        - send: more
  - id: visited
    title: Your visit
    happens: You are visited.
    after: [booked, paper]
    completes: [Visited]
    repeats: [Visit Missed]
    days: {usual: 7, most: 9}
    date: visit_at
    accompany:
      warm:
        - send: reminder
          at: 1 day before visit_at
      plain:
        - send: reminder
          at: 1 day before visit_at
outcomes:
  - id: cancelled
    title: Cancelled
    says: You cancelled.
    events: [Cancelled]
    reopens: [Resumed]
actions:
  - id: hello
    title: Hello
    content:
      any:
        email: {subject: Hello, body: "Hello {{ customer.first_name }}"}
        sms: {body: Hello}
  - id: more
    title: More
    content:
      any:
        email: {subject: More, body: More}
        in_app: {body: More}
  - id: nudge
    title: Nudge
    content:
      any:
        sms: {body: Nudge}
  - id: reminder
    title: Reminder
    content:
      any:
        sms: {body: "{{ facts.visit_at }}"}
helper_messages:
  - {id: tip_booked, to: guide, kind: tip, subject: A tip, body: "About {{ customer.name }}"}
  - {id: help_form, to: guide, kind: request, subject: Help, body: "By {{ answer_by }}"}
items:
  - {id: A1, need: reassurance, text: Are you worried?, toward: 1}
signals:
  - {event: Worry Told, need: reassurance, score: 1.5, validity: 0.5, because: Told us.}
guards:
  quiet_hours: {from: "00:00", to: "23:59"}
  cap: {messages: 50, days: 1}
  gap: 0 minutes
  stale: 3 days
"""


def moment(text: str) -> Micros:
    """Micros of an ISO time; one without a zone is UTC."""
    found = read_date(text if text[-1] == "Z" or "+" in text else f"{text}Z")
    assert found is not None
    return found


START = moment("2026-03-02T10:00:00")
"""A Monday morning."""


@cache
def visit() -> Compiled:
    """The small playbook."""
    return load(VISIT, "visit.yaml")


def visit_with(old: str, new: str) -> Compiled:
    """The small playbook with one piece of its text replaced."""
    assert old in VISIT
    return load(VISIT.replace(old, new), "visit.yaml")


def edited(**changes: object) -> Compiled:
    """The small playbook with some of its top fields replaced."""
    return compile_playbook(replace(visit().playbook, **changes))


def document() -> Playbook:
    """The small playbook as typed Python."""
    return visit().playbook


def event(
    name: str,
    day: float = 0.0,
    *,
    named: str = "",
    key: str | None = "A",
    customer: str = "ana",
    traits: dict[str, Value] | None = None,
    **properties: Value,
) -> Happened:
    """An event so many days after ``START``, about the order ``key``."""
    return Happened(
        id=named or f"{name}@{day}",
        customer=customer,
        name=name,
        at=START + round(day * DAY),
        properties=properties | ({} if key is None else {"order": key}),
        traits=traits or {},
    )


class Life:
    """One customer, folded by ``advance`` alone; timers fire at their own time in between."""

    def __init__(self, *books: Compiled, customer: str = "ana") -> None:
        self.library = library(books or (visit(),))
        self.state = CustomerState(customer=customer)
        self.effects: list[Effect] = []
        self.decisions: list[Decision] = []

    def take(self, event: Event, now: Micros | None = None) -> Transition:
        """Fold one event at its own time, or at ``now``, after the timers due by then."""
        at = max(event.at if now is None else now, self.state.now)
        self.wait(at)
        return self.fold(event, at)

    def tell(self, *events: Event) -> "Life":
        """Fold some events, each of which must be usable."""
        for one in events:
            assert self.take(one).unusable == ""
        return self

    def wait(self, until: Micros) -> "Life":
        """Let time pass: fire the timers due by ``until``, also those that these set."""
        for _ in range(10_000):
            if not self.state.timers or self.state.timers[0].due > until:
                return self
            timer = self.state.timers[0]
            fired = TimerFired(customer=self.state.customer, name=timer.name, due=timer.due)
            self.fold(fired, max(timer.due, self.state.now))
        raise AssertionError(f"timers set each other without end: {self.state.timers}")

    def fold(self, event: Event, now: Micros) -> Transition:
        transition = advance(self.state, event, Facts(now=now, library=self.library))
        self.state = transition.state
        self.effects += transition.effects
        self.decisions += transition.decisions
        return transition

    @property
    def sends(self) -> list[Send]:
        return [e for e in self.effects if isinstance(e, Send)]

    @property
    def told(self) -> list[TellHelper]:
        return [e for e in self.effects if isinstance(e, TellHelper)]

    @property
    def said(self) -> list[str]:
        """What was sent, in order: ``action/approach/channel``."""
        return [f"{s.action}/{s.approach}/{s.channel}" for s in self.sends]

    @property
    def journey(self) -> Journey:
        return self.state.journeys[0]

    def step(self, name: str) -> StepState:
        return self.journey.steps[name]


TRAITS: dict[str, Value] = {
    "name": "Ana Berg",
    "email": "ana@example.com",
    "phone": "+15185550100",
    "zone": "UTC",
    "guide_id": "gil",
    "guide_name": "Gil",
}
AGREED = event(
    "Consent Given", -1, key=None, traits=TRAITS, channels=["email", "sms"], purpose="service"
)
ORDERED = event("Ordered", 0)


def begun(*books: Compiled) -> Life:
    """Ana has agreed to messages, and her journey begins at ``START``."""
    return Life(*books).tell(AGREED, ORDERED)
