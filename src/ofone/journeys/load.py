"""From YAML to a compiled playbook, with every problem at its file, line and column."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any

import msgspec
from msgspec.structs import replace
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from ofone.domain.errors import NotFound, PlaybookError, Problem
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.playbook import Playbook
from ofone.journeys.shape import misshapen

_PART = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_TEMPLATE_LINE = re.compile(r"line (\d+): ")
_ALSO = re.compile(r"also at (\S+)$")
_KEY = re.compile(r'duplicate key "([^"]+)"')
_OPENED = re.compile(r"""[:\-]\s+('(?:[^']|'')*$|"(?:[^"\\]|\\.)*$)""")


def load(text: str, where: str) -> Compiled:
    """Read, check and compile one playbook. Raises PlaybookError; ``where`` names the file."""
    try:
        tree = _tree(text)
    except MarkedYAMLError as error:
        raise PlaybookError((_unreadable(where, text, error),)) from None
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
        plain = _plain(tree)
        wrong = tuple(misshapen(plain, Playbook))
        if wrong:
            raise PlaybookError(wrong)
        compiled = compile_playbook(msgspec.convert(plain, Playbook))
    except RecursionError:
        what = "a part of this playbook contains itself"
        raise PlaybookError(
            (Problem(where=where, what=what, hint="look at its anchors"),)
        ) from None
    except msgspec.ValidationError as error:
        raise PlaybookError((Problem(where=where, what=str(error)),)) from None
    except PlaybookError as error:
        raise PlaybookError(_placed(where, text, tree, error.problems)) from None
    return replace(compiled, notices=_placed(where, text, tree, compiled.notices))


def placed(text: str, where: str, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems that name a path of a playbook that loads, each at its line of the file."""
    return tuple(
        replace(p, what=p.what.replace(": line 1: ", ": ", 1))
        for p in _placed(where, text, _tree(text), problems)
    )


def _tree(text: str) -> Any:
    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys = False
    return yaml.load(StringIO(text))


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


def _placed(where: str, text: str, tree: Any, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems that name a path, each at its line and column, in the order of the file."""
    found = []
    for p in problems:
        line, column = _place(tree, p.where)
        what = p.what
        if (at := _TEMPLATE_LINE.match(what)) and _is_block(tree, p.where):
            # Below the key of a block written with | its lines are those of the file.
            line += int(at[1])
            row = text.splitlines()[line - 1]
            column = len(row) - len(row.lstrip()) + 1
            what = what[at.end() :]
        hint = _ALSO.sub(lambda m: f"also at line {_place(tree, m[1])[0]}", p.hint)
        named = what if what.startswith("unknown field") else f"{p.where or 'playbook'}: {what}"
        found.append(Problem(where=where, line=line, column=column, what=named, hint=hint))
    return tuple(sorted(found, key=lambda p: (p.line, p.column)))


def _is_block(tree: Any, path: str) -> bool:
    node = tree
    for name, index in _PART.findall(path):
        try:
            node = node[int(index) if index else name]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(node, LiteralScalarString)


def _unreadable(where: str, text: str, error: MarkedYAMLError) -> Problem:
    """What is no YAML, at the place where the mistake was made rather than where it was noticed."""
    mark = error.problem_mark or error.context_mark
    what = f"this is not YAML: {error.problem or error.context}"
    hint = "check the indentation, and quote texts that hold a colon and a space"
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    if isinstance(error, DuplicateKeyError) and (key := _KEY.search(error.problem or "")):
        what = f"this is not YAML: {key[1]!r} is written twice"
        above = text.splitlines()[: line - 1]
        same = [n for n, row in enumerate(above, 1) if _starts(row, key[1], column)]
        hint = "keep one of them" + (f"; also at line {same[-1]}" if same else "")
    elif error.context == "while scanning a quoted scalar" and error.context_mark:
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
        what, hint = "this is not YAML: a quote that begins here is not closed", "close it"
    elif opened := _open_quote(text, line):
        line, column = opened
        what = "this is not YAML: a quote that begins here is not closed on its line"
        hint = "close it, and write '' for an apostrophe inside single quotes"
    elif "expected <block end>" in what:
        what = "this is not YAML: this does not fit what stands above it"
        hint = "check the indentation, and the - that begins each part of a list"
    elif "'\\t'" in what:
        hint = "indent with spaces, not with tabs"
    elif "mapping values are not allowed" in what:
        hint = "put a text that holds a colon and a space in quotes, and check the indentation"
    return Problem(where=where, line=line, column=column, what=what, hint=hint)


def _starts(row: str, key: str, column: int) -> bool:
    return row[column - 1 :].startswith(f"{key}:") and not row[: column - 1].strip(" -")


def _open_quote(text: str, line: int) -> tuple[int, int] | None:
    """Where a quote was opened that another one closed by mistake: with letters right behind."""
    rows = text.splitlines()[:line]
    for n in range(line - 1, 0, -1):
        if found := _OPENED.search(rows[n - 1]):
            behind = next((r.partition(found[1][0])[2] for r in rows[n:] if found[1][0] in r), "")
            return (
                None if behind.strip()[:1] in ("", ",", "]", "}", "#") else (n, found.start(1) + 1)
            )
    return None
