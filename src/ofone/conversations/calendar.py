"""An appointment for the customer's own calendar, as calendars understand it (RFC 5545, 5546).

Pure: an ``Appointment`` goes in, the bytes of a text/calendar object come out. Times are in UTC, so
that no calendar has to know a zone's rules; each shows them in its reader's zone.
"""

from datetime import timedelta
from email.headerregistry import Address

from icalendar import Calendar, Event, vCalAddress, vText

from ofone.conversations.templates import printable
from ofone.domain.messages import Appointment
from ofone.domain.times import to_datetime

_MAKER = "-//Journey of One//ofone//EN"


def invitation(it: Appointment, organizer: Address, attendee: Address) -> tuple[str, bytes]:
    """The method (REQUEST or CANCEL) and the object, as an e-mail carries it.

    The same ``uid`` with a higher ``sequence`` moves the entry that is there already.
    """
    method = "CANCEL" if it.cancelled else "REQUEST"
    event = _event(it)
    event["ORGANIZER"] = _person(organizer)
    guest = _person(attendee)
    # Nobody waits for an answer: the appointment stands whether or not a calendar accepts it.
    guest.params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    event["ATTENDEE"] = guest
    return method, _calendar(event, method)


def file(it: Appointment) -> bytes:
    """The object to download: nobody's invitation, so it has no method and no people."""
    return _calendar(_event(it))


def _event(it: Appointment) -> Event:
    event = Event()
    begin = to_datetime(it.start)
    event.add("UID", it.uid)
    event.add("SEQUENCE", it.sequence)
    event.add("DTSTAMP", to_datetime(it.at).replace(microsecond=0))
    event.add("DTSTART", begin)
    event.add("DTEND", begin + timedelta(minutes=it.minutes))
    event.add("SUMMARY", printable(it.title))
    if it.place:
        event.add("LOCATION", printable(it.place))
    event.add("STATUS", "CANCELLED" if it.cancelled else "CONFIRMED")
    return event


def _calendar(event: Event, method: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("PRODID", _MAKER)
    calendar.add("VERSION", "2.0")
    if method:
        calendar.add("METHOD", method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _person(who: Address) -> vCalAddress:
    person = vCalAddress(f"mailto:{who.addr_spec}")
    if who.display_name:
        person.params["CN"] = vText(who.display_name)
    return person
