"""Everything in a document that has the wrong shape, in the words of the one who writes it.

msgspec stops at the first mistake and speaks of Python's types; this walks the same types and says
for every part what to write there instead.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from ofone.domain.errors import Problem
from ofone.journeys.playbook import Clock, Code, Id

_PATTERNS = {
    get_args(Clock)[1].pattern: 'write a time in quotes like "09:00"',
    get_args(Code)[1].pattern: "write the code of a language, such as de",
    get_args(Id)[1].pattern: "write small letters, digits, - and _, beginning with a letter",
}


def misshapen(value: Any, kind: Any, path: str = "") -> Iterator[Problem]:
    """Every problem of plain ``value`` (from YAML or JSON) as a ``kind``; ``where`` is its path."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        pass
    else:
        return
    bare, limits = _bare(kind)
    if get_origin(bare) in (Union, UnionType):
        options = [k for k in get_args(bare) if k is not NoneType]
        structs = [k for k in options if isinstance(k, type) and issubclass(k, Struct)]
        bare, limits = _bare(((isinstance(value, dict) and structs) or options)[0])
    inside = list(_inside(value, bare, path))
    yield from inside
    if not inside:
        what, hint = _leaf(value, bare, limits)
        yield Problem(where=path, what=what, hint=hint)


def _inside(value: Any, kind: Any, path: str) -> Iterator[Problem]:
    """The problems of the parts of a value that is what its ``kind`` is as a whole."""
    if isinstance(kind, type) and issubclass(kind, Struct) and isinstance(value, dict):
        yield from _fields(value, kind, path)
    elif get_origin(kind) is tuple and isinstance(value, list):
        for n, one in enumerate(value):
            yield from misshapen(one, get_args(kind)[0], f"{path}[{n}]")
    elif get_origin(kind) is dict and isinstance(value, dict):
        keys, values = get_args(kind)
        for key, one in value.items():
            yield from misshapen(key, keys, f"{path}.{key}")
            yield from misshapen(one, values, f"{path}.{key}")


def _fields(value: Mapping[str, Any], kind: type[Struct], path: str) -> Iterator[Problem]:
    fields = {f.encode_name: f for f in msgspec.structs.fields(kind)}
    at = f"{path}." if path else ""
    meant = set()
    for name, one in value.items():
        if name in fields:
            yield from misshapen(one, fields[name].type, at + name)
            continue
        close = get_close_matches(name, [f for f in fields if f not in value], 1)
        meant.update(close)
        hint = f"did you mean {close[0]!r}?" if close else f"fields are: {', '.join(fields)}"
        yield Problem(where=at + name, what=f"unknown field {name!r}", hint=hint)
    for name, field in fields.items():
        if field.required and name not in value and name not in meant:
            yield Problem(where=path, what=f"{name} is missing", hint=f"add {name}: …")


def _leaf(value: Any, kind: Any, limits: Meta) -> tuple[str, str]:
    """What is wrong with a value that is looked at as a whole, and what to write."""
    told = f"“{value}”" if isinstance(value, str) else _told(value)
    if get_origin(kind) is Literal:
        options = [str(o) for o in get_args(kind) if o != ""]
        hint = f"write one of: {', '.join(options)}" if options[1:] else f"write {options[0]}"
        hint += ", or leave it out" if "" in get_args(kind) else ""
        return f"{told} does not work here", hint
    if kind in (int, float):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{told} is no number", "write a number such as 3"
        if kind is int and isinstance(value, float) and not value.is_integer():
            return f"{told} is no whole number", "write a number such as 3"
        return f"{told} does not work here", f"write a number {_range(limits)}"
    if kind is bool:
        return f"{told} is neither true nor false", "write true or false"
    if kind is str:
        if limits.pattern in _PATTERNS:
            return f"{told} does not work here", _PATTERNS[limits.pattern]
        if limits.pattern and limits.description:
            return f"{told} does not work here", f"write one such as {limits.description}"
        if limits.pattern:
            return f"{told} does not work here", "write a letter, then letters, digits and _"
        if value is None or value == "":
            return "there is no text", "leave it out, or give it a text"
        if isinstance(value, str):
            return f"{len(value)} letters are too many", f"write at most {limits.max_length}"
        if isinstance(value, dict | list):
            return f"{told} is no text", 'quote a text that begins with { or [: "{{ … }}"'
        if not isinstance(value, bool | int | float):
            return "this is no text to YAML", 'quote a text that begins with !: "!…"'
        return f"{told} is no text", f'put it in quotes: "{told}"'
    if get_origin(kind) is tuple:
        if value == [] and limits.min_length == 1:
            return "the list is empty", "name at least one"
        if isinstance(value, list):
            return f"a list of {len(value)} does not work here", f"write {_size(limits)}"
        example = value if isinstance(value, str) and value else "a, b"
        return f"{told} is no list", f"write a list: [{example}]"
    if isinstance(kind, type) and issubclass(kind, Struct):
        needed = [f.encode_name for f in msgspec.structs.fields(kind) if f.required]
        names = needed or [f.encode_name for f in msgspec.structs.fields(kind)]
        return f"{told} stands where fields belong", f"write fields below it: {', '.join(names)}"
    return f"{told} stands where fields belong", "write fields below it, such as any: …"


def _told(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case list():
            return "a list"
        case dict():
            return "a group of fields"
        case _:
            return f"{value}"


def _range(limits: Meta) -> str:
    words = {"ge": "from", "gt": "above", "le": "to", "lt": "below"}
    given = [(w, getattr(limits, name)) for name, w in words.items()]
    return " ".join(f"{w} {n:g}" for w, n in given if n is not None).replace(" below", ", below")


def _size(limits: Meta) -> str:
    least, most = limits.min_length, limits.max_length
    if least == most:
        return f"{least} of them"
    return f"at least {least}" if most is None else f"from {least or 0} to {most}"


def _bare(kind: Any) -> tuple[Any, Meta]:
    """A type without its annotation, and its limits."""
    if get_origin(kind) is not Annotated:
        return kind, Meta()
    bare, *notes = get_args(kind)
    return bare, next((n for n in notes if isinstance(n, Meta)), Meta())
