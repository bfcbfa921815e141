"""When what is done beside a journey: on entering a step, at a time, or because nothing happened.

Everything that waits is a timer of the customer, named ``journey/step/attempt/kind/...``:
``a`` a touch of an approach, ``r`` a reaction window, ``x`` a touch of a reaction, ``h`` a helper's
tip, ``k`` a helper's plain copy, ``q`` the day by which a helper should have answered, ``d`` the
day from which the approach may change again, ``c`` the closing, ``m`` the news that an appointment
moved, with the date that the customer knows, ``l`` the end of a told range that comes near,
``l/say`` the message about it that waits, ``n`` the word that nothing needs the customer. The
attempt is a fence: a timer of an earlier attempt does nothing.
"""

from msgspec.structs import replace

from ofone.domain.effects import BEGAN
from ofone.domain.events import Receipt, Value
from ofone.domain.state import Journey, StepState
from ofone.domain.times import Micros
from ofone.journeys.approach import choose, preferred, stays
from ofone.journeys.compiled import Planned, Reacting
from ofone.journeys.draft import Draft
from ofone.journeys.helper import ask, await_answers, chase, spoken, tell
from ofone.journeys.late import SAY, explain, forget, move, note, promise, watch
from ofone.journeys.place import Place
from ofone.journeys.progress import current_steps, derive
from ofone.journeys.quiet import SAY as CALM
from ofone.journeys.quiet import calm
from ofone.journeys.say import say
from ofone.journeys.schedule import next_morning, read_date
from ofone.profiles.stated import PAUSE, paused_until

_DUE = "its time has come"
_WAITS_TO_SAY = ("a/", "x/", "c/", "m", "n", "l/say")


def settle(draft: Draft, number: int, trigger: str, *, again: bool = False) -> None:
    """Derive where the journey stands, and act on every step that was entered or left.

    ``again`` accompanies anew the steps the customer is in (after a migration; also after an end
    that was taken back).
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
    again = again or (before is not None and before.status != "active")
    for name, step in journey.steps.items():
        old = before.steps.get(name) if before is not None else None
        was = old is not None and old.status == "current"
        anew = old is not None and old.attempts != step.attempts
        if was and (step.status != "current" or anew):
            draft.drop_timers(f"{number}/{name}/")
            forget(draft, number, name)
        if step.status == "current" and (not was or anew or again):
            _enter(Place(draft, number, name), trigger, again=was and not anew)
        elif step.status == "current" and before is not None:
            _retime(Place(draft, number, name), before, trigger)


def consider(draft: Draft, trigger: str, *, asked: bool = False) -> None:
    """After new evidence or a stated wish: change the approach of current steps that it changes.

    Gently: not while the approach goes on suiting (``keep``), and not again before ``dwell`` has
    passed, unless the customer said so (``asked``): an answer, a wish, a correction.
    """
    for number, journey in enumerate(draft.journeys):
        for name in current_steps(journey):
            place = Place(draft, number, name)
            _consider(place, trigger, asked=asked)
            if asked and place.ready.calm is not None:
                calm(place)


def _consider(place: Place, trigger: str, *, asked: bool = False) -> None:
    approach = place.step.approach
    if not approach:
        return
    first, _ = preferred(place)
    if first in (approach, place.journey.approach) or stays(place, first):
        return
    until = place.compiled.after(place.journey.approached, place.compiled.dwell)
    if not asked and place.draft.now < until:
        place.draft.set_timer(place.timer("d"), until)
    else:
        _accompany(place, trigger)


def awaken(draft: Draft) -> None:
    """A pause ends earlier than was said before: what waited for its end waits no longer."""
    before, after = (
        paused_until(word.value) if (word := p.preferences.get(PAUSE)) is not None else 0
        for p in (draft.before.profile, draft.profile)
    )
    if after < before:
        for name, due in list(draft.timers.items()):
            kind = name.split("/", 3)[-1]
            if due == before and kind.startswith(_WAITS_TO_SAY):
                draft.set_timer(name, max(after, draft.now))


def fire(draft: Draft, name: str, due: Micros) -> None:
    """Do what a due timer stands for, if its step is still being waited for."""
    number, step_id, attempt, kind, *rest = name.split("/")
    journey = draft.journeys[int(number)]
    if step_id not in draft.compiled(journey).steps or step_id not in journey.steps:
        return
    place = Place(draft, int(number), step_id)
    if kind == "c":
        closing = place.compiled.closings.get(journey.outcome)
        if closing is not None and journey.outcome == rest[0]:
            _touch(place, closing, name, due, _DUE)
    elif step_id in current_steps(journey) and place.step.attempts == int(attempt):
        _fire(place, name, kind, rest, due)


def _fire(place: Place, name: str, kind: str, rest: list[str], due: Micros) -> None:
    match kind:
        case "a":
            plan = place.ready.accompany.get(rest[0], ())
            if rest[0] == place.step.approach and int(rest[1]) < len(plan):
                _touch(place, plan[int(rest[1])], name, due, _DUE)
        case "r":
            reaction = place.ready.reactions.get(rest[0])
            if reaction is not None:
                for n, planned in enumerate(reaction.then):
                    _plan(place, planned, f"x/{reaction.id}/{n}", due, reaction.because)
        case "x":
            reaction = place.ready.reactions.get(rest[0])
            if reaction is not None and int(rest[1]) < len(reaction.then):
                _touch(place, reaction.then[int(rest[1])], name, due, reaction.because)
        case "d":
            _consider(place, "what was heard since")
        case "q":
            chase(place, rest[0])
        case "m":
            if place.ready.moved is not None:
                _touch(place, place.ready.moved, name, due, _DUE)
        case "n":
            calm(place, fired=True)
        case "l":
            (explain if rest else move)(place, due)
        case "k":
            if place.ready.step.cc:
                tell(place, BEGAN, due)
        case _:
            if place.ready.step.tip:
                tell(place, place.ready.step.tip, due)


def wait_anew(place: Place, at: Micros) -> None:
    """A helper spoke with the customer: each reaction that is still to come waits anew from then.

    What hangs on a date stays with it.
    """
    timers = place.draft.timers
    for reaction in place.ready.reactions.values():
        free = [n for n, planned in enumerate(reaction.then) if not planned.moment.anchor]
        kinds = [f"r/{reaction.id}", *(f"x/{reaction.id}/{n}" for n in free)]
        until = place.compiled.after(at, reaction.within)
        for timer in map(place.timer, kinds):
            if timer in timers:
                place.draft.set_timer(timer, max(timers[timer], until))


def redo(draft: Draft, receipt: Receipt) -> None:
    """A delivery failed for good: say it another way, if the step is still open."""
    journey = draft.journeys[receipt.journey]
    if receipt.step not in current_steps(journey):
        return
    sent = {k: v for k, v in journey.sent.items() if k != receipt.action}
    draft.put(replace(journey, sent=sent))
    place = Place(draft, receipt.journey, receipt.step)
    touches = _all_touches(place)
    if place.ready.moved is not None:
        touches.append(("m/0", place.ready.moved))
    if place.ready.calm is not None:
        touches.append((CALM, place.ready.calm.planned))
    for kind, planned in touches:
        if planned.touch.send == receipt.action:
            trigger = f"the {receipt.channel} could not be delivered"
            _touch(place, planned, place.timer(kind), draft.now, trigger)
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
    place = Place(draft, number, name)
    ended = journey.ended if journey.ended is not None else draft.now
    _touch(place, planned, place.timer(f"c/{journey.outcome}"), ended, trigger)


def _enter(place: Place, trigger: str, *, again: bool = False) -> None:
    """A step begins: choose how to accompany it, and set the clocks (``again``: still ahead)."""
    draft, compiled = place.draft, place.compiled
    # What was due long ago, in an imported log, is no reason to write today; what was due before
    # this step was taken up again has been said.
    late = -1 if again else compiled.rules.stale
    for reaction in place.ready.reactions.values():
        due = _window(place, reaction)
        if draft.now - due <= late:
            draft.set_timer(place.timer(f"r/{reaction.id}"), max(due, draft.now))
    step = place.ready.step
    if step.tip or step.cc:
        # The same hour for everybody: when a tip comes must say nothing about anyone.
        morning = next_morning(place.entered, compiled.zone, compiled.holidays)
        if draft.now - morning <= late:
            for kind in ("h",) * bool(step.tip) + ("k",) * step.cc:
                draft.set_timer(place.timer(kind), max(morning, draft.now))
    if place.ready.late is not None:
        promise(place, again=again)
    elif draft.facts.library.lengths is not None:
        note(place, again=again)
    if again:
        await_answers(place)
    _accompany(place, trigger)
    if place.ready.calm is not None:
        calm(place)


def _window(place: Place, reaction: Reacting) -> Micros:
    """When it has been waited for in vain, anew from when a helper spoke with the customer."""
    due = place.compiled.after(place.entered, reaction.within)
    for at in spoken(place):
        if at <= due:
            due = place.compiled.after(at, reaction.within)
    return due


def _accompany(place: Place, trigger: str, switch: str = "") -> None:
    """Choose the approach of a step, and plan its touches instead of those of the one before."""
    chosen = choose(place, trigger, switch)
    place.draft.drop_timers(place.timer("a/"))
    plans = list(enumerate(place.ready.accompany.get(chosen, ())))
    if place.compiled.rules.keep:
        # Room is kept for what is planned: so what hangs on a date is planned first.
        plans.sort(key=lambda one: not one[1].moment.before)
    for n, planned in plans:
        _plan(place, planned, f"a/{chosen}/{n}", place.entered, _DUE)


def _plan(place: Place, planned: Planned, kind: str, entered: Micros, trigger: str) -> None:
    """Do a touch now if it is due, else set its timer."""
    due = _due(place, planned, entered)
    timer = place.timer(kind)
    if due is None:
        place.draft.drop_timer(timer)
    elif due > place.draft.now:
        place.draft.set_timer(timer, due)
    else:
        _touch(place, planned, timer, due, trigger)


def _due(place: Place, planned: Planned, entered: Micros) -> Micros | None:
    """When a touch is due; None when its date is unknown or already behind."""
    moment, now = planned.moment, place.draft.now
    if not moment.anchor:
        return place.compiled.after(entered, moment.length)
    date = _date(place.journey, moment.anchor)
    if date is None or (moment.before and date <= now):
        return None
    due = place.compiled.after(date, moment.length, -1 if moment.before else 1)
    return max(due, now) if moment.before else due


def _retime(place: Place, before: Journey, trigger: str) -> None:
    """A remembered date moved: what hangs on it moves too, and may be said again."""
    if place.journey.facts is before.facts:
        return
    if place.ready.moved is not None:
        _moved(place, place.ready.moved, before, trigger)
    if place.ready.late is not None and place.ready.step.date:
        watch(place)
    for kind, planned in _all_touches(place):
        anchor = planned.moment.anchor
        if not anchor or _fact(place.journey, anchor) == _fact(before, anchor):
            continue
        window = place.timer(f"r/{kind.split('/')[1]}")
        if kind.startswith("x/") and window in place.draft.timers:
            continue
        _unsay(place, planned.touch.send)
        _plan(place, planned, kind, place.entered, _DUE)


def _moved(place: Place, planned: Planned, before: Journey, trigger: str) -> None:
    """Confirm the new date of an appointment, unless it is the one that the customer knows.

    Where an earlier move still waits to be told, only the last date is.
    """
    name = place.ready.step.date
    old, new = _date(before, name), _date(place.journey, name)
    if old is None or old == new:
        return
    known, waiting = old, place.timer("m/")
    for timer in [t for t in place.draft.timers if t.startswith(waiting)]:
        known = int(timer.removeprefix(waiting))
        place.draft.drop_timer(timer)
    if new not in (None, known):
        _unsay(place, planned.touch.send)
        _touch(place, planned, f"{waiting}{known}", place.journey.facts[name].at, trigger)


def _unsay(place: Place, action: str) -> None:
    """Let an action be said again."""
    journey = place.journey
    unsaid = {k: v for k, v in journey.sent.items() if k != action}
    place.draft.put(replace(journey, sent=unsaid))


def _touch(place: Place, planned: Planned, timer: str, since: Micros, trigger: str) -> None:
    """Do one touch: send it, ask a helper, or change the approach."""
    touch = planned.touch
    if planned.moment.before and _due(place, planned, since) is None:
        return
    if touch.for_ and place.step.approach not in touch.for_:
        return
    if planned.condition is not None and planned.condition.fails(place.context()):
        return
    if touch.approach:
        if touch.approach != place.step.approach:
            _accompany(place, trigger, switch=touch.approach)
    elif touch.ask:
        ask(place, touch.ask, trigger)
    else:
        say(place, planned, timer, since, trigger)


def _all_touches(place: Place) -> list[tuple[str, Planned]]:
    """The touches of the step's approach and of its reactions, with the kind of their timers."""
    approach, ready = place.step.approach, place.ready
    found = [(f"a/{approach}/{n}", p) for n, p in enumerate(ready.accompany.get(approach, ()))]
    for reaction in ready.reactions.values():
        found += [(f"x/{reaction.id}/{n}", p) for n, p in enumerate(reaction.then)]
    return found if ready.late is None else [*found, (SAY, ready.late)]


def _date(journey: Journey, name: str) -> Micros | None:
    value = _fact(journey, name)
    return read_date(value) if isinstance(value, str) else None


def _fact(journey: Journey, name: str) -> Value:
    fact = journey.facts.get(name)
    return None if fact is None else fact.value
