"""The rules of the house that no tool checks."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import ofone

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ofone"
EFFECTFUL = {
    *("asyncio", "logging", "os", "random", "secrets", "socket", "sqlite3", "structlog"),
    *("subprocess", "threading", "time"),
}


def docstring_floors() -> list[tuple[str, str]]:
    """(packages, what lives there) from the docstring's table, high to low."""
    assert ofone.__doc__
    table = re.split(r"^=+ +=+\n?", ofone.__doc__.replace("`", ""), flags=re.MULTILINE)[2]
    rows = [re.split(r" {2,}", line, maxsplit=1) for line in table.splitlines()]
    return [(packages, what) for packages, what in rows]


def readme_floors() -> list[tuple[str, str]]:
    """The same from the README's table between its ``floors`` marks."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("`", "")
    table = text.partition("<!-- floors -->")[2].partition("<!-- /floors -->")[0]
    rows = [line.strip("|").split("|") for line in table.strip().splitlines()[2:]]
    return [(packages.strip(), what.strip()) for packages, what in rows]


def contract_floors() -> list[str]:
    """The packages of each floor from the import contract."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers: list[str] = config["tool"]["importlinter"]["contracts"][0]["layers"]
    return [re.sub(r"[()]", "", layer).replace(" |", ",") for layer in layers]


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """(top-level module, line) of every import, those inside functions too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name.partition(".")[0], node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0], node.lineno


def test_docstring_readme_and_contract_tell_the_same_floors() -> None:
    """The floors are written three times, for three readers, and are equal."""
    assert readme_floors() == docstring_floors()
    assert contract_floors() == [packages for packages, _ in docstring_floors()]


def test_every_folder_of_source_is_a_package_that_says_what_it_is_for() -> None:
    """A reader who opens a folder is told what lives there."""
    for folder in {file.parent for file in SOURCE.rglob("*.py")}:
        assert (folder / "__init__.py").exists(), f"{folder.relative_to(ROOT)} has no __init__.py"
        package = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(package), (
            f"{folder.relative_to(ROOT)}/__init__.py has no docstring"
        )


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """A clone works anywhere: no absolute path of an author's machine in it."""
    machine = re.compile(rb"(?<![\w.~])/(work|root)/")
    folders = [ROOT / name for name in ("src", "tests", "docs", "scripts", ".ci")]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    for file in [*files, *ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.txt")]:
        if "__pycache__" not in file.parts:
            found = machine.search(file.read_bytes())
            assert not found, f"{file.relative_to(ROOT)} names {found.group().decode()}"


def test_floors_below_the_runtime_import_no_clock_chance_or_io() -> None:
    """``now`` and chance are arguments: the core can be replayed, and proved."""
    floors = [packages for packages, _ in docstring_floors()]
    for floor in floors[floors.index("runtime") + 1 :]:
        for file in (SOURCE / floor).rglob("*.py"):
            for module, line in imports(file):
                where = f"{file.relative_to(ROOT)}:{line}"
                assert module not in EFFECTFUL, f"{where} imports {module}; the runtime may"
