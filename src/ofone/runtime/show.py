"""What is known, as plain data: the shape that ``ofone show``, the API and the pages share."""

import textwrap
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ofone.decisions.choice import held_out
from ofone.decisions.guards.places import zone_of
from ofone.domain.decisions import Decision
from ofone.domain.effects import Send, TellHelper
from ofone.domain.errors import NotFound
from ofone.domain.events import Event, Happened, TimerFired, describe
from ofone.domain.state import CustomerState, Habit, Journey
from ofone.domain.times import Micros, iso
from ofone.domain.words import CHANNELS, NEEDS, Need
from ofone.journeys.library import Library
from ofone.journeys.progress import current_steps
from ofone.journeys.stage import usual
from ofone.needs.evidence import level_of
from ofone.needs.model import STATED, assess
from ofone.profiles.preferences import HALF_LIFE, SURE, infer, stated, weight
from ofone.profiles.stated import PREFERENCES
from ofone.runtime.codec import (
    decode_decisions,
    decode_effect,
    decode_event,
    decode_message,
    decode_state,
)
from ofone.runtime.links import Links
from ofone.runtime.ports import DeadLetter, EffectRow, Store
from ofone.runtime.tracking import steps_of

CUT = 0.5
UTC = ZoneInfo("UTC")


def customer(
    store: Store, name: str, library: Library, links: Links, now: Micros | None = None
) -> dict[str, Any]:
    """One customer whole. Times are ISO 8601 in UTC. Raises NotFound with who there is.

    ``now`` is the moment the assessment and the dates are for; left out, the customer's last.
    """
    body = store.load(name)
    if body is None:
        near = ", ".join(store.recent(5)) or "nobody yet"
        raise NotFound(f"no customer {name!r} here; the newest are: {near}")
    state = decode_state(body)
    at = max(now or 0, state.now)
    decisions = [d for body in store.decisions(name) for d in decode_decisions(body)]
    return {
        "customer": name,
        "version": state.version,
        "now": iso(at),
        "traits": {k: d.value for k, d in state.profile.traits.items()},
        "consents": {
            k: {"granted": c.granted, "at": iso(c.at), "wording": c.wording}
            for k, c in state.profile.consents.items()
        },
        "preferences": _preferences(state, library, at),
        "undeliverable": [c for c in CHANNELS if f"undeliverable:{c}" in state.profile.preferences],
        "assessment": assessment(state, library, at),
        "journeys": [
            _journey(j, library, links, state, at, [d for d in decisions if d.journey == j.number])
            for j in state.journeys
        ],
        "deliveries": [
            _delivery(e, effect, library)
            for e in store.effects(name)
            if isinstance(effect := decode_effect(e.body), Send)
        ],
        "helpers": [
            _helped(e, effect)
            for e in store.effects(name)
            if isinstance(effect := decode_effect(e.body), TellHelper)
        ],
        "waiting_for_a_journey": [
            {"id": e.id, "name": e.name, "at": iso(e.at)} for e in state.early
        ],
        "timers": [{"name": t.name, "due": iso(t.due)} for t in state.timers],
    }


def explained(store: Store, decision: str) -> dict[str, Any]:
    """One decision by its id, and the events it rests on in words.

    Raises NotFound that says where ids are shown.
    """
    owner = decision.rpartition(":d")[0]
    for body in store.decisions(owner):
        for found in decode_decisions(body):
            if found.id == decision:
                told = _told(store, owner, {e for seen in found.evidence for e in seen.events})
                data = as_data(found)
                for seen in data["evidence"]:
                    seen["heard"] = [told[e] for e in seen["events"] if e in told]
                return data
    raise NotFound(f"no decision {decision!r} here; `ofone show CUSTOMER` lists their ids")


def _told(store: Store, customer: str, wanted: set[str]) -> dict[str, dict[str, Any]]:
    """Events by id, for people: name, time, and what was said in them, in 160 characters."""
    found: dict[str, dict[str, Any]] = {}
    for row in store.log(customer) if wanted else ():
        event = decode_event(row.body)
        if event.id in wanted:
            said = ""
            if isinstance(event, Happened):
                text = event.properties.get("text")
                answers = ", ".join(f"{k} {v}" for k, v in event.properties.items())
                said = textwrap.shorten(text if isinstance(text, str) else answers, 160)
            name = event.name if isinstance(event, Happened | TimerFired) else describe(event)
            found[event.id] = {"event": event.id, "name": name, "at": iso(event.at), "said": said}
    return found


def as_data(d: Decision) -> dict[str, Any]:
    """A decision as plain data."""
    best = max((o.probability for o in d.options if o.eligible), default=0.0)
    return {
        "id": d.id,
        "at": iso(d.at),
        "customer": d.customer,
        "journey": d.journey,
        "playbook": d.playbook,
        "version": d.version,
        "kind": d.kind,
        "trigger": d.trigger,
        "step": d.step,
        "question": d.question,
        "options": [
            {
                "name": o.name,
                "eligible": o.eligible,
                "chosen": o.name == d.chosen,
                "preferred": o.eligible and o.probability == best,
                "probability": o.probability,
                "because": o.because,
                "verdicts": [
                    {"guard": v.guard, "ok": v.ok, "reason": v.reason, "until": iso(v.until)}
                    for v in (*o.verdicts, *d.verdicts)
                ],
            }
            for o in d.options
        ],
        "chosen": d.chosen,
        "because": d.because,
        "choice_probability": d.choice_probability,
        "seed": d.seed,
        "policy": d.policy,
        "evidence": [
            {
                "need": e.need,
                "mean": round(e.mean, 4),
                "sd": round(e.sd, 4),
                "high": round(e.high, 4),
                "low": round(e.low, 4),
                "known": e.known,
                "events": list(e.events),
            }
            for e in d.evidence
        ],
        "effects": list(d.effects),
    }


def dead_letter(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter as plain data; what is not text is shown with escapes."""
    return {
        "number": letter.number,
        "at": iso(letter.at),
        "kind": letter.kind,
        "origin": letter.origin,
        "reason": letter.reason,
        "customer": letter.customer or None,
        "status": letter.status,
        "raw": _raw(letter),
    }


def _raw(letter: DeadLetter) -> str:
    if letter.kind != "event":
        return letter.raw.decode("utf-8", "backslashreplace")
    return msgspec.json.encode(_wire(decode_event(letter.raw))).decode()


def _wire(event: Event) -> dict[str, Any]:
    """An event by the names of the wire form, with its time in words."""
    found = {name: getattr(event, name) for name in event.__struct_fields__}
    return {k if k != "at" else "time": v if k != "at" else iso(v) for k, v in found.items()}


def helper_inbox(store: Store, library: Library, helper: str | None = None) -> list[dict[str, Any]]:
    """Tips and requests to helpers (or one of them), oldest first: the helper's own view."""
    found = []
    listed: set[str] = set()
    for row in store.effects():
        effect = decode_effect(row.body)
        if isinstance(effect, TellHelper) and helper in (None, effect.view.helper):
            message = decode_message(row.message) if row.message else None
            if message is not None and message.key in listed:
                continue  # one list for several tips
            listed |= {message.key} if message is not None else set()
            found.append(
                {
                    "id": effect.reference,
                    "helper": effect.view.helper,
                    "kind": effect.kind,
                    "subject": message.subject if message else effect.message,
                    "text": message.text if message else "",
                    "at": iso(effect.at),
                    "answer_by": iso(effect.answer_by),
                    # A tip is about people in general: everybody gets it, so it names nobody.
                    "about": effect.view.customer_name if effect.answer_by is not None else None,
                    "step": effect.view.step,
                    "zone": library.version(effect.playbook, effect.version).zone.key,
                }
            )
    return sorted(found, key=lambda m: (str(m["at"]), str(m["id"])))


def assessment(state: CustomerState, library: Library, at: Micros) -> dict[str, Any]:
    """What is believed of each need, for our own service; for others, see ``runtime.purpose``."""
    stage: Mapping[Need, float] = usual(state.journeys, library, at)
    found: dict[str, Any] = {}
    for need in NEEDS:
        known = state.needs.get(need)
        a = assess(known, at, need, CUT, stage.get(need, 0.0))
        said = known.said if known is not None else None
        found[need] = {
            "mean": round(a.mean, 4),
            "sd": round(a.sd, 4),
            "high": round(a.high, 4),
            "known": a.known,
            "stated": level_of(said.score) if said is not None and said.kind == STATED else None,
            "evidence": [
                {
                    "event": e.event,
                    "kind": e.kind,
                    "score": round(e.score, 4),
                    "weight": round(1 / e.variance, 4),
                    "at": iso(e.at),
                }
                for e in (known.evidence if known else ())
            ],
        }
    return found


def _preferences(state: CustomerState, library: Library, at: Micros) -> dict[str, Any]:
    """What was stated, and what is inferred for service: both, so that a person can see why.

    ``use`` is the channel that comes first by the customer's word or acts, None where the approach
    decides. Hours are on the clock of ``zone``: the customer's, or, where ``zone_known`` is false,
    that of the company's last playbook.
    """
    trait = state.profile.traits.get("zone")
    theirs = zone_of(str(trait.value)) if trait is not None else None
    zone = theirs or UTC
    if theirs is None and state.journeys:
        zone = library.version(state.journeys[-1].playbook, state.journeys[-1].version).zone
    found = infer(state, zone, at, "service")
    channel, cadence, hours = found.channel, found.cadence, found.hours
    likely = max(channel.best, key=channel.best.__getitem__)
    inferred = likely if channel.best[likely] >= SURE else None
    said = {k: stated(state.profile, k) for k in PREFERENCES}
    return {
        "stated": {k: v for k, v in said.items() if v is not None},
        "channel": {
            "use": channel.stated or inferred,
            "stated": channel.stated,
            "inferred": inferred,
            "shares": {c: round(p, 4) for c, p in channel.shares.items()},
            "best": {c: round(p, 4) for c, p in channel.best.items()},
            "n": round(channel.weight, 2),
            "evidence": _acts(channel.evidence, at, "channel"),
        },
        "cadence": {
            "stated": said["cadence"],
            "stated_a_week": cadence.stated,
            "mean": round(cadence.mean, 4),
            "low": round(cadence.low, 4),
            "high": round(cadence.high, 4),
            "weeks": round(cadence.weeks, 2),
            "n": round(cadence.weight, 2),
            "evidence": _acts(cadence.evidence, at, "cadence"),
        },
        "hours": {
            "stated_hours": hours.stated_hours,
            "stated_days": hours.stated_days,
            "best": hours.best or None,
            "zone": zone.key,
            "zone_known": theirs is not None,
            "chance": round(hours.chance, 4),
            "sd": round(hours.sd, 4),
            "n": round(hours.weight, 2),
            "evidence": _acts(hours.evidence, at, "hours"),
        },
    }


def _acts(acts: tuple[Habit, ...], at: Micros, what: str) -> list[dict[str, Any]]:
    half = HALF_LIFE[what]
    return [
        {
            "event": act.event,
            "kind": act.what,
            "channel": act.channel or None,
            "weight": round(weight(act.at, at, half), 4),
            "at": iso(act.at),
        }
        for act in acts
    ]


def _journey(
    j: Journey,
    library: Library,
    links: Links,
    state: CustomerState,
    at: Micros,
    decisions: list[Decision],
) -> dict[str, Any]:
    compiled = library.version(j.playbook, j.version)
    named = [state.profile.traits.get(role.name) for role in compiled.playbook.helpers]
    helper = next((d.value for d in named if d is not None), None)
    current = current_steps(j)
    approach = compiled.approaches.get(j.approach)
    outcome = compiled.outcomes.get(j.outcome)
    return {
        "number": j.number,
        "playbook": j.playbook,
        "title": compiled.playbook.title,
        "company": compiled.playbook.company,
        "helper": {"name": helper} if helper else None,
        "version": j.version,
        "key": j.key,
        "status": j.status,
        "outcome": j.outcome or None,
        "outcome_title": outcome.title if outcome else None,
        "outcome_says": outcome.says if outcome else None,
        "started_at": iso(j.started),
        "ended_at": iso(j.ended),
        "step": current[0] if current else None,
        "approach": j.approach,
        "held_out": held_out(j.playbook, state.customer, compiled.playbook.holdout),
        "tracker": approach.approach.tracker if approach else "quiet",
        "tracker_url": links.tracker(state, j.number, at),
        "facts": {k: d.value for k, d in j.facts.items()},
        "steps": steps_of(compiled, j, at, library.lengths),
        "decisions": [as_data(d) for d in decisions],
    }


def _helped(row: EffectRow, effect: TellHelper) -> dict[str, Any]:
    """What a helper was told, and whether it came there; ``to`` is None without a known address."""
    message = decode_message(row.message) if row.message else None
    return {
        "key": row.key,
        "helper": effect.view.helper,
        "kind": effect.kind,
        "step": effect.view.step,
        "at": iso(effect.at),
        "to": effect.view.address or None,
        "channel": message.channel if message else "email" if effect.view.address else "helper",
        "subject": message.subject if message else "",
        "status": row.status,
        "detail": row.detail,
    }


def _delivery(row: EffectRow, effect: Send, library: Library) -> dict[str, Any]:
    compiled = library.version(effect.playbook, effect.version)
    message = decode_message(row.message) if row.message else None
    return {
        "key": row.key,
        "journey": effect.journey,
        "step": effect.step,
        "decision": effect.decision,
        "action": effect.action,
        "title": compiled.actions[effect.action].title,
        "approach": effect.approach,
        "tone": compiled.approaches[effect.approach].approach.tone,
        "channel": effect.channel,
        "status": row.status,
        "at": iso(effect.at),
        "to": message.address if message else None,
        "subject": message.subject if message else "",
        "text": message.text if message else "",
        "html": message.html if message else "",
        "attempts": row.attempts,
        "detail": row.detail,
    }
