"""The documentation holds: its marked blocks run, its links lead somewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ofone.journeys.schema import schema

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name)


def parse(document: Path) -> list[Token]:
    return MarkdownIt("commonmark").parse(document.read_text(encoding="utf-8"))


def marked(document: Path) -> Iterator[Token]:
    """The fenced blocks with ``<!-- run -->`` on the line before."""
    for before, token in pairwise(parse(document)):
        if before.type == "html_block" and before.content.strip().endswith("<!-- run -->"):
            yield token


def command(block: Token) -> list[str]:
    """What runs a block. In a console block the lines after ``$`` are typed, the rest is shown."""
    match block.info:
        case "bash":
            script = block.content
        case "console":
            script = "\n".join(re.findall(r"^[$>] (.*)", block.content, re.MULTILINE))
        case "python":
            return [sys.executable, "-c", block.content]
        case other:
            raise AssertionError(f"cannot run {other or block.type!r}; use bash, console or python")
    return ["bash", "-euo", "pipefail", "-c", script]


def targets(tokens: list[Token]) -> Iterator[str]:
    """Where links and pictures point, Markdown's and HTML's."""
    for token in tokens:
        yield from targets(token.children or [])
        yield from (str(token.attrs[name]) for name in ("href", "src") if name in token.attrs)
        if token.type.startswith("html"):
            yield from re.findall(r'(?:href|src(?:set)?)="([^"\s]+)"', token.content)


@each_document
def test_every_marked_block_runs(document: Path, tmp_path: Path) -> None:
    """What the reader is told to type works, block after block, in one empty folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "HOME": str(tmp_path)}
    for block in marked(document):
        done = subprocess.run(
            command(block),
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        where = f"{name(document)}:{block.map[0] + 1 if block.map else 0}"
        assert done.returncode == 0, f"{where} failed:\n{done.stdout}"


@each_document
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    """A document names no file that is not there."""
    for target in targets(parse(document)):
        file = unquote(target.partition("#")[0])
        if file and not re.match(r"[a-z]+:", file):
            assert (document.parent / file).exists(), f"{name(document)} links to {target}"


def test_the_published_schema_is_that_of_the_types() -> None:
    """An editor completes what the program reads; `scripts/docs` renews it."""
    published = (ROOT / "docs" / "playbook.schema.json").read_text(encoding="utf-8")
    assert published.rstrip() == schema()
