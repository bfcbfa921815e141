"""From an effect to a message: the words of the pinned playbook, filled with what is known."""

from typing import Any
from zoneinfo import ZoneInfo

from ofone.conversations.helper import COPY_BODY, COPY_SUBJECT, compose_helper
from ofone.conversations.messages import Rendered, compose
from ofone.decisions.guards.address import TRAIT
from ofone.decisions.guards.places import zone_of
from ofone.domain.effects import BEGAN, HelperView, Send, TellHelper
from ofone.domain.messages import Appointment, Message
from ofone.domain.state import CustomerState, StepState
from ofone.domain.times import MINUTE, SECOND, Micros
from ofone.journeys.ask_next import baseline
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Library
from ofone.journeys.playbook import Content, ContentWords
from ofone.journeys.schedule import read_date
from ofone.profiles.traits import trait
from ofone.runtime.links import Links


def write(effect: Send, state: CustomerState, library: Library, links: Links) -> Message:
    """The message to a customer. Raises TemplateError that names the template and the variable."""
    compiled = library.version(effect.playbook, effect.version)
    content = compiled.content(effect.action, effect.approach)[effect.channel]
    language = trait(state.profile, "language").replace("_", "-").partition("-")[0].lower()
    words = content.says.get(language, content)
    language = compiled.playbook.language if words is content else language
    name = trait(state.profile, "name")
    by_mail = effect.channel == "email"
    leave = links.leave(effect.customer, effect.channel, effect.purpose) if by_mail else ""
    said = compose(
        subject=words.subject,
        body=words.body,
        channel=effect.channel,
        context=_context(effect, state, compiled, links)
        | {"question": _question(effect, state, library, links) if _asks(words) else None}
        | {"_leave": leave, "_locale": _locale(state, language)},
        where=f"{compiled.name}: {effect.action}/{effect.approach}/{effect.channel}"
        + ("" if words is content else f"/{language}"),
    )
    return Message(
        key=effect.key,
        to_kind="customer",
        who=effect.customer,
        name=name or effect.customer,
        channel=effect.channel,
        address=trait(state.profile, TRAIT.get(effect.channel, "")) or effect.customer,
        subject=said.subject,
        text=said.text,
        html=said.html,
        at=effect.at,
        thread=links.thread(effect.customer, effect.journey),
        reference=links.letter(effect.customer, effect.key) if by_mail else "",
        leave=leave,
        appointment=told(effect, state, compiled, links) if by_mail else None,
    )


def write_to_helper(effect: TellHelper, library: Library, links: Links) -> Message:
    """The message to a helper, made of the helper's view and of nothing else.

    A request leads to the helper's own page, where it is answered.
    """
    compiled = library.version(effect.playbook, effect.version)
    page = links.helper(effect.view.helper)
    copy = effect.message == BEGAN
    words = None if copy else compiled.helper_messages[effect.message]
    said = compose_helper(
        subject=words.subject if words is not None else COPY_SUBJECT,
        body=words.body if words is not None else COPY_BODY,
        view=effect.view,
        answer_by=effect.answer_by,
        page=f"{page}#{effect.reference}" if effect.answer_by is not None else page,
        zone=compiled.zone.key,
        locale=compiled.playbook.language,
        where=f"{compiled.name}: {effect.message}",
        company=compiled.playbook.company,
    )
    # The same words to the next one are another message; those again to the same one are not.
    key = f"{effect.reference}.{effect.stage}" if effect.stage else effect.reference
    return to_helper(effect.view, said, links, key=key, thread=effect.reference, at=effect.at)


def to_helper(
    view: HelperView, said: Rendered, links: Links, *, key: str, thread: str, at: Micros
) -> Message:
    """Words to a helper as a message: by e-mail where the address is known, else kept for them."""
    return Message(
        key=key,
        to_kind="helper",
        who=view.helper,
        name=view.helper_name or view.helper,
        channel="email" if view.address else "helper",
        address=view.address or view.helper,
        subject=said.subject,
        text=said.text,
        html=said.html,
        at=at,
        thread=thread,
        reference=links.note(view.helper, key) if view.address else "",
    )


def _context(
    effect: Send, state: CustomerState, compiled: Compiled, links: Links
) -> dict[str, Any]:
    journey = state.journeys[effect.journey]
    ready = compiled.steps[effect.step]
    role = compiled.playbook.helpers[0] if compiled.playbook.helpers else None
    name = trait(state.profile, "name")
    tracker = links.tracker(state, effect.journey, effect.at)
    # What is not known is None, not "": an empty text would count as true, and leave a gap.
    return {
        "company": compiled.playbook.company,
        "customer": {
            "name": name or None,
            "first_name": trait(state.profile, "first_name") or name.split(" ")[0] or None,
        },
        "helper": {
            "name": (trait(state.profile, role.name) if role else "") or None,
            "title": role.title if role else "",
        },
        "journey": {"title": compiled.playbook.title},
        "step": {
            "title": ready.step.title,
            "happens": ready.step.happens,
            "you_do": ready.step.you_do,
            "late_because": ready.step.late_because or None,
        },
        "facts": dict.fromkeys(compiled.remember) | {k: d.value for k, d in journey.facts.items()},
        "expected": _range(effect.expected),
        "was": _range(effect.was),
        "end": _range(effect.end),
        "tracker_url": tracker,
        "_zone": recipient_zone(state, compiled).key,
        "_company": compiled.playbook.company,
        "_address": compiled.playbook.company_address,
        "_tracker": tracker,
    }


def told(
    effect: Send, state: CustomerState, compiled: Compiled, links: Links
) -> Appointment | None:
    """What a message tells the customer's calendar: how an appointment stands, or that it is off.

    The appointment of the message's own step, where it has one; else the first that there is to
    tell about. It is only taken back where an earlier message of that kind may have brought it.
    """
    if not compiled.actions[effect.action].calendar:
        return None
    sent = state.journeys[effect.journey].sent
    brought = any(
        a.calendar and a.id in sent for a in compiled.actions.values() if a.id != effect.action
    )
    steps = sorted(compiled.steps, key=lambda s: s != effect.step)
    found = (appointment(state, effect.journey, s, compiled, links, effect.at) for s in steps)
    return next((a for a in found if a and (brought or not a.cancelled)), None)


def appointment(
    state: CustomerState, number: int, step: str, compiled: Compiled, links: Links, at: Micros
) -> Appointment | None:
    """A step's appointment as it stands; None where there is none, or it was over by ``at``.

    ``sequence`` is how many seconds after the journey's beginning the journey last heard anything
    that matters to it: it rises with each change, and is the same whenever it is computed again.
    """
    ready, journey = compiled.steps.get(step), state.journeys[number]
    said = ready.step.calendar if ready is not None else None
    if ready is None or said is None:
        return None
    fact, where = journey.facts.get(ready.step.date), journey.facts.get(said.place)
    start = read_date(fact.value) if fact is not None and isinstance(fact.value, str) else None
    if fact is None or start is None or start + said.minutes * MINUTE <= at:
        return None
    known = journey.steps.get(step) or StepState()
    heard = [fact.at, *(when for when, _ in journey.closings)]
    heard += [where.at] if where is not None else []
    heard += [when for one in journey.steps.values() for when, _ in one.marks]
    return Appointment(
        uid=f"{links.appointment(state.customer, number, step)}@ofone",
        sequence=max(0, max(heard) - journey.started) // SECOND,
        at=at,
        start=start,
        minutes=said.minutes,
        title=said.title,
        place=str(where.value) if where is not None and where.value is not None else "",
        cancelled=journey.status != "active" or known.status != "current",
    )


def _asks(content: Content | ContentWords) -> bool:
    """Whether these words put a question: most do not, and to choose one takes a while."""
    return "question" in content.body or "question" in content.subject


def _question(
    effect: Send, state: CustomerState, library: Library, links: Links
) -> dict[str, Any] | None:
    """What would be asked next, in the customer's language, with a link for each answer."""
    found = baseline(library, state, effect.journey, max(effect.at, state.now))
    if found.question is None:
        return None
    item, words = found.question.item, found.question.words(found.language)
    return {
        "text": words.text,
        "low": words.low or None,
        "high": words.high or None,
        "link": links.questions(state, effect.journey, effect.at),
        "answers": [
            {
                "value": value,
                "label": label,
                "link": links.questions(state, effect.journey, effect.at, item=item, answer=value),
            }
            for value, label in words.answers
        ],
    }


def _locale(state: CustomerState, language: str) -> str:
    """The language of the words, with the reader's region where the reader shares the language."""
    stated = trait(state.profile, "language").replace("_", "-")
    return stated if stated.split("-")[0] == language.split("-", maxsplit=1)[0] else language


def recipient_zone(state: CustomerState, compiled: Compiled) -> ZoneInfo:
    """The zone that dates are told in: the customer's where known, else the playbook's."""
    return zone_of(trait(state.profile, "zone")) or compiled.zone


def _range(found: tuple[Micros, Micros] | None) -> dict[str, Micros | None]:
    return {"from": found[0], "to": found[1]} if found else {"from": None, "to": None}
