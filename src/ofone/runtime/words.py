"""From an effect to a message: the words of the pinned playbook, filled with what is known."""

from typing import Any
from zoneinfo import ZoneInfo

from ofone.conversations.helper import compose_helper
from ofone.conversations.messages import compose
from ofone.decisions.guards.address import TRAIT
from ofone.decisions.guards.quiet_hours import zone_of
from ofone.domain.effects import Send, TellHelper
from ofone.domain.messages import Message
from ofone.domain.state import CustomerState
from ofone.domain.times import Micros
from ofone.journeys.ask_next import baseline
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Library
from ofone.journeys.playbook import Content
from ofone.runtime.links import Links


def write(effect: Send, state: CustomerState, library: Library, links: Links) -> Message:
    """The message to a customer. Raises TemplateError that names the template and the variable."""
    compiled = library.version(effect.playbook, effect.version)
    content = compiled.content(effect.action, effect.approach)[effect.channel]
    name = _trait(state, "name")
    said = compose(
        subject=content.subject,
        body=content.body,
        channel=effect.channel,
        context=_context(effect, state, compiled, links)
        | {"question": _question(effect, state, library, links) if _asks(content) else None},
        where=f"{compiled.name}: {effect.action}/{effect.approach}/{effect.channel}",
    )
    return Message(
        key=effect.key,
        to_kind="customer",
        who=effect.customer,
        name=name or effect.customer,
        channel=effect.channel,
        address=_trait(state, TRAIT.get(effect.channel, "")) or effect.customer,
        subject=said.subject,
        text=said.text,
        html=said.html,
        at=effect.at,
        thread=f"{effect.customer}:{effect.journey}",
    )


def write_to_helper(effect: TellHelper, library: Library) -> Message:
    """The message to a helper, made of the helper's view and of nothing else."""
    compiled = library.version(effect.playbook, effect.version)
    words = compiled.helper_messages[effect.message]
    said = compose_helper(
        subject=words.subject,
        body=words.body,
        view=effect.view,
        answer_by=effect.answer_by,
        zone=compiled.zone.key,
        locale=compiled.playbook.language,
        where=f"{compiled.name}: {effect.message}",
    )
    return Message(
        key=effect.reference,
        to_kind="helper",
        who=effect.view.helper,
        name=effect.view.helper_name or effect.view.helper,
        channel="helper",
        address=effect.view.helper,
        subject=said.subject,
        text=said.text,
        html=said.html,
        at=effect.at,
        thread=effect.reference,
    )


def _context(
    effect: Send, state: CustomerState, compiled: Compiled, links: Links
) -> dict[str, Any]:
    journey = state.journeys[effect.journey]
    ready = compiled.steps[effect.step]
    role = compiled.playbook.helpers[0] if compiled.playbook.helpers else None
    name = _trait(state, "name")
    # What is not known is None, not "": an empty text would count as true, and leave a gap.
    return {
        "company": compiled.playbook.company,
        "customer": {
            "name": name or None,
            "first_name": _trait(state, "first_name") or name.split(" ")[0] or None,
        },
        "helper": {
            "name": (_trait(state, role.name) if role else "") or None,
            "title": role.title if role else "",
        },
        "journey": {"title": compiled.playbook.title},
        "step": {
            "title": ready.step.title,
            "happens": ready.step.happens,
            "you_do": ready.step.you_do,
        },
        "facts": dict.fromkeys(compiled.remember) | {k: d.value for k, d in journey.facts.items()},
        "expected": _range(effect.expected),
        "end": _range(effect.end),
        "tracker_url": links.tracker(effect.customer, effect.journey),
        "_zone": recipient_zone(state, compiled).key,
        "_company": compiled.playbook.company,
        "_tracker": links.tracker(effect.customer, effect.journey),
        "_locale": _locale(state, compiled.playbook.language),
    }


def _asks(content: Content) -> bool:
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
        "link": links.questions(effect.customer, effect.journey),
        "answers": [
            {
                "value": value,
                "label": label,
                "link": links.questions(effect.customer, effect.journey, item=item, answer=value),
            }
            for value, label in words.answers
        ],
    }


def _locale(state: CustomerState, language: str) -> str:
    """The language of the words, with the reader's region where the reader shares the language."""
    stated = _trait(state, "language").replace("_", "-")
    return stated if stated.split("-")[0] == language.split("-", maxsplit=1)[0] else language


def recipient_zone(state: CustomerState, compiled: Compiled) -> ZoneInfo:
    """The zone that dates are told in: the customer's where known, else the playbook's."""
    return zone_of(_trait(state, "zone")) or compiled.zone


def _range(found: tuple[Micros, Micros] | None) -> dict[str, Micros | None]:
    return {"from": found[0], "to": found[1]} if found else {"from": None, "to": None}


def _trait(state: CustomerState, name: str) -> str:
    known = state.profile.traits.get(name)
    return "" if known is None or known.value is None else str(known.value)
