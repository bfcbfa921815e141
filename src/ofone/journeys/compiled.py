"""A playbook made ready: references resolved, moments read, conditions compiled, events indexed.

``compile_playbook`` either gives a ``Compiled`` or raises one PlaybookError that lists everything
that is wrong, each problem with the path of the part it is about.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from hashlib import sha256
from math import log
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale, UnknownLocaleError
from msgspec import Struct

from ofone.conversations.lint import RULES
from ofone.conversations.messages import check as check_message
from ofone.conversations.templates import Perhaps
from ofone.conversations.templates import check as check_template
from ofone.decisions.guards import Rules
from ofone.decisions.guards.address import TRAIT
from ofone.decisions.guards.places import zone_of
from ofone.domain.errors import PlaybookError, Problem
from ofone.domain.times import DAY, Micros
from ofone.domain.words import Channel, Need
from ofone.journeys.conditions import BadCondition, Condition, compile_condition
from ofone.journeys.playbook import (
    Act,
    Action,
    Approach,
    Content,
    ContentWords,
    Events,
    HelperMessage,
    HelperRole,
    Match,
    Outcome,
    Playbook,
    Signal,
    Step,
    Touch,
)
from ofone.journeys.schedule import AT_ONCE, Length, Moment, add, read_length, read_moment
from ofone.journeys.shape import misshapen
from ofone.needs.evidence import (
    BASELINE,
    CORRECTED,
    SILENCE_VALIDITY,
    SignalRule,
    variance_of,
)
from ofone.needs.items import Question
from ofone.profiles.stated import read_days

EVENT_NAMES = ("event", "traits", "facts")
SIGNAL_NAMES = ("event",)
"""Evidence is what was done or said; never who somebody is."""
TOUCH_NAMES = ("traits", "facts", "needs", "step")
APPROACH_NAMES = ("traits", "facts", "needs", "step")
GOAL = "goal"
SAID_BY_PAGES = ("we", "you")
"""Who does a step, in words that the pages know in every language."""
_BECAUSE = ("because", "weil ", "porque ", "parce que", "parce qu’", "parce qu'")
_PAGE = re.compile(
    r"(?:https://[A-Za-z0-9][A-Za-z0-9.-]*|http://(?:localhost|127\.0\.0\.1))(?::\d{1,5})?"
    r"(?:[/?#][!-~]*)?"
)
_ADDRESS = re.compile(r"[^\s\"\\,;:<>@()\[\]]{1,64}@[\w.-]+")

Role = Literal["opens", "completes", "repeats", "skips", "closes", "reopens", "tells"]

Open = Mapping[str, "Open | None"]
_RANGE: Open = {"from": None, "to": None}
CUSTOMER_WORDS: Open = {
    "company": None,
    "customer": {"name": None, "first_name": None},
    "helper": {"name": None, "title": None},
    "journey": {"title": None},
    "step": {"title": None, "happens": None, "you_do": None, "late_because": None},
    "expected": _RANGE,
    "end": _RANGE,
    "tracker_url": None,
    "question": Perhaps(text=None, low=None, high=None, link=None, answers=None),
    "facts": {},
}
HELPER_WORDS: Open = {
    "helper": {"name": None},
    "customer": {"name": None},
    "step": {"title": None, "entered": None, "days": None},
    "journey": {"title": None},
    "answer_by": None,
    "page": None,
}


class Use(Struct, frozen=True):
    """What an event does in this playbook: to which step or outcome, and on which condition."""

    role: Role
    target: str
    condition: Condition | None


class Planned(Struct, frozen=True, kw_only=True):
    """A touch made ready."""

    touch: Touch
    moment: Moment
    condition: Condition | None


class Reacting(Struct, frozen=True, kw_only=True):
    """A reaction made ready."""

    id: str
    within: Length
    because: str
    then: tuple[Planned, ...]


class Calm(Struct, frozen=True, kw_only=True):
    """What says that nothing needs the customer, and after how long without a message."""

    planned: Planned
    after: Length


class Ready(Struct, frozen=True, kw_only=True):
    """A step made ready: what it needs first, what needs it, and what accompanies it."""

    step: Step
    after: tuple[str, ...]
    later: frozenset[str]
    accompany: dict[str, tuple[Planned, ...]]
    reactions: dict[str, Reacting]
    late: Planned | None
    usual: Micros
    most: Micros
    moved: Planned | None = None
    calm: Calm | None = None


class Suits(Struct, frozen=True, kw_only=True):
    """An approach made ready."""

    approach: Approach
    condition: Condition | None
    keep: Condition | None = None


class Compiled(Struct, frozen=True, kw_only=True):
    """A playbook made ready. ``version`` is a digest of its canonical text.

    ``notices`` are what works and is probably not meant, such as an approach that says nothing.
    """

    playbook: Playbook
    version: str
    name: str
    zone: ZoneInfo
    holidays: frozenset[date]
    rules: Rules
    steps: dict[str, Ready]
    outcomes: dict[str, Outcome]
    closings: dict[str, Planned]
    approaches: dict[str, Suits]
    actions: dict[str, Action]
    helper_messages: dict[str, HelperMessage]
    helpers: dict[str, HelperRole]
    entry: str
    entry_condition: Condition | None
    uses: dict[str, tuple[Use, ...]]
    remember: frozenset[str]
    questions: dict[str, Question]
    signals: dict[str, tuple[tuple[Condition | None, SignalRule], ...]]
    weighed: tuple[str, ...]
    usually: dict[str, dict[Need, float]]
    dwell: Length
    distress: dict[str, tuple[Condition | None, ...]]
    notices: tuple[Problem, ...] = ()

    def after(self, moment: Micros, length: Length, sign: int = 1) -> Micros:
        """The moment ``length`` later by this playbook's calendar."""
        return add(moment, length, self.zone, self.holidays, sign)

    def content(self, action: str, approach: str) -> dict[Channel, Content]:
        """What the action says in this approach's tone, by channel; ``any`` fills the rest."""
        said = self.actions[action].content
        return said.get("any", {}) | said.get(approach, {})


def canonical(playbook: Playbook) -> bytes:
    """The one text of a playbook, however it was written: sorted JSON without defaults."""
    return msgspec.json.encode(playbook, order="sorted")


def version_of(playbook: Playbook) -> str:
    """Twelve hexadecimal digits that change when anything in the playbook changes."""
    return sha256(canonical(playbook)).hexdigest()[:12]


class _Check:
    """Collects problems, so that a designer sees all of them at once."""

    def __init__(self, where: str, remember: tuple[str, ...]) -> None:
        self.where = where
        self.remember = remember
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []

    def notice(self, path: str, what: str, hint: str = "") -> None:
        self.notices.append(Problem(where=path, what=what, hint=hint))

    def wrong(self, path: str, what: str, hint: str = "") -> None:
        self.problems.append(Problem(where=path, what=what, hint=hint))

    def known(self, path: str, kind: str, name: str, there: Iterable[str]) -> bool:
        names = list(there)
        if name in names:
            return True
        close = get_close_matches(name, names, 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        kinds = {"approach": "approaches", "remembered property": "remembered properties"}
        there_are = f"{kinds.get(kind, f'{kind}s')} are: {', '.join(names) or 'none yet'}"
        self.wrong(path, f"unknown {kind} {name!r}", hint + there_are)
        return False

    def unique(self, path: str, kind: str, ids: Iterable[str]) -> None:
        seen: dict[str, int] = {}
        for n, one in enumerate(ids):
            if one in seen:
                hint = f"give each its own id; also at {path}[{seen[one]}]"
                self.wrong(f"{path}[{n}]", f"{kind} {one!r} is there twice", hint)
            seen.setdefault(one, n)

    def condition(self, path: str, source: str, allowed: tuple[str, ...]) -> Condition | None:
        if not source:
            return None
        try:
            condition = compile_condition(source, allowed)
        except BadCondition as error:
            self.wrong(path, f"condition “{source}” {error}")
            return None
        for fact in condition.facts:
            self.known(path, "remembered property", fact, self.remember)
        if condition.never:
            self.notice(path, f"condition “{source}” can never hold", "look at its numbers")
        return condition

    def length(self, path: str, text: str) -> Length:
        try:
            return read_length(text)
        except ValueError as error:
            self.wrong(path, str(error))
            return Length(1, "day")

    def moment(self, path: str, text: str, remember: tuple[str, ...]) -> Moment:
        try:
            moment = read_moment(text)
        except ValueError as error:
            self.wrong(path, str(error))
            return Moment(Length(0, "minute"))
        if moment.anchor:
            self.known(path, "remembered property", moment.anchor, remember)
        return moment


def compile_playbook(playbook: Playbook) -> Compiled:
    """Resolve and check every reference. Raises PlaybookError with all problems."""
    p = _read_back(playbook)
    check = _Check(p.playbook, p.remember)
    zone = zone_of(p.zone)
    if zone is None:
        check.wrong("zone", f"unknown zone {p.zone!r}", "write an IANA name such as Europe/Berlin")
        zone = ZoneInfo("UTC")
    holidays = frozenset(_dates(check, p.holidays))
    try:
        Locale.parse(p.language, sep="-")
    except (UnknownLocaleError, ValueError):
        check.wrong("language", f"unknown language {p.language!r}", "write its code: en, or de-AT")
    step_ids = [s.id for s in p.steps]
    approach_ids = [a.id for a in p.approaches]
    for path, kind, ids in (
        ("steps", "step", step_ids),
        ("approaches", "approach", approach_ids),
        ("actions", "action", [a.id for a in p.actions]),
        ("outcomes", "outcome", [o.id for o in p.outcomes]),
        ("helper_messages", "helper message", [m.id for m in p.helper_messages]),
        ("helpers", "helper", [h.id for h in p.helpers]),
        ("items", "item", [i.id for i in p.items]),
    ):
        check.unique(path, kind, ids)
    for n, item in enumerate(p.items):
        if list(item.b) != sorted(set(item.b)):
            check.wrong(f"items[{n}].b", f"{list(item.b)} does not ascend", "write the least first")
    check.known("goal", "step", p.goal, step_ids)
    for n, each_approach in enumerate(p.approaches[:-1]):
        if not each_approach.prefer:
            check.wrong(
                f"approaches[{n}]",
                f"{each_approach.id!r} is for everybody, and those below it are never preferred",
                "say in prefer: when it suits; only the last approach has none",
            )
    if p.approaches[-1].prefer:
        check.wrong(
            f"approaches[{len(p.approaches) - 1}].prefer",
            "the last approach is for everybody else",
            "leave its prefer out, or add one without it",
        )
    approaches = {
        a.id: Suits(
            approach=a,
            condition=check.condition(f"approaches[{n}].prefer", a.prefer, APPROACH_NAMES),
            keep=check.condition(f"approaches[{n}].keep", a.keep, APPROACH_NAMES),
        )
        for n, a in enumerate(p.approaches)
    }
    for n, each in enumerate(p.actions):
        if each.calendar and not any(s.calendar for s in p.steps):
            check.wrong(
                f"actions[{n}].calendar",
                "no step has an appointment for the calendar",
                "write calendar: {title: …} at a step with a date",
            )
    _check_words(check, p)
    _check_helpers(check, p)
    uses = _Uses(check)
    steps: dict[str, Ready] = {}
    for n, step in enumerate(p.steps):
        path = f"steps[{n}]"
        after = step.after if step.after is not None else ((step_ids[n - 1],) if n else ())
        for m, needed in enumerate(after):
            if check.known(f"{path}.after[{m}]", "step", needed, step_ids) and (
                step_ids.index(needed) >= n
            ):
                check.wrong(
                    f"{path}.after[{m}]",
                    f"step {step.id!r} comes before {needed!r}, which it waits for",
                    "write the steps in the order in which they can be reached",
                )
        if step.optional and not step.opens:
            check.wrong(path, f"optional step {step.id!r} never opens", "name events in opens")
        if step.days.most < step.days.usual:
            check.wrong(f"{path}.days", "most is less than usual", "most is the slower figure")
        uses.add(f"{path}.opens", step.opens, "opens", step.id)
        uses.add(f"{path}.completes", step.completes, "completes", step.id)
        uses.add(f"{path}.repeats", step.repeats, "repeats", step.id)
        uses.add(f"{path}.skips", step.skips, "skips", step.id)
        if step.tip and check.known(
            f"{path}.tip", "helper message", step.tip, [m.id for m in p.helper_messages]
        ):
            tip = next(m for m in p.helper_messages if m.id == step.tip)
            if tip.kind != "tip":
                check.wrong(f"{path}.tip", f"{step.tip!r} is a request", "a tip asks for nothing")
        if step.cc and not p.helpers:
            check.wrong(f"{path}.cc", "there is nobody to copy", "name somebody under helpers")
        if step.date:
            check.known(f"{path}.date", "remembered property", step.date, p.remember)
        if step.calendar is not None:
            where = f"{path}.calendar"
            if not step.date:
                check.wrong(where, f"step {step.id!r} has no appointment", "name its date")
            if step.calendar.place:
                place = step.calendar.place
                check.known(f"{where}.place", "remembered property", place, p.remember)
        moved = None
        if step.moved and not step.date:
            check.wrong(f"{path}.moved", f"step {step.id!r} has no appointment", "name its date")
        elif step.moved and step.date in p.remember:
            # "Before the date": stated hours do not hold it until the appointment has passed.
            touch = Touch(send=step.moved, at=f"0 minutes before {step.date}")
            moved = _planned(check, f"{path}.moved", touch, p)
        plans = {}
        for name, touches in step.accompany.items():
            check.known(f"{path}.accompany.{name}", "approach", name, approach_ids)
            plans[name] = tuple(
                _planned(check, f"{path}.accompany.{name}[{i}]", t, p, (name,))
                for i, t in enumerate(touches)
            )
        check.unique(f"{path}.reactions", "reaction", [r.id for r in step.reactions])
        steps[step.id] = Ready(
            step=step,
            after=tuple(after),
            later=frozenset(),
            accompany=plans,
            reactions={
                r.id: Reacting(
                    id=r.id,
                    within=check.length(f"{path}.reactions[{i}].within", r.within),
                    because=r.because,
                    then=tuple(
                        _planned(check, f"{path}.reactions[{i}].then[{k}]", t, p)
                        for k, t in enumerate(r.then)
                    ),
                )
                for i, r in enumerate(step.reactions)
            },
            late=_late(check, path, step, p),
            usual=round(step.days.usual * DAY),
            most=round(step.days.most * DAY),
            moved=moved,
            calm=_calm(check, f"{path}.quiet", step, p),
        )
    for n, outcome in enumerate(p.outcomes):
        if outcome.id == GOAL:
            check.wrong(f"outcomes[{n}].id", "'goal' names the goal itself", "choose another id")
        uses.add(f"outcomes[{n}].events", outcome.events, "closes", outcome.id)
        uses.add(f"outcomes[{n}].reopens", outcome.reopens, "reopens", outcome.id)
    for n, one in enumerate(p.actions):
        if one.tells:
            uses.add(f"actions[{n}].tells", (one.tells,), "tells", one.id)
    distress = _Uses(check)
    distress.add("distress", p.distress, "tells", "distress")
    entry = p.entry.event if isinstance(p.entry.event, Match) else Match(event=p.entry.event)
    signals: dict[str, list[tuple[Condition | None, SignalRule]]] = {}
    for n, signal in enumerate(p.signals):
        match = signal.event if isinstance(signal.event, Match) else Match(event=signal.event)
        condition = check.condition(f"signals[{n}].event.if", match.if_, SIGNAL_NAMES)
        rule = _signal(check, f"signals[{n}]", signal)
        signals.setdefault(match.event, []).append((condition, rule))
    closings = {}
    told = [(GOAL, "closing", p.closing)]
    told += [(o.id, f"outcomes[{n}].closing", o.closing) for n, o in enumerate(p.outcomes)]
    for end, path, action in told:
        if action and check.known(path, "action", action, [a.id for a in p.actions]):
            touch = Touch(send=action)
            closings[end] = Planned(touch=touch, moment=AT_ONCE, condition=None)
    rules = _rules(check, p, zone, holidays)
    dwell = check.length("dwell", p.dwell)
    entry_condition = check.condition("entry.event.if", entry.if_, EVENT_NAMES)
    if check.problems:
        raise PlaybookError(tuple(check.problems))
    _look_over(check, p)
    return Compiled(
        notices=tuple(check.notices),
        playbook=p,
        version=version_of(p),
        name=p.playbook,
        zone=zone,
        holidays=holidays,
        rules=rules,
        steps=_with_later(steps),
        outcomes={o.id: o for o in p.outcomes},
        closings=closings,
        approaches=approaches,
        actions={a.id: a for a in p.actions},
        helper_messages={m.id: m for m in p.helper_messages},
        helpers={h.id: h for h in p.helpers},
        entry=entry.event,
        entry_condition=entry_condition,
        uses=uses.done(),
        remember=frozenset(p.remember),
        questions={
            i.id: Question(
                id=i.id,
                need=i.need,
                text=i.text,
                toward=i.toward,
                slope=i.a,
                cuts=i.b,
                low=i.low,
                high=i.high,
            )
            for i in p.items
        },
        signals={name: tuple(found) for name, found in signals.items()},
        usually={s.id: s.usually for s in p.steps if s.usually},
        dwell=dwell,
        distress={k: tuple([u.condition for u in v]) for k, v in distress.done().items()},
        weighed=tuple(
            sorted({n for s in approaches.values() if s.condition for n, _ in s.condition.needs})
        ),
    )


def _read_back(playbook: Playbook) -> Playbook:
    """As YAML would give it: Python checks no limits, and ``1`` has another text than ``1.0``."""
    try:
        return msgspec.json.decode(canonical(playbook), type=Playbook)
    except msgspec.ValidationError as error:
        wrong = tuple(misshapen(msgspec.json.decode(canonical(playbook)), Playbook))
        raise PlaybookError(wrong or (Problem(where=playbook.playbook, what=str(error)),)) from None


class _Uses:
    def __init__(self, check: _Check) -> None:
        self.check = check
        self.found: dict[str, list[Use]] = {}

    def add(self, path: str, events: Events, role: Role, target: str) -> None:
        for n, one in enumerate(events):
            match = one if isinstance(one, Match) else Match(event=one)
            condition = self.check.condition(f"{path}[{n}].if", match.if_, EVENT_NAMES)
            self.found.setdefault(match.event, []).append(Use(role, target, condition))

    def done(self) -> dict[str, tuple[Use, ...]]:
        return {name: tuple(uses) for name, uses in self.found.items()}


def _with_later(steps: dict[str, Ready]) -> dict[str, Ready]:
    """Fill in, for each step, every step that cannot be reached without it."""
    later: dict[str, set[str]] = {name: set() for name in steps}
    needed: dict[str, set[str]] = {}
    for name, ready in steps.items():
        needed[name] = set().union(*({d} | needed[d] for d in ready.after))
        for one in needed[name]:
            later[one].add(name)
    return {
        name: msgspec.structs.replace(ready, later=frozenset(later[name]))
        for name, ready in steps.items()
    }


def _signal(check: _Check, path: str, signal: Signal) -> SignalRule:
    """A signal made ready: a score, a score by how soon, a count, or a silence."""
    match = signal.event if isinstance(signal.event, Match) else Match(event=signal.event)
    days = silence = count = None
    if signal.counts is not None:
        weight = signal.counts.weight
        if signal.score is not None or signal.soon or signal.unless:
            check.wrong(path, "what is counted has no score", "leave out score, soon and unless")
        if not weight:
            check.wrong(f"{path}.counts.weight", "0 says nothing of the need", "write .5, or -.5")
        count = (log(signal.counts.usual / signal.counts.days), weight or 1.0)
    elif not signal.score:
        check.wrong(path, "this signal says nothing", "write score: 1.0, or counts:")
    if signal.soon:
        days = _fixed(check, f"{path}.soon", signal.soon) / DAY
        if days <= 0:
            check.wrong(f"{path}.soon", "nobody answers before they are asked", "write 1 day")
            days = 1.0
    if match.event in (BASELINE, CORRECTED):
        check.wrong(path, f"{match.event!r} says what it says by itself", "name another event")
    if bool(signal.unless) != bool(signal.within):
        missing = "within: 7 days" if signal.unless else "unless: [Event]"
        check.wrong(path, "a silence has both unless and within", f"add {missing}")
    elif signal.unless:
        if signal.validity > SILENCE_VALIDITY or abs(signal.score or 0) > 1:
            check.wrong(
                path,
                "silence says little",
                f"write validity: {SILENCE_VALIDITY} at most, and a score between -1 and 1",
            )
        if signal.soon:
            check.wrong(path, "a silence is never soon", "leave soon out")
        if match.event in signal.unless:
            check.wrong(
                f"{path}.unless", f"{match.event!r} would answer itself", "name what answers it"
            )
        within = _fixed(check, f"{path}.within", signal.within)
        if within <= 0:
            check.wrong(f"{path}.within", "nobody answers in no time", "write 7 days")
        silence = (within, frozenset(signal.unless))
    return SignalRule(
        need=signal.need,
        score=signal.score or 0.0,
        variance=variance_of(signal.validity),
        because=signal.because,
        count=count,
        soon=days,
        silence=silence,
    )


def _fixed(check: _Check, path: str, text: str) -> Micros:
    """A length that is the same everywhere, in microseconds."""
    return add(0, check.length(path, text), ZoneInfo("UTC"), frozenset())


def _dates(check: _Check, texts: tuple[str, ...]) -> Iterable[date]:
    for n, text in enumerate(texts):
        try:
            yield date.fromisoformat(text)
        except ValueError:
            check.wrong(f"holidays[{n}]", f"{text!r} is not a date", "write it like 2026-12-25")


def _rules(check: _Check, p: Playbook, zone: ZoneInfo, holidays: frozenset[date]) -> Rules:
    def minutes(clock: str) -> int:
        return int(clock[:2]) * 60 + int(clock[3:])

    quiet = p.guards.quiet_hours
    if minutes(quiet.from_) >= minutes(quiet.to):
        check.wrong("guards.quiet_hours", "from is not before to", "write from: 09:00 to: 20:00")
    days = frozenset(range(7))
    try:
        days = read_days(quiet.days)
    except ValueError as error:
        check.wrong("guards.quiet_hours.days", str(error))
    zones = []
    for n, name in enumerate(quiet.zones):
        found = zone_of(name)
        if found is None:
            hint = "write an IANA name such as Europe/Berlin"
            check.wrong(f"guards.quiet_hours.zones[{n}]", f"unknown zone {name!r}", hint)
        else:
            zones.append(found)
    return Rules(
        opens=minutes(quiet.from_),
        closes=minutes(quiet.to),
        zone=zone,
        cap=p.guards.cap.messages,
        cap_span=p.guards.cap.days * DAY,
        gap=_fixed(check, "guards.gap", p.guards.gap),
        stale=_fixed(check, "guards.stale", p.guards.stale),
        zones=tuple(zones),
        days=days,
        closed=holidays if quiet.holidays == "closed" else frozenset(),
        cooling=_fixed(check, "guards.cooling_off", p.guards.cooling_off),
        keep=p.guards.keep_room,
    )


def _planned(
    check: _Check, path: str, touch: Touch, p: Playbook, used_by: tuple[str, ...] = ()
) -> Planned:
    kinds = [k for k in ("send", "ask", "approach") if getattr(touch, k)]
    if len(kinds) != 1:
        check.wrong(
            path,
            f"a touch does one thing, this one has {kinds or 'none'}",
            "use send, ask, approach",
        )
    if touch.send and check.known(f"{path}.send", "action", touch.send, [a.id for a in p.actions]):
        _worded(check, path, touch, p, used_by or touch.for_)
    if touch.hour and not touch.send:
        check.wrong(f"{path}.hour", "only what is sent has an hour", "use it beside send")
    if touch.approach:
        check.known(f"{path}.approach", "approach", touch.approach, [a.id for a in p.approaches])
    for n, name in enumerate(touch.for_):
        check.known(f"{path}.for[{n}]", "approach", name, [a.id for a in p.approaches])
    if touch.ask:
        check.known(f"{path}.ask", "helper message", touch.ask, [m.id for m in p.helper_messages])
        if any(m.id == touch.ask and m.kind == "tip" for m in p.helper_messages):
            check.wrong(f"{path}.ask", f"{touch.ask!r} is a tip", "ask with a request")
        if touch.for_ or touch.if_ or ".accompany." in path:
            check.wrong(
                path,
                "a helper is asked at the same threshold for everyone",
                "ask in a reaction, without for and if: a helper sees nothing of needs",
            )
    return Planned(
        touch=touch,
        moment=check.moment(f"{path}.at", touch.at, p.remember),
        condition=check.condition(f"{path}.if", touch.if_, TOUCH_NAMES),
    )


def _calm(check: _Check, path: str, step: Step, p: Playbook) -> Calm | None:
    """What says that nothing needs the customer, at a step where that is so."""
    if step.quiet is None:
        return None
    if step.you_do and step.needs_you:
        what = f"step {step.id!r} needs the customer, who would read that nothing does"
        check.wrong(path, what, "leave quiet out, or write needs_you: false")
    if not step.quiet.send:
        check.wrong(f"{path}.send", "nothing is said", "name an action")
        return None
    return Calm(
        planned=_planned(check, path, Touch(send=step.quiet.send), p),
        after=check.length(f"{path}.after", step.quiet.after),
    )


def _late(check: _Check, path: str, step: Step, p: Playbook) -> Planned | None:
    """What says that the step takes longer: a service to everybody, that nothing else holds up."""
    if not step.late:
        if step.late_because:
            check.wrong(f"{path}.late_because", "nobody is told", "name the action in late:")
        return None
    where = f"{path}.late"
    if not check.known(where, "action", step.late, [a.id for a in p.actions]):
        return None
    if not step.days.most:
        check.wrong(where, f"step {step.id!r} takes no time", "write its days, or leave late out")
    if _whole(step.late_because):
        hint = 'write it as it follows "because": the laboratory has not answered yet'
        check.wrong(f"{path}.late_because", "it stands inside a sentence", hint)
    said = next(a for a in p.actions if a.id == step.late)
    if said.purpose != "service" or said.presses != "nothing" or said.tells or said.asks_for:
        check.wrong(
            where,
            f"action {step.late!r} does more than to say that it takes longer",
            "leave purpose, presses, tells and asks_for out",
        )
    touch = Touch(send=step.late)
    _worded(check, where, touch, p, ())
    return Planned(touch=touch, moment=AT_ONCE, condition=None)


def _whole(because: str) -> bool:
    """Whether a reason is more than what its sentence leaves open."""
    said = because.strip().lower()
    return said.startswith(_BECAUSE) or said.endswith((".", "!", "?"))


def _worded(check: _Check, path: str, touch: Touch, p: Playbook, used_by: tuple[str, ...]) -> None:
    """Every approach that may send this has words for at least one of its channels."""
    content = next(a.content for a in p.actions if a.id == touch.send)
    for approach in p.approaches:
        if used_by and approach.id not in used_by:
            continue
        channels = tuple(c for c in touch.channels if c != "other")
        channels = channels if channels == touch.channels != () else channels + approach.channels
        worded = content.get("any", {}) | content.get(approach.id, {})
        if not worded.keys() & set(channels):
            check.wrong(
                f"{path}.send",
                f"action {touch.send!r} has no words for {approach.id!r} on {', '.join(channels)}",
                f"add them under content.{approach.id} or content.any",
            )


def _check_helpers(check: _Check, p: Playbook) -> None:
    """Everybody who is asked is somebody, and every request that is passed on finds a person."""
    roles = {h.id: h for h in p.helpers}
    for n, role in enumerate(p.helpers):
        path = f"helpers[{n}]"
        if bool(role.trait) == bool(role.person):
            check.wrong(path, f"who is the {role.id!r}?", "write either trait: or person:")
        if role.email and role.person:
            check.wrong(f"{path}.email", "a trait names another one each time", "write address:")
        if role.address and role.trait:
            hint = "write email: and the trait that holds the address"
            check.wrong(f"{path}.address", "everybody has an address of their own", hint)
        if role.email and role.email in (*TRAIT.values(), role.trait, role.name):
            what = f"the trait {role.email!r} is not the address of the {role.title}"
            check.wrong(f"{path}.email", what, f"name another one, such as {role.id}_email")
        if role.address and not _ADDRESS.fullmatch(role.address):
            what = f"{role.address!r} is no e-mail address"
            check.wrong(f"{path}.address", what, "write one such as desk@example.com")
        if role.deputy == role.id:
            check.wrong(f"{path}.deputy", "nobody is their own deputy", "name another role")
        elif role.deputy:
            check.known(f"{path}.deputy", "helper", role.deputy, roles)
    if p.desk:
        check.known("desk", "helper", p.desk, roles)
    messages = {m.id: m for m in p.helper_messages}
    for n, message in enumerate(p.helper_messages):
        if message.unanswered and message.kind == "tip":
            check.wrong(f"helper_messages[{n}]", "nobody answers a tip", "leave unanswered out")
        if message.kind == "tip":
            part = "weekly" if message.weekly else "subject"
            for _ in check_template(message.weekly or message.subject, {}):
                hint = "write weekly: without fields, in words that name nobody"
                check.wrong(f"helper_messages[{n}].{part}", "a weekly list names nobody", hint)
        asked = message.to
        for k, then in enumerate(message.unanswered):
            path = f"helper_messages[{n}].unanswered[{k}]"
            if then.answer_within:
                check.length(f"{path}.answer_within", then.answer_within)
            known = then.message and check.known(
                f"{path}.message", "helper message", then.message, messages
            )
            if known and messages[then.message].kind == "tip":
                check.wrong(f"{path}.message", f"{then.message!r} is a tip", "name a request")
            if then.to == "desk":
                asked = p.desk
                missing = "" if asked else "write desk: and the role of a person at the company"
            elif then.to == "deputy":
                missing = f"give {asked!r} a deputy:" if asked in roles else ""
                asked = roles[asked].deputy if asked in roles else ""
                missing = "" if asked else missing
            else:
                missing = ""
            if missing:
                check.wrong(f"{path}.to", f"there is no {then.to}", missing)


def _look_over(check: _Check, p: Playbook) -> None:
    """Notice what is valid and still says nothing: silent approaches, actions that nobody sends."""
    plans = {s.id: s.accompany for s in p.steps}
    for m, approach in enumerate(p.approaches):
        # An empty list says that silence is meant, and so does a cadence of fewer.
        silent = [s for s, plan in plans.items() if any(plan.values()) and approach.id not in plan]
        if silent and not any(approach.id in plan for plan in plans.values()):
            where, steps = f"approaches[{m}]", "any step"
        elif not silent or approach.cadence == "fewer":
            continue
        else:
            where, steps = f"steps[{list(plans).index(silent[0])}].accompany", ", ".join(silent)
        check.notice(
            where,
            f"approach {approach.id!r} says nothing at {steps}, where others are accompanied",
            f"add touches under accompany, or {approach.id}: [] where silence is meant",
        )
    sent = {t.send for s in p.steps for plan in s.accompany.values() for t in plan}
    sent |= {t.send for s in p.steps for r in s.reactions for t in r.then}
    sent |= {p.closing} | {o.closing for o in p.outcomes}
    sent |= {s.moved for s in p.steps} | {s.late for s in p.steps}
    sent |= {s.quiet.send for s in p.steps if s.quiet is not None}
    for n, action in enumerate(p.actions):
        if action.purpose == "marketing" and not p.company_address:
            check.notice(
                f"actions[{n}].purpose",
                "an e-mail that advertises needs a postal address in most countries",
                "write company_address: Street 1, City",
            )
            break
    for n, action in enumerate(p.actions):
        if action.id not in sent:
            check.notice(f"actions[{n}]", f"action {action.id!r} is never sent", "send it, or drop")
    _look_at_channels(check, p)
    for n, role in enumerate(p.helpers):
        if not (role.email or role.address):
            what = f"nobody told where the {role.title} gets mail; it stays in the local mailbox"
            hint = f"email: {role.id}_email" if role.trait else "address: desk@example.com"
            check.notice(f"helpers[{n}]", what, f"write {hint}")


def _look_at_channels(check: _Check, p: Playbook) -> None:
    """Notice words for a channel that neither an approach nor a touch ever names."""
    touches = [t for s in p.steps for plan in s.accompany.values() for t in plan]
    touches += [t for s in p.steps for r in s.reactions for t in r.then]
    for n, action in enumerate(p.actions):
        named = {c for t in touches if t.send == action.id for c in t.channels}
        for approach, said in action.content.items():
            by = [a for a in p.approaches if approach in ("any", a.id)]
            for channel in sorted(said.keys() - named - {c for a in by for c in a.channels}):
                where = f"actions[{n}].content.{approach}.{channel}"
                what = f"nobody gets action {action.id!r} by {channel}"
                hint = f"add {channel} to the channels of an approach or of a touch, or drop it"
                check.notice(where, what, hint)


def _check_words(check: _Check, p: Playbook) -> None:
    allowed = [(f"actions[{n}]", a.lint.allow) for n, a in enumerate(p.actions)]
    allowed += [(f"helper_messages[{n}]", m.lint.allow) for n, m in enumerate(p.helper_messages)]
    for path, rules in allowed:
        for rule in rules:
            check.known(f"{path}.lint.allow.{rule}", "lint rule", rule, RULES)
    known = dict(CUSTOMER_WORDS) | {"facts": dict.fromkeys(p.remember)}
    late = {s.late for s in p.steps}
    for n, action in enumerate(p.actions):
        # Only what says that a step takes longer knows what was told before.
        words = known | {"was": _RANGE} if action.id in late else known
        for approach, channels in action.content.items():
            path = f"actions[{n}].content.{approach}"
            if approach != "any":
                check.known(path, "approach", approach, [a.id for a in p.approaches])
            for channel, content in channels.items():
                where = f"{path}.{channel}"
                _check_text(check, where, action.id, channel, content, words)
                for language, other in content.says.items():
                    there = f"{where}.says.{language}"
                    if language == p.language.partition("-")[0]:
                        what = f"{language!r} is the playbook's own language"
                        check.wrong(there, what, "write these words where the others are")
                    _check_text(check, there, action.id, channel, other, words)
    _check_page(check, p)
    for n, message in enumerate(p.helper_messages):
        check.known(f"helper_messages[{n}].to", "helper", message.to, [h.id for h in p.helpers])
        check.length(f"helper_messages[{n}].answer_within", message.answer_within)
        for part, source in (("subject", message.subject), ("body", message.body)):
            for problem in check_template(source, HELPER_WORDS):
                check.wrong(f"helper_messages[{n}].{part}", problem)


def _check_page(check: _Check, p: Playbook) -> None:
    """The words of the customer's page: each language whole, and none of them the playbook's."""
    own = p.language.partition("-")[0]
    said = [(f"title_in.{code}", code) for code in p.title_in]
    for n, step in enumerate(p.steps):
        said += [(f"steps[{n}].says.{code}", code) for code in step.says]
        if step.prepare is not None and not step.date:
            what = "without an appointment there is no day to prepare for"
            check.wrong(f"steps[{n}].prepare", what, "add date:, the property that holds it")
        if step.act is not None:
            _check_act(check, f"steps[{n}].act", step, step.act, p.entry.key)
        points = len(step.prepare.points) if step.prepare is not None else 0
        for code, words in step.says.items():
            path = f"steps[{n}].says.{code}"
            for name in ("you_do", "who", "act"):
                default = name == "who" and step.who in SAID_BY_PAGES
                if getattr(step, name) and not default and not getattr(words, name):
                    what = f"{name} is there in the playbook's own words, and missing here"
                    check.wrong(path, what, f"add {name}:")
            if _whole(words.late_because):
                hint = "write it as it follows “it takes longer:”, das Labor ist noch nicht fertig"
                check.wrong(f"{path}.late_because", "it stands inside a sentence", hint)
            if len(words.prepare) != points:
                what = f"{len(words.prepare)} points to prepare, where the playbook has {points}"
                check.wrong(f"{path}.prepare", what, "translate each of them")
    for n, outcome in enumerate(p.outcomes):
        said += [(f"outcomes[{n}].says_in.{code}", code) for code in outcome.says_in]
    if p.contact is not None:
        said += [(f"contact.hours_in.{code}", code) for code in p.contact.hours_in]
        if p.contact.hours_in and not p.contact.hours:
            what = "there are no hours in the playbook's own words"
            check.wrong("contact.hours_in", what, "add hours:")
    for path, code in said:
        if code == own:
            what = f"{code!r} is the playbook's own language"
            check.wrong(path, what, "write these words where the others are")


def _check_act(check: _Check, path: str, step: Step, act: Act, key: str) -> None:
    """A button has something to do, and leads to a page of which only the key may differ."""
    if not step.you_do:
        what = f"step {step.id!r} has nothing for the customer to do"
        check.wrong(path, what, "say in you_do: what the button is for")
    bare = act.url.replace("{key}", "k")
    if not _PAGE.fullmatch(bare):
        hint = "write https://book.example/{key} (http:// on localhost alone)"
        check.wrong(f"{path}.url", f"{act.url!r} is no address of a page", hint)
    elif found := re.search(r"[{}<>\"\\]", bare):
        hint = "{key} is all that is filled in; %-encode what else is no letter"
        check.wrong(f"{path}.url", f"{found[0]!r} stands in {act.url!r}", hint)
    elif "{key}" in re.split("[/?#]", act.url.partition("://")[2], maxsplit=1)[0]:
        check.wrong(f"{path}.url", "the key would name the host", "write {key} behind the first /")
    elif "{key}" in act.url and not key:
        hint = "write entry: {event: …, key: …}, or leave {key} out"
        check.wrong(f"{path}.url", "journeys of this playbook have no key", hint)


def _check_text(
    check: _Check,
    path: str,
    action: str,
    channel: Channel,
    said: Content | ContentWords,
    known: Open,
) -> None:
    if channel == "email" and not said.subject:
        check.wrong(path, f"the e-mail of {action!r} has no subject", "add subject")
    for problem in check_message(
        subject=said.subject, body=said.body, channel=channel, known=known
    ):
        part, _, what = problem.partition(": ")
        check.wrong(f"{path}.{part}", what)
