"""Everything that is kept of one customer, to take along: one JSON object, for people and programs.

It holds what they gave, what came of it, and why (GDPR, Art. 15 and 20). Of other people it holds
the names of those who were told of the customer, and name and number of the helper whom the tracker
shows; no id, no address, and nothing of a helper who heard nothing. Times are ISO 8601 in UTC.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ofone.domain.effects import Send, TellHelper
from ofone.domain.errors import NotFound
from ofone.domain.events import Happened, Value
from ofone.domain.state import CustomerState, Dated, Journey
from ofone.domain.times import Micros, iso
from ofone.domain.words import CHANNELS, NEEDS, Need
from ofone.journeys.compiled import Compiled
from ofone.journeys.dates import expected
from ofone.journeys.library import Library
from ofone.profiles.stated import PREFERENCES
from ofone.runtime.codec import (
    decode_decisions,
    decode_effect,
    decode_event,
    decode_message,
    decode_state,
)
from ofone.runtime.ledger import ledger
from ofone.runtime.ports import Store
from ofone.runtime.show import CUT, as_data, assessment
from ofone.runtime.tracking import shown_helper

FORMAT = "ofone customer export 1"
WORDS: dict[Need, str] = {
    "reassurance": "hearing that all is well, and what comes next",
    "urgency": "having it settled soon",
    "trust": "seeing that we do what we say",
    "effort_sensitivity": "having little to do, and nothing twice",
    "information": "knowing how things work, and why",
    "control": "choosing dates and ways yourself",
    "relationship": "somebody who knows you",
}
"""Each need as the service that answers it."""
_SOMEBODY = "somebody at the company"


def export(store: Store, library: Library, customer: str, now: Micros) -> dict[str, Any]:
    """One customer whole, as of ``now``. Raises NotFound with what would work."""
    body = store.load(customer)
    if body is None:
        near = ", ".join(store.recent(5)) or "nobody yet"
        raise NotFound(f"no customer {customer!r} here to export; the newest are: {near}")
    state = decode_state(body)
    at = max(now, state.now)
    books = [library.version(j.playbook, j.version) for j in state.journeys]
    told = _told(store, customer)
    people = _People(state, books, {t["to"] for t in told})
    words = ledger(store, customer, library, at)
    happened = [
        (row.now, event)
        for row in store.log(customer)
        if isinstance(event := decode_event(row.body), Happened)
    ]
    decisions = [as_data(d) for body in store.decisions(customer) for d in decode_decisions(body)]
    return {
        "format": FORMAT,
        "made": iso(now),
        "customer": customer,
        "companies": sorted({c.playbook.company for c in books if c.playbook.company}),
        "profile": _profile(state, people),
        "needs": _needs(state, library, at),
        "consents": words["consents"],
        "promises": words["promises"],
        "journeys": [
            _journey(j, c, people, at) for j, c in zip(state.journeys, books, strict=True)
        ],
        "messages": _messages(store, library, customer),
        "told_to_helpers": told,
        "decisions": people.named(decisions),
        "events": [_event(taken, e, people) for taken, e in happened],
        "waiting": {
            "for_a_journey": [{"id": e.id, "name": e.name, "at": iso(e.at)} for e in state.early],
            "for_a_moment": [{"name": t.name, "due": iso(t.due)} for t in state.timers],
        },
    }


class _People:
    """Those beside the customer: what of them stays out, and the names that stand for their ids."""

    def __init__(
        self, state: CustomerState, books: Sequence[Compiled], told: Collection[str]
    ) -> None:
        self.names: dict[str, str] = {}
        traits = state.profile.traits
        private, known = set[str](), set[str]()
        for book in books:
            beside = shown_helper(book, state)
            if beside is not None:
                known |= {beside.name, beside.phone}
        for role in (r for c in books for r in c.playbook.helpers):
            private |= {role.trait, role.email, role.name, role.phone}
            who, called = traits.get(role.trait), traits.get(role.name)
            name = role.called or (str(called.value) if called is not None else "") or role.title
            if name in told:
                known.add(role.name)
            elif role.name not in known:
                name = _SOMEBODY
            for person in (role.person, str(who.value) if who is not None and who.value else ""):
                if person:
                    self.names[person] = name
        for journey in state.journeys:
            for request in journey.requests.values():
                for person in (request.helper, request.by):
                    self.names.setdefault(person, _SOMEBODY)
        self.names.pop("", None)
        self.hidden = private - known

    def named(self, value: Any) -> Any:
        """The same with names in place of their ids, however deep."""
        if isinstance(value, str):
            ids = "|".join(map(re.escape, self.names))
            found = re.compile(rf"(?<![\w@.-])({ids})(?![\w@-])")
            return found.sub(lambda m: self.names[m[0]], value) if ids else value
        if isinstance(value, Mapping):
            return {k: self.named(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.named(v) for v in value]
        return value

    def own(self, said: Mapping[str, Value]) -> dict[str, Any]:
        """Properties or traits without what is another person's."""
        kept = {k: v for k, v in said.items() if k not in self.hidden}
        if "by" in kept:
            kept["by"] = self.names.get(str(kept["by"]), _SOMEBODY)
        return kept


def _profile(state: CustomerState, people: _People) -> dict[str, Any]:
    profile = state.profile
    return {
        "traits": _dated({k: d for k, d in profile.traits.items() if k not in people.hidden}),
        "preferences": _dated({k: d for k, d in profile.preferences.items() if k in PREFERENCES}),
        "undeliverable": [c for c in CHANNELS if f"undeliverable:{c}" in profile.preferences],
        "complained": [c for c in CHANNELS if f"complained:{c}" in profile.preferences],
        "first_seen": iso(profile.first or None),
        "last_seen": iso(profile.last or None),
        "last_in_distress": iso(profile.distressed or None),
        "acts": [
            {"at": iso(h.at), "act": h.what, "channel": h.channel or None, "event": h.event}
            for h in profile.habits
        ],
    }


def _dated(said: Mapping[str, Dated]) -> list[dict[str, Any]]:
    return [{"name": k, "value": d.value, "since": iso(d.at)} for k, d in said.items()]


def _needs(state: CustomerState, library: Library, at: Micros) -> list[dict[str, Any]]:
    """What is believed, on the scale of everybody: 0 is most people, 1 a standard deviation."""
    found = assessment(state, library, at)
    return [
        {"need": need, "means": WORDS[need], "believed": _believed(found[need]), **found[need]}
        for need in NEEDS
    ]


def _believed(estimate: Mapping[str, Any]) -> str:
    if estimate["stated"]:
        return f"{estimate['stated']}, as you said"
    mean = estimate["mean"]
    level = "more than most" if mean >= CUT else "less than most" if mean <= -CUT else ""
    if estimate["known"]:
        return level or "as most people"
    return f"probably {level}" if level else "not known yet"


def _journey(j: Journey, compiled: Compiled, people: _People, at: Micros) -> dict[str, Any]:
    ranges = expected(compiled, j, at)
    outcome = compiled.outcomes.get(j.outcome)
    return {
        "number": j.number,
        "title": compiled.playbook.title,
        "key": j.key,
        "status": j.status,
        "outcome": outcome.title if outcome is not None else j.outcome or None,
        "started": iso(j.started),
        "ended": iso(j.ended),
        "remembered": [d for d in _dated(j.facts) if d["name"] not in people.hidden],
        "steps": [
            {
                "step": name,
                "title": compiled.steps[name].step.title if name in compiled.steps else name,
                "status": s.status,
                "began": iso(s.entered),
                "done": iso(s.done),
                "attempts": s.attempts,
                "accompanied": _manner(compiled, s.approach),
                "expected": [iso(ranges[name].start), iso(ranges[name].end)]
                if name in ranges
                else None,
            }
            for name, s in j.steps.items()
        ],
        "helpers_asked": [
            {
                "at": iso(r.at),
                "step": r.step,
                "helper": people.names.get(r.helper, _SOMEBODY),
                "outcome": r.outcome or None,
                "answered": iso(r.answered),
            }
            for r in j.requests.values()
        ],
    }


def _manner(compiled: Compiled, approach: str) -> str | None:
    known = compiled.approaches.get(approach)
    return known.approach.title if known is not None else None


def _messages(store: Store, library: Library, customer: str) -> list[dict[str, Any]]:
    found = []
    for row in store.effects(customer):
        effect = decode_effect(row.body)
        if isinstance(effect, TellHelper):
            continue
        said = decode_message(row.message) if row.message else None
        send = effect if isinstance(effect, Send) else None
        if send is not None:
            compiled = library.version(send.playbook, send.version)
            about = compiled.actions[send.action].title
        else:
            about = "a code or a link that was asked for, whose words are not kept"
        found.append(
            {
                "at": iso(effect.at),
                "channel": effect.channel,
                "to": said.address if said is not None else None,
                "purpose": send.purpose if send is not None else "service",
                "about": about,
                "journey": effect.journey,
                "step": send.step if send is not None else None,
                "subject": said.subject if said is not None else "",
                "text": said.text if said is not None else "",
                "status": row.status,
                "detail": row.detail,
                "decision": send.decision if send is not None else None,
            }
        )
    return found


def _told(store: Store, customer: str) -> list[dict[str, Any]]:
    """What went to helpers because of this customer; its words hold a key to the helper's page."""
    told = [(row, decode_effect(row.body)) for row in store.effects(customer)]
    return [
        {
            "at": iso(t.at),
            "to": t.view.helper_name or t.view.role,
            "kind": t.kind,
            "about_step": t.view.step_title,
            "status": row.status,
        }
        for row, t in told
        if isinstance(t, TellHelper)
    ]


def _event(taken: Micros, e: Happened, people: _People) -> dict[str, Any]:
    return {
        "id": e.id,
        "name": e.name,
        "at": iso(e.at),
        "taken": iso(taken),
        "source": e.source or None,
        "properties": people.own(e.properties),
        "traits": people.own(e.traits),
        "heard_in_words": [{"need": h.need, "score": round(h.score, 4)} for h in e.heard],
    }
