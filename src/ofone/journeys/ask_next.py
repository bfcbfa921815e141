"""What to ask a customer next, and in which words.

All of it is read from the state, so that a questionnaire can be left anywhere and resumed
anywhere: on the page, and in a message that carries one question.
"""

from collections.abc import Collection, Mapping

from msgspec import Struct

from ofone.decisions.guards.address import TRAIT
from ofone.domain.state import CustomerState, Journey
from ofone.domain.times import DAY, Micros
from ofone.domain.words import NEEDS, WRITTEN, Channel, Need
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Library
from ofone.journeys.playbook import Item
from ofone.journeys.stated import stated_words
from ofone.needs.adaptive import Choice, Preferred, choose
from ofone.needs.evidence import PREFERENCES
from ofone.needs.model import Assessment, assess
from ofone.profiles.stated import CADENCE
from ofone.profiles.traits import trait

THIS_TIME = 30 * DAY
"""What was answered or passed over within this time is not asked again."""
WHERE, PACE = "P1", "P2"
"""The two questions that every playbook has: by which channel, and how often."""


class Words(Struct, frozen=True, kw_only=True):
    """A question in one language. ``answers`` are (value, label), in order.

    ``low`` and ``high`` stand at the ends of a scale of numbers; they are empty where each answer
    has words of its own.
    """

    language: str
    text: str
    low: str = ""
    high: str = ""
    answers: tuple[tuple[int | str, str], ...]


class Asking(Struct, frozen=True, kw_only=True):
    """A question to be put, by language; ``own`` is the playbook's."""

    item: str
    own: str
    says: dict[str, Words]

    def words(self, language: str) -> Words:
        """In this language (its code alone, such as de), else in the playbook's, else in any."""
        known = (self.says[one] for one in (language, self.own) if one in self.says)
        return next(known, next(iter(self.says.values())))


class Baseline(Struct, frozen=True, kw_only=True):
    """Where one customer is with the questions of one journey.

    ``question`` is None when enough is known, or nothing may be asked. It is the ``number``-th of
    ``most`` at most; the number is 0 for one that is put out of turn. ``before``: what was answered
    or passed over this time, the oldest first; ``answered``: those of them with an answer.
    ``after``: what "that's enough" passes over as well. ``over``: the journey has come to an end.
    ``language`` is the customer's own word for it, or empty. ``title_in``: the title in other
    languages.
    """

    question: Asking | None
    number: int
    most: int
    before: tuple[Asking, ...]
    answered: frozenset[str]
    after: tuple[str, ...]
    pace: Asking | None
    over: bool
    language: str
    own: str
    company: str
    title: str
    title_in: dict[str, str]
    helper: str


def baseline(
    library: Library, state: CustomerState, number: int, now: Micros, item: str = ""
) -> Baseline:
    """What the customer's page of questions shows; ``item`` is put even if it was asked before."""
    compiled = in_force(library, state.journeys[number])
    book = compiled.playbook
    before = asked_lately(state, now)
    further = to_ask(library, state, number, now)
    wanted = put(compiled, state, item) if item else None
    found = item if wanted else further
    passed = list(dict.fromkeys((*before, found))) if found else list(before)
    shown = len(passed)
    while found and (later := _next(compiled, state, passed, now)) is not None:
        passed.append(later)
    spoken = trait(state.profile, "language")
    return Baseline(
        question=wanted or (put(compiled, state, found) if found else None),
        number=shown if found and found == further else 0,
        most=len(passed),
        before=tuple(a for one in before if (a := put(compiled, state, one)) is not None),
        answered=frozenset(one for one in before if _answered(state, one, now)),
        after=tuple(passed[shown:]),
        pace=None if PACE in before else put(compiled, state, PACE),
        over=state.journeys[number].status != "active",
        language=spoken.replace("_", "-").split("-", maxsplit=1)[0].lower(),
        own=_own(compiled),
        company=book.company,
        title=book.title,
        title_in=book.title_in,
        helper=book.helpers[0].title if book.helpers else "",
    )


def in_force(library: Library, journey: Journey) -> Compiled:
    """The playbook whose items are asked: as it is now, because answers are read by today's."""
    current = library.current.get(journey.playbook)
    return current or library.version(journey.playbook, journey.version)


def to_ask(library: Library, state: CustomerState, number: int, now: Micros) -> str | None:
    """The item to put to this customer next, or None when enough is known or nobody may ask."""
    journey = state.journeys[number]
    if journey.status != "active":
        return None
    return _next(in_force(library, journey), state, asked_lately(state, now), now)


def _next(
    compiled: Compiled, state: CustomerState, before: Collection[str], now: Micros
) -> str | None:
    preferences = state.profile.preferences
    # What was stated already, and what leaves no choice, is no question.
    stated = preferences.get("channel")
    known = stated is not None and stated.value is not None
    settled = known or len(_reachable(compiled, state)) < 2
    asked = {*before, WHERE} if settled else before
    switch = preferences.get("personalisation")
    if switch is not None and switch.value is False:
        return None if WHERE in asked else WHERE
    return next_question(compiled, state, asked, now).item


def asked_lately(state: CustomerState, now: Micros) -> tuple[str, ...]:
    """The items that were answered or passed over this time, the oldest first."""
    lately = [(at, item) for item, at in state.profile.asked.items() if at > now - THIS_TIME]
    return tuple(item for _, item in sorted(lately))


def _answered(state: CustomerState, item: str, now: Micros) -> bool:
    """Whether there is an answer of this time; what is passed over afterwards takes none back."""
    if item in PREFERENCES:
        word = state.profile.preferences.get(PREFERENCES[item])
        return word is not None and word.value is not None and word.at > now - THIS_TIME
    return any(
        piece.kind == f"answer {item}" and piece.at > now - THIS_TIME
        for need in state.needs.values()
        for piece in need.evidence
    )


def next_question(
    compiled: Compiled, state: CustomerState, asked: Collection[str], now: Micros
) -> Choice:
    """What would tell most about this customer, or that it is enough, and why.

    ``asked`` are the ids that were answered or skipped this time.
    """
    cut = compiled.playbook.cut
    beliefs = {}
    for need in weighed(compiled):
        a = assess(state.needs.get(need), now, need, cut)
        beliefs[need] = (a.mean, a.sd * a.sd)
    traits = {name: dated.value for name, dated in state.profile.traits.items()}
    return choose(compiled.questions, asked, beliefs, prefers(compiled, traits), cut)


def weighed(compiled: Compiled) -> tuple[Need, ...]:
    """The needs that the choice of an approach rests on."""
    return tuple(need for need in NEEDS if need in compiled.weighed)


def prefers(compiled: Compiled, traits: Mapping[str, object] | None = None) -> Preferred:
    """The approach that this playbook prefers for somebody of whom only needs and traits are known.

    A condition that asks for a fact nobody has yet does not hold, as in a journey.
    """

    def preferred(needs: Mapping[Need, Assessment]) -> str:
        context = {"traits": dict(traits or {}), "facts": {}, "needs": needs, "step": _BEGIN}
        for name, suits in compiled.approaches.items():
            if suits.condition is None or suits.condition.fails(context) is None:
                return name
        return next(reversed(compiled.approaches))

    return preferred


_BEGIN = {"attempts": 0, "days": 0}


def put(compiled: Compiled, state: CustomerState, item: str) -> Asking | None:
    """The item in all its languages, or None when this playbook does not ask it."""
    own = _own(compiled)
    found = next((i for i in compiled.playbook.items if i.id == item), None)
    if found is not None:
        said = {own: _scale(own, found.text, found.low, found.high, found)}
        said |= {code: _scale(code, w.text, w.low, w.high, found) for code, w in found.says.items()}
    elif item == WHERE:
        channels = _reachable(compiled, state)
        words = stated_words().items()
        said = {code: _named(code, w["where"], channels) for code, w in words}
    elif item == PACE:
        words = stated_words().items()
        said = {code: _named(code, w["pace"], tuple(CADENCE)) for code, w in words}
    else:
        return None
    return Asking(item=item, own=own, says=said)


def _scale(language: str, text: str, low: str, high: str, item: Item) -> Words:
    numbers = range(1, len(item.b) + 2)
    ends = {1: low, len(item.b) + 1: high}
    labels = tuple((n, f"{n} – {ends[n]}" if ends.get(n) else str(n)) for n in numbers)
    return Words(language=language, text=text, low=low, high=high, answers=labels)


def _named(language: str, words: Mapping[str, str], values: Collection[str]) -> Words:
    answers = tuple((value, words[value]) for value in values)
    return Words(language=language, text=words["text"], answers=answers)


def _reachable(compiled: Compiled, state: CustomerState) -> list[Channel]:
    """The channels that the playbook uses and this customer can be written to by."""
    used = {c for suits in compiled.approaches.values() for c in suits.approach.channels}
    return [
        channel
        for channel in WRITTEN
        if channel in used and (channel == "in_app" or _agreed(state, channel))
    ]


def _agreed(state: CustomerState, channel: Channel) -> bool:
    word = state.profile.consents.get(f"{channel}:service")
    return word is not None and word.granted and bool(trait(state.profile, TRAIT.get(channel, "")))


def _own(compiled: Compiled) -> str:
    return compiled.playbook.language.split("-", maxsplit=1)[0].lower()
