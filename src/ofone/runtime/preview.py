"""Texts as they would go out: the dispatcher's own ``write``, over a moment that is made up.

A preview makes the effect that a decision would ask for, and hands it to the same function that
a dispatch does. So nothing is shown here that would not be sent, and nothing is left out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ofone.conversations.segments import segments
from ofone.domain.effects import Send
from ofone.domain.errors import NotFound, TemplateError
from ofone.domain.events import Value
from ofone.domain.state import CustomerState, Dated, Journey, StepState
from ofone.domain.words import CHANNELS, Channel
from ofone.journeys.compiled import Compiled, Planned
from ofone.journeys.dates import moved, promised, watched
from ofone.journeys.library import library
from ofone.runtime.links import Links
from ofone.runtime.words import write

Moments = Callable[[str, str], CustomerState]
"""The state that an action is previewed in, by the action's id and the step's."""


class Text(Struct, frozen=True, kw_only=True):
    """One text of a playbook as one customer would get it.

    ``approaches``: those that say it so. ``language``: of the words (the customer may read another
    that there are none in). ``segments`` of a text message, else 0. ``held``: why it could not go
    out; the words are empty then.
    """

    action: str
    title: str
    step: str
    approaches: tuple[str, ...]
    channel: Channel
    language: str
    subject: str = ""
    text: str = ""
    html: str = ""
    segments: int = 0
    held: str = ""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which texts: of one action, approach or channel, or of all where nothing is said.

    ``language``: as if the customer read that one. ``facts``: as if these were remembered.
    """

    action: str = ""
    approach: str = ""
    channel: str = ""
    language: str = ""
    facts: dict[str, Value] = {}


def said_at(compiled: Compiled) -> dict[str, dict[str, str]]:
    """By action, in the order of the playbook: the approaches that send it, each with the step.

    An action that nothing sends is shown at the first step, for every approach.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in compiled.actions}

    def note(planned: Planned, approaches: Sequence[str], step: str) -> None:
        if planned.touch.send:
            for approach in approaches:
                found[planned.touch.send].setdefault(approach, step)

    everyone = list(compiled.approaches)
    for name, ready in compiled.steps.items():
        for approach, plans in ready.accompany.items():
            for planned in plans:
                note(planned, [approach], name)
        for reaction in ready.reactions.values():
            for planned in reaction.then:
                note(planned, planned.touch.for_ or everyone, name)
        if ready.moved is not None:
            note(ready.moved, everyone, name)
        if ready.late is not None:
            note(ready.late, everyone, name)
        if ready.calm is not None:
            note(ready.calm.planned, everyone, name)
    for planned in compiled.closings.values():
        note(planned, everyone, compiled.playbook.goal)
    first = next(iter(compiled.steps))
    return {
        name: {a: said[a] for a in everyone if a in said} or dict.fromkeys(everyone, first)
        for name, said in found.items()
    }


def texts(compiled: Compiled, moments: Moments, links: Links, wanted: Wanted) -> list[Text]:
    """Every text that is wanted, in the order of the playbook; approaches with equal words are one.

    Raises NotFound that names what there is, when something is wanted that is not there.
    """
    _known("action", wanted.action, compiled.actions)
    _known("approach", wanted.approach, compiled.approaches)
    found: list[Text] = []
    for action, said in said_at(compiled).items():
        if wanted.action in ("", action):
            chosen = {a: s for a, s in said.items() if wanted.approach in ("", a)}
            found += _of(compiled, action, chosen, moments, links, wanted)
    if not found:
        what = wanted.action or compiled.name
        by = f" by {wanted.channel}" if wanted.channel else ""
        to = f" in {wanted.approach!r}" if wanted.approach else ""
        raise NotFound(f"nothing says {what}{to}{by}; {_where(compiled, wanted.action)}")
    return found


def _of(
    compiled: Compiled,
    action: str,
    said: dict[str, str],
    moments: Moments,
    links: Links,
    wanted: Wanted,
) -> Iterator[Text]:
    alike: dict[tuple[str, Channel, object], list[str]] = {}
    for approach, step in said.items():
        content_by = compiled.content(action, approach)
        for channel in (c for c in CHANNELS if c in content_by):
            content = content_by[channel]
            if wanted.channel in ("", channel):
                # Equal content is one text; its templates tell it from another.
                same = (content.subject, content.body, tuple(sorted(content.says)))
                alike.setdefault((step, channel, same), []).append(approach)
    for (step, channel, _), approaches in alike.items():
        state = _reading(moments(action, step), wanted.language)
        yield _text(compiled, action, step, approaches, channel, state, links, wanted.facts)


def _text(
    compiled: Compiled,
    action: str,
    step: str,
    approaches: list[str],
    channel: Channel,
    state: CustomerState,
    links: Links,
    facts: dict[str, Value],
) -> Text:
    state, journey = _at_step(compiled, state, action, step, approaches[0], facts)
    here, goal = promised(compiled, journey, step, state.now)
    ready, was = compiled.steps[step], None
    if action == ready.step.late and here is not None:
        # Shown as it would be said: when the range that is told now will soon end.
        was, entered = here, journey.steps[step].entered or state.now
        here = moved(compiled, ready, entered, watched(compiled, *was))
    effect = Send(
        key="preview",
        customer=state.customer,
        journey=journey.number,
        playbook=compiled.name,
        version=compiled.version,
        step=step,
        action=action,
        approach=approaches[0],
        channel=channel,
        purpose=compiled.actions[action].purpose,
        at=state.now,
        decision="preview",
        expected=here,
        end=goal,
        was=was,
    )
    content = compiled.content(action, approaches[0])[channel]
    asked = state.profile.traits.get("language")
    code = str(asked.value if asked else "").replace("_", "-").partition("-")[0].lower()
    text = Text(
        action=action,
        title=compiled.actions[action].title,
        step=step,
        approaches=tuple(approaches),
        channel=channel,
        language=code if code in content.says else compiled.playbook.language,
    )
    try:
        message = write(effect, state, library([compiled]), links)
    except TemplateError as error:
        return replace(text, held=str(error))
    count = segments(message.text) if channel == "sms" else 0
    said = replace(text, subject=message.subject, text=message.text, html=message.html)
    return replace(said, segments=count)


def _at_step(
    compiled: Compiled,
    state: CustomerState,
    action: str,
    step: str,
    approach: str,
    facts: dict[str, Value],
) -> tuple[CustomerState, Journey]:
    """The state with a journey of this version that stands at this step, and that journey."""
    mine = [n for n, j in enumerate(state.journeys) if j.playbook == compiled.name]
    number = mine[-1] if mine else len(state.journeys)
    journey = (
        state.journeys[number]
        if mine
        else Journey(
            number=number,
            playbook=compiled.name,
            version=compiled.version,
            key="preview",
            started=state.now,
        )
    )
    known = journey.steps.get(step) or StepState()
    closing = any(p.touch.send == action for p in compiled.closings.values())
    if not closing:
        entered = known.entered if known.entered is not None else state.now
        known = replace(known, status="current", entered=entered, approach=approach)
        journey = replace(journey, status="active", outcome="", ended=None)
    elif journey.status == "active":
        journey = replace(journey, status="ended", ended=state.now)
    journey = replace(
        journey,
        version=compiled.version,
        approach=approach,
        steps=journey.steps | {step: known},
        facts=journey.facts | {name: Dated(value, state.now) for name, value in facts.items()},
    )
    journeys = (*state.journeys[:number], journey, *state.journeys[number + 1 :])
    return replace(state, journeys=journeys), journey


def _reading(state: CustomerState, language: str) -> CustomerState:
    """The same customer, reading another language where one is named."""
    if not language:
        return state
    traits = state.profile.traits | {"language": Dated(language, state.now)}
    return replace(state, profile=replace(state.profile, traits=traits))


def _known(kind: str, name: str, there: Iterable[str]) -> None:
    names = list(there)
    if name and name not in names:
        kinds = {"approach": "approaches"}.get(kind, f"{kind}s")
        raise NotFound(f"no {kind} {name!r}; {kinds} are: {', '.join(names)}")


def _where(compiled: Compiled, action: str) -> str:
    """What would work."""
    said = said_at(compiled)
    if not action:
        return f"approaches are: {', '.join(compiled.approaches)}"
    ways = (f"{a} by {', '.join(compiled.content(action, a))}" for a in said[action])
    return f"it is said in {'; in '.join(ways)}"
