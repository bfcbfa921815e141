"""Carry out what was asked for: check again, render once, attempt under the same key.

Before an attempt, that fact is made durable. A crash in the middle is therefore seen: where the
other side knows the key, the attempt is made again; where it does not, the outcome is *unknown*,
said as a receipt, and never retried by itself; but a channel that can tell is asked what became
of it.
"""

from collections.abc import Mapping, Sequence
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from ofone.decisions.guards import verdicts
from ofone.domain.decisions import Verdict
from ofone.domain.effects import Admit, Effect, Send, TellHelper, receipt
from ofone.domain.errors import TemplateError
from ofone.domain.events import Happened
from ofone.domain.messages import Message, Outcome
from ofone.domain.state import CustomerState, Journey
from ofone.domain.times import HOUR, SECOND, Micros
from ofone.journeys.admit import bounced
from ofone.journeys.asking import asking
from ofone.journeys.compiled import Compiled
from ofone.journeys.helper import unreached
from ofone.journeys.schedule import read_date
from ofone.runtime import admission
from ofone.runtime.codec import decode_effect, decode_message, encode_message
from ofone.runtime.digest import Digest
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.runtime.ports import Batch, Channel, DeadLetter, EffectRow, ManyAtOnce, Resolver
from ofone.runtime.words import write, write_to_helper

FIRST_WAIT = 30 * SECOND
LONGEST_WAIT = HOUR
AT_ONCE = 16
"""Messages that are marked as attempted together where a repeat would be a second message."""
ATTEMPTS = 30
"""Retries double from FIRST_WAIT up to LONGEST_WAIT; thirty of them take about a day."""

MOVED = 10 * SECOND
"""What goes out so much later than it was decided is told to the journey, whose caps count it."""

# "Said already" and "long ago" were settled by the decision; the rest may have changed since.
_SETTLED = ("repeat", "stale")
_WENT = ("accepted", "delivered", "unknown")


class Dispatched(Struct):
    """What one round did."""

    attempts: int = 0
    delivered: int = 0
    withheld: int = 0
    failed: int = 0


class Dispatcher:
    """Takes pending effects to their channels, which are given by name; ``helper`` is one.

    ``real``: whether time passes by the wall; else each effect is taken at its own time, with what
    was known then: what came later in the same file neither withholds nor rewords it.
    """

    def __init__(
        self, engine: Engine, channels: Mapping[str, Channel], links: Links, *, real: bool = True
    ) -> None:
        self.engine = engine
        self.store = engine.store
        self.channels = channels
        self.links = links
        self.real = real
        self._going: dict[str, list[tuple[Micros, Micros]]] = {}
        self.digest = Digest(engine.store, engine.library, real=real)
        if not real:
            engine.writing = links

    def run_once(self, now: Micros, *, limit: int = 256) -> Dispatched:
        """One round over what is pending by ``now``. Raises StoreError; nothing is lost then."""
        done = Dispatched()
        tips = self.digest.sort(self.store.pending(now, limit), now)
        ready: list[tuple[EffectRow, Message]] = []
        settled: list[EffectRow] = tips.waiting
        self._going.clear()
        links = self.links.gathering()
        for members in tips.lists:
            try:
                message = self.digest.write(members, links)
            except TemplateError as error:
                settled += [self._hold(row, str(error)) for row in members]
                continue
            frozen = encode_message(message)
            ready += [(replace(r, attempting=True, message=frozen), message) for r in members]
        for row in tips.alone:
            if self._gone(row):
                continue
            effect = decode_effect(row.body)
            if row.attempting and not self._channel(row, effect).idempotent:
                why = "the process ended during the attempt"
                self._tell(effect, row, "unknown", why)
                settled.append(self._doubt(row, why, now, FIRST_WAIT))
                continue
            if row.status == "unknown":
                can_tell = isinstance(self._channel(row, effect), Resolver)
                if row.message is not None and can_tell:
                    ready.append((row, decode_message(row.message)))
                else:
                    settled.append(replace(row, next_at=None))
                continue
            at = self._at(row, now)
            prepared = self._prepare(row, effect, at, links)
            if isinstance(prepared, Message):
                # A code is rendered anew for each attempt, and stays nowhere.
                kept = None if isinstance(effect, Admit) else encode_message(prepared)
                attempt = replace(row, attempting=True, message=kept)
                ready.append((attempt, prepared))
                self._going.setdefault(row.customer, []).append((row.at, at))
            else:
                done.withheld += prepared.status == "withheld"
                settled.append(prepared)
        # In which order customers were written to must not show in the order of helpers' messages.
        ready.sort(key=lambda one: _turn(one[1]))
        links.keep()
        self.store.settle(settled)
        finished: list[EffectRow] = []
        learned: list[Happened] = []
        moved: list[tuple[EffectRow, Micros]] = []
        # Several tips may be one list: it is attempted once, and all of them share its outcome.
        once: dict[str, tuple[EffectRow, Message]] = {}
        for row, message in ready:
            once.setdefault(message.key, (row, message))
        done.attempts = sum(row.status != "unknown" for row, _ in once.values())
        outcomes = self._attempt_all(once, ready)
        for row, message in ready:
            outcome = outcomes.get(message.key)
            if outcome is None or self._gone(row):
                continue  # erased meanwhile: there is nobody to tell, and nothing to keep
            learned += outcome.learned
            after = self._after(row, outcome, self._at(row, now))
            done.delivered += after.status in ("accepted", "delivered")
            done.failed += after.status == "failed"
            finished.append(after)
            went = self._at(row, now)
            late = went - row.at >= MOVED and row.status != "unknown"
            if self.real and late and after.status in _WENT:
                moved.append((row, went))
        # Told before it is settled: after a crash it is told again, which changes nothing.
        for event in learned:
            self.engine.submit(event)
        for row, went in moved:
            self._tell(decode_effect(row.body), row, "moved", "", went)
        for row in finished:
            if row.status in ("failed", "unknown"):
                self._tell(decode_effect(row.body), row, row.status, row.detail)
        self.store.settle(finished)
        # Their words are on the customer's page only now.
        self.engine.moved({m.who for _, m in ready if m.channel == "in_app"})
        return done

    def _attempt_all(
        self,
        once: Mapping[str, tuple[EffectRow, Message]],
        ready: Sequence[tuple[EffectRow, Message]],
    ) -> dict[str, Outcome]:
        """Mark and attempt, in turn: what a crash leaves in doubt is one group at most.

        Where every repeat is recognised nothing is ever in doubt, and one group is enough.
        """
        waiting = list(once.values())
        sure = all(self.channels[message.channel].idempotent for _, message in waiting)
        size = max(len(waiting), 1) if sure else AT_ONCE
        outcomes: dict[str, Outcome] = {}
        for start in range(0, len(waiting), size):
            group = waiting[start : start + size]
            # Erased meanwhile: what is not on its way yet does not go.
            keys = {message.key for row, message in ready if not self._gone(row)}
            group = [(row, message) for row, message in group if message.key in keys]
            keys &= {message.key for _, message in group}
            self.store.settle([row for row, message in ready if message.key in keys])
            told = zip(group, self._attempt(group), strict=True)
            outcomes |= {message.key: outcome for (_, message), outcome in told}
        return outcomes

    def run_until_idle(self, now: Micros) -> int:
        """Rounds until nothing is pending by ``now``; how many were delivered."""
        delivered = 0
        while self.store.pending(now, 1):
            delivered += self.run_once(now).delivered
        return delivered

    def _attempt(self, ready: Sequence[tuple[EffectRow, Message]]) -> list[Outcome]:
        """One outcome for each; what one channel carries keeps its order."""
        outcomes: dict[int, Outcome] = {}
        places: dict[int, list[int]] = {}
        for n, (row, message) in enumerate(ready):
            channel = self.channels[message.channel]
            if row.status == "unknown" and isinstance(channel, Resolver):
                outcomes[n] = channel.resolve(message)
            elif isinstance(channel, ManyAtOnce):
                places.setdefault(id(channel), []).append(n)
            else:
                outcomes[n] = channel.deliver(message)
        for numbers in places.values():
            channel = self.channels[ready[numbers[0]][1].channel]
            assert isinstance(channel, ManyAtOnce)  # noqa: S101  (that is how they were chosen)
            found = channel.deliver_all([ready[n][1] for n in numbers])
            outcomes.update(zip(numbers, found, strict=True))
        return [outcomes[n] for n in range(len(ready))]

    def _channel(self, row: EffectRow, effect: Effect) -> Channel:
        """Who carries a row, once it was rendered: what goes to a helper has no way before that."""
        if isinstance(effect, Send | Admit):
            return self.channels[effect.channel]
        return self.channels[decode_message(row.message).channel if row.message else "helper"]

    def _gone(self, row: EffectRow) -> bool:
        return self.engine.gone(row.customer, row.at)

    def _at(self, row: EffectRow, now: Micros) -> Micros:
        return now if self.real else max(row.next_at or row.at, row.at)

    def _prepare(
        self, row: EffectRow, effect: Effect, at: Micros, links: Links
    ) -> Message | EffectRow:
        """The message to attempt, or the row as it stands when it may not go out (now)."""
        state = self.engine.get(row.customer) or CustomerState(customer=row.customer)
        if self._gone(row):  # asked after the state was read: it may be a stranger's by now
            return self._finish(row, "withheld", "the customer was erased")
        # What was put into words as it was decided goes at that very moment: its guards were asked.
        asked = not self.real and row.message is not None and at == row.at
        if isinstance(effect, Send) and not asked:
            refused = self._refused(effect, state, at)
            if refused and all(v.until is not None for v in refused):
                until = max(v.until for v in refused if v.until is not None)
                return replace(row, status="held", next_at=until, detail=refused[0].reason)
            if refused:
                reason = "; ".join(v.reason for v in refused if v.until is None)
                if any(v.guard == "undeliverable" for v in refused):
                    # The address failed since it was decided: the journey may find another way.
                    self._tell(effect, row, "failed", reason)
                return self._finish(row, "withheld", reason)
        if isinstance(effect, Admit) and (
            why := admission.refused(effect, state, self.engine.library, at)
        ):
            return self._finish(row, "withheld", why)
        if row.message is not None:
            return decode_message(row.message)
        try:
            match effect:
                case Send():
                    return write(effect, state, self.engine.library, links)
                case TellHelper():
                    return write_to_helper(effect, self.engine.library, links)
                case Admit():
                    return admission.write(effect, state, self.engine.library, links)
                case _:
                    assert_never(effect)
        except TemplateError as error:
            return self._hold(row, str(error))

    def _refused(self, effect: Send, state: CustomerState, at: Micros) -> list[Verdict]:
        """The guards that refuse now; the customer may have spoken since the decision."""
        journey = state.journeys[effect.journey]
        compiled = self.engine.library.version(effect.playbook, effect.version)
        step = journey.steps.get(effect.step)
        closing = journey.ended is not None and journey.ended <= effect.at
        if at - effect.at > HOUR and not closing and (step is None or step.status != "current"):
            return [Verdict(guard="moot", ok=False, reason="the step is behind by now")]
        if _moved_again(compiled, journey, effect):
            return [Verdict(guard="moot", ok=False, reason="the appointment moved again since")]
        contacts = list(state.contacts)
        if effect.at in contacts:
            contacts.remove(effect.at)
        for decided, going in self._going.get(effect.customer, ()) if self.real else ():
            if decided in contacts:
                contacts[contacts.index(decided)] = going
        earlier = sorted([c for c in contacts if c <= at])
        ask = asking(
            now=at,
            channel=effect.channel,
            compiled=compiled,
            library=self.engine.library,
            profile=state.profile,
            needs=state.needs,
            journeys=state.journeys,
            contacts=tuple(earlier),
            number=effect.journey,
            step=effect.step,
            action=compiled.actions[effect.action],
            since=effect.at,
            said=None,
            before=effect.before,
        )
        return [v for v in verdicts(ask) if not v.ok and v.guard not in _SETTLED]

    def _after(self, row: EffectRow, outcome: Outcome, now: Micros) -> EffectRow:
        if outcome.status == "unknown":
            asked = int(outcome.wait_s * SECOND) if row.status == "unknown" else FIRST_WAIT
            return self._doubt(row, outcome.detail, now, asked)
        if outcome.status != "retry":
            return self._finish(row, outcome.status, outcome.detail)
        if not self.real:
            # A replay does not sit and wait for a server: it can be tried again when it is there.
            return self._hold(row, outcome.detail)
        attempts = row.attempts + 1
        if attempts >= ATTEMPTS:
            return self._finish(row, "failed", f"given up after {attempts} tries: {outcome.detail}")
        wait = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
        wait = max(wait, int(outcome.wait_s * SECOND))
        return replace(
            row,
            status="requested",
            attempting=False,
            attempts=attempts,
            next_at=max(now, row.next_at or 0) + wait,
            detail=outcome.detail,
        )

    def _hold(self, row: EffectRow, reason: str) -> EffectRow:
        """Keep a delivery that cannot go out as it is: a dead letter that can be replayed."""
        letter = DeadLetter(
            at=row.at,
            kind="delivery",
            origin=row.key,
            reason=reason,
            raw=row.key.encode(),
            customer=row.customer,
        )
        if not self._gone(row):
            self.store.commit(Batch(dead=[letter]))
        return self._finish(row, "held", reason)

    def _doubt(self, row: EffectRow, detail: str, now: Micros, wait: Micros) -> EffectRow:
        """Unknown; the channel is asked after ``wait``, where it can tell and there is a wait."""
        told = self._finish(row, "unknown", detail)
        channel = self._channel(row, decode_effect(row.body))
        if not (self.real and wait and isinstance(channel, Resolver)):
            return told
        return replace(told, next_at=now + wait)

    def _finish(self, row: EffectRow, status: str, detail: str) -> EffectRow:
        return replace(
            row,
            status=status,
            next_at=None,
            attempting=False,
            attempts=row.attempts + (status not in ("withheld", "held")),
            detail=detail,
        )

    def _tell(
        self,
        effect: Effect,
        row: EffectRow,
        status: str,
        detail: str,
        done: Micros = 0,
    ) -> None:
        """News that matters to the journey comes in by the one door."""
        if isinstance(effect, Send):
            self.engine.submit(receipt(effect, status, row.at, detail, done))
        elif status == "failed" and isinstance(effect, Admit):
            self.engine.submit(bounced(effect, detail))
        elif status == "failed" and isinstance(effect, TellHelper) and effect.kind == "request":
            self.engine.submit(unreached(effect))


def _moved_again(compiled: Compiled, journey: Journey, effect: Send) -> bool:
    """Whether this confirms a date that is no more the step's: the last one has its own message."""
    ready = compiled.steps.get(effect.step)
    if effect.before is None or ready is None or ready.step.moved != effect.action:
        return False
    fact = journey.facts.get(ready.step.date)
    return fact is None or read_date(str(fact.value)) != effect.before


def _turn(message: Message) -> tuple[bool, Micros, str]:
    """Customers' messages stay as they are; helpers' come after them, by time and reference."""
    helper = message.to_kind == "helper"
    return (True, message.at, message.key) if helper else (False, 0, "")
