"""Everything in dictionaries: for tests, rehearsals, and as the plainest reading of the port."""

import secrets
from collections.abc import Collection, Iterable, Iterator
from threading import RLock

from msgspec.structs import replace

from ofone.domain.times import Micros
from ofone.runtime.erase import mentions
from ofone.runtime.ports import (
    Batch,
    DeadLetter,
    EffectRow,
    Erasure,
    Gone,
    LogRow,
    Position,
    StateRow,
    Tombstone,
)


class MemoryStore:
    """A store that forgets everything when the process ends."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._states: dict[str, StateRow] = {}
        self._log: dict[str, list[LogRow]] = {}
        self._effects: dict[str, EffectRow] = {}
        self._forgotten: set[tuple[str, int]] = set()
        self._dead: list[DeadLetter] = []
        self._counts: dict[str, int] = {}
        self._positions: dict[str, Position] = {}
        self._facts: list[str] = []
        self._lengths: list[bytes] = []
        self._playbooks: dict[tuple[str, str], bytes] = {}
        self._links: dict[str, tuple[str, int]] = {}
        self._helped: set[tuple[str, str]] = set()
        self._tombstones: dict[bytes, Tombstone] = {}
        self._secret = secrets.token_bytes(32)

    def load(self, customer: str) -> bytes | None:
        row = self._states.get(customer)
        return None if row is None else row.body

    def forgotten(self, customer: str, digest: int) -> bool:
        return (customer, digest) in self._forgotten

    def commit(self, batch: Batch) -> None:
        with self._lock:
            for gone in batch.erased:
                self._erase(gone)
            for r in batch.log:
                self._log.setdefault(r.customer, []).append(r)
            for s in batch.states:
                self._states[s.customer] = s
            for e in batch.effects:
                self._effects[e.key] = e
            self._forgotten.update(batch.forgotten)
            self._helped.update(batch.helped)
            for letter in batch.dead:
                self._bury(letter)
            for name, n in batch.counts.items():
                self._counts[name] = self._counts.get(name, 0) + n
            if batch.position is not None:
                self._positions[batch.position.source] = batch.position

    def _erase(self, e: Erasure) -> None:
        self._states.pop(e.customer, None)
        self._log.pop(e.customer, None)
        self._effects = {k: r for k, r in self._effects.items() if r.customer != e.customer}
        self._forgotten = {f for f in self._forgotten if f[0] != e.customer}
        self._helped = {h for h in self._helped if h[1] != e.customer}
        self._links = {t: to for t, to in self._links.items() if to[0] != e.customer}
        self._links |= {t: (customer, journey) for t, customer, journey in e.links}
        self._dead = [d for d in self._dead if not mentions(d, e.customer, e.words)]
        self._tombstones[e.mark] = Tombstone(e.mark, e.at, e.version, e.told)

    def _bury(self, letter: DeadLetter) -> None:
        mark = (letter.kind, letter.origin, letter.raw)
        for n, d in enumerate(self._dead):
            if (d.kind, d.origin, d.raw) == mark:
                if d.status == "replayed":
                    self._dead[n] = replace(letter, number=d.number)
                    self._counts["dead_letters"] = self._counts.get("dead_letters", 0) + 1
                return
        number = max((d.number for d in self._dead), default=0) + 1
        self._dead.append(replace(letter, number=number))
        self._counts["dead_letters"] = self._counts.get("dead_letters", 0) + 1

    def due(self, now: Micros, limit: int) -> list[tuple[str, Micros]]:
        found = [(s.due, s.customer) for s in self._states.values() if s.due is not None]
        return [(c, due) for due, c in sorted(found) if due <= now][:limit]

    def next_due(self) -> Micros | None:
        return min((s.due for s in self._states.values() if s.due is not None), default=None)

    def pending(self, now: Micros, limit: int) -> list[EffectRow]:
        found = [e for e in self._effects.values() if e.next_at is not None and e.next_at <= now]
        return sorted(found, key=lambda e: e.next_at or 0)[:limit]

    def settle(self, rows: Iterable[EffectRow]) -> None:
        with self._lock:
            self._effects.update({r.key: r for r in rows if r.key in self._effects})

    def effects(self, customer: str | None = None) -> Iterator[EffectRow]:
        return iter([e for e in self._effects.values() if customer in (None, e.customer)])

    def effect(self, key: str) -> EffectRow | None:
        return self._effects.get(key)

    def decisions(self, customer: str) -> list[bytes]:
        return [r.decisions for r in self._log.get(customer, ()) if r.decisions]

    def log(self, customer: str) -> list[LogRow]:
        return list(self._log.get(customer, ()))

    def customers(self, after: str = "", limit: int = 1000) -> list[StateRow]:
        return [self._states[c] for c in sorted(self._states) if c > after][:limit]

    def recent(self, limit: int) -> list[str]:
        return list(reversed(self._states))[:limit]

    def dead_letters(self, *, waiting: bool = True) -> list[DeadLetter]:
        return [d for d in self._dead if not waiting or d.status == "waiting"]

    def replayed(self, number: int) -> None:
        self._dead = [
            replace(d, status="replayed") if d.number == number else d for d in self._dead
        ]

    def counts(self) -> dict[str, int]:
        return dict(self._counts)

    def position(self, source: str) -> Position | None:
        return self._positions.get(source)

    def facts(self, text: str) -> int:
        if self._facts[-1:] != [text]:
            self._facts.append(text)
        return len(self._facts)

    def keep_lengths(self, body: bytes) -> int:
        self._lengths.append(body)
        return len(self._lengths)

    def lengths(self) -> list[int]:
        return list(range(1, len(self._lengths) + 1))

    def read_lengths(self, number: int) -> bytes:
        return self._lengths[number - 1]

    def all_facts(self) -> dict[int, str]:
        return dict(enumerate(self._facts, 1))

    def keep_playbook(self, name: str, version: str, text: bytes) -> None:
        self._playbooks.setdefault((name, version), text)

    def playbooks(self) -> list[tuple[str, str, bytes]]:
        return [(name, version, text) for (name, version), text in self._playbooks.items()]

    def helped(self, helper: str) -> list[str]:
        return sorted(customer for one, customer in self._helped if one == helper)

    def helpers(self) -> list[str]:
        return sorted({helper for helper, _ in self._helped})

    def link(self, token: str, customer: str, journey: int) -> None:
        self.link_all([(token, customer, journey)])

    def link_all(self, links: Iterable[tuple[str, str, int]]) -> None:
        for token, customer, journey in links:
            self._links.setdefault(token, (customer, journey))

    def linked(self, token: str) -> tuple[str, int] | None:
        return self._links.get(token)

    def secret(self) -> bytes:
        return self._secret

    def tombstones(self) -> list[Tombstone]:
        return list(self._tombstones.values())

    def tidy(self, gone: Gone) -> None:
        with self._lock:
            back = self._states
            self._links = {
                t: to for t, to in self._links.items() if to[0] in back or not gone(to[0], 0)
            }
            self._dead = [d for d in self._dead if not (d.customer and gone(d.customer, d.at))]

    def scrub(self) -> bool:
        return True

    def scrubbed(self, marks: Collection[bytes]) -> None:
        self._tombstones |= {m: replace(self._tombstones[m], told=None) for m in marks}

    def close(self) -> None:
        """Nothing to do: what was kept goes with the process."""
