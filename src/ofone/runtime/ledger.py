"""The ledger: what a customer agreed to, and what was promised to the customer; each with proof."""

from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from ofone.domain.effects import Send
from ofone.domain.errors import NotFound, UnusableEvent
from ofone.domain.events import Happened
from ofone.domain.state import Consent, CustomerState, Profile
from ofone.domain.times import Micros, iso, to_datetime
from ofone.journeys.library import Library
from ofone.profiles.fold import fold, muted
from ofone.runtime.codec import decode_effect, decode_event, decode_state
from ofone.runtime.ports import Store

Fate = Literal["open", "kept", "broken", "replaced"]
"""``replaced``: another date was told, or the appointment was moved, before this one was over."""

_TOLD = ("accepted", "delivered")


class Word(Struct, frozen=True, kw_only=True):
    """One word on one channel for one purpose. ``at``: the source's time; ``taken``: ours."""

    channel: str
    purpose: str
    granted: bool
    at: Micros
    taken: Micros
    event: str
    name: str
    wording: str
    source: str
    in_force: bool


class Promise(Struct, frozen=True, kw_only=True):
    """Dates that were told: a step is to be done between ``start`` and ``end``.

    ``told`` lists every message that said the same: when, and on which channel.
    """

    journey: int
    step: str
    title: str
    start: Micros
    end: Micros
    told: tuple[tuple[Micros, str], ...]
    done: Micros | None
    fate: Fate


def consents(store: Store, customer: str) -> list[Word]:
    """Every word that changed what may be sent, in the order in which it was taken.

    Read from the log by the same fold that decides, so that it cannot say anything else.
    """
    profile = Profile()
    found: list[tuple[str, Consent, Micros, Happened]] = []
    for row in store.log(customer):
        event = decode_event(row.body)
        if isinstance(event, Happened):
            before = profile.consents
            try:
                profile = fold(profile, event)
            except UnusableEvent:
                continue
            found += [
                (key, word, row.now, event)
                for key, word in profile.consents.items()
                if before.get(key) != word
            ]
    return [
        Word(
            channel=key.partition(":")[0],
            purpose=key.partition(":")[2],
            granted=word.granted,
            at=word.at,
            taken=taken,
            event=event.id,
            name=event.name,
            wording=word.wording,
            source=event.source,
            in_force=profile.consents[key] == word
            and not (word.granted and muted(profile, key.partition(":")[0], word)),
        )
        for key, word, taken, event in found
    ]


def promises(store: Store, customer: str, library: Library, now: Micros) -> list[Promise]:
    """The dates that reached the customer, by journey and step, and what became of them.

    A promise is about a day: done on the last day of it, in the playbook's zone, it is kept.
    """
    state = _state(store, customer)
    told: dict[tuple[int, str, Micros, Micros], list[tuple[Micros, str]]] = {}
    for row in store.effects(customer):
        send = decode_effect(row.body)
        if isinstance(send, Send) and send.expected is not None and row.status in _TOLD:
            told.setdefault((send.journey, send.step, *send.expected), []).append(
                (send.at, send.channel)
            )
    found = []
    for (number, step, start, end), messages in told.items():
        journey = state.journeys[number]
        compiled = library.version(journey.playbook, journey.version)
        known = journey.steps.get(step)
        last = min(messages)[0]
        dated = (
            journey.facts.get(compiled.steps[step].step.date) if step in compiled.steps else None
        )
        found.append(
            Promise(
                journey=number,
                step=step,
                title=compiled.steps[step].step.title if step in compiled.steps else step,
                start=start,
                end=end,
                told=tuple(messages),
                done=known.done if known is not None else None,
                fate=_fate(
                    _day(end, compiled.zone),
                    _day(known.done, compiled.zone) if known and known.done is not None else None,
                    _day(now, compiled.zone),
                    # Told another date in time, or having moved it, the customer goes by that one.
                    moved=(dated is not None and last < dated.at <= end)
                    or any(
                        other[:2] == (number, step) and last < min(others)[0] <= end
                        for other, others in told.items()
                    ),
                ),
            )
        )
    return found


def _fate(end: date, done: date | None, today: date, *, moved: bool) -> Fate:
    if moved:
        return "replaced"
    if done is not None:
        return "kept" if done <= end else "broken"
    return "open" if today <= end else "broken"


def _day(at: Micros, zone: ZoneInfo) -> date:
    return to_datetime(at).astimezone(zone).date()


def ledger(store: Store, customer: str, library: Library, now: Micros) -> dict[str, Any]:
    """Both, as plain data; times are ISO 8601 in UTC. Raises NotFound for nobody."""
    _state(store, customer)
    return {
        "customer": customer,
        "consents": [
            {
                "channel": w.channel,
                "purpose": w.purpose,
                "granted": w.granted,
                "at": iso(w.at),
                "taken": iso(w.taken),
                "event": w.event,
                "name": w.name,
                "wording": w.wording,
                "source": w.source,
                "in_force": w.in_force,
            }
            for w in consents(store, customer)
        ],
        "promises": [
            {
                "journey": p.journey,
                "step": p.step,
                "title": p.title,
                "from": iso(p.start),
                "to": iso(p.end),
                "told": [{"at": iso(at), "channel": channel} for at, channel in p.told],
                "done": iso(p.done),
                "fate": p.fate,
            }
            for p in promises(store, customer, library, now)
        ],
    }


def _state(store: Store, customer: str) -> CustomerState:
    body = store.load(customer)
    if body is None:
        raise NotFound(f"no customer {customer!r} here; `ofone show` names those who are")
    return decode_state(body)
