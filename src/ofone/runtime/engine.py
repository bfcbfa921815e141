"""The loop: load, advance, commit. Events of one customer are serial; a batch is kept whole.

An engine is a store and a clock around ``advance``. Nothing is acknowledged before it is durable,
and nothing in memory moves on unless the store has kept it.
"""

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import RLock
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.effects import Effect, Send, TellHelper
from ofone.domain.errors import TemplateError, UnreadableEvent
from ofone.domain.events import Event, Happened, TimerFired, describe
from ofone.domain.state import CustomerState, Timer
from ofone.domain.times import Micros
from ofone.domain.transition import Policy, Transition
from ofone.journeys.advance import advance, digest, seen
from ofone.journeys.lengths import Lengths
from ofone.journeys.library import Facts, Library
from ofone.runtime.codec import decode_state, encode, encode_message
from ofone.runtime.erase import erasure, mark, mentions
from ofone.runtime.links import Links
from ofone.runtime.ports import (
    Batch,
    Clock,
    DeadLetter,
    EffectRow,
    Erasure,
    Listener,
    LogRow,
    Position,
    StateRow,
    Store,
    Tombstone,
)
from ofone.runtime.words import write

_log = logging.getLogger(__name__)


ERASED = "this customer was erased since; what happened before is not taken again"


LOOKED = 64
"""Customers who were only looked at, and whose decoded states are kept for the next look."""


class Ack(Struct, frozen=True):
    """What became of an event, durably; ``version`` is the customer's state version after it.

    ``reason`` says why an event was refused, and of a duplicate that its customer was erased.
    """

    status: Literal["accepted", "duplicate", "dead letter"]
    version: int
    reason: str = ""


class Engine:
    """One process's engine. Safe to call from several threads; work is serial inside.

    ``cache``: how many customers' decoded states are kept in memory. ``listener`` hears needs in
    the words of events; left out, words are kept and say nothing. ``writing``: with whose links a
    message is put into words as it is decided; without, its dispatcher does so when it goes out.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        clock: Clock,
        *,
        policy: Policy | None = None,
        cache: int = 20_000,
        listener: Listener | None = None,
    ) -> None:
        self.store = store
        self.listener = listener
        self.writing: Links | None = None
        self.library = library
        self.clock = clock
        self.policy = policy or Policy()
        self.lock = RLock()
        self._cache: OrderedDict[str, CustomerState] = OrderedDict()
        self._cached = cache
        self._looked: dict[str, CustomerState] = {}
        self._stuck: set[tuple[str, Timer]] = set()
        self._watching: list[Callable[[Collection[str]], None]] = []
        self._secret = store.secret()
        self._graves = {t.mark: t for t in store.tombstones()}
        for compiled in library.versions.values():
            text = msgspec.json.encode(compiled.playbook, order="sorted")
            store.keep_playbook(compiled.name, compiled.version, text)
        self.facts = self._in_force()

    def _in_force(self) -> int:
        """The number under which the log names what is in force."""
        library = self.library
        current = {name: c.version for name, c in sorted(library.current.items())}
        said = {"playbooks": current, "policy": self.policy.number}
        if library.lengths is not None:
            said["lengths"] = library.lengths.number
        return self.store.facts(msgspec.json.encode(said).decode())

    def take_up(self, lengths: Lengths) -> None:
        """Tell dates from another snapshot, from the next input on. Raises StoreError."""
        with self.lock:
            self.library = replace(self.library, lengths=lengths)
            self.facts = self._in_force()

    def submit(self, event: Event) -> Ack:
        """Take one event; returns once it is durable. Raises StoreError when it cannot be."""
        return self.submit_many((event,))[0]

    def submit_many(
        self,
        events: Sequence[Event],
        *,
        letters: Iterable[DeadLetter] = (),
        position: Position | None = None,
    ) -> list[Ack]:
        """Take a micro-batch in one transaction, each event after its customer's due timers."""
        if self.listener is not None:
            events = _listened(events, self.listener)
        with self.lock:
            work = _Work(self)
            acks = [work.take(event) for event in events]
            work.dead.extend(letters)
            work.keep(position)
            return acks

    def watch(self, told: Callable[[Collection[str]], None]) -> None:
        """From now on ``told`` hears whose state or messages moved. It must not wait or raise."""
        self._watching.append(told)

    def moved(self, customers: Collection[str]) -> None:
        """Say that something about these customers is durable that was not there before."""
        for told in self._watching if customers else ():
            told(customers)

    def fire_due(self, until: Micros, *, limit: int = 512) -> int:
        """Fire timers due by ``until``, at most ``limit`` customers; how many timers fired."""
        with self.lock:
            work = _Work(self)
            # Those that are stuck stay the most overdue; they must not use up the limit.
            for customer, _ in self.store.due(until, limit + len(self._stuck)):
                work.fire_until(customer, until)
            work.keep(None)
            return work.counts.get("timers_fired", 0)

    def get(self, customer: str, min_version: int = 0) -> CustomerState | None:
        """The customer's state. Reads your writes: an acknowledged version is always there.

        Raises UnreadableEvent when ``min_version`` was never acknowledged.
        """
        with self.lock:
            # A page asks several times for the same customer. What is only looked at must not
            # drive out whom events are about, nor fill the memory that the collector walks.
            state = self._looked.get(customer) or self.load(customer)
            if state is not None and customer not in self._cache:
                self._looked[customer] = state
                while len(self._looked) > LOOKED:
                    del self._looked[next(iter(self._looked))]
        if state is not None and state.version >= min_version:
            return state
        if min_version:
            have = state.version if state is not None else 0
            raise UnreadableEvent(
                f"customer {customer!r} is at version {have}, not {min_version}; "
                "ask for a version that was acknowledged"
            )
        return None

    def load(self, customer: str) -> CustomerState | None:
        """From memory, else from the store."""
        state = self._cache.get(customer)
        if state is not None:
            self._cache.move_to_end(customer)
            return state
        body = self.store.load(customer)
        return None if body is None else decode_state(body)

    def grave(self, customer: str) -> Tombstone | None:
        """What is left of somebody who was erased; they may have come back since, as a stranger."""
        return self._graves.get(mark(self._secret, customer)) if self._graves else None

    def gone(self, customer: str, at: Micros) -> bool:
        """Whether what this customer did, or was to be sent, at ``at`` has been erased."""
        grave = self.grave(customer)
        return grave is not None and at <= grave.at

    def forget(self, erased: Iterable[Erasure]) -> None:
        """Forget customers whom the store has erased."""
        for e in erased:
            self._cache.pop(e.customer, None)
            self._looked.pop(e.customer, None)
            self._graves[e.mark] = Tombstone(e.mark, e.at, e.version, e.told)
            self._stuck = {(who, timer) for who, timer in self._stuck if who != e.customer}

    def erase_again(self, tombstones: Iterable[Tombstone]) -> int:
        """Erase whom the store does not know to be erased: it was put back from a backup.

        How many of them were here. Looks at every customer's id when there is anything to do.
        """
        with self.lock:
            wanted = {
                t.mark: t
                for t in tombstones
                if t.mark not in self._graves or self._graves[t.mark].at < t.at
            }
            work, after = _Work(self), ""
            while wanted and (rows := self.store.customers(after)):
                for row in rows:
                    after = row.customer
                    found = wanted.pop(mark(self._secret, after), None)
                    if found is not None:
                        state = decode_state(row.body)
                        work.erase(
                            replace(state, version=max(state.version, found.version)), found.at
                        )
            here = len(work.erased)
            for t in wanted.values():
                # Nobody here, but what is sent again of them must not come in.
                work.erased[t.mark.hex()] = Erasure(
                    customer="", mark=t.mark, at=t.at, version=t.version
                )
            work.keep(None)
            return here

    def keep(self, states: dict[str, CustomerState]) -> None:
        """Remember states that the store has kept."""
        cache = self._cache
        cache.update(states)  # they are the newest: loading one put it there
        for customer in states.keys() & self._looked.keys():
            del self._looked[customer]
        while len(cache) > self._cached:
            cache.popitem(last=False)


class _Work:
    """One micro-batch in the making. It is thrown away whole when the store refuses it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.states: dict[str, CustomerState] = {}
        self.log: list[LogRow] = []
        self.forgotten: set[tuple[str, int]] = set()
        self.stuck: set[tuple[str, Timer]] = set()
        self.effects: list[EffectRow] = []
        self.dead: list[DeadLetter] = []
        self.helped: set[tuple[str, str]] = set()
        self.erased: dict[str, Erasure] = {}
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.links = engine.writing.gathering() if engine.writing is not None else None

    def state(self, customer: str) -> CustomerState:
        known = self.states.get(customer)
        if known is None and customer not in self.erased:
            known = self.engine.load(customer)
        if known is not None:
            return known
        grave = self.grave(customer)
        # The versions go on, so that no effect's key comes twice.
        return CustomerState(customer=customer, version=grave.version if grave is not None else 0)

    def grave(self, customer: str) -> Erasure | Tombstone | None:
        return self.erased.get(customer) or self.engine.grave(customer)

    def take(self, event: Event) -> Ack:
        engine = self.engine
        state = self.state(event.customer)
        grave = self.grave(event.customer)
        if grave is not None and event.at <= grave.at:
            self.counts["erased_before"] += 1
            return Ack("duplicate", state.version, ERASED)
        now = engine.clock.now(event.at, state.now)
        if isinstance(event, Happened):
            mark = digest(event.id)
            if seen(state.recent, mark) or (state.forgotten and self.forgot(event.customer, mark)):
                self.counts["duplicates"] += 1
                return Ack("duplicate", state.version)
        if state.timers and state.timers[0].due <= now:
            self.fire_until(event.customer, now)
            state = self.state(event.customer)
            now = max(now, state.now)
        return self.apply(state, event, now)

    def forgot(self, customer: str, mark: bytes) -> bool:
        """Whether the customer's state knew it once."""
        number = _number(mark)
        return (customer, number) in self.forgotten or self.engine.store.forgotten(customer, number)

    def fire_until(self, customer: str, until: Micros) -> None:
        """Fire this customer's timers that are due by ``until``, in order; also those they set."""
        engine = self.engine
        while True:
            state = self.state(customer)
            due = [t for t in state.timers if t.due <= until]
            stuck = engine._stuck | self.stuck
            timer = next((t for t in due if (customer, t) not in stuck), None)
            if timer is None:
                return
            event = TimerFired(customer=customer, name=timer.name, due=timer.due)
            ack = self.apply(state, event, engine.clock.firing(timer.due, state.now))
            if ack.status == "accepted":
                self.counts["timers_fired"] += 1
            else:
                # It stays in the state for a mended version, but must not block the others.
                self.stuck.add((customer, timer))

    def apply(self, state: CustomerState, event: Event, now: Micros) -> Ack:
        engine = self.engine
        facts = Facts(now=now, library=engine.library, policy=engine.policy)
        try:
            transition = advance(state, event, facts)
        except Exception as error:  # noqa: BLE001  (the boundary: kept as a dead letter, logged)
            # A fault of ours: the event is kept, everybody else goes on.
            _log.exception("could not apply %s for %s", describe(event), event.customer)
            transition = Transition(state=state, unusable=f"internal error: {error!r}")
        if transition.unusable:
            self.dead.append(
                DeadLetter(
                    at=now,
                    kind="event",
                    origin=f"{event.customer}/{event.id}",
                    reason=transition.unusable,
                    raw=encode(event),
                    customer=event.customer,
                )
            )
            return Ack("dead letter", state.version, transition.unusable)
        if transition.erase:
            return self.erase(state, now)
        after = transition.state
        if after is state:
            return Ack("accepted", state.version)
        decided = encode(transition.decisions) if transition.decisions else b""
        self.log.append(LogRow(event.customer, now, engine.facts, encode(event), decided))
        if after.forgotten and after.recent is not state.recent:
            self.forgotten.add((event.customer, _number(state.recent[:8])))
        self.states[event.customer] = after
        self.note(state, transition)
        if isinstance(event, Happened):
            self.counts["events"] += 1
        return Ack("accepted", after.version)

    def erase(self, state: CustomerState, now: Micros) -> Ack:
        """The customer goes, with what this batch was to keep of them. Totals stay."""
        customer = state.customer
        gone = self.erased[customer] = erasure(self.engine.store, state, now)
        self.states.pop(customer, None)
        if state.recent:
            self.counts["customers"] -= 1
            self.counts["erased"] += 1
        self.counts["early"] -= len(state.early)
        for journey in state.journeys:
            if journey.status == "active":
                self.counts[f"{journey.playbook}:active:"] -= 1
                self.counts[f"{journey.playbook}:ended:erased"] += 1
        self.log = [r for r in self.log if r.customer != customer]
        self.effects = [e for e in self.effects if e.customer != customer]
        self.dead = [d for d in self.dead if not mentions(d, customer, gone.words)]
        self.forgotten = {f for f in self.forgotten if f[0] != customer}
        self.helped = {h for h in self.helped if h[1] != customer}
        self.stuck = {s for s in self.stuck if s[0] != customer}
        return Ack("accepted", state.version)

    def note(self, before: CustomerState, transition: Transition) -> None:
        """Rows for what the transition asked for, and the totals it moves."""
        after = transition.state
        customer = after.customer
        if not before.recent:  # nothing was ever taken of them
            self.counts["customers"] += 1
        for effect in transition.effects:
            row = EffectRow(effect.key, customer, effect.at, encode(effect), next_at=effect.at)
            self.effects.append(replace(row, message=self.words(effect, after)))
            if isinstance(effect, TellHelper):
                self.helped.add((effect.view.helper, customer))
        if after.profile.traits is not before.profile.traits:
            for name in self.engine.library.beside:
                who = after.profile.traits.get(name)
                if who is not None and who.value:
                    self.helped.add((str(who.value), customer))
        if transition.decisions:
            self.counts["decisions"] += len(transition.decisions)
        if transition.effects:
            self.counts["effects"] += len(transition.effects)
        if after.early is not before.early:
            self.counts["early"] += len(after.early) - len(before.early)
        if after.journeys is not before.journeys:
            for n, journey in enumerate(after.journeys):
                old = before.journeys[n] if n < len(before.journeys) else None
                if old is None:
                    self.counts["started"] += 1
                was = (old.status, old.outcome) if old is not None else None
                now = (journey.status, journey.outcome)
                if was != now:
                    if was is not None:
                        self.counts[f"{journey.playbook}:{was[0]}:{was[1]}"] -= 1
                    self.counts[f"{journey.playbook}:{now[0]}:{now[1]}"] += 1

    def words(self, effect: Effect, state: CustomerState) -> bytes | None:
        """The message with what is known as it is decided; None where it is written later.

        That is also so where its words fail: the dispatcher keeps it, and says why.
        """
        if self.links is None or not isinstance(effect, Send):
            return None
        try:
            return encode_message(write(effect, state, self.engine.library, self.links))
        except TemplateError:
            return None

    def keep(self, position: Position | None) -> None:
        """Commit, and only then remember."""
        if not (self.log or self.dead or self.counts or self.erased or position):
            return
        if self.links is not None:
            self.links.keep()  # before: who is erased in this batch takes theirs along
        self.engine.store.commit(
            Batch(
                log=self.log,
                states=[
                    StateRow(c, s.version, s.timers[0].due if s.timers else None, encode(s))
                    for c, s in self.states.items()
                ],
                effects=self.effects,
                forgotten=sorted(self.forgotten),
                dead=self.dead,
                counts=self.counts,
                position=position,
                helped=self.helped,
                erased=list(self.erased.values()),
            )
        )
        self.engine.forget(self.erased.values())
        self.engine.keep(self.states)
        self.engine._stuck |= self.stuck
        self.engine.moved({*self.states, *self.erased})


def _listened(events: Sequence[Event], listener: Listener) -> Sequence[Event]:
    """The events, with what was heard in the property ``text`` of those that have words."""
    worded = {
        n: text
        for n, e in enumerate(events)
        if isinstance(e, Happened)
        and not e.heard
        and isinstance(text := e.properties.get("text"), str)
        and text
    }
    if not worded:
        return events
    heard = dict(zip(worded, listener.listen(list(worded.values())), strict=True))
    return [
        replace(e, heard=heard[n]) if isinstance(e, Happened) and n in heard else e
        for n, e in enumerate(events)
    ]


def _number(mark: bytes) -> int:
    return int.from_bytes(mark, "big", signed=True)
