"""The purpose lock: needs are for service only, and every asking is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from ofone.app import AUDIT, App, opened
from ofone.app.book import AppBook
from ofone.app.server import assessment_handler
from ofone.cli.main import main
from ofone.domain.errors import StoreError
from ofone.domain.events import Happened
from ofone.domain.times import DAY
from ofone.journeys.load import bundled
from ofone.runtime.clocks import VirtualClock
from ofone.stores.audit import FileAudit
from ofone.web.pages import create_app

MONDAY = 20_514 * DAY
CALL = Happened(id="1", customer="kim", name="Status Call", at=MONDAY)
WHERE = "/v1/customers/kim/assessment"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with opened(tmp_path, [bundled("loan")], clock=VirtualClock()) as app:
        app.engine.submit(CALL)
        yield app


@pytest.fixture
def client(app: App) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(AppBook(app), more=[assessment_handler(app)])) as client:
        yield client


def test_service_is_told_what_is_believed(client: TestClient[Any], app: App) -> None:
    """With the evidence; and that it was told is noted, with who said they asked."""
    said = client.get(WHERE, params={"purpose": "service"}, headers={"X-Asked-By": "desk"})
    assert said.status_code == 200
    assert said.json()["assessment"]["reassurance"]["evidence"][0]["event"] == "1"
    (noted,) = FileAudit(app.data / AUDIT).read()
    assert (noted.customer, noted.purpose, noted.answer) == ("kim", "service", "told")
    assert noted.who.startswith("desk (")


@pytest.mark.parametrize(
    "purpose",
    [
        *("pricing", "underwriting", "eligibility", "claims", "lead-scoring", "marketing"),
        *("", "Service", "service,pricing", "research"),
    ],
)
def test_every_other_purpose_is_refused_and_noted(
    client: TestClient[Any], app: App, purpose: str
) -> None:
    """As a problem that says why, without one number in it; also when nothing is named."""
    said = client.get(WHERE, params={"purpose": purpose} if purpose else {})
    assert said.status_code == 403
    assert said.headers["content-type"].startswith("application/problem+json")
    assert said.json()["title"] == "Needs are for service only"
    assert "assessment" not in said.json()
    (noted,) = FileAudit(app.data / AUDIT).read()
    assert (noted.purpose, noted.answer) == (purpose, "refused")


def test_nobody_is_told_of_a_stranger(client: TestClient[Any]) -> None:
    """404; who asks for another purpose is not told whether there is such a customer."""
    nobody = WHERE.replace("kim", "nobody")
    assert client.get(nobody, params={"purpose": "service"}).status_code == 404
    assert client.get(nobody, params={"purpose": "pricing"}).status_code == 403


def test_the_key_of_the_intake_is_asked_for(
    client: TestClient[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, nothing is answered."""
    monkeypatch.setenv("OFONE_INTAKE_KEY", "secret")
    asked = {"purpose": "service"}
    assert client.get(WHERE, params=asked).status_code == 401
    bearer = {"Authorization": "Bearer secret"}
    assert client.get(WHERE, params=asked, headers=bearer).status_code == 200


def test_what_cannot_be_noted_is_not_told(app: App, tmp_path: Path) -> None:
    """The note comes first."""
    (tmp_path / AUDIT).mkdir()
    with TestClient(create_app(AppBook(app), more=[assessment_handler(app)])) as client:
        said = client.get(WHERE, params={"purpose": "service"})
        assert said.status_code >= 500
        assert "reassurance" not in said.text


def test_the_audit_can_be_read(
    client: TestClient[Any], app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    """By people and by programs; a line that was changed is named."""
    client.get(WHERE, params={"purpose": "pricing"})
    main(["audit", "--data", str(app.data)])
    assert "asked for kim, for 'pricing': refused" in capsys.readouterr().out
    (app.data / AUDIT).write_bytes(b"{}\n")
    with pytest.raises(StoreError, match=r"audit\.jsonl:1: this line was changed"):
        FileAudit(app.data / AUDIT).read()
