"""The list of calls as staff see it: each task beside where its customer stands by now.

A task is a message that waits for a person. What was true when it was decided may not be when
somebody looks: so the list asks again, as dispatch does, and lets go of what nobody need say any
more. The journey asks anew where it is needed anew.
"""

from collections.abc import Sequence
from pathlib import Path

from ofone.channels.calls import Calls, CallTask
from ofone.decisions.guards import Ask
from ofone.decisions.guards.address import address
from ofone.decisions.guards.consent import consent
from ofone.decisions.guards.hours import hours
from ofone.decisions.guards.paused import paused
from ofone.decisions.guards.places import places
from ofone.decisions.guards.quiet_hours import quiet_hours
from ofone.decisions.guards.undeliverable import undeliverable
from ofone.domain.calling import Call, CallDesk, Ended, NotNeeded
from ofone.domain.effects import Send
from ofone.domain.errors import NotFound
from ofone.domain.events import Happened
from ofone.domain.state import CustomerState, Journey
from ofone.domain.times import DAY, Micros, iso
from ofone.journeys.asking import asking
from ofone.journeys.library import Library
from ofone.journeys.progress import current_steps
from ofone.runtime.codec import decode_effect, decode_state
from ofone.runtime.helping import case_of
from ofone.runtime.ports import Store

CALLS = "calls.db"
"""The list of a data folder, which ``ofone serve`` makes with its first call."""
SHOWN = 100
STILL_SAID = 7 * DAY
"""How long it is said of a call that nobody need make it."""


def listed(data: Path, file: Path | None = None) -> Calls:
    """The list of a folder, or one in a file of its own; made only once something is on it."""
    return Calls(file or data / CALLS, later=True)


class AppCalls:
    """What the desk's page and command read and do. Times are by ``now``, given each time."""

    def __init__(self, calls: Calls, store: Store, library: Library) -> None:
        self.calls = calls
        self.store = store
        self.library = library

    def desk(self, now: Micros) -> CallDesk:
        """The list as it stands by now; what nobody needs any more is taken off it."""
        found: list[Call] = []
        for key, task in self.calls.keyed(SHOWN):
            seen = self._seen(key, task, now)
            if isinstance(seen, Call):
                found.append(seen)
            else:
                self.calls.take_back(key)
        gone = [
            NotNeeded(
                number=task.number,
                name=task.name or task.customer,
                step=self._step(key),
                why=said if isinstance(said := self._seen(key, task, now), str) else "taken back",
            )
            for key, task in self.calls.taken_back(now - STILL_SAID)
        ]
        return CallDesk(
            zone=self._zone(),
            count=self.calls.count(),
            calls=tuple(found),
            not_needed=tuple(gone),
        )

    def events_of(self, number: int, ended: Ended, caller: str, now: Micros) -> Sequence[Happened]:
        """How a call went, as events to submit. Raises NotFound, or OfoneError when it cannot."""
        return self.calls.events_of(number, ended, caller, now)

    def finish(self, number: int, ended: Ended, caller: str) -> None:
        """Take a call off the list, once its events are kept. Raises NotFound."""
        self.calls.finish(number, ended, caller)

    def said(self, number: int) -> tuple[str, str]:
        """Whose call it was, and how it ended; ("", "") for none."""
        try:
            task = self.calls.find(number)
        except NotFound:
            return "", ""
        return task.name or task.customer, task.ended

    def claim(self, number: int, caller: str) -> None:
        """Take a call. Raises NotFound, or OfoneError when another has it or it is over."""
        self.calls.claim(number, caller)

    def give_back(self, number: int, caller: str) -> None:
        """Let somebody else make a call. Raises NotFound."""
        self.calls.give_back(number, caller)

    def _seen(self, key: str, task: CallTask, now: Micros) -> Call | str:
        """The call, or why nobody need make it."""
        found = self._about(key)
        if found is None:
            return "it belongs to no journey here"
        effect, state, journey = found
        compiled = self.library.version(journey.playbook, journey.version)
        ready = compiled.steps.get(effect.step)
        closing = journey.ended is not None and journey.ended <= effect.at
        if not closing and effect.step not in current_steps(journey):
            return "the step is done" if journey.status == "active" else "the journey is over"
        now = max(now, state.now)
        ask = self._ask(effect, state, journey, now)
        for guard in (address, consent, undeliverable):
            verdict = guard(ask)
            if not verdict.ok:
                return verdict.reason
        waits = [
            v.until for v in (quiet_hours(ask), hours(ask), paused(ask)) if not v.ok and v.until
        ]
        traits = {name: str(t.value) for name, t in state.profile.traits.items() if t.value}
        return Call(
            number=task.number,
            customer=task.customer,
            name=task.name or task.customer,
            # Not the number of that day: who has a new one since is not at the old one.
            phone=traits.get("phone", task.phone),
            about=task.about,
            say_first=task.say_first,
            step=ready.step.title if ready is not None else effect.step,
            made=str(iso(task.made_at)),
            due=str(iso(task.answer_by)),
            zone=places(ask)[0][0].key,
            not_before=iso(max(waits)) if waits else None,
            language=traits.get("language", ""),
            caller=task.caller,
            case=case_of(state.customer, task.name or state.customer, journey, self.library, now),
        )

    def _ask(self, effect: Send, state: CustomerState, journey: Journey, now: Micros) -> Ask:
        compiled = self.library.version(effect.playbook, effect.version)
        return asking(
            now=now,
            channel="call",
            compiled=compiled,
            library=self.library,
            profile=state.profile,
            needs=state.needs,
            journeys=state.journeys,
            contacts=(),
            number=effect.journey,
            step=effect.step,
            action=compiled.actions[effect.action],
            since=effect.at,
            said=None,
            before=effect.before,
        )

    def _about(self, key: str) -> tuple[Send, CustomerState, Journey] | None:
        row = self.store.effect(key)
        effect = decode_effect(row.body) if row is not None else None
        body = self.store.load(effect.customer) if isinstance(effect, Send) else None
        if not isinstance(effect, Send) or body is None:
            return None
        state = decode_state(body)
        return effect, state, state.journeys[effect.journey]

    def _step(self, key: str) -> str:
        found = self._about(key)
        if found is None:
            return ""
        effect, _, journey = found
        ready = self.library.version(journey.playbook, journey.version).steps.get(effect.step)
        return ready.step.title if ready is not None else effect.step

    def _zone(self) -> str:
        zones = sorted(c.zone.key for c in self.library.current.values())
        return max(zones, key=zones.count, default="UTC")
