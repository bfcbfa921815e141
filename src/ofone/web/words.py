"""What the record says, in words. The record keeps ids, rules and moments; people read these."""

import re
from collections.abc import Sequence
from datetime import datetime
from math import erfc, sqrt
from typing import Any

from ofone.web.moments import Reader, moment

CUT = 0.5
"""Half a standard deviation from most people: from there a need counts as high, or as low."""

GUARDS = {
    "address": "Address",
    "consent": "Consent",
    "undeliverable": "Delivery",
    "repeat": "Not said before",
    "stale": "Timely",
    "cap": "Weekly limit",
    "gap": "Distance",
    "quiet_hours": "Daytime",
    "hours": "Hours asked for",
    "cooling_off": "After distress",
    "no_exploitation": "No pressure",
    "already_knows": "Not known yet",
    "another_hour": "Another hour",
    "room": "Room for reminders",
    "paused": "No pause",
    "hold-out": "For comparison",
}
"""Names that read well beside a good answer and beside a bad one."""

STATED = {"more": "more than most", "usual": "about as most", "less": "less than most"}
CHANNELS = {
    "email": "E-mail",
    "sms": "Text",
    "in_app": "On the page",
    "push": "Push",
    "webhook": "Webhook",
    "call": "Call",
    "helper": "To a helper",
}

_WAITS = {
    "quiet_hours": "quiet hours",
    "hours": "not at the hours asked for",
    "gap": "too soon after the last message",
    "cap": "the weekly limit is reached",
    "cooling_off": "soon after distress",
    "another_hour": "until another time of day",
    "room": "room is kept for a reminder",
    "paused": "until the pause is over",
}
_SAID = (
    ("by email", "by e-mail"),
    ("by sms", "by text message"),
    ("by in_app", "on the page"),
    ("last email", "last e-mail"),
    ("last sms", "last text message"),
    ("email is", "e-mail address is"),
    ("phone is", "phone number is"),
)
_CLOCK = re.compile(r"\bit is (\d\d):(\d\d) in (?:[\w+-]+/)*([\w+-]+)")
_CLAUSE = re.compile(r"needs\.(\w+)\.(high|low) *([<>])=? *([\d.]+)")


_WAITED = {
    "a": "the next touch of “{}”",
    "r": "react, if it is still open ({})",
    "x": "react ({})",
    "h": "the helper’s tip",
    "k": "the helper’s copy",
    "q": "an answer from the helper",
    "d": "look again how to accompany",
    "c": "tell how it ended ({})",
    "m": "tell that the appointment moved",
    "l": "tell in time, if it takes longer than was told",
    "n": "say that nothing is needed, if it stays quiet",
}
"""By the kind in the name of a timer (see ``journeys.pace``)."""


def spoken(identifier: str) -> str:
    """``effort_sensitivity`` as words: ``Effort sensitivity``."""
    words = identifier.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def sentence(text: object) -> str:
    """A reason as a sentence of its own: a capital in front, a full stop behind."""
    said = str(text).strip()
    return said[:1].upper() + said[1:] + ("" if not said or said[-1] in '.!?”"' else ".")


def awaited(timer: str, journeys: Sequence[dict[str, Any]]) -> str:
    """What a timer waits for: ``“Application”: react, if it is still open (not submitted)``.

    ``timer`` is its name in the record: ``journey/step/attempt/kind/…`` or ``silence:need:event``.
    The journey is named where there are several. A name of neither form stands as it is.
    """
    if timer.startswith("silence:"):
        _, need, event = timer.split(":", maxsplit=2)
        return f"an answer to “{event}”; silence would tell of “{spoken(need).lower()}”"
    number, step, _, kind, *rest = [*timer.split("/"), "", "", ""]
    journey = next((j for n, j in enumerate(journeys) if str(n) == number), None)
    if journey is None or kind not in _WAITED:
        return timer
    titles = {s.get("id"): s.get("title") for s in journey.get("steps", ())}
    waited = _WAITED[kind].format(spoken(rest[0]).lower())
    whose = f"{journey.get('title') or journey.get('playbook')} {journey.get('key') or ''}".strip()
    lead = f"{whose}, " if len(journeys) > 1 else ""
    return f"{lead}“{titles.get(step) or spoken(step)}”: {waited}"


def guard(identifier: str) -> str:
    """A guard's name for people."""
    return GUARDS.get(identifier) or spoken(identifier)


def reason(text: object, reader: Reader) -> str:
    """A guard's reason as a sentence, with the reader's clock and no ids in it."""
    said = _CLOCK.sub(
        lambda m: f"it is {reader.clock(int(m[1]), int(m[2]))} in {m[3].replace('_', ' ')}",
        str(text),
    )
    for bare, words in _SAID:
        said = re.sub(rf"\b{bare}\b", words, said)
    return sentence(said)


def believed(estimate: dict[str, Any]) -> str:
    """What is believed of a need {mean, sd, known}: an estimate where known, else what is likely.

    Where the customer said it (``stated``), that.

    ``high`` and ``low`` (the probabilities beyond half a deviation) are computed where missing.
    """
    if estimate.get("stated"):
        return f"{STATED[estimate['stated']]}, as the customer says"
    mean, sd = float(estimate.get("mean") or 0), float(estimate.get("sd") or 1)
    if estimate.get("known"):
        return (
            "more than most" if mean > CUT else "less than most" if mean < -CUT else "about as most"
        )
    if estimate.get("high", _beyond((mean - CUT) / sd)) >= 0.5:
        return "probably more than most, not certain"
    if estimate.get("low", _beyond((-CUT - mean) / sd)) >= 0.5:
        return "probably less than most, not certain"
    return "not known yet"


def asked_for(record: dict[str, Any]) -> list[tuple[str, str]]:
    """What the customer decided of being in touch: every wish that stands, and what is refused."""
    stated = (record.get("preferences") or {}).get("stated") or {}
    found = [(name, _wish(name, value)) for name, value in stated.items()]
    consents = record.get("consents") or {}
    refused = [k.replace(":", " for ") for k, c in consents.items() if not c["granted"]]
    return found + ([("said no to", ", ".join(refused))] if refused else [])


def _wish(name: str, value: object) -> str:
    match name, value:
        case "cadence", "often" | "weekly":
            return str(value)
        case "cadence", "needed":
            return "only when something is needed"
        case "cadence", _:
            return f"{value} messages a week"
        case "accompany", "more" | "less":
            return f"{value} than we would choose"
        case "accompany", _:
            return "as we choose"
        case "personalisation", _:
            return "on" if value else "off, so the standard service"
        case "pause", _:
            until = datetime.fromisoformat(str(value)).isoformat(" ", "minutes")
            return f"nothing is sent until {until}"
        case _:
            return str(value)


def liked(preferences: dict[str, Any]) -> list[tuple[str, str]]:
    """For channel, cadence and hours, what acts look like."""
    channel, cadence, hours = (preferences[k] for k in ("channel", "cadence", "hours"))
    likely = max(channel["best"], key=channel["best"].__getitem__)
    span = f"{cadence['low']:.1f} … {cadence['high']:.1f}, {_counted(cadence)}"
    seen = f"{likely} seems best (P = {channel['best'][likely]:.2f}, {_counted(channel)})"
    return [
        ("channel", seen if channel["evidence"] else "no acts yet"),
        ("cadence", f"{cadence['mean']:.1f} messages a week ({span})"),
        ("hours", f"{hours['best']} {_clock_of(hours)}" if hours["best"] else "no acts yet"),
    ]


def _clock_of(hours: dict[str, Any]) -> str:
    if hours.get("zone_known", True):
        return f"in {hours['zone']}"
    return f"in the company's zone ({hours['zone']}), since theirs is not known"


def _counted(part: dict[str, Any]) -> str:
    n = len(part["evidence"])
    return "1 act" if n == 1 else f"{n or 'no'} acts"


def _beyond(z: float) -> float:
    return erfc(-z / sqrt(2)) / 2


def option(decision: dict[str, Any], name: str, reader: Reader) -> str:
    """An option's name, and what choosing it means."""
    role = _role(decision)
    if name == "wait":
        return f"Wait until {_opening(decision, reader)}"
    if name == "nothing":
        return "Ask nobody" if role else "Send nothing"
    return f"Ask the {role}" if role else CHANNELS.get(name) or spoken(name)


def told(decision: dict[str, Any], reader: Reader) -> str:
    """A decision in one line: ``Invitation to book: e-mail``."""
    chosen, role, refused = str(decision.get("chosen")), _role(decision), _refusal(decision)
    if role:
        named = chosen != "nothing"
        return f"The {role} was asked to help" if named else f"Nobody to ask: no {role} is named"
    about = re.search(r"“(.+)”", str(decision.get("question") or ""))
    if about is None:
        return f"{decision.get('question')} {option(decision, chosen, reader)}"
    if chosen == "wait":
        why = str((refused or {}).get("guard"))
        said = _WAITS.get(why) or (refused or {}).get("reason") or "not yet"
        return f"“{about[1]}” waits until {_opening(decision, reader)}: {said}"
    if chosen == "nothing":
        return f"“{about[1]}” was not sent"
    if decision.get("kind") == "approach":
        return f"{about[1]}: from here {option(decision, chosen, reader).lower()}"
    return f"{about[1]}: {option(decision, chosen, reader).lower()}"


def because(decision: dict[str, Any], chance: dict[str, Any]) -> tuple[str, str]:
    """Why an option suits or not: words where its rule is simple, and else the rule beside them."""
    text = str(chance.get("because") or "")
    if text.endswith(" comes first"):
        return f"“{spoken(str(decision.get('chosen')))}” comes first.", ""
    rule = re.search("“(.+)”", text)
    if rule is None:
        return sentence(text), ""
    known = {str(e["need"]): e for e in decision.get("evidence") or ()}
    clauses = [_CLAUSE.fullmatch(part.strip()) for part in rule[1].split("&&")]
    found = [c for c in clauses if c and known.get(c[1], {}).get(c[2]) is not None]
    if len(found) < len(clauses):
        return "The rule holds." if suits(chance) else "The rule does not hold.", rule[1]
    return sentence(", and ".join(_clause(c, known[c[1]][c[2]]) for c in found)), ""


def _clause(clause: re.Match[str], p: float) -> str:
    need, side, sign, cut = clause.groups()
    probably = "probably" if p > 0.5 else "probably not"
    asked = f"{'above' if sign == '>' else 'below'} {_share(float(cut))}"
    return (
        f"the need for {spoken(need).lower()} is {probably} {side} "
        f"(P = {_share(round(p, 2))}, asked for: {asked})"
    )


def _share(p: float) -> str:
    return f"{p:g}".removeprefix("0") or "0"


def suits(chance: dict[str, Any]) -> bool:
    """Whether its condition holds; what is merely possible may still not suit."""
    return not str(chance.get("because") or "").endswith("does not hold")


def fate(decision: dict[str, Any], chance: dict[str, Any]) -> str:
    """What became of an option, in two or three words."""
    if chance.get("name") == decision.get("chosen"):
        return "chosen"
    if not chance.get("eligible"):
        return "removed"
    said = "possible, not chosen" if suits(chance) else "does not suit now"
    return f"{said}, preferred" if chance.get("preferred") else said


def _role(decision: dict[str, Any]) -> str:
    asked = re.fullmatch(r"Ask the (.+) for help\?", str(decision.get("question") or ""))
    return asked[1] if asked else ""


def _refusal(decision: dict[str, Any]) -> dict[str, Any] | None:
    """The refusal that lasts longest."""
    verdicts = [v for o in decision.get("options") or () for v in o.get("verdicts") or ()]
    refused = [v for v in verdicts if not v.get("ok")]
    return max(refused, key=lambda v: str(v.get("until") or ""), default=None)


def _opening(decision: dict[str, Any], reader: Reader) -> str:
    until, at = moment((_refusal(decision) or {}).get("until")), moment(decision.get("at"))
    if until is None:
        return "later"
    if at is not None and reader.short_day(at) == reader.short_day(until):
        return reader.time(until)
    return f"{reader.short_day(until)}, {reader.time(until)}"
