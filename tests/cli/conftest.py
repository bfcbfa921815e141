"""Commands as a person would type them, in this process."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from tests.runtime.small import story

from ofone.cli.main import main
from ofone.sources import to_json


class Said(Struct, frozen=True):
    """What a command printed, and the code it ended with."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The one JSON object on stdout; a good command says nothing else."""
        assert (self.code, self.err) == (0, "")
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Ofone = Callable[..., Said]


@pytest.fixture
def ofone(capsys: pytest.CaptureFixture[str]) -> Ofone:
    def run(*arguments: object) -> Said:
        code: object = 0
        try:
            main([str(a) for a in arguments])
        except SystemExit as done:
            code = done.code or 0
        printed = capsys.readouterr()
        assert isinstance(code, int)
        return Said(code, printed.out, printed.err)

    return run


SMALL_YAML = """\
playbook: small
title: A small journey
about: A form and a visit.
goal: visit
entry: {event: Started, key: case}
remember: [room]
approaches:
  - {id: standard, title: Standard, because: For all., cadence: normal, tone: plain,
     channels: [email, in_app], tracker: quiet}
steps:
  - id: form
    title: The form
    happens: You fill in a form.
    completes: [Form Sent]
    days: {usual: 1, most: 3}
    accompany:
      standard: [{send: welcome}]
  - id: visit
    title: The visit
    happens: You visit us.
    completes: [Visited]
    days: {usual: 2, most: 5}
actions:
  - id: welcome
    title: Welcome
    content:
      any:
        email: {subject: Welcome, body: "Welcome, {{ customer.name }}."}
        in_app: {body: Welcome.}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A playbook in a file of the test's own."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL_YAML, encoding="utf-8")
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Anna reaches the goal; Berta has only begun."""
    path = tmp_path / "events.jsonl"
    told = [*story("anna"), *story("berta")[:2]]
    path.write_bytes(b"".join(to_json(e) + b"\n" for e in told))
    return path


@pytest.fixture
def data(tmp_path: Path, ofone: Ofone, small: Path, events: Path) -> Path:
    """A folder into which these events were run."""
    folder = tmp_path / "data"
    assert ofone("run", small, "--events", events, "--data", folder, "--json").code == 0
    return folder
