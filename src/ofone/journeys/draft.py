"""A transition in the making: the only mutable thing in the core, alive for one call."""

from ofone.domain.decisions import Decision
from ofone.domain.effects import Effect
from ofone.domain.state import CustomerState, Journey, Timer
from ofone.domain.times import Micros
from ofone.domain.transition import Transition
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Facts

CONTACTS_KEPT = 50


class Draft:
    """The parts of the next state, and what is asked for on the way to it."""

    __slots__ = (
        "_timers",
        "admissions",
        "before",
        "contacts",
        "decided",
        "decisions",
        "early",
        "effects",
        "facts",
        "forgotten",
        "journeys",
        "needs",
        "now",
        "profile",
        "recent",
        "version",
    )

    def __init__(self, before: CustomerState, facts: Facts) -> None:
        self.before = before
        self.facts = facts
        self.now: Micros = facts.now
        self.version = before.version + 1
        self.recent = before.recent
        self.forgotten = before.forgotten
        self.profile = before.profile
        self.needs = before.needs
        self.journeys = before.journeys
        self.early = before.early
        self.contacts = before.contacts
        self.decided = before.decided
        self.admissions = before.admissions
        self.effects: list[Effect] = []
        self.decisions: list[Decision] = []
        self._timers: dict[str, Micros] | None = None

    def remember(self, digest: bytes, kept: int) -> None:
        """Put an event's digest into the ring; the oldest falls out."""
        recent = self.recent + digest
        if len(recent) > kept * 8:
            recent = recent[8:]
            self.forgotten = True
        self.recent = recent

    def compiled(self, journey: Journey) -> Compiled:
        """The playbook version this journey runs on."""
        return self.facts.library.version(journey.playbook, journey.version)

    def put(self, journey: Journey) -> None:
        """Replace a journey, or add the next one."""
        kept = list(self.journeys)
        if journey.number == len(kept):
            kept.append(journey)
        else:
            kept[journey.number] = journey
        self.journeys = tuple(kept)

    @property
    def timers(self) -> dict[str, Micros]:
        if self._timers is None:
            self._timers = {t.name: t.due for t in self.before.timers}
        return self._timers

    def set_timer(self, name: str, due: Micros) -> None:
        self.timers[name] = due

    def drop_timer(self, name: str) -> None:
        self.timers.pop(name, None)

    def drop_timers(self, prefix: str) -> None:
        for name in [n for n in self.timers if n.startswith(prefix)]:
            del self.timers[name]

    def next_key(self) -> str:
        """The key of the next effect: customer, version, index."""
        return f"{self.before.customer}:{self.version}:{len(self.effects)}"

    def contact(self) -> None:
        """Count a message to this person at this moment."""
        self.contacts = tuple(sorted((*self.contacts, self.now)))[-CONTACTS_KEPT:]

    def done(self) -> Transition:
        before = self.before
        timers = before.timers
        if self._timers is not None:
            timers = tuple(sorted([Timer(due, name) for name, due in self._timers.items()]))
        return Transition(
            state=CustomerState(
                customer=before.customer,
                version=self.version,
                now=self.now,
                recent=self.recent,
                forgotten=self.forgotten,
                profile=self.profile,
                needs=self.needs,
                journeys=self.journeys,
                early=self.early,
                timers=timers,
                contacts=self.contacts,
                decided=self.decided,
                admissions=self.admissions,
            ),
            effects=tuple(self.effects),
            decisions=tuple(self.decisions),
        )
