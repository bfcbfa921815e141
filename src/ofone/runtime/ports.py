"""What the runtime needs from the outside, as protocols, and the rows that pass through them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from ofone.domain.events import Heard
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import Micros
from ofone.domain.words import DeliveryStatus


class Channel(Protocol):
    """Carries messages. ``deliver`` may be called again with the same key after a crash.

    ``idempotent``: a repeated key is recognised by the other side, so that an attempt whose end is
    not known may safely be made again.
    """

    name: str
    idempotent: bool

    def deliver(self, message: Message) -> Outcome:
        """One attempt. Never raises for what the network does: that is an ``Outcome``."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Resolver(Protocol):
    """A channel that can be asked what became of an attempt whose end is not known."""

    def resolve(self, message: Message) -> Outcome:
        """Ask; never send, never raise. ``retry``: it surely was not taken.

        ``unknown`` with ``wait_s`` asks to be asked again then; without, only a person can tell.
        """
        ...


@runtime_checkable
class ManyAtOnce(Protocol):
    """A channel that is quicker with many messages than with one after the other."""

    def deliver_all(self, messages: Sequence[Message]) -> list[Outcome]:
        """An attempt for each, as ``Channel.deliver`` makes it; outcomes in their order."""
        ...


class Listener(Protocol):
    """Hears needs in people's words. Total: any text gives an answer, possibly an empty one."""

    def listen(self, texts: Sequence[str]) -> list[tuple[Heard, ...]]:
        """What each text says, in the order of the texts."""
        ...


class Clock(Protocol):
    """Where ``now`` comes from."""

    def now(self, at: Micros, last: Micros) -> Micros:
        """Now, for an input of the source's time ``at`` to a state last touched at ``last``."""
        ...

    def firing(self, due: Micros, last: Micros) -> Micros:
        """Now, for a timer that came due at ``due``."""
        ...


class LogRow(Struct, frozen=True, gc=False, array_like=True):
    """One input as it was taken: whose, when, under which facts, itself, and what it decided.

    ``decisions`` are those that it led to, encoded together; empty when there were none.
    """

    customer: str
    now: Micros
    facts: int
    body: bytes
    decisions: bytes = b""


class StateRow(Struct, frozen=True, gc=False, array_like=True):
    """A customer's state after a batch; ``due`` is the earliest timer, or None."""

    customer: str
    version: int
    due: Micros | None
    body: bytes


class EffectRow(Struct, frozen=True, gc=False, array_like=True):
    """An effect that was asked for. ``message`` is what was rendered, frozen at the first attempt
    (in virtual time as it was decided).

    ``next_at``: when the dispatcher looks at it again, or None when it is finished.
    """

    key: str
    customer: str
    at: Micros
    body: bytes
    status: DeliveryStatus = "requested"
    next_at: Micros | None = None
    attempts: int = 0
    message: bytes | None = None
    detail: str = ""
    attempting: bool = False


class DeadLetter(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """Something that could not be processed, whole, with the reason. ``number`` names it.

    ``kind``: ``raw`` bytes that are no event, an ``event`` that could not be applied, or a
    ``delivery`` whose words could not be rendered (then ``raw`` is its key).
    """

    number: int = 0
    at: Micros
    kind: Literal["raw", "event", "delivery"]
    origin: str
    reason: str
    raw: bytes
    customer: str = ""
    status: Literal["waiting", "replayed"] = "waiting"


class Position(Struct, frozen=True, gc=False, array_like=True):
    """How far a source has been read: ``count`` records.

    ``finished`` when it was read whole, and the timers due by its end have fired.
    """

    source: str
    count: int
    finished: bool = False


class Erasure(Struct, frozen=True, gc=False, kw_only=True):
    """A customer who is to be forgotten: all rows of theirs go, and dead letters with ``words``.

    ``mark`` stands for them from now on (``runtime.erase``). ``at`` and ``version`` are the last of
    theirs. ``told``: keys of messages to helpers that speak of them. ``links`` are given anew.
    """

    customer: str
    mark: bytes
    at: Micros
    version: int
    told: tuple[str, ...] = ()
    words: tuple[bytes, ...] = ()
    links: tuple[tuple[str, str, int], ...] = ()


class Tombstone(Struct, frozen=True, gc=False, array_like=True):
    """All that stays of an erased customer. ``told`` is None once nothing is left to be wiped."""

    mark: bytes
    at: Micros
    version: int
    told: tuple[str, ...] | None = None


Gone = Callable[[str, Micros], bool]
"""Whether a customer, by id, was erased at or after a moment."""


@runtime_checkable
class Erasable(Protocol):
    """Something beside the store that keeps what was sent to customers, or asked about them."""

    def erase(self, gone: Gone, told: Collection[str]) -> None:
        """Wipe what is about customers who are gone, and messages with those keys, for good.

        Returns once no byte of it is in any file. Raises StoreError; doing it again is harmless.
        """
        ...


class Batch(Struct, frozen=True, gc=False, kw_only=True):
    """All that one micro-batch changes. It is kept whole or not at all.

    ``log`` names only customers who are in ``states`` too. ``forgotten``: customers, and digests of
    event ids that their states no longer remember. ``helped``: (helper, customer) who have to do
    with each other from now on. ``erased`` go first: what else is here of them came after.
    """

    log: Sequence[LogRow] = ()
    states: Sequence[StateRow] = ()
    effects: Sequence[EffectRow] = ()
    forgotten: Sequence[tuple[str, int]] = ()
    dead: Sequence[DeadLetter] = ()
    counts: Mapping[str, int] = {}
    position: Position | None = None
    helped: Collection[tuple[str, str]] = ()
    erased: Sequence[Erasure] = ()


class Store(Protocol):
    """Keeps everything. Raises StoreError when it cannot: then nothing of the batch was kept."""

    def load(self, customer: str) -> bytes | None:
        """The state's bytes, or None."""
        ...

    def forgotten(self, customer: str, digest: int) -> bool:
        """Whether the customer's state knew this digest once, and no longer does."""
        ...

    def commit(self, batch: Batch) -> None:
        """Make all of it durable in one transaction."""
        ...

    def due(self, now: Micros, limit: int) -> list[tuple[str, Micros]]:
        """Customers with a timer due at or before ``now``, the most overdue first."""
        ...

    def next_due(self) -> Micros | None:
        """The earliest timer of all, or None."""
        ...

    def pending(self, now: Micros, limit: int) -> list[EffectRow]:
        """Effects to be looked at by ``now``, in the order in which they were asked for."""
        ...

    def settle(self, rows: Iterable[EffectRow]) -> None:
        """Write the delivery side (status, attempts, message, …) of effects, durably."""
        ...

    def effects(self, customer: str | None = None) -> Iterator[EffectRow]:
        """Effects in the order in which they were asked for."""
        ...

    def effect(self, key: str) -> EffectRow | None:
        """One effect by its key."""
        ...

    def decisions(self, customer: str) -> list[bytes]:
        """A customer's decisions in order, as they are in the log: those of one input together."""
        ...

    def log(self, customer: str) -> list[LogRow]:
        """A customer's inputs, in the order in which they were taken."""
        ...

    def customers(self, after: str = "", limit: int = 1000) -> list[StateRow]:
        """States by customer id, from the one after ``after``."""
        ...

    def recent(self, limit: int) -> list[str]:
        """Customer ids, the newest known first."""
        ...

    def dead_letters(self, *, waiting: bool = True) -> list[DeadLetter]:
        """Dead letters, oldest first."""
        ...

    def replayed(self, number: int) -> None:
        """Note that a dead letter was processed after all."""
        ...

    def counts(self) -> dict[str, int]:
        """The running totals of everything committed."""
        ...

    def position(self, source: str) -> Position | None:
        """How far a source was read."""
        ...

    def facts(self, text: str) -> int:
        """The number of the facts in force; a new one when the text is not the last one's."""
        ...

    def all_facts(self) -> dict[int, str]:
        """Every facts text by number."""
        ...

    def keep_lengths(self, body: bytes) -> int:
        """Keep a snapshot of how long steps take, for ever; its number, from 1."""
        ...

    def lengths(self) -> list[int]:
        """The numbers of all such snapshots, ascending."""
        ...

    def read_lengths(self, number: int) -> bytes:
        """The snapshot of that number, which is one of ``lengths``."""
        ...

    def keep_playbook(self, name: str, version: str, text: bytes) -> None:
        """Keep a playbook version for ever (the journeys that began with it end with it)."""
        ...

    def playbooks(self) -> list[tuple[str, str, bytes]]:
        """Every version kept: name, version, canonical text; oldest first."""
        ...

    def helped(self, helper: str) -> list[str]:
        """The customers that a helper was ever named for or told of, by id."""
        ...

    def helpers(self) -> list[str]:
        """Everybody who was ever named beside a customer, or told of one, by id."""
        ...

    def link(self, token: str, customer: str, journey: int) -> None:
        """Remember what an unguessable token opens."""
        ...

    def link_all(self, links: Iterable[tuple[str, str, int]]) -> None:
        """Remember many, in one transaction: token, customer, journey (below 0: no page)."""
        ...

    def linked(self, token: str) -> tuple[str, int] | None:
        """What a token opens."""
        ...

    def secret(self) -> bytes:
        """32 random bytes, made once for this store."""
        ...

    def tombstones(self) -> list[Tombstone]:
        """Everybody who was erased."""
        ...

    def tidy(self, gone: Gone) -> None:
        """Delete links and dead letters of customers who are gone: some came in between."""
        ...

    def scrub(self) -> bool:
        """Leave no byte of what was deleted in any file; False while another process reads."""
        ...

    def scrubbed(self, marks: Collection[bytes]) -> None:
        """Note that nothing is left to be wiped of these."""
        ...

    def close(self) -> None: ...
