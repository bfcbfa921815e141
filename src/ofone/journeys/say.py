"""Say one thing to the customer: on the first channel that every guard lets through, or not now."""

from msgspec.structs import replace

from ofone.decisions.guards import Ask, Tried, by_channel
from ofone.decisions.guards.places import places
from ofone.domain.decisions import Decision, Option, Verdict
from ofone.domain.effects import Send
from ofone.domain.times import Micros
from ofone.domain.words import CHANNELS, Channel
from ofone.journeys.asking import asking
from ofone.journeys.compiled import Planned
from ofone.journeys.dated import dated
from ofone.journeys.dates import promised
from ofone.journeys.place import Place
from ofone.journeys.record import ACTS_SPEAK, ASKED_FOR, SILENT_THERE, record
from ofone.journeys.schedule import read_date
from ofone.profiles.preferences import better, hours, stated
from ofone.profiles.stated import personal

WAIT = "wait"
NOTHING = "nothing"


def say(place: Place, planned: Planned, timer: str, since: Micros, trigger: str) -> None:
    """Decide whether and how to send an action, and record it.

    ``since`` is the moment that gave rise to it. When every refusal passes with time, ``timer`` is
    set for the earliest moment at which it can be decided again.
    """
    draft = place.draft
    action = place.compiled.actions[planned.touch.send]
    options, alike, waits = _options(place, planned, since)
    chosen = next((o.name for o in options if o.probability), None)
    what, because = _outcome(chosen, waits, options)
    key = draft.next_key()
    decision = record(
        place,
        kind="touch",
        trigger=trigger,
        question=f"How to send “{action.title}”?",
        options=tuple(options),
        chosen=what,
        because=because,
        effects=(key,) if chosen is not None else (),
        verdicts=alike,
    )
    if chosen is not None:
        _send(place, planned, key, chosen, decision)
    elif waits:
        draft.set_timer(timer, min(waits))


def _options(
    place: Place, planned: Planned, since: Micros
) -> tuple[list[Option], tuple[Verdict, ...], list[Micros]]:
    """Each channel with what guards say of it alone; what they say of all channels alike; and when
    those channels that only wait would open.
    """
    action = place.compiled.actions[planned.touch.send]
    content = place.compiled.content(action.id, place.step.approach)
    draft = place.draft
    ask = asking(
        now=draft.now,
        channel="in_app",
        compiled=place.compiled,
        library=draft.facts.library,
        profile=draft.profile,
        needs=draft.needs,
        journeys=draft.journeys,
        contacts=draft.contacts,
        number=place.number,
        step=place.name,
        action=action,
        since=since,
        said=_said(place, action.id),
        before=_before(place, planned),
    )
    if planned.touch.hour:
        ask = replace(ask, tried=_tried(place, ask))
    if not planned.moment.before and (ask.rules.keep or any(r.keep for r in ask.others)):
        ask = replace(ask, planned=dated(draft))
    options: list[Option] = []
    waits: list[Micros] = []
    chosen = False
    order, first = _channels(place, planned, action.purpose)
    alone, alike = by_channel(ask, [c for c in order if c in content])
    refused_alike = [v for v in alike if not v.ok]
    for channel, said in alone.items():
        refused = [v for v in said if not v.ok] + refused_alike
        untils = [v.until for v in refused if v.until is not None]
        if refused and len(untils) == len(refused):
            waits.append(max(untils))
        options.append(
            Option(
                name=channel,
                eligible=not refused,
                probability=0.0 if refused or chosen else 1.0,
                because=refused[0].reason if refused else first.get(channel, ""),
                verdicts=said,
            )
        )
        chosen = chosen or not refused
    return options, alike, waits


def _send(place: Place, planned: Planned, key: str, channel: str, decision: Decision) -> None:
    draft, journey = place.draft, place.journey
    action = place.compiled.actions[planned.touch.send]
    here, goal = promised(
        place.compiled, journey, place.name, draft.now, draft.facts.library.lengths
    )
    told = journey.told.get(place.name) if planned is place.ready.late else None
    draft.effects.append(
        Send(
            key=key,
            customer=draft.before.customer,
            journey=place.number,
            playbook=journey.playbook,
            version=journey.version,
            step=place.name,
            action=action.id,
            approach=place.step.approach,
            channel=_CHANNEL[channel],
            purpose=action.purpose,
            at=draft.now,
            decision=decision.id,
            expected=here,
            end=goal,
            before=_before(place, planned),
            was=told.was if told is not None else None,
        )
    )
    draft.contact()
    ways = journey.ways | {channel: draft.now}
    draft.put(replace(journey, sent=journey.sent | {action.id: draft.now}, ways=ways))


_CHANNEL: dict[str, Channel] = {c: c for c in CHANNELS}


def _outcome(chosen: str | None, waits: list[Micros], options: list[Option]) -> tuple[str, str]:
    if chosen is not None:
        return chosen, "the first channel that every guard lets through"
    if waits:
        return WAIT, "every refusal passes with time; it is asked again then"
    if not options:
        return NOTHING, "there are no words for any of the channels"
    return NOTHING, "no channel is left"


def _others(
    place: Place, named: tuple[str, ...], order: tuple[Channel, ...]
) -> tuple[list[Channel], dict[str, str]]:
    """Where ``other`` stands, the channels that this step was silent on first."""
    used = {c: at for c, at in place.journey.ways.items() if at >= place.entered}
    others = sorted(order, key=lambda c: used.get(c, 0))
    found: list[Channel] = []
    for way in named:
        found += [c for c in (others if way == "other" else (_CHANNEL[way],)) if c not in found]
    quiet = [c for c in others if used and c not in used]
    return found, dict.fromkeys(quiet, SILENT_THERE)


def _tried(place: Place, ask: Ask) -> Tried:
    """When messages went out since this step began, and which hours the customer's acts prefer."""
    draft = place.draft
    earlier = sorted(at for at in place.journey.sent.values() if at >= place.entered)
    here = replace(draft.before, profile=draft.profile, contacts=draft.contacts)
    likes = hours(here, places(ask)[0][0], draft.now)
    return Tried(
        earlier=tuple(earlier),
        chances=likes.chances if likes.best and personal(draft.profile) else (),
    )


def _before(place: Place, planned: Planned) -> Micros | None:
    """The date that this has to come before, where it hangs on one."""
    if planned is place.ready.late:
        told = place.journey.told.get(place.name)
        return told.was[1] if told is not None and told.was is not None else None
    if not planned.moment.before:
        return None
    fact = place.journey.facts.get(planned.moment.anchor)
    return read_date(fact.value) if fact is not None and isinstance(fact.value, str) else None


def _said(place: Place, action: str) -> Micros | None:
    """When this was last said, unless a new attempt at the step began since."""
    sent = place.journey.sent.get(action)
    since = place.step.entered or 0 if place.step.attempts else 0
    return sent if sent is not None and sent >= since else None


def _channels(place: Place, planned: Planned, purpose: str) -> tuple[list[Channel], dict[str, str]]:
    """The channels in order, and why the first of them comes first, where the customer made it so.

    What the customer asked for; else what their acts surely speak for; else the approach's order.
    """
    named = planned.touch.channels
    if named and "other" not in named:
        return [c for c in named if c != "other"], {}
    order = place.compiled.approaches[place.step.approach].approach.channels
    profile = place.draft.profile
    asked = stated(profile, "channel")
    if asked is not None:
        return sorted(order, key=lambda c: c != asked), {str(asked): ASKED_FOR}
    if named:
        return _others(place, named, order)
    inferred = better(profile, place.draft.now, purpose, order[0])
    if inferred is None:
        return list(order), {}
    first, chance = inferred
    why = f"{ACTS_SPEAK}: the best channel with a chance of {chance:.2f}"
    return sorted(order, key=lambda c: c != first), {first: why}
