"""The one pure function: state, event and facts in; state, effects and decisions out.

It is total: an event that cannot be applied comes back as ``Transition.unusable`` with the reason,
and the state as it was. There is no clock, chance or I/O here; replaying the same inputs gives the
same bytes.
"""

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import assert_never

from msgspec.structs import replace

from ofone.domain.errors import NotFound, UnusableEvent
from ofone.domain.events import Event, Happened, Migrated, Receipt, TimerFired, Value, describe
from ofone.domain.state import CustomerState, Evidence
from ofone.domain.times import DAY, Micros
from ofone.domain.transition import Transition
from ofone.journeys.admit import asks_in
from ofone.journeys.draft import Draft
from ofone.journeys.enter import begin, check_dates, concerned, holds, take_in
from ofone.journeys.helper import ANSWERED, UNDELIVERED, answer, undelivered
from ofone.journeys.library import SILENCE, Facts, silence
from ofone.journeys.pace import awaken, consider, fire, redo, settle, wait_anew
from ofone.journeys.quiet import acted
from ofone.journeys.stage import usual
from ofone.needs.evidence import (
    BASELINE,
    CORRECTED,
    PREFERENCES,
    Contact,
    Scored,
    baseline,
    beside,
    correction,
    signals,
)
from ofone.needs.model import STATED, TAKEN_BACK, learn, override
from ofone.profiles.fold import LINKS_REVOKED, asked, distress, fold, state, undeliverable
from ofone.profiles.stated import PAUSE

RECENT = 32
"""Event ids remembered in the state; older ones are looked up in the log."""
ERASE = "Erase Requested"
"""The event by which a customer is forgotten, and everything kept of them with it."""
EARLY = 32
"""Events kept for a journey that has not begun."""


@lru_cache(maxsize=1)  # the loop asks for it, and then the transition does
def digest(event_id: str) -> bytes:
    """Eight bytes that stand for an event id, the same on every machine."""
    return blake2b(event_id.encode(), digest_size=8).digest()


def seen(recent: bytes, one: bytes) -> bool:
    """Whether the digest is in the ring."""
    at = recent.find(one)
    while at >= 0 and at % 8:
        at = recent.find(one, at + 1)
    return at >= 0


def advance(state: CustomerState, event: Event, facts: Facts) -> Transition:
    """Fold one event. The same object comes back as ``state`` when nothing changed."""
    try:
        match event:
            case Happened() if event.name == ERASE:
                return Transition(state=state, erase=True)
            case Happened():
                return _happened(state, event, facts)
            case TimerFired():
                return _timer_fired(state, event, facts)
            case Receipt():
                return _receipt(state, event, facts)
            case Migrated():
                return _migrated(state, event, facts)
            case _:
                assert_never(event)
    except (UnusableEvent, NotFound) as error:
        return Transition(state=state, unusable=str(error))
    except OverflowError:
        return Transition(
            state=state,
            unusable=f"{describe(event)} leads beyond the calendar; send it with its real time",
        )


def _happened(before: CustomerState, event: Happened, facts: Facts) -> Transition:
    one = digest(event.id)
    if seen(before.recent, one):
        return Transition(state=before)
    draft = Draft(before, facts)
    check_dates(draft, event)
    draft.remember(one, RECENT)
    draft.profile = fold(draft.profile, event)
    for condition in facts.library.distress.get(event.name, ()):
        if holds(condition, draft, event):
            draft.profile = distress(draft.profile, event.at)
    weighed = _weigh(draft, event)
    if PAUSE in draft.profile.preferences:
        awaken(draft)
    if event.name == ANSWERED and (place := answer(draft, event)) is not None:
        wait_anew(place, event.at)
    elif event.name == UNDELIVERED:
        undelivered(draft, event)
    asks_in(draft, event)
    begun = begin(draft, event)
    touched = [number for number in concerned(draft, event) if number not in begun]
    for number in touched:
        take_in(draft, number, event)
    if not begun and not touched and event.name in facts.library.awaited:
        _keep_early(draft, event)
    for number in (*begun, *touched):
        settle(draft, number, event.name)
    asked = (
        event.name in (BASELINE, CORRECTED)
        or draft.profile.preferences is not before.profile.preferences
    ) and event.name != LINKS_REVOKED
    if weighed or asked:
        consider(draft, event.name, asked=asked)
    if draft.profile.habits is not before.profile.habits:
        acted(draft)
    return draft.done()


def _weigh(draft: Draft, event: Happened) -> bool:
    """Fold what the event says about needs; True when it said something."""
    found: tuple[Scored, ...] = ()
    library = draft.facts.library
    if event.name == BASELINE:
        found = baseline(event, library.questions)
        put = [i for i in event.properties if i in library.questions or i in PREFERENCES]
        draft.profile = asked(draft.profile, put, event.at)
        stated: dict[str, Value] = {
            PREFERENCES[k]: v
            for k, v in event.properties.items()
            if k in PREFERENCES and v is not None
        }
        if stated:
            preferences = state(draft.profile.preferences, stated, event.at)
            draft.profile = replace(draft.profile, preferences=preferences)
    elif event.name == CORRECTED:
        found = (correction(event),)
    rules = library.signals.get(event.name)
    if rules is not None:
        holding = [r for c, r in rules if holds(c, draft, event)]
        spoken = [r for r in holding if r.silence is None]
        if spoken:
            found = (*found, *signals(spoken, _contact(draft, event.at)))
        for rule in holding:
            if rule.silence is not None:
                draft.set_timer(silence(event.name, rule), event.at + rule.silence[0])
    for name, within in library.answers.get(event.name, ()):
        due = draft.timers.get(name)
        if due is not None and event.at >= due - within:
            draft.drop_timer(name)
    found += tuple(
        Scored(need=h.need, score=h.score, variance=h.variance, kind=f"words ({h.reader})")
        for h in event.heard
    )
    if found:
        _learn(draft, found, event.at, event.id)
    return bool(found)


def _learn(draft: Draft, found: Iterable[Scored], at: Micros, event: str) -> None:
    needs = dict(draft.needs)
    stage = usual(draft.journeys, draft.facts.library, at)
    for said in found:
        s = beside(said, stage.get(said.need, 0.0))
        piece = Evidence(at, s.score, s.variance, event, s.kind, s.answer, s.count)
        fold_in = override if s.kind in (STATED, TAKEN_BACK) else learn
        needs[s.need] = fold_in(needs.get(s.need), piece, s.need)
    draft.needs = needs


def _contact(draft: Draft, at: Micros) -> Contact:
    """The moment of an event among the journeys and messages around it."""
    open_then = [
        j.started for j in draft.journeys if j.started <= at and (j.ended is None or j.ended >= at)
    ]
    written = bisect_right(draft.contacts, at)
    return Contact(
        at=at,
        since=min(open_then, default=at - 7 * DAY),
        written=draft.contacts[written - 1] if written else None,
    )


def _keep_early(draft: Draft, event: Happened) -> None:
    if len(draft.early) >= EARLY:
        raise UnusableEvent(
            f"{event.name!r} came before its journey, and {EARLY} events wait for one already; "
            "send the event that begins the journey, then replay this one"
        )
    draft.early = tuple(sorted((*draft.early, event), key=lambda e: (e.at, e.id)))


def _timer_fired(before: CustomerState, event: TimerFired, facts: Facts) -> Transition:
    if not any(t.name == event.name and t.due == event.due for t in before.timers):
        return Transition(state=before)
    draft = Draft(before, facts)
    draft.drop_timer(event.name)
    if event.name.startswith(SILENCE):
        _unanswered(draft, event)
    else:
        fire(draft, event.name, event.due)
    return draft.done()


def _unanswered(draft: Draft, event: TimerFired) -> None:
    """What somebody did not say says a little, at the moment it was no longer to be expected."""
    for name, rules in draft.facts.library.signals.items():
        for _, rule in rules:
            if rule.silence is not None and silence(name, rule) == event.name:
                said = Scored(
                    need=rule.need, score=rule.score, variance=rule.variance, kind=rule.because
                )
                _learn(draft, [said], event.due, event.id)
                consider(draft, rule.because)
                return


def _receipt(before: CustomerState, event: Receipt, facts: Facts) -> Transition:
    one = digest(event.id)
    if (
        event.status not in ("failed", "moved")
        or event.journey >= len(before.journeys)
        or seen(before.recent, one)
    ):
        return Transition(state=before)
    draft = Draft(before, facts)
    draft.remember(one, RECENT)
    contacts = list(draft.contacts)
    if event.at in contacts:
        contacts.remove(event.at)
    if event.status == "moved":
        # People are reached when it goes out, not when it was decided: caps and gaps count that.
        draft.contacts = tuple(sorted([*contacts, event.done]))
        return draft.done()
    draft.profile = undeliverable(draft.profile, event.channel, event.at)
    # What did not arrive was no contact: the other way need not keep a distance from it.
    draft.contacts = tuple(contacts)
    redo(draft, event)
    return draft.done()


def _migrated(before: CustomerState, event: Migrated, facts: Facts) -> Transition:
    if event.journey >= len(before.journeys):
        raise UnusableEvent(f"customer {event.customer!r} has no journey {event.journey}")
    journey = before.journeys[event.journey]
    if journey.version == event.version or journey.status != "active":
        return Transition(state=before)
    facts.library.version(journey.playbook, event.version)
    draft = Draft(before, facts)
    # News that waits for the morning, and that nothing else would bring again.
    waiting = {n: due for n, due in draft.timers.items() if n.split("/")[3:4] == ["m"]}
    draft.drop_timers(f"{event.journey}/")
    draft.timers.update(waiting)
    draft.put(replace(journey, version=event.version))
    settle(draft, event.journey, "a new version of the playbook", again=True)
    return draft.done()
