"""A moved appointment is confirmed at once: the new date, once, and only the last of several."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.building import START, VISIT, Life, begun, event

from ofone.domain.events import Migrated, Receipt
from ofone.domain.times import DAY, HOUR, Micros, iso
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import library
from ofone.journeys.load import load
from ofone.journeys.schedule import read_date

HOURS = 'quiet_hours: {from: "00:00", to: "23:59"}'
DAYTIME = 'quiet_hours: {from: "09:00", to: "20:00"}'
ACTION = """
actions:
  - id: new_date
    title: Your new date
    calendar: true
    content: {any: {email: {subject: Moved, body: Moved}, sms: {body: Moved}}}
"""


def book(*changes: tuple[str, str]) -> Compiled:
    """The small playbook, which confirms a moved visit."""
    text = VISIT.replace("\nactions:\n", ACTION).replace(
        "    date: visit_at\n",
        "    date: visit_at\n    calendar: {title: A visit}\n    moved: new_date\n",
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load(text, "visit.yaml")


def to_visit(*changes: tuple[str, str]) -> Life:
    """Ana has booked her visit for day 18."""
    booked = event("Visit Booked", 1, visit_at=at(18))
    return begun(book(*changes)).tell(event("Form Sent", 0.5), booked)


def at(day: float) -> str:
    return str(iso(START + round(day * DAY)))


def confirmed(life: Life) -> list[tuple[Micros, Micros | None]]:
    """When which date was confirmed."""
    return [(s.at, s.before) for s in life.sends if s.action == "new_date"]


def test_a_new_date_is_confirmed_at_once_and_once() -> None:
    """By the normal decision, which names the event; the vendor's repetitions change nothing."""
    life = to_visit().tell(event("Moved", 3, visit_at=at(20)))
    assert confirmed(life) == [(START + 3 * DAY, START + 20 * DAY)]
    decided = next(d for d in life.decisions if "Your new date" in d.question)
    assert (decided.trigger, decided.step) == ("Moved", "visited")
    again = event("Status", 4, visit_at=at(20).replace("Z", "+00:00"))
    assert len(confirmed(life.tell(again).wait(START + 9 * DAY))) == 1


def test_each_new_date_is_confirmed_also_one_that_was_there_before() -> None:
    """There, and back again the next day."""
    life = to_visit().tell(event("Moved", 3, visit_at=at(20)), event("Moved", 4, visit_at=at(18)))
    assert [d for _, d in confirmed(life)] == [START + 20 * DAY, START + 18 * DAY]


def test_the_first_booking_is_no_move() -> None:
    """Nor is a date that is taken back; one that is behind is nothing to come to."""
    assert confirmed(to_visit()) == []
    for to in (None, "", at(2)):
        life = to_visit().tell(event("Moved", 3, visit_at=to)).wait(START + 9 * DAY)
        assert confirmed(life) == []


def test_an_older_event_that_comes_late_moves_nothing() -> None:
    """The later word holds, whatever arrives first."""
    life = to_visit().tell(event("Moved", 5, visit_at=at(20)))
    life.take(event("Moved", 4, visit_at=at(19)), now=START + 6 * DAY)
    assert [d for _, d in confirmed(life)] == [START + 20 * DAY]


def test_a_move_that_happened_long_ago_is_no_news() -> None:
    """An imported log confirms nothing today."""
    life = to_visit()
    life.take(event("Moved", 3, visit_at=at(20)), now=START + 8 * DAY)
    assert confirmed(life.wait(START + 9 * DAY)) == []


def test_of_two_moves_in_a_night_only_the_last_date_is_told() -> None:
    """In the morning, and once."""
    life = to_visit((HOURS, DAYTIME)).tell(
        event("Moved", 3.5, visit_at=at(20)), event("Moved", 3.6, visit_at=at(21))
    )
    life.wait(START + 5 * DAY)
    assert confirmed(life) == [(START + 4 * DAY - HOUR, START + 21 * DAY)]


def test_there_and_back_in_a_night_is_told_to_nobody() -> None:
    """The date that the customer knows holds; nothing waits any more."""
    life = to_visit((HOURS, DAYTIME)).tell(
        event("Moved", 3.5, visit_at=at(20)), event("Moved", 3.6, visit_at=at(18))
    )
    assert confirmed(life.wait(START + 5 * DAY)) == []
    assert [t.name for t in life.state.timers if "/m/" in t.name] == []


def test_stated_hours_do_not_hold_the_news_until_the_appointment_has_passed() -> None:
    """Moved to this afternoon, for somebody who asked for the evening."""
    evening = event("Preference Stated", 2, key=None, hours="18:00-20:00")
    life = to_visit((HOURS, DAYTIME)).tell(evening, event("Moved", 3, visit_at=at(3.2)))
    assert confirmed(life) == [(START + 3 * DAY, START + round(3.2 * DAY))]


def test_a_confirmation_that_failed_goes_another_way() -> None:
    """As every message does."""
    life = to_visit().tell(event("Moved", 3, visit_at=at(20)))
    sent = life.sends[-1]
    failed = Receipt(
        customer="ana",
        key=sent.key,
        status="failed",
        at=sent.at,
        channel=sent.channel,
        journey=0,
        step=sent.step,
        action=sent.action,
    )
    assert [s.channel for s in life.tell(failed).sends if s.action == "new_date"] == [
        "email",
        "sms",
    ]


def test_news_that_waits_for_the_morning_survives_a_new_version() -> None:
    """Nothing else would bring it again."""
    life = to_visit((HOURS, DAYTIME)).tell(event("Moved", 3.5, visit_at=at(20)))
    other = book((HOURS, DAYTIME), ("title: A visit\n", "title: Another visit\n"))
    life.library = library([book((HOURS, DAYTIME)), other])
    move = Migrated(customer="ana", journey=0, version=other.version, at=START + round(3.6 * DAY))
    life.tell(move).wait(START + 5 * DAY)
    assert [d for _, d in confirmed(life)] == [START + 20 * DAY]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.sampled_from([18, 19, 20])), max_size=8))
def test_after_every_night_the_customer_knows_the_date_that_holds(
    moves: list[tuple[int, int]],
) -> None:
    """Whatever moved when: the last date told is the one that holds, and none is told in a row."""
    life, hour = to_visit((HOURS, DAYTIME)), 30
    for wait, to in moves:
        hour += wait
        if hour < 17 * 24:
            life.tell(event("Moved", hour / 24, visit_at=at(to)))
    life.wait(life.state.now + DAY)
    told = [START + 18 * DAY, *(d for _, d in confirmed(life))]
    held = read_date(str(life.journey.facts["visit_at"].value))
    if life.state.now < START + 17 * DAY:
        assert told[-1] == held
    assert all(a != b for a, b in pairwise(told))


def test_a_playbook_that_does_not_say_so_confirms_nothing() -> None:
    """Then the next message that names the date does."""
    plain = to_visit(("    moved: new_date\n", "")).tell(event("Moved", 3, visit_at=at(20)))
    assert confirmed(plain.wait(START + 9 * DAY)) == []
