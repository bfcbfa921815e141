"""An appointment to download, for whoever holds the link of the journey."""

from collections.abc import Iterator
from typing import Any

import pytest
from icalendar import Calendar
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.web.fake import BEGAN, FakeBook

from ofone.domain.messages import Appointment
from ofone.web.pages import create_app

VISIT = Appointment(uid="u@ofone", sequence=1, at=BEGAN, start=BEGAN, minutes=30, title="A visit")


@pytest.fixture
def book() -> FakeBook:
    book = FakeBook()
    book.meetings["angela", "exam_done"] = VISIT
    return book


@pytest.fixture
def client(book: FakeBook) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(book)) as client:
        yield client


def test_an_appointment_is_a_file_for_any_calendar(client: TestClient[Any]) -> None:
    answer = client.get("/t/token-angela/calendar/exam_done.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
    assert Calendar.from_ical(answer.content).events[0]["SUMMARY"] == "A visit"


@pytest.mark.parametrize(
    "path", ["token-angela/calendar/lab.ics", "token-angela/calendar/exam_done", "x/calendar/a.ics"]
)
def test_there_is_no_file_where_there_is_no_appointment(client: TestClient[Any], path: str) -> None:
    assert client.get(f"/t/{path}").status_code == 404


def test_a_cancelled_appointment_is_no_longer_handed_out(
    client: TestClient[Any], book: FakeBook
) -> None:
    book.meetings["angela", "exam_done"] = replace(VISIT, cancelled=True)
    assert client.get("/t/token-angela/calendar/exam_done.ics").status_code == 404


def test_the_tracker_offers_the_appointment_of_the_step_at_hand(
    client: TestClient[Any], book: FakeBook
) -> None:
    """One quiet link, gone when the appointment is off; a step that is behind offers none."""
    link = "/t/token-angela/calendar/"
    assert link not in client.get("/t/token-angela").text
    steps = book.records["angela"]["journeys"][0]["steps"]
    current = next(s["id"] for s in steps if s["status"] == "current")
    book.meetings["angela", current] = VISIT
    assert f'href="{link}{current}.ics"' in client.get("/t/token-angela").text
    book.meetings["angela", current] = replace(VISIT, cancelled=True)
    assert link not in client.get("/t/token-angela").text
