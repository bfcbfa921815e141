"""An appointment as calendars read it: read back with the library's own parser."""

from email.headerregistry import Address
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from msgspec.structs import replace

from ofone.conversations.calendar import file, invitation
from ofone.domain.messages import Appointment
from ofone.domain.times import DAY, HOUR

US = Address("Harbor Life", "hello", "harbor.example")
ANGELA = Address("Angela Diaz", "angela", "example.org")
VISIT = Appointment(
    uid="u7f3k@ofone",
    sequence=12,
    at=1_773_152_400_000_001,
    start=1_773_152_400_000_000 + DAY,
    minutes=30,
    title="Your appointment",
    place="12 Elm Street, Albany",
)


def entry(ics: bytes) -> Any:
    (event,) = Calendar.from_ical(ics).events
    return event


def test_an_invitation_says_when_where_and_by_whom() -> None:
    """In UTC, so no calendar has to know the rules of a zone."""
    method, ics = invitation(VISIT, US, ANGELA)
    event = entry(ics)
    assert (method, Calendar.from_ical(ics)["METHOD"]) == ("REQUEST", "REQUEST")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("u7f3k@ofone", 12, "CONFIRMED")
    assert b"DTSTART:20260311T142000Z\r\nDTEND:20260311T145000Z\r\n" in ics
    assert (event["SUMMARY"], event["LOCATION"]) == (VISIT.title, VISIT.place)
    assert (event["ORGANIZER"], event["ATTENDEE"]) == (
        "mailto:hello@harbor.example",
        "mailto:angela@example.org",
    )
    assert "DESCRIPTION" not in event


def test_what_moves_keeps_its_name_and_rises() -> None:
    """A calendar moves the entry it has; it does not add a second one."""
    moved = replace(VISIT, start=VISIT.start + HOUR, sequence=VISIT.sequence + 60)
    first, second = (entry(invitation(v, US, ANGELA)[1]) for v in (VISIT, moved))
    assert first["UID"] == second["UID"]
    assert first["SEQUENCE"] < second["SEQUENCE"]


def test_what_is_off_is_taken_back() -> None:
    method, ics = invitation(replace(VISIT, cancelled=True), US, ANGELA)
    assert (method, entry(ics)["STATUS"]) == ("CANCEL", "CANCELLED")


def test_a_file_to_download_invites_nobody() -> None:
    """A method without an organizer would be refused by calendars; so there is neither."""
    ics = file(VISIT)
    assert "METHOD" not in Calendar.from_ical(ics)
    assert not {"ATTENDEE", "ORGANIZER"} & set(entry(ics))


@given(title=st.text(max_size=200), place=st.text(max_size=200))
def test_no_title_and_no_place_adds_a_line(title: str, place: str) -> None:
    """Whatever they hold, the entry has the same properties and folds at 75 bytes."""
    ics = file(replace(VISIT, title=title, place=place))
    expected = set(entry(file(VISIT))) - (set() if place else {"LOCATION"})
    assert set(entry(ics)) == expected
    assert max(map(len, ics.split(b"\r\n"))) <= 75
