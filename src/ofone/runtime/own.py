"""What is held of one customer, for that customer: wishes, beliefs, and the reason of each message.

Times are ISO 8601 in UTC. The company's words stand in its playbook's language; ids of needs,
channels and guards are for the page to put into words.
"""

import textwrap
from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Literal

from msgspec import Struct

from ofone.decisions.guards.places import zone_of
from ofone.domain.decisions import Decision
from ofone.domain.effects import Send
from ofone.domain.events import Happened, Value
from ofone.domain.state import CustomerState, Evidence, NeedState
from ofone.domain.times import Micros, iso
from ofone.domain.words import NEEDS, Channel, Need
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Library
from ofone.journeys.playbook import Item
from ofone.journeys.record import ACTS_SPEAK, ASKED_FOR, SILENT_THERE
from ofone.journeys.stage import usual
from ofone.needs.evidence import level_of
from ofone.needs.model import STATED, assess, course
from ofone.profiles.preferences import stated
from ofone.profiles.stated import PREFERENCES
from ofone.profiles.traits import trait
from ofone.runtime.codec import decode_decisions, decode_effect, decode_event, decode_message
from ofone.runtime.ports import EffectRow, Store
from ofone.runtime.show import CUT

WENT = ("accepted", "delivered", "unknown")
MESSAGES = 100
"""With their reasons, the newest of them; the rest is in the download."""

Level = Literal["more", "usual", "less"]
Source = Literal["answer", "sign", "words", "said"]
Way = Literal["asked", "acts", "silent there", "first"]
Occasion = Literal["no reaction", "moved", "late", "quiet", "end", "step"]
Tone = Literal["reassuring", "plain", "brief"]


class Piece(Struct, frozen=True, kw_only=True):
    """One thing that a belief rests on, and which way it pointed.

    ``source``: an answer of theirs, something that happened, words of theirs, or their own word on
    the need itself. ``says``: of an answer the question, of words the words, of what happened the
    playbook's reason.
    """

    at: str
    source: Source
    toward: Level
    says: str
    says_in: Mapping[str, str] = {}
    answer: str = ""
    score: float = 0.0


class Moment(Struct, frozen=True, kw_only=True):
    """What was believed of a need at a moment."""

    at: str
    mean: float
    sd: float


class Held(Struct, frozen=True, kw_only=True):
    """What is believed of one need: ``level`` is None while nothing is, ``sure`` where it is known.

    ``said`` is the customer's own word, which overrides what is inferred. ``pieces``: the newest
    first. ``course``: the belief after each piece, and now, on the need's standard-normal scale.
    """

    need: Need
    level: Level | None
    sure: bool
    said: Level | None
    pieces: tuple[Piece, ...]
    course: tuple[Moment, ...]


class Other(Struct, frozen=True, kw_only=True):
    """A channel that was not taken; ``guards`` refused it, or none did and another came first."""

    channel: str
    guards: tuple[str, ...]


class Reason(Struct, frozen=True, kw_only=True):
    """One message, and why it came: at which step, on which occasion, in which manner, which way.

    ``says``: its subject, else its beginning. ``step_in``: the step's title in other languages.
    ``occasion``: they had not reacted, their date moved, it takes longer than was told, it had been
    quiet, it came to an end, or the step had come so far. ``way``: they had asked for the channel,
    their acts speak for it, nothing had been said on it yet, or it comes first here. ``tone`` is
    the manner, ``tones`` the others there were. ``needs``: the beliefs that it was chosen by, then.
    """

    key: str
    at: str
    channel: Channel
    way: Way
    says: str
    step: str
    step_in: Mapping[str, str]
    occasion: Occasion
    tone: Tone
    tones: tuple[Tone, ...]
    needs: tuple[tuple[Need, Level], ...]
    others: tuple[Other, ...]


class Own(Struct, frozen=True, kw_only=True):
    """Whose pages they are. ``weighed``: the needs that some playbook of this customer's weighs.

    ``wishes``: what they stated of being in touch, by preference.
    """

    customer: str
    company: str
    own: str
    language: str
    locale: str
    zone: str
    weighed: frozenset[Need]
    wishes: Mapping[str, Value]


def own(library: Library, state: CustomerState, number: int) -> Own:
    """Whom the pages of journey ``number`` belong to, and what they asked for."""
    journey = state.journeys[number]
    compiled = library.version(journey.playbook, journey.version)
    playbooks = _playbooks(library, state)
    zone = zone_of(trait(state.profile, "zone")) or compiled.zone
    said = {name: stated(state.profile, name) for name in PREFERENCES}
    return Own(
        customer=state.customer,
        company=compiled.playbook.company,
        own=compiled.playbook.language,
        language=trait(state.profile, "language"),
        locale=trait(state.profile, "locale"),
        zone=zone.key,
        weighed=frozenset(n for n in NEEDS if any(n in c.weighed for c in playbooks)),
        wishes={name: value for name, value in said.items() if value is not None},
    )


def held(store: Store, library: Library, state: CustomerState, now: Micros) -> tuple[Held, ...]:
    """What is believed of each need at ``now``, with what it rests on."""
    return tuple(_held(store, library, state, now))


def reasons(store: Store, library: Library, state: CustomerState) -> tuple[Reason, ...]:
    """Every message of all journeys with its reason, the newest first."""
    decisions = {
        d.id: d for body in store.decisions(state.customer) for d in decode_decisions(body)
    }
    return tuple(_reasons(store, library, state, decisions))


def _playbooks(library: Library, state: CustomerState) -> list[Compiled]:
    return [library.version(j.playbook, j.version) for j in state.journeys]


def _held(store: Store, library: Library, state: CustomerState, now: Micros) -> Iterable[Held]:
    items = {i.id: i for c in _playbooks(library, state) for i in c.playbook.items}
    known = [k for k in state.needs.values() if k.evidence or k.said]
    heard = _events(store, state.customer, known)
    stage: Mapping[Need, float] = usual(state.journeys, library, now)
    for need in NEEDS:
        of = state.needs.get(need)
        a = assess(of, now, need, CUT, stage.get(need, 0.0))
        word = of.said if of is not None and of.said is not None else None
        said = _level(level_of(word.score)) if word and word.kind == STATED else None
        yield Held(
            need=need,
            level=said or _believed(a.mean, a.high, a.low, known=a.known),
            sure=a.known or said is not None,
            said=said,
            pieces=tuple(_piece(e, items, heard) for e in _newest(of)),
            course=(*_course(of, need), Moment(at=iso(now) or "", mean=a.mean, sd=a.sd)),
        )


def _course(of: NeedState | None, need: Need) -> Iterable[Moment]:
    # Of several pieces at one moment, as the answers of one sheet, the last belief is the belief.
    for at, b in {b.at: b for b in course(of, need)}.items() if of is not None else ():
        variance = b.trait_var + b.state_var + 2 * b.cov
        yield Moment(at=iso(at) or "", mean=b.trait + b.state, sd=sqrt(variance))


def _newest(of: NeedState | None) -> Iterable[Evidence]:
    if of is None:
        return ()
    own_word = (of.said,) if of.said is not None and of.said.kind == STATED else ()
    return sorted((*of.evidence, *own_word), key=lambda e: e.at, reverse=True)


def _piece(e: Evidence, items: Mapping[str, Item], heard: Mapping[str, Happened]) -> Piece:
    toward: Level = "more" if e.score > CUT / 10 else "less" if e.score < -CUT / 10 else "usual"
    event = heard.get(e.event)
    source: Source = "sign"
    says, answer = e.kind, ""
    says_in: dict[str, str] = {}
    if e.kind == STATED:
        source, says = "said", ""
    elif e.answer is not None:
        item = e.kind.removeprefix("answer ")
        source = "answer"
        says = items[item].text if item in items else item
        says_in = (
            {code: words.text for code, words in items[item].says.items()} if item in items else {}
        )
        answer = str(event.properties.get(item, "")) if event is not None else ""
    elif e.kind.startswith("words ("):
        source = "words"
        says = str(event.properties.get("text", "")) if event is not None else ""
    return Piece(
        at=iso(e.at) or "",
        source=source,
        toward=toward,
        says=says,
        says_in=says_in,
        answer=answer,
        score=e.score,
    )


def _events(store: Store, customer: str, known: Iterable[NeedState]) -> dict[str, Happened]:
    wanted = {e.event for k in known for e in k.evidence}
    found = {}
    for row in store.log(customer) if wanted else ():
        event = decode_event(row.body)
        if isinstance(event, Happened) and event.id in wanted:
            found[event.id] = event
    return found


def _believed(mean: float, high: float, low: float, *, known: bool) -> Level | None:
    """An estimate where it is known, else what is more likely than not."""
    if known:
        return "more" if mean > CUT else "less" if mean < -CUT else "usual"
    return "more" if high >= 0.5 else "less" if low >= 0.5 else None


def _level(word: str) -> Level:
    return "more" if word == "more" else "less" if word == "less" else "usual"


def _reasons(
    store: Store, library: Library, state: CustomerState, decisions: Mapping[str, Decision]
) -> Iterable[Reason]:
    rows = [row for row in store.effects(state.customer) if row.status in WENT]
    approaches = [d for d in decisions.values() if d.kind == "approach"]
    for row in reversed(rows[-MESSAGES:]):
        effect = decode_effect(row.body)
        if not isinstance(effect, Send):
            continue
        compiled = library.version(effect.playbook, effect.version)
        touch = decisions.get(effect.decision)
        chosen = _manner(approaches, effect)
        ready = compiled.steps.get(effect.step)
        tone = compiled.approaches[effect.approach].approach.tone
        tones = dict.fromkeys(a.approach.tone for a in compiled.approaches.values())
        yield Reason(
            key=effect.key,
            at=iso(effect.at) or "",
            channel=effect.channel,
            way=_way(touch, effect.channel),
            says=_says(row, compiled.actions[effect.action].title),
            step=ready.step.title if ready is not None else "",
            step_in={code: w.title for code, w in ready.step.says.items()} if ready else {},
            occasion=_occasion(compiled, effect, touch),
            tone=tone,
            tones=tuple(t for t in tones if t != tone),
            needs=tuple(_weighed(chosen)) if chosen is not None else (),
            others=tuple(_others(touch)),
        )


def _says(row: EffectRow, title: str) -> str:
    """What a person knows a message by: its subject, or how it begins."""
    if row.message is None:
        return title
    message = decode_message(row.message)
    return message.subject or textwrap.shorten(message.text, 80, placeholder="…") or title


def _way(touch: Decision | None, channel: str) -> Way:
    options = touch.options if touch is not None else ()
    because = next((o.because for o in options if o.name == channel), "")
    if because == ASKED_FOR:
        return "asked"
    if because == SILENT_THERE:
        return "silent there"
    return "acts" if because.startswith(ACTS_SPEAK) else "first"


def _occasion(compiled: Compiled, effect: Send, touch: Decision | None) -> Occasion:
    ready = compiled.steps.get(effect.step)
    ends = [compiled.playbook.closing, *(o.closing for o in compiled.playbook.outcomes)]
    if ready is None or effect.action in ends:
        return "end"
    step = ready.step
    if effect.action == step.moved:
        return "moved"
    if effect.action == step.late:
        return "late"
    if step.quiet is not None and effect.action == step.quiet.send:
        return "quiet"
    reacting = touch is not None and touch.trigger in [r.because for r in step.reactions]
    return "no reaction" if reacting else "step"


def _manner(approaches: Iterable[Decision], effect: Send) -> Decision | None:
    """The decision by which this message's step was accompanied as it was."""
    there = [
        d
        for d in approaches
        if d.journey == effect.journey
        and d.step == effect.step
        and d.at <= effect.at
        and d.chosen == effect.approach
    ]
    return there[-1] if there else None


def _weighed(chosen: Decision) -> Iterable[tuple[Need, Level]]:
    for seen in chosen.evidence:
        need = next((n for n in NEEDS if n == seen.need), None)
        level = _believed(seen.mean, seen.high, seen.low, known=seen.known)
        if need is not None and level is not None:
            yield need, level


def _others(touch: Decision | None) -> Iterable[Other]:
    for option in touch.options if touch is not None else ():
        if touch is not None and option.name != touch.chosen:
            refused = [v.guard for v in (*option.verdicts, *touch.verdicts) if not v.ok]
            yield Other(channel=option.name, guards=tuple(refused))
