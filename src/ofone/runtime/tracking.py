"""What a customer's own page shows of one journey: no need, no decision, no other journey.

Made of the state and the playbook; the outbox is read only where messages wait on the page itself.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from ofone.decisions.guards.places import zone_of
from ofone.domain.effects import Send
from ofone.domain.state import CustomerState, Journey
from ofone.domain.times import DAY, Micros, iso
from ofone.domain.words import Channel
from ofone.journeys.ask_next import to_ask
from ofone.journeys.compiled import Compiled, Ready
from ofone.journeys.dates import expected, figures, told
from ofone.journeys.lengths import Lengths
from ofone.journeys.library import Library
from ofone.journeys.playbook import Contact, HelperRole
from ofone.journeys.progress import current_steps
from ofone.journeys.schedule import read_date
from ofone.profiles.stated import PAUSE, paused_until
from ofone.profiles.traits import trait
from ofone.runtime.codec import decode_effect, decode_message
from ofone.runtime.links import Links
from ofone.runtime.ports import Store
from ofone.runtime.words import appointment

Written = Callable[[Micros | None], str | Micros | None]
"""How a moment is written in plain data."""

HERE: Channel = "in_app"
SHOWN = ("requested", "accepted", "delivered")
NOTES = 50
"""Messages on the page at most, the newest of them."""


class Reach(Struct, frozen=True, kw_only=True):
    """The person beside the customer. ``title`` is in the playbook's language."""

    name: str
    title: str = ""
    phone: str = ""
    email: str = ""


class Note(Struct, frozen=True, kw_only=True):
    """A message on the page itself; ``at`` is ISO 8601 in UTC."""

    at: str
    subject: str
    text: str


class Tracked(Struct, frozen=True, kw_only=True):
    """One journey as its customer's page needs it, at ``now`` (UTC).

    ``journey`` has the shape of ``ofone show`` without decisions; the moments of its steps are
    microseconds since 1970, and they carry ``says``, their words in other languages, and ``act``,
    the button of those that have one, with its address filled in. ``language``
    and ``locale`` are what the customer stated, or empty; ``own`` is the playbook's language.
    ``calendar``: the step whose appointment can be had as a file, or empty. ``asks``: whether a
    question is waiting. ``paused``: until when the customer asked to hear nothing, else 0.
    ``version``: that of the state it was drawn from.
    """

    journey: dict[str, Any]
    now: Micros
    name: str
    zone: str
    language: str
    locale: str
    own: str
    person: Reach | None = None
    contact: Contact | None = None
    notes: tuple[Note, ...] = ()
    asks: bool = False
    calendar: str = ""
    paused: Micros = 0
    version: int = 0


def tracked(
    store: Store, library: Library, links: Links, state: CustomerState, number: int, now: Micros
) -> Tracked | None:
    """What the page shows of journey ``number`` at ``now``, or None where there is none."""
    if not 0 <= number < len(state.journeys):
        return None
    j = state.journeys[number]
    compiled = library.version(j.playbook, j.version)
    book = compiled.playbook
    approach = compiled.approaches.get(j.approach)
    outcome = compiled.outcomes.get(j.outcome)
    steps = steps_of(compiled, j, now, library.lengths, _as_it_is)
    for step in steps:
        written = compiled.steps[step["id"]].step
        step["says"] = written.says
        if written.act is not None:
            key = quote(j.key, safe="")
            step["act"] = {"title": written.act.title, "url": written.act.url.replace("{key}", key)}
    name = trait(state.profile, "name")
    zone = zone_of(trait(state.profile, "zone")) or compiled.zone
    return Tracked(
        journey={
            "title": book.title,
            "title_in": book.title_in,
            "company": book.company,
            "status": j.status,
            "outcome_says": outcome.says if outcome else None,
            "outcome_says_in": outcome.says_in if outcome else {},
            "ended_at": iso(j.ended),
            "tracker": approach.approach.tracker if approach else "quiet",
            "steps": steps,
        },
        now=now,
        version=state.version,
        name=trait(state.profile, "first_name") or name.split(" ", 1)[0],
        zone=zone.key,
        language=trait(state.profile, "language"),
        locale=trait(state.profile, "locale"),
        own=book.language,
        person=_person(compiled, state),
        contact=book.contact,
        notes=_notes(store, state.customer, j),
        asks=to_ask(library, state, number, now) is not None,
        paused=_paused(state, now) if j.status == "active" else 0,
        calendar=next(
            (
                step
                for step in current_steps(j)
                if (it := appointment(state, number, step, compiled, links, now))
                and not it.cancelled
            ),
            "",
        ),
    )


def steps_of(
    compiled: Compiled,
    j: Journey,
    at: Micros,
    lengths: Lengths | None,
    when: Written = iso,
) -> list[dict[str, Any]]:
    """The steps of a journey as plain data, in the playbook's order, with their dates at ``at``.

    ``when`` writes moments: ISO 8601, unless who reads them wants the numbers.
    """
    ranges = expected(compiled, j, at, lengths)
    current = current_steps(j)
    steps = []
    for step_id, ready in compiled.steps.items():
        s = j.steps.get(step_id)
        r = ranges.get(step_id)
        step = ready.step
        if s is None and step.optional:
            continue
        meeting, heard = _appointment(j, step.date)
        begun, done = (s.entered, s.done) if s else (None, None)
        usual, most = _days(j, ready, s.attempts if s else 0, lengths)
        steps.append(
            {
                "id": step_id,
                "title": step.title,
                "happens": step.happens,
                "you_do": step.you_do,
                "needs_you": step.needs_you,
                "who": step.who,
                "usual_days": usual,
                "most_days": most,
                "status": s.status if s else "ahead",
                "entered_at": when(begun),
                "done_at": when(done),
                "attempts": s.attempts if s else 0,
                "approach": s.approach if s else "",
                "appointment": when(meeting),
                "appointment_told": when(heard),
                "prepare": {"days": step.prepare.days, "points": list(step.prepare.points)}
                if step.prepare
                else None,
                "expected": {"from": when(r.start), "to": when(r.end), "late": r.late}
                if r
                else None,
                "told": _told(j, ready, at, lengths, when) if step_id in current else None,
            }
        )
    return steps


def _days(j: Journey, ready: Ready, attempts: int, lengths: Lengths | None) -> tuple[float, float]:
    """How many days such a step takes, in half of the cases and in nine of ten."""
    if lengths is None:
        return ready.step.days.usual, ready.step.days.most
    usual, most = figures(j, ready, attempts, lengths)
    return round(usual / DAY, 1), round(most / DAY, 1)


def _told(
    j: Journey, ready: Ready, at: Micros, lengths: Lengths | None, when: Written
) -> dict[str, Any]:
    """The range that was told of a current step; ``moved`` says what was told before, and why."""
    start, end = told(j, ready, j.steps[ready.step.id], at, lengths)
    known = j.told.get(ready.step.id)
    moved = None
    if known is not None and known.was is not None and (known.start, known.end) == (start, end):
        moved = {
            "from": when(known.was[0]),
            "to": when(known.was[1]),
            "at": when(known.at),
            "because": ready.step.late_because or None,
        }
    return {"from": when(start), "to": when(end), "moved": moved}


def _appointment(j: Journey, name: str) -> tuple[Micros | None, Micros | None]:
    """When it is, and when we last heard of it."""
    fact = j.facts.get(name) if name else None
    at = read_date(fact.value) if fact is not None and isinstance(fact.value, str) else None
    return (at, fact.at) if fact is not None and at is not None else (None, None)


def _as_it_is(moment: Micros | None) -> Micros | None:
    """For a page, which draws at once: a text would be written only to be read."""
    return moment


def _paused(state: CustomerState, now: Micros) -> Micros:
    word = state.profile.preferences.get(PAUSE)
    until = paused_until(word.value) if word is not None else 0
    return until if until > now else 0


def _person(compiled: Compiled, state: CustomerState) -> Reach | None:
    role = shown_helper(compiled, state)
    if role is None:
        return None
    return Reach(
        name=trait(state.profile, role.name),
        title=role.title,
        phone=trait(state.profile, role.phone) if role.phone else "",
        email=trait(state.profile, role.email) if role.email else "",
    )


def shown_helper(compiled: Compiled, state: CustomerState) -> HelperRole | None:
    """The first of the playbook's helpers who has a name for this customer."""
    helpers = compiled.playbook.helpers
    return next((r for r in helpers if r.name and trait(state.profile, r.name)), None)


def _notes(store: Store, customer: str, j: Journey) -> tuple[Note, ...]:
    if HERE not in j.ways:
        return ()
    mark = HERE.encode()
    found = []
    for row in store.effects(customer):
        # Decoding is dear: most rows are of other channels, and say so in their bytes.
        if mark not in row.body or row.message is None or row.status not in SHOWN:
            continue
        effect = decode_effect(row.body)
        if isinstance(effect, Send) and effect.channel == HERE and effect.journey == j.number:
            said = decode_message(row.message)
            found.append(Note(at=iso(effect.at) or "", subject=said.subject, text=said.text))
    return tuple(reversed(found[-NOTES:]))
