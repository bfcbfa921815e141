"""What is wrong with a condition, found before it runs: its syntax, its names and its values.

What a condition may ask is known here only in part: ``needs`` and ``step`` are numbers with known
limits, while an event, a trait or a fact may hold anything. So a condition on needs and steps is
tried on every value that could make a difference, and another one on one value of each kind.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise, product
from math import isfinite
from typing import Any

STEP_FIELDS = ("attempts", "days")
_TRIES = 4096
_OPEN = ("event", "traits", "facts")
_LITERAL = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
_COMPUTES = re.compile(r"[+*/%?]|[\w)]\s*-|\w\(")
_PATH = re.compile(r"(?<![\w.])(event|traits|facts|needs|step)((?:\.\w+)+)(\s*\()?")
_INDEX = re.compile(r"(?<![\w.])(facts|step)\[")
_COMPARES = r"(==|!=|<=|>=|<|>)"
_NUMERIC = r"(?<![\w.])((?:step\.\w+)|(?:needs\.\w+\.(?:mean|sd|high|low)))"
_TEXT_CLASH = re.compile(rf"{_NUMERIC}\s*(?:{_COMPARES}|in\b)\s*\[?\s*['\"]")
_CLASH_TEXT = re.compile(rf"['\"]\s*{_COMPARES}\s*{_NUMERIC}")
_CHANCE = r"(?<![\w.])(needs\.\w+\.(?:high|low))"
_CHANCE_LEFT = re.compile(rf"{_CHANCE}\s*{_COMPARES}\s*(-?\d+(?:\.\d+)?)")
_CHANCE_RIGHT = re.compile(rf"(?<![\w.])(-?\d+(?:\.\d+)?)\s*{_COMPARES}\s*{_CHANCE}")
_SYNTAX = (
    (re.compile("[“”„‘’«»]"), "“{0}” is a typographic quote; write straight ones: 'approved'"),
    (re.compile(r"=>|=<"), "“{0}” is no comparison; write >= or <="),
    (re.compile(r"<>"), "“{0}” is no comparison; write !="),
    (re.compile(r"===|(?<![=!<>])=(?!=)"), "“{0}” does not compare; did you mean ==?"),
    (re.compile(r"\band\b", re.IGNORECASE), "“{0}” is written &&"),
    (re.compile(r"\bor\b", re.IGNORECASE), "“{0}” is written ||"),
    (re.compile(r"\bnot\b", re.IGNORECASE), "“{0}” is written !"),
    (re.compile(r"\bis\b", re.IGNORECASE), "“{0}” is written =="),
    (
        re.compile(r"(?<=[=!]=)\s*[A-Za-z_][\w-]*(?:\s+[A-Za-z_][\w-]*)+"),
        "“{0}” is a text; write it in quotes: '{0}'",
    ),
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), "a number is written without “{0}”"),
    (re.compile("(?<=['\"])[^'\"]*$"), "the quote before “{0}” is not closed"),
)


def syntax(source: str, message: str) -> str:
    """What is wrong with an expression that the parser refused, and what to write instead."""
    bare = without_texts(source)
    for pattern, said in _SYNTAX:
        if found := pattern.search(bare):
            piece = found[0].strip()
            return f"cannot be read: {said.format(piece)}"
    if "missing ')'" in message or bare.count("(") > bare.count(")"):
        return "cannot be read: a bracket is not closed; add )"
    if place := re.search(r"<input>:\d+:(\d+)", message):
        rest = source[int(place[1]) - 1 :].strip()
        if rest and int(place[1]) <= len(source.rstrip()):
            return f"cannot be read from “{rest[:40]}” on; write it like event.result == 'approved'"
    return "cannot be read: something is missing at its end; write it like event.amount > 1000"


def without_texts(source: str) -> str:
    """The expression with what stands in quotes blanked, every other letter in its place."""
    return _LITERAL.sub(lambda m: m[0][0] + " " * (len(m[0]) - 2) + m[0][0], source)


def paths(source: str) -> list[tuple[str, tuple[str, ...]]]:
    """The dotted names in an expression: ``("event", ("a", "b"))`` for event.a.b."""
    found = []
    for root, dotted, call in _PATH.findall(without_texts(source)):
        fields = tuple(dotted[1:].split("."))
        found.append((root, fields[:-1] if call else fields))
    return found


def misread(source: str, names: Iterable[str]) -> str:
    """What names and constants alone give away, or nothing."""
    names = set(names)
    bare = without_texts(source)
    if (found := _INDEX.search(bare)) and found[1] in names:
        return f"asks for {found[1]} in brackets; write {found[1]}.{_example(found[1])}"
    for root, fields in paths(source):
        if root == "step" and "step" in names and (not fields or fields[0] not in STEP_FIELDS):
            asked = f"step has no {fields[0]!r}" if fields else "asks for step as a whole"
            return f"{asked}; it has {', '.join(STEP_FIELDS)}"
    for pattern, group in ((_TEXT_CLASH, 1), (_CLASH_TEXT, 2)):
        if clash := pattern.search(bare):
            return (
                f"compares {clash[group]}, a number, with a text; write the number without quotes"
            )
    pairs = [(m[1], m[3]) for m in _CHANCE_LEFT.finditer(bare)]
    pairs += [(m[3], m[1]) for m in _CHANCE_RIGHT.finditer(bare)]
    for chance, number in pairs:
        if not 0 <= float(number) <= 1:
            share = f"; for {number} % write {float(number) / 100:g}" if float(number) > 1 else ""
            return f"compares {chance} with {number}, but it is a probability from 0 to 1{share}"
    return ""


def tried(program: Any, source: str, names: Iterable[str]) -> tuple[str, bool]:
    """What is wrong with what an expression gives, or nothing; and whether it can never hold.

    ``program`` is the compiled expression.
    """
    closed = not set(names) & set(_OPEN)
    samples = list(islice(_closed(source) if closed else _open(source), _TRIES + 1))
    values, clash = [], False
    for sample in samples:
        try:
            values.append(program.execute(sample))
        except TypeError:
            clash = True
        except (KeyError, ValueError, RuntimeError, ArithmeticError, IndexError):
            continue
    others = [v for v in values if not isinstance(v, bool)]
    if others and (closed or len(others) == len(values)):
        kind = "a text" if isinstance(others[0], str) else "a number"
        kind = kind if isinstance(others[0], str | int | float) else "a value"
        return f"gives {kind}, not yes or no; compare it with something: … > 0.5", False
    if closed and clash:
        return "mixes numbers, texts and yes/no; step.attempts and needs.….high are numbers", False
    # What computes with its values may hold at some that were not tried.
    simple = closed and len(samples) <= _TRIES and not _COMPUTES.search(without_texts(source))
    return "", simple and True not in values


def _closed(source: str) -> Iterator[dict[str, Any]]:
    """Every combination of values of needs and step that the constants can tell apart."""
    constants = [n for n in map(float, _NUMBER.findall(without_texts(source))) if isfinite(n)]
    asked = sorted({p for p in paths(source) if p[0] in ("needs", "step")})
    for values in product(*(_values(root, fields, constants) for root, fields in asked)):
        yield _context(zip(asked, values, strict=True))


def _values(root: str, fields: tuple[str, ...], constants: list[float]) -> list[Any]:
    if root == "step":
        near = {int(c) + d for c in constants for d in (-1, 0, 1)}
        return sorted(n for n in {0, 1, 2, 1000} | near if n >= 0)
    match fields[-1]:
        case "known":
            return [False, True]
        case "high" | "low":
            edges = sorted({0.0, 1.0} | {c for c in constants if 0 <= c <= 1})
        case "sd":
            edges = sorted({0.0, 1.0} | {c + d for c in constants for d in (0, 1) if c + d > 0})
        case _:
            edges = sorted({-4.0, 4.0} | {c + d for c in constants for d in (-1, 0, 1)})
    return sorted(set(edges) | {(a + b) / 2 for a, b in pairwise(edges)})


def _open(source: str) -> Iterator[dict[str, Any]]:
    """One context for each kind of value that an event, a trait or a fact may hold."""
    asked = sorted(set(paths(source)), key=lambda p: len(p[1]))
    kinds: tuple[Any, ...] = (True, 1.5, 1, "a", [True], [1], ["a"], {})
    for value in kinds:
        usual: list[Any] = [
            value if r in _OPEN else 1 if r == "step" else True if f[-1] == "known" else 0.5
            for r, f in asked
        ]
        yield _context(zip(asked, usual, strict=True))


def _context(given: Iterable[tuple[tuple[str, tuple[str, ...]], Any]]) -> dict[str, Any]:
    context: dict[str, Any] = {root: {} for root in (*_OPEN, "needs", "step")}
    for (root, fields), value in given:
        node = context[root]
        for field in fields[:-1]:
            if not isinstance(node.get(field), dict):
                node[field] = {}
            node = node[field]
        if fields:
            node[fields[-1]] = value
    return context


def _example(root: str) -> str:
    return "attempts" if root == "step" else "name"
