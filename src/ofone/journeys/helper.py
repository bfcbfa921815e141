"""Tell and ask helpers: on observables only, at the same threshold and hour for everybody.

A request lives on its own clock: asked, reminded, passed on to a deputy and at last to a person at
the company, as the playbook says; until somebody answers, or the customer acts and the step is
behind. A helper answers with the event ``Help Answered`` {reference, outcome, by}.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Literal, get_args

from msgspec.structs import replace

from ofone.decisions.guards.address import TRAIT
from ofone.domain.decisions import Option, Verdict
from ofone.domain.effects import BEGAN, HelperView, TellHelper
from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Happened
from ofone.domain.state import Journey, Request
from ofone.domain.times import MINUTE, Micros
from ofone.journeys.draft import Draft
from ofone.journeys.place import Place
from ofone.journeys.playbook import HelperRole, Unanswered
from ofone.journeys.progress import current_steps
from ofone.journeys.record import record
from ofone.journeys.say import NOTHING
from ofone.journeys.schedule import read_length

ANSWERED = "Help Answered"
"""The event by which a helper answers: ``reference``, ``outcome`` (an ``Answer``), ``by``."""

UNDELIVERED = "Help Undelivered"
"""The event by which we hear that a request never reached a helper: ``reference``, ``stage``."""

Answer = Literal["acknowledged", "done", "reached", "not_reached", "declined"]
"""Taken up; done; spoke with the customer; tried in vain; cannot do it (somebody else is asked)."""

ACKNOWLEDGED: Answer = "acknowledged"
DECLINED: Answer = "declined"
SPOKE: tuple[Answer, ...] = ("done", "reached")
"""A person was there for the customer: what we would say of our own accord waits anew."""
NOBODY = "nobody"
"""The outcome of a request that nobody answered in time, and that nobody is left for."""
_OPEN = ("", ACKNOWLEDGED)


def ask(place: Place, message: str, trigger: str) -> None:
    """Ask a helper for an act, and record the choice. One request about a step is open at a time.

    Without a helper the request goes to the playbook's desk, where there is one.
    """
    words = place.compiled.helper_messages[message]
    role = place.compiled.helpers[words.to]
    question = f"Ask the {role.title} for help?"
    reference = _reference(place, message)
    requests = place.journey.requests
    opened = next((k for k, r in requests.items() if about(place, r) and r.outcome in _OPEN), None)
    if opened or reference in requests:
        verdict = Verdict(guard="helper", ok=False, reason="a helper was asked about it already")
        option = Option(name=role.id, eligible=False, probability=0.0, verdicts=(verdict,))
        _record(place, trigger, question, (option,), NOTHING)
        return
    stages = ((role, message, words.answer_within), *_desk(place, message))
    options = tuple(_option(place, one) for one, _, _ in stages)
    chosen = next((n for n, o in enumerate(options) if o.eligible), None)
    options = _drawn(options, chosen)
    _record(place, trigger, question, options, NOTHING if chosen is None else options[chosen].name)
    if chosen is not None:
        role, _, within = stages[chosen]
        request = Request(
            step=place.name,
            attempt=place.step.attempts,
            message=message,
            at=_minute(place.draft.now),
            role=role.id,
            helper=_who(place, role),
            due=_by(place, within),
        )
        _put(place, reference, request, message)


def chase(place: Place, reference: str) -> None:
    """The day by which an answer was due has come without one."""
    request = place.journey.requests.get(reference)
    if request is not None and request.outcome in _OPEN:
        _pass_on(place, reference, request, f"no answer from {request.helper} in time")


def answer(draft: Draft, event: Happened) -> Place | None:
    """Take a helper's answer; the place, where the helper was there for the customer just now.

    Raises UnusableEvent for one that is no answer to any request.
    """
    outcome = event.properties.get("outcome")
    reference, journey = _asked(draft, event)
    if outcome not in get_args(Answer):
        raise UnusableEvent(
            f"{ANSWERED!r} has the outcome {outcome!r}; write one of: {', '.join(get_args(Answer))}"
        )
    request = journey.requests[reference]
    if request.answered is not None and request.answered > event.at:
        return None
    by = str(event.properties.get("by") or request.helper)
    first = request.outcome == ""
    opened = request.outcome in _OPEN
    request = replace(request, outcome=str(outcome), by=by, answered=event.at)
    draft.put(replace(journey, requests=journey.requests | {reference: request}))
    place = _awaiting(draft, journey, request)
    if place is None:
        return None
    timer = place.timer(f"q/{reference}")
    if outcome == DECLINED and opened:
        draft.drop_timer(timer)
        _pass_on(place, reference, request, f"{by} cannot do it", other=True)
    elif outcome != ACKNOWLEDGED:
        draft.drop_timer(timer)
    elif first and request.message in place.compiled.helper_messages:
        # Who takes it up has the whole time once more, and only once.
        due = _by(place, place.compiled.helper_messages[request.message].answer_within)
        _put(place, reference, replace(request, due=max(due, request.due)))
    return place if outcome in SPOKE else None


def unreached(effect: TellHelper) -> Happened:
    """A request could not be delivered: the news of it, the same however often it comes."""
    return Happened(
        id=f"undelivered:{effect.key}",
        customer=effect.view.customer,
        name=UNDELIVERED,
        at=effect.at,
        properties={"reference": effect.reference, "stage": effect.stage},
    )


def undelivered(draft: Draft, event: Happened) -> None:
    """On to somebody else at once; without anybody, the request waits on the helper's page.

    Raises UnusableEvent where nobody was asked that.
    """
    reference, journey = _asked(draft, event)
    request = journey.requests[reference]
    place = _awaiting(draft, journey, request)
    if place is not None and (request.outcome, request.stage) == (
        "",
        event.properties.get("stage"),
    ):
        trigger = f"the message to {request.helper} could not be delivered"
        _pass_on(place, reference, request, trigger, other=True)


def _asked(draft: Draft, event: Happened) -> tuple[str, Journey]:
    """The request that an event is about, and its journey."""
    reference = event.properties.get("reference")
    asked = {k: j for j in draft.journeys for k in j.requests}
    if not isinstance(reference, str) or reference not in asked:
        raise UnusableEvent(
            f"{event.name!r} has the reference {reference!r}, and nobody was asked that about "
            f"{event.customer!r}; requests are: {', '.join(asked) or 'none yet'}"
        )
    return reference, asked[reference]


def _awaiting(draft: Draft, journey: Journey, request: Request) -> Place | None:
    """Where a request waits, while the customer is in that attempt at the step."""
    if request.step not in draft.compiled(journey).steps:
        return None
    place = Place(draft, journey.number, request.step)
    here = request.step in current_steps(place.journey) and about(place, request)
    return place if here else None


def spoken(place: Place) -> list[Micros]:
    """When helpers were there for the customer, in this attempt at this step."""
    return sorted(
        r.answered
        for r in place.journey.requests.values()
        if about(place, r) and r.outcome in SPOKE and r.answered is not None
    )


def await_answers(place: Place) -> None:
    """Set the clocks of open requests anew, when the step is taken up again."""
    for reference, request in place.journey.requests.items():
        if about(place, request) and request.outcome in _OPEN:
            due = max(request.due, _minute(place.draft.now))
            place.draft.set_timer(place.timer(f"q/{reference}"), due)


def about(place: Place, request: Request) -> bool:
    """Whether a request is about this attempt at this step."""
    return (request.step, request.attempt) == (place.name, place.step.attempts)


def tell(place: Place, message: str, at: Micros) -> None:
    """A tip, or a plain copy that a step began, to the helper where there is one."""
    helpers = place.compiled.helpers
    role = (
        place.compiled.playbook.helpers[0]
        if message == BEGAN
        else helpers[place.compiled.helper_messages[message].to]
    )
    if _who(place, role):
        # The hour it was meant for: when our own clockwork was late is no news of anybody.
        _tell(place, role, message, _reference(place, message), _minute(at))


def _pass_on(
    place: Place, reference: str, request: Request, trigger: str, *, other: bool = False
) -> None:
    """On to the next that the playbook names, and is there; else nobody is left to ask.

    ``other``: to another person, not to the one who was asked.
    """
    stages = list(_stages(place, request))
    # Nobody is their own stand-in.
    options = tuple(
        _option(place, role, request.helper if other or then.to != "same" else "")
        for _, then, role in stages
    )
    chosen = next((n for n, o in enumerate(options) if o.eligible), None)
    options = _drawn(options, chosen)
    name = NOTHING if chosen is None else options[chosen].name
    _record(place, trigger, "Who is asked next?", options, name)
    if chosen is None:
        _note(place, reference, request if other else replace(request, outcome=NOBODY))
        return
    stage, then, role = stages[chosen]
    words = place.compiled.helper_messages[then.message or request.message]
    passed = replace(
        request,
        role=role.id,
        helper=_who(place, role),
        due=_by(place, then.answer_within or words.answer_within),
        stage=stage,
        outcome="",
        by="",
    )
    _put(place, reference, passed, words.id)


def _stages(place: Place, request: Request) -> Iterator[tuple[int, Unanswered, HelperRole]]:
    """What still follows on a request: its number, what the playbook says, and who that is."""
    helpers, asked = place.compiled.helpers, request.role
    words = place.compiled.helper_messages.get(request.message)
    then = words.unanswered if words is not None else ()
    for number, one in list(enumerate(then, 1))[request.stage :]:
        if one.to == "desk":
            asked = place.compiled.playbook.desk
        elif one.to == "deputy":
            asked = helpers[asked].deputy if asked in helpers else ""
        if asked in helpers:
            yield number, one, helpers[asked]


def _put(place: Place, reference: str, request: Request, message: str = "") -> None:
    """Keep a request with its clock; with a message, ask by it."""
    place.draft.set_timer(place.timer(f"q/{reference}"), request.due)
    _note(place, reference, request)
    if message:
        role = place.compiled.helpers[request.role]
        _tell(place, role, message, reference, _minute(place.draft.now), request)


def _note(place: Place, reference: str, request: Request) -> None:
    journey = place.journey
    place.draft.put(replace(journey, requests=journey.requests | {reference: request}))


def _tell(
    place: Place,
    role: HelperRole,
    message: str,
    reference: str,
    at: Micros,
    request: Request | None = None,
) -> None:
    """Put a message to a helper, built from what the helper knows anyway."""
    draft, journey = place.draft, place.journey
    customer = draft.before.customer
    draft.effects.append(
        TellHelper(
            key=draft.next_key(),
            reference=reference,
            playbook=journey.playbook,
            version=journey.version,
            message=message,
            view=HelperView(
                helper=_who(place, role),
                helper_name=role.called or place.trait(role.name),
                role=role.title,
                customer=customer,
                customer_name=place.trait("name") or customer,
                journey_title=place.compiled.playbook.title,
                step=place.name,
                step_title=place.ready.step.title,
                step_entered=place.entered,
                step_days=place.days,
                address=_address(place, role),
                phone=place.trait(TRAIT["call"]) if request is not None else "",
            ),
            at=at,
            answer_by=request.due if request is not None else None,
            stage=request.stage if request is not None else 0,
            journey=journey.number,
        )
    )


def _who(place: Place, role: HelperRole) -> str:
    """The id of the person in this role for this customer, or nothing."""
    return role.person or place.trait(role.trait)


def _address(place: Place, role: HelperRole) -> str:
    """Where this person gets mail, or nothing: what was told before the person was named last may
    be the address of another one.
    """
    traits = place.draft.profile.traits
    who, where = traits.get(role.trait), traits.get(role.email)
    if who is None or where is None or where.value is None or where.at < who.at:
        return role.address
    return str(where.value).strip()


def _by(place: Place, within: str) -> Micros:
    return place.compiled.after(_minute(place.draft.now), read_length(within))


def _minute(at: Micros) -> Micros:
    """A moment as helpers are told it. The micros after it depend on what else we did just then."""
    return at // MINUTE * MINUTE


def _reference(place: Place, message: str) -> str:
    journey, customer = place.journey, place.draft.before.customer
    seen = (customer, journey.playbook, journey.key, place.name, place.step.attempts, message)
    return blake2b("|".join(map(str, seen)).encode(), digest_size=6).hexdigest()


def _option(place: Place, role: HelperRole, had: str = "") -> Option:
    """Whether this role can be asked: somebody is named, and it is not the one who was asked."""
    who = _who(place, role)
    ok = bool(who) and who != had
    reason = f"a {role.title} is named" if who else f"no {role.title} is named"
    reason = f"{who} was asked already" if who and who == had else reason
    verdict = Verdict(guard="helper", ok=ok, reason=reason)
    return Option(name=role.id, eligible=ok, probability=0.0, verdicts=(verdict,))


def _drawn(options: tuple[Option, ...], chosen: int | None) -> tuple[Option, ...]:
    return tuple(replace(o, probability=float(n == chosen)) for n, o in enumerate(options))


def _desk(place: Place, message: str) -> tuple[tuple[HelperRole, str, str], ...]:
    words, desk = place.compiled.helper_messages[message], place.compiled.playbook.desk
    if not desk or desk == words.to:
        return ()
    return ((place.compiled.helpers[desk], message, words.answer_within),)


def _record(
    place: Place, trigger: str, question: str, options: tuple[Option, ...], chosen: str
) -> None:
    first = options[0].verdicts[0].reason if options else "nobody is left to ask"
    record(
        place,
        kind="touch",
        trigger=trigger,
        question=question,
        options=options,
        chosen=chosen,
        because=first if chosen == NOTHING else trigger,
        effects=() if chosen == NOTHING else (place.draft.next_key(),),
    )
