"""How a journey is accompanied: which approach, which touches, when, and what if nothing happens.

Everything that waits is a timer of the customer, named ``journey/step/attempt/kind/...``:
``a`` a touch of an approach, ``r`` a reaction window, ``x`` a touch of a reaction, ``h`` a helper's
tip, ``c`` the closing. The attempt is a fence: a timer of an earlier attempt does nothing.
"""

from hashlib import blake2b
from typing import Any

from msgspec.structs import replace

from ofone.decisions.choice import draw, probabilities, seed_of
from ofone.decisions.guards import Ask, verdicts
from ofone.domain.decisions import Decision, DecisionKind, EvidenceSeen, Option, Verdict
from ofone.domain.effects import HelperView, Send, TellHelper
from ofone.domain.events import Receipt, Value
from ofone.domain.state import Journey, StepState
from ofone.domain.times import Micros
from ofone.domain.words import NEEDS, Channel
from ofone.journeys.compiled import Compiled, Planned
from ofone.journeys.dates import Range, expected
from ofone.journeys.draft import Draft
from ofone.journeys.progress import current_steps, derive
from ofone.journeys.schedule import days_between, next_morning, read_date, read_length
from ofone.needs.model import Assessment, assess

WAIT = "wait"
NOTHING = "nothing"
_DUE = "its time has come"


def settle(draft: Draft, number: int, trigger: str, *, again: bool = False) -> None:
    """Derive where the journey stands, and act on every step that was entered or left.

    ``again`` treats the steps the customer is in as newly entered (after a migration).
    """
    before = draft.before.journeys[number] if number < len(draft.before.journeys) else None
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    if before is not None and before is journey and not again:
        return
    journey = derive(compiled, journey)
    draft.put(journey)
    if journey.status != "active":
        # An end that was told, or waits for the morning, is told once; another end is news.
        if before is None or before.outcome != journey.outcome:
            draft.drop_timers(f"{number}/")
            _close(draft, number, before, trigger)
        return
    old_steps = before.steps if before is not None and before.status == "active" else {}
    for name, step in journey.steps.items():
        old = old_steps.get(name)
        was = old is not None and old.status == "current"
        anew = old is not None and old.attempts != step.attempts
        if was and (step.status != "current" or anew):
            draft.drop_timers(f"{number}/{name}/")
        if step.status == "current" and (not was or anew or again):
            _enter(draft, number, name, trigger)
        elif step.status == "current" and before is not None:
            _retime(draft, number, name, before, trigger)


def consider(draft: Draft, trigger: str) -> None:
    """After new evidence or a stated wish: change the approach of current steps that it changes."""
    for number, journey in enumerate(draft.journeys):
        if journey.status != "active":
            continue
        compiled = draft.compiled(journey)
        for name, step in journey.steps.items():
            if step.status != "current" or not step.approach:
                continue
            preferred, _ = _preferred(draft, compiled, journey, step)
            if not _personal(draft):
                preferred = compiled.playbook.approaches[-1].id
            if preferred not in (step.approach, journey.approach):
                _choose(draft, number, name, trigger)


def fire(draft: Draft, name: str, due: Micros) -> None:
    """Do what a due timer stands for, if its step is still being waited for."""
    parts = name.split("/")
    number, step_id, attempt, kind = int(parts[0]), parts[1], int(parts[2]), parts[3]
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    step = journey.steps.get(step_id)
    ready = compiled.steps.get(step_id)
    closing = compiled.closings.get(journey.outcome)
    if kind == "c":
        if closing is not None and journey.outcome == parts[4]:
            _touch(draft, number, step_id, closing, name, due, _DUE)
        return
    if (
        journey.status != "active"
        or ready is None
        or step is None
        or step.status != "current"
        or step.attempts != attempt
    ):
        return
    match kind:
        case "a":
            plan = ready.accompany.get(parts[4], ())
            if parts[4] == step.approach and int(parts[5]) < len(plan):
                _touch(draft, number, step_id, plan[int(parts[5])], name, due, _DUE)
        case "r":
            reaction = ready.reactions.get(parts[4])
            if reaction is not None:
                for n, planned in enumerate(reaction.then):
                    planned_as = f"x/{reaction.id}/{n}"
                    _plan(draft, number, step_id, planned, planned_as, due, reaction.because)
        case "x":
            reaction = ready.reactions.get(parts[4])
            if reaction is not None and int(parts[5]) < len(reaction.then):
                planned = reaction.then[int(parts[5])]
                _touch(draft, number, step_id, planned, name, due, reaction.because)
        case _:
            if ready.step.tip:
                _tell(draft, number, step_id, ready.step.tip)


def redo(draft: Draft, receipt: Receipt) -> None:
    """A delivery failed for good: say it another way, if the step is still open."""
    journey = draft.journeys[receipt.journey]
    step = journey.steps.get(receipt.step)
    if journey.status != "active" or step is None or step.status != "current":
        return
    sent = {k: v for k, v in journey.sent.items() if k != receipt.action}
    draft.put(replace(journey, sent=sent))
    compiled = draft.compiled(journey)
    for kind, planned in _all_touches(compiled, receipt.step, step.approach):
        if planned.touch.send == receipt.action:
            name = f"{receipt.journey}/{receipt.step}/{step.attempts}/{kind}"
            trigger = f"the {receipt.channel} could not be delivered"
            _touch(draft, receipt.journey, receipt.step, planned, name, draft.now, trigger)
            return


def _close(draft: Draft, number: int, before: Journey | None, trigger: str) -> None:
    """The journey ended: tell the customer so, beside the step that was the last."""
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    planned = compiled.closings.get(journey.outcome)
    if planned is None:
        return
    current = current_steps(before) if before is not None else []
    name = current[-1] if current else compiled.playbook.goal
    step = journey.steps.get(name) or StepState()
    if not step.approach:
        approach = journey.approach or compiled.playbook.approaches[-1].id
        steps = journey.steps | {name: replace(step, approach=approach)}
        draft.put(replace(journey, steps=steps))
    timer = f"{number}/{name}/{step.attempts}/c/{journey.outcome}"
    ended = journey.ended if journey.ended is not None else draft.now
    _touch(draft, number, name, planned, timer, ended, trigger)


def _all_touches(compiled: Compiled, step: str, approach: str) -> list[tuple[str, Planned]]:
    ready = compiled.steps[step]
    found = [(f"a/{approach}/{n}", p) for n, p in enumerate(ready.accompany.get(approach, ()))]
    for reaction in ready.reactions.values():
        found += [(f"x/{reaction.id}/{n}", p) for n, p in enumerate(reaction.then)]
    return found


def _enter(draft: Draft, number: int, name: str, trigger: str) -> None:
    """A step begins: choose how to accompany it, and set its clocks."""
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    ready = compiled.steps[name]
    step = journey.steps[name]
    entered = step.entered if step.entered is not None else draft.now
    fence = f"{number}/{name}/{step.attempts}"
    for reaction in ready.reactions.values():
        due = compiled.after(entered, reaction.within)
        # A window that closed long ago, in an imported log, is no reason to write today.
        if draft.now - due <= compiled.rules.stale:
            draft.set_timer(f"{fence}/r/{reaction.id}", max(due, draft.now))
    if ready.step.tip:
        # The same hour for everybody: when a tip comes must say nothing about anyone.
        morning = next_morning(entered, compiled.zone, compiled.holidays)
        if draft.now - morning <= compiled.rules.stale:
            draft.set_timer(f"{fence}/h", max(morning, draft.now))
    _choose(draft, number, name, trigger)


def _choose(draft: Draft, number: int, name: str, trigger: str, switch: str = "") -> None:
    """Decide the approach of a step, record it, and plan its touches."""
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    step = journey.steps[name]
    preferred, because = _preferred(draft, compiled, journey, step)
    if switch:
        preferred, because = switch, dict.fromkeys(because, "") | {switch: trigger}
    last = compiled.playbook.approaches[-1].id
    personal = _personal(draft)
    allowed: dict[str, Verdict] = {}
    for a in compiled.approaches:
        if personal:
            allowed[a] = _PERSONAL
        elif a == last:
            allowed[a] = _STANDARD
        else:
            allowed[a] = _SWITCHED_OFF
    eligible = [a for a, v in allowed.items() if v.ok]
    if preferred not in eligible:
        preferred = last
    chances = probabilities(eligible, preferred, 0.0 if switch else compiled.playbook.explore)
    seed = seed_of(draft.before.customer, draft.decided, draft.facts.policy.number)
    chosen = draw(chances, seed)
    approach = compiled.approaches[chosen].approach
    _record(
        draft,
        journey,
        name,
        kind="approach",
        trigger=trigger,
        question=f"How to accompany “{compiled.steps[name].step.title}”?",
        options=tuple(
            Option(
                name=a,
                eligible=a in chances,
                probability=chances.get(a, 0.0),
                because=because[a],
                verdicts=(allowed[a],),
            )
            for a in compiled.approaches
        ),
        chosen=chosen,
        because=trigger if switch else approach.because,
        probability=chances[chosen],
        seed=seed,
    )
    draft.drop_timers(f"{number}/{name}/{step.attempts}/a/")
    journey = draft.journeys[number]
    steps = journey.steps | {name: replace(step, approach=chosen)}
    draft.put(replace(journey, approach=chosen, steps=steps))
    entered = step.entered if step.entered is not None else draft.now
    for n, planned in enumerate(compiled.steps[name].accompany.get(chosen, ())):
        _plan(draft, number, name, planned, f"a/{chosen}/{n}", entered)


def _personal(draft: Draft) -> bool:
    word = draft.profile.preferences.get("personalisation")
    return word is None or word.value is not False


_PERSONAL = Verdict(guard="personalisation", ok=True, reason="the customer has not switched it off")
_STANDARD = Verdict(guard="personalisation", ok=True, reason="standard service is for everybody")
_SWITCHED_OFF = Verdict(
    guard="personalisation", ok=False, reason="the customer switched personalisation off"
)


def _preferred(
    draft: Draft, compiled: Compiled, journey: Journey, step: StepState
) -> tuple[str, dict[str, str]]:
    """The first approach whose condition holds, and of each approach why or why not."""
    context = _context(draft, compiled, journey, step)
    because: dict[str, str] = {}
    preferred = ""
    for name, suits in compiled.approaches.items():
        why_not = suits.condition.fails(context) if suits.condition is not None else None
        if why_not is not None:
            because[name] = why_not
        elif preferred:
            because[name] = f"{preferred} comes first"
        else:
            preferred = name
            because[name] = (
                f"“{suits.condition.source}” holds" if suits.condition else "for everybody else"
            )
    return preferred, because


class _Needs(dict[str, Assessment]):
    """Assessments made when a condition asks for them."""

    def __init__(self, draft: Draft, cut: float) -> None:
        super().__init__()
        self.draft, self.cut = draft, cut

    def __missing__(self, need: str) -> Assessment:
        known = next(n for n in NEEDS if n == need)
        found = assess(self.draft.needs.get(known), self.draft.now, known, self.cut)
        self[need] = found
        return found


def _context(draft: Draft, compiled: Compiled, journey: Journey, step: StepState) -> dict[str, Any]:
    entered = step.entered if step.entered is not None else draft.now
    return {
        "traits": {k: d.value for k, d in draft.profile.traits.items()},
        "facts": {k: d.value for k, d in journey.facts.items()},
        "needs": _Needs(draft, compiled.playbook.cut),
        "step": {"attempts": step.attempts, "days": days_between(entered, draft.now)},
    }


def _due(draft: Draft, journey: Journey, planned: Planned, entered: Micros) -> Micros | None:
    """When a touch is due; None when its date is unknown or already behind."""
    compiled = draft.compiled(journey)
    moment = planned.moment
    if not moment.anchor:
        return compiled.after(entered, moment.length)
    fact = journey.facts.get(moment.anchor)
    date = read_date(fact.value) if fact is not None and isinstance(fact.value, str) else None
    if date is None or (moment.before and date <= draft.now):
        return None
    due = compiled.after(date, moment.length, -1 if moment.before else 1)
    return max(due, draft.now) if moment.before else due


def _plan(
    draft: Draft,
    number: int,
    name: str,
    planned: Planned,
    kind: str,
    entered: Micros,
    trigger: str = _DUE,
) -> None:
    """Do a touch now if it is due, else set its timer."""
    journey = draft.journeys[number]
    step = journey.steps[name]
    due = _due(draft, journey, planned, entered)
    timer = f"{number}/{name}/{step.attempts}/{kind}"
    if due is None:
        draft.drop_timer(timer)
    elif due > draft.now:
        draft.set_timer(timer, due)
    else:
        _touch(draft, number, name, planned, timer, due, trigger)


def _retime(draft: Draft, number: int, name: str, before: Journey, trigger: str) -> None:
    """A remembered date moved: what hangs on it moves too, and may be said again."""
    journey = draft.journeys[number]
    if journey.facts is before.facts:
        return
    compiled = draft.compiled(journey)
    step = journey.steps[name]
    entered = step.entered if step.entered is not None else draft.now
    for kind, planned in _all_touches(compiled, name, step.approach):
        anchor = planned.moment.anchor
        if not anchor or _value(journey, anchor) == _value(before, anchor):
            continue
        if kind.startswith("x/"):
            window = f"{number}/{name}/{step.attempts}/r/{kind.split('/')[1]}"
            if window in draft.timers:
                continue
        known = draft.journeys[number]
        unsaid = {k: v for k, v in known.sent.items() if k != planned.touch.send}
        draft.put(replace(known, sent=unsaid))
        _plan(draft, number, name, planned, kind, entered)


def _value(journey: Journey, name: str) -> Value:
    fact = journey.facts.get(name)
    return None if fact is None else fact.value


def _touch(
    draft: Draft,
    number: int,
    name: str,
    planned: Planned,
    timer: str,
    since: Micros,
    trigger: str,
) -> None:
    """Do one touch: send it, ask a helper, or change the approach."""
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    step = journey.steps[name]
    touch = planned.touch
    if planned.moment.before and _due(draft, journey, planned, since) is None:
        return
    if touch.for_ and step.approach not in touch.for_:
        return
    if planned.condition is not None and planned.condition.fails(
        _context(draft, compiled, journey, step)
    ):
        return
    if touch.approach:
        if touch.approach != step.approach:
            _choose(draft, number, name, trigger, switch=touch.approach)
    elif touch.ask:
        _ask(draft, number, name, touch.ask, trigger)
    else:
        _send(draft, number, name, planned, timer, since, trigger)


def _send(
    draft: Draft,
    number: int,
    name: str,
    planned: Planned,
    timer: str,
    since: Micros,
    trigger: str,
) -> None:
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    step = journey.steps[name]
    action = compiled.actions[planned.touch.send]
    content = compiled.content(action.id, step.approach)
    ask = Ask(
        now=draft.now,
        channel="in_app",
        purpose=action.purpose,
        profile=draft.profile,
        contacts=draft.contacts,
        since=since,
        said=_said(journey, step, planned),
        rules=compiled.rules,
    )
    options: list[Option] = []
    chosen: Channel | None = None
    waits: list[Micros] = []
    for channel in _channels(draft, compiled, step, planned):
        if channel not in content:
            continue
        said = verdicts(replace(ask, channel=channel))
        refused = [v for v in said if not v.ok]
        if not refused and chosen is None:
            chosen = channel
        if refused and all(v.until is not None for v in refused):
            waits.append(max(v.until for v in refused if v.until is not None))
        options.append(
            Option(
                name=channel,
                eligible=not refused,
                probability=1.0 if channel == chosen else 0.0,
                because=refused[0].reason if refused else "",
                verdicts=said,
            )
        )
    key = draft.next_key()
    what, because = _outcome(chosen, waits, options)
    decision = _record(
        draft,
        journey,
        name,
        kind="touch",
        trigger=trigger,
        question=f"How to send “{action.title}”?",
        options=tuple(options),
        chosen=what,
        because=because,
        probability=1.0,
        seed=seed_of(draft.before.customer, draft.decided, draft.facts.policy.number),
        effects=(key,) if chosen is not None else (),
    )
    if chosen is not None:
        ranges = expected(compiled, journey, draft.now)
        draft.effects.append(
            Send(
                key=key,
                customer=draft.before.customer,
                journey=number,
                playbook=journey.playbook,
                version=journey.version,
                step=name,
                action=action.id,
                approach=step.approach,
                channel=chosen,
                purpose=action.purpose,
                at=draft.now,
                decision=decision.id,
                expected=_pair(ranges.get(name)),
                end=_pair(ranges.get(compiled.playbook.goal)),
            )
        )
        draft.contact()
        draft.put(replace(journey, sent=journey.sent | {action.id: draft.now}))
    elif waits:
        draft.set_timer(timer, min(waits))


def _outcome(chosen: Channel | None, waits: list[Micros], options: list[Option]) -> tuple[str, str]:
    if chosen is not None:
        return chosen, "the first channel that every guard lets through"
    if waits:
        return WAIT, "every refusal passes with time; it is asked again then"
    if not options:
        return NOTHING, "there are no words for any of the channels"
    return NOTHING, "no channel is left"


def _pair(found: Range | None) -> tuple[Micros, Micros] | None:
    return None if found is None else (found.start, found.end)


def _said(journey: Journey, step: StepState, planned: Planned) -> Micros | None:
    """When this was last said, unless a new attempt at the step began since."""
    sent = journey.sent.get(planned.touch.send)
    since = step.entered or 0 if step.attempts else 0
    return sent if sent is not None and sent >= since else None


def _channels(draft: Draft, compiled: Compiled, step: StepState, planned: Planned) -> list[Channel]:
    """The channels in order; the one the customer asked for comes first."""
    order = planned.touch.channels or compiled.approaches[step.approach].approach.channels
    stated = draft.profile.preferences.get("channel")
    if stated is None or planned.touch.channels:
        return list(order)
    return sorted(order, key=lambda c: c != stated.value)


def _ask(draft: Draft, number: int, name: str, message: str, trigger: str) -> None:
    """Ask a helper, and record the choice: on observables only, the same for everybody."""
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    role = compiled.helpers[compiled.helper_messages[message].to]
    known = bool(_trait(draft, role.trait))
    key = draft.next_key()
    verdict = Verdict(
        guard="helper",
        ok=known,
        reason=f"a {role.title} is named" if known else f"no {role.title} is named",
    )
    _record(
        draft,
        journey,
        name,
        kind="touch",
        trigger=trigger,
        question=f"Ask the {role.title} for help?",
        options=(
            Option(name=role.id, eligible=known, probability=float(known), verdicts=(verdict,)),
        ),
        chosen=role.id if known else NOTHING,
        because=trigger if known else verdict.reason,
        probability=1.0,
        seed=seed_of(draft.before.customer, draft.decided, draft.facts.policy.number),
        effects=(key,) if known else (),
        evidence=False,
    )
    if known:
        _tell(draft, number, name, message)


def _tell(draft: Draft, number: int, name: str, message: str) -> None:
    """Put a message to the helper, built from what the helper knows anyway."""
    journey = draft.journeys[number]
    compiled = draft.compiled(journey)
    words = compiled.helper_messages[message]
    role = compiled.helpers[words.to]
    helper = _trait(draft, role.trait)
    if not helper:
        return
    step = journey.steps[name]
    entered = step.entered if step.entered is not None else draft.now
    seen = (
        f"{draft.before.customer}|{journey.playbook}|{journey.key}|{name}|{step.attempts}|{message}"
    )
    draft.effects.append(
        TellHelper(
            key=draft.next_key(),
            reference=blake2b(seen.encode(), digest_size=6).hexdigest(),
            playbook=journey.playbook,
            version=journey.version,
            message=message,
            view=HelperView(
                helper=helper,
                helper_name=_trait(draft, role.name),
                role=role.title,
                customer=draft.before.customer,
                customer_name=_trait(draft, "name") or draft.before.customer,
                journey_title=compiled.playbook.title,
                step=name,
                step_title=compiled.steps[name].step.title,
                step_entered=entered,
                step_days=days_between(entered, draft.now),
            ),
            at=draft.now,
            answer_by=compiled.after(draft.now, read_length(words.answer_within))
            if words.kind == "request"
            else None,
        )
    )


def _trait(draft: Draft, name: str) -> str:
    known = draft.profile.traits.get(name)
    return "" if known is None or known.value is None else str(known.value)


def _record(
    draft: Draft,
    journey: Journey,
    step: str,
    *,
    kind: DecisionKind,
    trigger: str,
    question: str,
    options: tuple[Option, ...],
    chosen: str,
    because: str,
    probability: float,
    seed: int,
    effects: tuple[str, ...] = (),
    evidence: bool = True,
) -> Decision:
    compiled = draft.compiled(journey)
    decision = Decision(
        id=f"{draft.before.customer}:d{draft.decided}",
        customer=draft.before.customer,
        journey=journey.number,
        playbook=journey.playbook,
        version=journey.version,
        step=step,
        at=draft.now,
        kind=kind,
        trigger=trigger,
        question=question,
        options=options,
        chosen=chosen,
        because=because,
        choice_probability=probability,
        seed=seed,
        policy=draft.facts.policy.number,
        evidence=_evidence(draft, compiled) if evidence and kind == "approach" else (),
        effects=effects,
    )
    draft.decided += 1
    draft.decisions.append(decision)
    return decision


def _evidence(draft: Draft, compiled: Compiled) -> tuple[EvidenceSeen, ...]:
    """What was believed of the needs that this playbook's approaches weigh."""
    found = []
    for need in NEEDS:
        if need in compiled.weighed:
            known = draft.needs.get(need)
            a = assess(known, draft.now, need, compiled.playbook.cut)
            events = tuple(dict.fromkeys(e.event for e in known.evidence[-5:])) if known else ()
            found.append(
                EvidenceSeen(
                    need=need,
                    mean=a.mean,
                    sd=a.sd,
                    high=a.high,
                    low=a.low,
                    known=a.known,
                    events=events,
                )
            )
    return tuple(found)
