"""Conditions, numbers of days and events in the words of a person, as far as they are simple."""

import re

from ofone.journeys.playbook import Events, Match

_VALUE = r"(?:'([^']*)'|\"([^\"]*)\"|(-?\d+(?:\.\d+)?|true|false))"
_NEED = re.compile(r"needs\.(\w+)\.(high|low) ?(>|>=|<|<=) ?(\d?\.?\d+)")
_KNOWN = re.compile(r"(!?)needs\.(\w+)\.known")
_ATTEMPTS = re.compile(r"step\.attempts ?(==|>|>=|<) ?(\d+)")
_DAYS = re.compile(r"step\.days ?(==|>|>=|<|<=) ?(\d+)")
_PROPERTY = re.compile(rf"(?:event|facts|traits)\.(\w+) ?(==|!=|>|>=|<|<=) ?{_VALUE}")
_HAS = re.compile(r"(!?)has\((?:event|facts|traits)\.(\w+)\)")
_COMPARED = {
    "==": "is",
    "!=": "is not",
    ">": "is above",
    ">=": "is at least",
    "<": "is below",
    "<=": "is at most",
}


def condition(source: str) -> str:
    """A condition in words; the expression itself, as code, where it has no simple ones."""
    for operator, word in (("&&", " and "), ("||", " or ")):
        parts = [_atom(part.strip()) for part in source.split(operator)]
        if all(parts):
            return word.join(parts)
    return f"`{' '.join(source.split())}`"


def events(found: Events) -> str:
    """Event names, each with its condition in words, joined by "or"."""
    return " or ".join(
        f"{e.event} (if {condition(e.if_)})"
        if isinstance(e, Match) and e.if_
        else (e.event if isinstance(e, Match) else e)
        for e in found
    )


def count(number: float, noun: str) -> str:
    """``1 day``, ``2 days``, ``0.5 days``."""
    return f"{number:g} {noun}" + ("" if number == 1 else "s")


def lasting(days: float) -> str:
    """A number of days as people say it: less than an hour, 5 hours, 1 day."""
    if days < 1 / 24:
        return "less than an hour"
    return count(round(days * 24), "hour") if days < 1 else count(days, "day")


def need(name: str) -> str:
    """``effort_sensitivity`` as words: the need for little effort."""
    return "the need for " + {"effort_sensitivity": "little effort"}.get(name, plain(name))


def plain(name: str) -> str:
    """A name of fields as words: ``visit_at`` is “visit at”."""
    return name.replace("_", " ")


def _atom(part: str) -> str:
    if found := _NEED.fullmatch(part):
        name, side, sign, share = found.groups()
        if float(share) == 0.5 and sign in (">", ">="):
            return f"{need(name)} is probably {side}"
        if float(share) == 0.5:
            return f"{need(name)} is probably not {side}"
        above = "above" if ">" in sign else "below"
        return f"{need(name)} is {side} with a chance {above} {float(share) * 100:g} %"
    if found := _KNOWN.fullmatch(part):
        return f"{'nothing' if found[1] else 'something'} is known of {need(found[2])}"
    if found := _ATTEMPTS.fullmatch(part):
        first = (found[1], int(found[2]))
        if first in (("==", 0), ("<", 1)):
            return "the step is there for the first time"
        if first in ((">", 0), (">=", 1)):
            return "the step began again"
        return f"the number of times it began again {_COMPARED[found[1]]} {found[2]}"
    if found := _DAYS.fullmatch(part):
        return f"the number of days in the step {_COMPARED[found[1]]} {found[2]}"
    if found := _PROPERTY.fullmatch(part):
        name, sign, *values = found.groups()
        value = values[2] or f"“{values[0] or values[1] or ''}”"
        return f"{plain(name)} {_COMPARED[sign]} {value}"
    if found := _HAS.fullmatch(part):
        return f"{plain(found[2])} is {'not ' if found[1] else ''}known"
    return ""
