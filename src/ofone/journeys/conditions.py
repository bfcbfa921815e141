"""Conditions in CEL, the Common Expression Language: safe, small, and known beyond this house.

A condition is total: what it asks for may be missing, or of another type, and then it simply does
not hold. ``Condition.fails`` says so with a reason, which a decision record can keep.

Most conditions compare needs and steps with numbers, and are asked at every turn. Those are
compared here: it is the same as what CEL makes of them, and twenty times as quick.
"""

import operator
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import cel

from ofone.domain.words import NEEDS
from ofone.journeys.vetting import misread, paths, syntax, tried, without_texts
from ofone.needs.model import Assessment

_NEED = re.compile(r"(?<![\w.])needs\.(\w+)(?:\.(\w+))?")
# fmt: off
_FUNCTIONS = frozenset({
    "bool", "bytes", "contains", "double", "duration", "endsWith", "getDate", "getDayOfMonth",
    "getDayOfWeek", "getFullYear", "getHours", "getMinutes", "getMonth", "getSeconds", "int",
    "matches", "size", "startsWith", "string", "timestamp", "type", "uint",
})
# fmt: on
"""The functions of CEL's own specification; the macros (has, exists, all …) are always there."""
_FIELDS = tuple(f for f in Assessment.__struct_fields__)
_COMPARISON = re.compile(
    r"\s*(?:needs\.(\w+)\.(mean|sd|high|low)\s*([<>]=?)\s*(\d+\.\d+)"
    r"|step\.(attempts|days)\s*([<>]=?|[=!]=)\s*(\d{1,9}))\s*"
)
_COMPARES: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class BadCondition(ValueError):
    """An expression that cannot be used, with what is wrong and what would work."""


class Condition:
    """A compiled expression. Equal sources share one object.

    ``facts`` are the remembered properties it asks for; ``never`` says that no values of needs and
    steps make it hold.
    """

    __slots__ = ("_compared", "_program", "facts", "names", "needs", "never", "source")

    def __init__(self, source: str, allowed: tuple[str, ...]) -> None:
        try:
            self._program = cel.compile(source)
        except ValueError as error:
            raise BadCondition(syntax(source, str(error))) from None
        self.source = source
        bound = set(re.findall(r"\.(?:exists|exists_one|all|map|filter)\(\s*(\w+)\s*,", source))
        self.names = tuple(sorted(set(self._program.variables()) - bound))
        for name in self.names:
            if name not in allowed:
                raise BadCondition(
                    f"{name!r} is not known here; known are {', '.join(allowed)}"
                    + _quoted(name, source)
                )
        for function in self._program.functions():
            if function[0].isalpha() and function not in _FUNCTIONS:
                raise BadCondition(
                    f"there is no function {function!r}; there are {', '.join(sorted(_FUNCTIONS))}"
                )
        self.needs = tuple(sorted({(n, f) for n, f in _NEED.findall(without_texts(source))}))
        if "needs" in self.names and not self.needs:
            raise BadCondition("asks for needs as a whole; write needs.reassurance.high > 0.5")
        for need, asked in self.needs:
            if need not in NEEDS:
                close = get_close_matches(need, NEEDS, 1)
                guess = f"did you mean {close[0]!r}? " if close else ""
                raise BadCondition(
                    f"there is no need {need!r}; {guess}needs are {', '.join(NEEDS)}"
                )
            if asked not in _FIELDS:
                raise BadCondition(f"needs.{need} has no {asked!r}; it has {', '.join(_FIELDS)}")
        wrong = misread(source, self.names)
        wrong, self.never = (wrong, False) if wrong else tried(self._program, source, self.names)
        if wrong:
            raise BadCondition(wrong)
        asked = paths(source) if "facts" in self.names else []
        self.facts = tuple(sorted({f[0] for root, f in asked if root == "facts" and f}))
        self._compared = _comparisons(source)

    def fails(self, context: Mapping[str, Any]) -> str | None:
        """None when the condition holds, else why it does not.

        ``context`` maps the top-level names to mappings; ``needs`` maps a need to its Assessment.
        """
        if not self._compared:
            return self._run(context)
        for need, name, compare, number in self._compared:
            value = getattr(context["needs"][need], name) if need else context["step"][name]
            if not compare(value, number):
                return f"“{self.source}” does not hold"
        return None

    def _run(self, context: Mapping[str, Any]) -> str | None:
        given = {n: context[n] for n in self.names if n != "needs"}
        if self.needs:
            asked: dict[str, dict[str, float]] = {}
            for need, name in self.needs:
                asked.setdefault(need, {})[name] = getattr(context["needs"][need], name)
            given["needs"] = asked
        try:
            value = self._program.execute(given)
        except KeyError as missing:
            return f"{missing.args[0]!r} is not known, so “{self.source}” does not hold"
        except (TypeError, ValueError, RuntimeError, ArithmeticError, IndexError) as error:
            return f"“{self.source}” cannot be decided: {str(error).split('.')[0]}"
        if value is True:
            return None
        return f"“{self.source}” does not hold"


_Comparison = tuple[str, str, Callable[[float, float], bool], float]


def _comparisons(source: str) -> tuple[_Comparison, ...]:
    """(need or "" for the step, field, comparison, number) of each part, all of which must hold.

    Empty where a part is anything but a need or the step compared with a number.
    """
    parts = [_COMPARISON.fullmatch(part) for part in source.split("&&")]
    found = [p.groups() for p in parts if p is not None]
    if len(found) < len(parts):
        return ()
    return tuple(
        (need, name, _COMPARES[sign], float(number))
        if need
        else ("", field, _COMPARES[compares], int(count))
        for need, name, sign, number, field, compares, count in found
    )


@lru_cache(maxsize=4096)
def compile_condition(source: str, allowed: tuple[str, ...]) -> Condition:
    """Compile one expression.

    Raises BadCondition for syntax, for unknown names, needs and fields of step, and for what gives
    no yes or no, as far as that can be told without the values of events, traits and facts.
    """
    return Condition(source, allowed)


def _quoted(name: str, source: str) -> str:
    """A word without quotes is most often a text."""
    if name.lower() in ("true", "false"):
        return f"; write {name.lower()}"
    if re.search(rf"(?<![\w.]){name}\s*[.(\[]", without_texts(source)):
        return ""
    return f"; if it is a text, quote it: '{name}'"
