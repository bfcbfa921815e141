"""What a helper may see, gathered: one projection for the page, the command and every export."""

from msgspec import Struct

from ofone.decisions.guards.address import TRAIT
from ofone.domain.effects import TellHelper
from ofone.domain.errors import NotFound
from ofone.domain.helping import (
    HelperCase,
    HelperInbox,
    HelperNote,
    HelperRequest,
    HelperStep,
    RequestState,
)
from ofone.domain.messages import Message
from ofone.domain.state import CustomerState, Journey, Request
from ofone.domain.times import DAY, Micros, iso
from ofone.journeys.compiled import Compiled
from ofone.journeys.dates import Range, expected
from ofone.journeys.helper import ACKNOWLEDGED, NOBODY
from ofone.journeys.library import Library
from ofone.journeys.progress import current_steps
from ofone.journeys.schedule import read_date
from ofone.runtime.codec import decode_effect, decode_message, decode_state
from ofone.runtime.ports import Store

KEPT = 30 * DAY
"""How long an ended journey, an answered request and a note are shown."""
NOTES = 50


class _Told(Struct):
    effect: TellHelper
    message: Message | None


def inbox(store: Store, library: Library, helper: str, now: Micros | None = None) -> HelperInbox:
    """Everything for one helper. Raises NotFound with who there is.

    ``now`` is the moment that dates are quoted for; left out, the last that anything the helper
    may know happened: not the customer's own last moment, which tells how often we wrote.
    """
    customers = store.helped(helper)
    if not customers:
        known = ", ".join(store.helpers()[:5]) or "nobody yet"
        raise NotFound(f"no helper {helper!r} here; helpers are: {known}")
    found = [_Customer(store, library, helper, name) for name in customers]
    at = now if now is not None else max((c.last for c in found), default=0)
    told = [t for c in found for t in c.told]
    latest = max(told, key=lambda t: t.effect.at, default=None)
    zones = [c.compiled(j).zone.key for c in found for j in c.state.journeys]
    requests = [r for c in found for r in c.requests(at)]
    cases = [case for c in found for case in c.cases(at)]
    notes = dict(n for c in found for n in c.notes(at).items()).values()
    return HelperInbox(
        helper=helper,
        name=latest.effect.view.helper_name if latest is not None else "",
        zone=max(sorted(set(zones)), key=zones.count, default="UTC"),
        requests=tuple(sorted(requests, key=lambda r: (r.state != "open", r.due, r.reference))),
        cases=tuple(sorted(cases, key=lambda c: (c.name.lower(), c.customer, c.began))),
        notes=tuple(sorted(notes, key=lambda n: (n.at, n.subject, n.text), reverse=True)[:NOTES]),
    )


class _Customer:
    """One customer, seen through what one helper may know."""

    def __init__(self, store: Store, library: Library, helper: str, customer: str) -> None:
        body = store.load(customer)
        self.state = decode_state(body) if body is not None else CustomerState(customer=customer)
        self.library = library
        self.helper = helper
        self.told: list[_Told] = []
        for row in store.effects(customer):
            effect = decode_effect(row.body)
            if isinstance(effect, TellHelper) and effect.view.helper == helper:
                message = decode_message(row.message) if row.message else None
                self.told.append(_Told(effect, message))

    @property
    def name(self) -> str:
        known = self.state.profile.traits.get("name")
        return str(known.value) if known is not None and known.value else self.state.customer

    @property
    def last(self) -> Micros:
        moments = [t.effect.at for t in self.told]
        for j in self.state.journeys:
            moments += [j.started, j.ended or 0]
            moments += [at for s in j.steps.values() for at in (s.entered or 0, s.done or 0)]
            moments += [r.answered or r.at for r in j.requests.values()]
        return max(moments, default=0)

    def compiled(self, journey: Journey) -> Compiled:
        return self.library.version(journey.playbook, journey.version)

    def cases(self, now: Micros) -> list[HelperCase]:
        """The journeys this helper is named for, or was asked about."""
        found = []
        for j in self.state.journeys:
            compiled = self.compiled(j)
            named = any(
                h.trait and self._trait(h.trait) == self.helper for h in compiled.playbook.helpers
            )
            mine = named or any(r.helper == self.helper for r in j.requests.values())
            if mine and (j.ended is None or j.ended > now - KEPT):
                found.append(case_of(self.state.customer, self.name, j, self.library, now))
        return found

    def requests(self, now: Micros) -> list[HelperRequest]:
        """What this helper was asked: what is open, and lately was."""
        found = {}
        for t in self.told:
            journey = self.state.journeys[t.effect.journey]
            request = journey.requests.get(t.effect.reference)
            if request is None:
                continue
            state = _state(request, journey, self.helper)
            waits = state in ("open", "taken up")
            if waits or t.effect.at > now - KEPT:
                said, told = t.message, f"Telephone: {t.effect.view.phone}"
                mine = state != "passed on"
                found[t.effect.reference] = HelperRequest(
                    reference=t.effect.reference,
                    customer=self.state.customer,
                    name=self.name,
                    step=t.effect.view.step_title,
                    subject=said.subject if said is not None else "",
                    text=_before_the_link(said.text).removesuffix(told).rstrip() if said else "",
                    asked=_iso(t.effect.at),
                    due=_iso(request.due if mine else t.effect.answer_by or t.effect.at),
                    state=state,
                    outcome=request.outcome if mine and request.outcome != NOBODY else "",
                    by=request.by if mine else "",
                    phone=self._trait(TRAIT["call"]) if waits else "",
                )
        return list(found.values())

    def notes(self, now: Micros) -> dict[str, HelperNote]:
        """Tips, plain copies and lists that went out, by message: a list of tips is one."""
        found: dict[str, HelperNote] = {}
        for t in self.told:
            if t.effect.kind != "request" and t.message is not None and t.effect.at > now - KEPT:
                note = HelperNote(
                    kind="copy" if t.effect.kind == "copy" else "tip",
                    step=t.effect.view.step_title,
                    subject=t.message.subject,
                    text=_before_the_link(t.message.text),
                    at=_iso(t.message.at),
                )
                found.setdefault(t.message.key, note)
        return found

    def _trait(self, name: str) -> str:
        known = self.state.profile.traits.get(name)
        return str(known.value) if known is not None and known.value else ""


def _state(request: Request, journey: Journey, helper: str) -> RequestState:
    if request.helper != helper:
        return "passed on"
    step = journey.steps.get(request.step)
    still = request.step in current_steps(journey) and step is not None
    if request.outcome not in ("", ACKNOWLEDGED, NOBODY):
        return "answered"
    if not still or step is None or step.attempts != request.attempt or request.outcome == NOBODY:
        return "over"
    return "taken up" if request.outcome else "open"


def case_of(customer: str, name: str, j: Journey, library: Library, now: Micros) -> HelperCase:
    """One journey as everybody beside it may see it: steps and dates, for that moment."""
    compiled = library.version(j.playbook, j.version)
    ranges = expected(compiled, j, now, library.lengths)
    outcome = compiled.outcomes.get(j.outcome)
    steps = []
    for step_id, ready in compiled.steps.items():
        s = j.steps.get(step_id)
        if s is None and ready.step.optional:
            continue
        fact = j.facts.get(ready.step.date) if ready.step.date else None
        booked = read_date(fact.value) if fact is not None and isinstance(fact.value, str) else None
        quoted = ranges.get(step_id, Range(0, 0))
        steps.append(
            HelperStep(
                title=ready.step.title,
                status=s.status if s is not None else "ahead",
                began=iso(s.entered) if s is not None else None,
                done=iso(s.done) if s is not None else None,
                appointment=iso(booked),
                expected_from=iso(quoted.start or None),
                expected_to=iso(quoted.end or None),
                late=quoted.late,
            )
        )
    return HelperCase(
        customer=customer,
        name=name,
        journey=compiled.playbook.title,
        status=j.status,
        end=outcome.title if outcome is not None else "",
        began=_iso(j.started),
        steps=tuple(steps),
    )


def _before_the_link(text: str) -> str:
    """A mail's words without the link that leads to the page they are shown on, and the sender."""
    return text.split("\nAnswer with one tap", maxsplit=1)[0].rsplit("\n-- \n", 1)[0].rstrip()


def _iso(at: Micros) -> str:
    return str(iso(at))
