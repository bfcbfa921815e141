"""From YAML to a compiled playbook, with every problem at its file, line and column."""

import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any, Literal, get_args, get_origin

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ofone.domain.errors import NotFound, PlaybookError, Problem
from ofone.journeys import playbook as types
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.playbook import Playbook

_PART = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_KEY_FIELD = re.compile(r"unknown field `(\w+)`")


def load(text: str, where: str) -> Compiled:
    """Read, check and compile one playbook. Raises PlaybookError; ``where`` names the file."""
    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys = False
    try:
        tree = yaml.load(StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PlaybookError(
            (
                Problem(
                    where=where,
                    line=mark.line + 1 if mark else 0,
                    column=mark.column + 1 if mark else 0,
                    what=f"this is not YAML: {error.problem or error.context}",
                    hint="check the indentation, and quote texts that hold a colon and a space",
                ),
            )
        ) from None
    except (YAMLError, ValueError) as error:
        raise PlaybookError((Problem(where=where, what=f"this is not YAML: {error}"),)) from None
    if not isinstance(tree, CommentedMap):
        raise PlaybookError(
            (
                Problem(
                    where=where,
                    line=1,
                    column=1,
                    what="a playbook is a mapping that begins with playbook: NAME",
                ),
            )
        )
    try:
        document = msgspec.convert(_plain(tree), Playbook)
    except RecursionError:
        what = "a part of this playbook contains itself"
        raise PlaybookError(
            (Problem(where=where, what=what, hint="look at its anchors"),)
        ) from None
    except msgspec.ValidationError as error:
        raise PlaybookError((_placed(where, tree, str(error)),)) from None
    try:
        return compile_playbook(document)
    except PlaybookError as error:
        raise PlaybookError(
            tuple(
                Problem(
                    where=where, line=line, column=column, what=f"{p.where}: {p.what}", hint=p.hint
                )
                for p in error.problems
                for line, column in [_place(tree, p.where)]
            )
        ) from None


def bundled_names() -> list[str]:
    """The playbooks that come with the package."""
    folder = files("ofone.journeys") / "bundled"
    return sorted(
        f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")
    )


@cache
def bundled(name: str) -> Compiled:
    """A playbook that comes with the package. Raises NotFound with the names there are."""
    return load(bundled_text(name), f"{name}.yaml")


def bundled_text(name: str) -> str:
    """Its YAML. Raises NotFound with the names there are."""
    if name not in bundled_names():
        raise NotFound(f"no bundled playbook {name!r}; there are: {', '.join(bundled_names())}")
    return (files("ofone.journeys") / "bundled" / f"{name}.yaml").read_text(encoding="utf-8")


def _plain(node: Any) -> Any:
    """Plain dicts and lists; YAML's own dates become the ISO text that was meant."""
    if isinstance(node, dict):
        return {str(k): _plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_plain(v) for v in node]
    if hasattr(node, "isoformat"):
        return node.isoformat()
    for plain in (bool, int, float, str):
        if isinstance(node, plain):
            return plain(node)
    return node


def _place(tree: Any, path: str) -> tuple[int, int]:
    """Line and column (from 1) of the deepest part of ``path`` that exists."""
    node, place = tree, (1, 1)
    for name, index in _PART.findall(path):
        key: Any = int(index) if index else name
        try:
            if isinstance(node, CommentedMap):
                line, column = node.lc.key(key)
            elif isinstance(node, CommentedSeq):
                line, column = node.lc.item(key)
            else:
                break
            node = node[key]
        except (KeyError, IndexError, TypeError):
            break
        place = (line + 1, column + 1)
    return place


def _placed(where: str, tree: Any, message: str) -> Problem:
    """A msgspec error at its place, in words a designer can use."""
    what, _, path = message.partition(" - at ")
    path = path.removeprefix("`key` in ").strip("`").lstrip("$.")
    # msgspec writes `[...]` for "some value of this mapping"; the place is then the mapping.
    path = path.split("[...]")[0]
    hint = ""
    if found := _KEY_FIELD.search(what):
        name = found[1]
        line, column = _place(tree, f"{path}.{name}")
        fields = _fields_near(name)
        close = get_close_matches(name, fields, 1)
        hint = f"did you mean {close[0]!r}?" if close else "see the schema for the fields that work"
        return Problem(
            where=where, line=line, column=column, what=f"unknown field {name!r}", hint=hint
        )
    line, column = _place(tree, path)
    if "enum value" in what and (choices := _choices(path)):
        hint = f"write one of: {', '.join(choices)}"
    what = what[0].lower() + what[1:].replace("Object", "this part")
    return Problem(
        where=where, line=line, column=column, what=f"{path or 'playbook'}: {what}", hint=hint
    )


def _parts() -> list[type[msgspec.Struct]]:
    found = vars(types).values()
    return [part for part in found if isinstance(part, type) and issubclass(part, msgspec.Struct)]


def _fields_near(name: str) -> list[str]:
    return sorted({field for part in _parts() for field in part.__struct_encode_fields__})


def _choices(path: str) -> list[str]:
    """The values that the field at the end of ``path`` may have, if they are a closed list."""
    name = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
    kinds = [
        field.type
        for part in _parts()
        for field in msgspec.structs.fields(part)
        if field.encode_name == name
    ]
    return list(dict.fromkeys(str(choice) for kind in kinds for choice in _literals(kind)))


def _literals(kind: Any) -> list[object]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [choice for inner in get_args(kind) for choice in _literals(inner)]
