"""A promise is not broken in silence: before a told range ends, another one is told, and why."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.building import AGREED, ORDERED, START, VISIT, Life, begun, event
from tests.strategies import streams

from ofone.domain.effects import Send
from ofone.domain.errors import PlaybookError
from ofone.domain.events import Happened, Migrated, Receipt, TimerFired
from ofone.domain.state import Told
from ofone.domain.times import DAY, HOUR, iso
from ofone.journeys.compiled import Compiled
from ofone.journeys.dates import expected, told
from ofone.journeys.describe import describe
from ofone.journeys.library import library
from ofone.journeys.load import bundled, load

LATER = """\
  - id: later
    title: Later
    content:
      any:
        email:
          subject: Later
          body: "Not {{ was.to }} but {{ expected.to }}, because {{ step.late_because }}"
        sms: {body: Later}
"""
SOURCE = (
    VISIT.replace(
        "    days: {usual: 1, most: 3}\n",
        "    days: {usual: 1, most: 3}\n    late: later\n    late_because: the form is long\n",
    )
    .replace("    days: {usual: 7, most: 9}\n", "    days: {usual: 7, most: 9}\n    late: later\n")
    .replace("\nactions:\n", f"\nactions:\n{LATER}")
)
BOOK = load(SOURCE, "visit.yaml")
INSURANCE = bundled("life-insurance")


def book(old: str, new: str) -> Compiled:
    """The same with one piece of its text replaced."""
    assert old in SOURCE
    return load(SOURCE.replace(old, new), "visit.yaml")


def alerts(life: Life) -> list[Send]:
    return [s for s in life.sends if s.was is not None]


def watched(life: Life) -> set[str]:
    """The steps whose told range is watched, or was moved and is still to be said."""
    named = [t.name.split("/") for t in life.state.timers]
    return {step for _, step, _, kind, *_ in named if kind == "l"}


def test_a_business_day_before_the_told_end_the_customer_hears_a_new_range() -> None:
    """Told by Thursday, said on Wednesday: no day of the new range is today, and it ends later."""
    (alert,) = alerts(begun(BOOK).wait(START + 2 * DAY))
    assert (iso(alert.at), alert.action) == ("2026-03-04T10:00:00Z", "later")
    assert alert.was == (START + DAY, START + 3 * DAY)
    assert alert.expected is not None
    assert alert.expected[0] >= alert.at + DAY
    assert alert.expected[1] > alert.was[1]


def test_after_the_alert_the_new_range_is_the_one_that_was_told() -> None:
    """On the tracker and in messages; and it is watched in its turn."""
    life = begun(BOOK).wait(START + 2 * DAY)
    (alert,) = alerts(life)
    found = expected(BOOK, life.journey, life.state.now)["form"]
    assert (found.start, found.end) == alert.expected
    _, second = alerts(life.wait(found.end))
    assert second.was == alert.expected
    assert second.at < found.end


def test_the_decision_says_why() -> None:
    """As every touch is one: what asked for it, every channel, every guard."""
    life = begun(BOOK).wait(START + 2 * DAY)
    decided = next(d for d in life.decisions if "Later" in d.question)
    assert decided.trigger == "it takes longer than was told: the form is long"
    assert decided.chosen == "email"


def test_a_step_that_is_done_in_time_says_nothing_and_is_watched_no_more() -> None:
    """Nor does a journey that has ended."""
    for end in ("Form Sent", "Cancelled"):
        life = begun(BOOK).tell(event(end, 1.9))
        assert watched(life) == set()
        assert alerts(life.wait(START + 30 * DAY)) == []


def test_a_new_attempt_has_a_range_of_its_own() -> None:
    """Returned after the alert: usual and most are counted again, and nothing was moved."""
    life = begun(BOOK).wait(START + 2 * DAY).tell(event("Form Returned", 2.5))
    again = START + 5 * DAY // 2
    assert life.journey.told["form"] == Told(again + DAY, again + 3 * DAY, again)
    life.wait(again + 3 * DAY)
    assert [s.was for s in alerts(life)][1:] == [(again + DAY, again + 3 * DAY)]


def test_at_night_it_waits_for_the_morning() -> None:
    """The earliest hour that is open; the tracker has said it in the meantime."""
    open_by_day = book('{from: "00:00", to: "23:59"}', '{from: "12:00", to: "18:00"}')
    life = begun(open_by_day).wait(START + 2 * DAY)
    assert (alerts(life), life.journey.told["form"].at) == ([], START + 2 * DAY)
    life.wait(START + 3 * DAY)
    assert [s.at for s in alerts(life)] == [START + 2 * DAY + 2 * HOUR]


def test_stated_hours_give_way_where_the_told_date_would_pass() -> None:
    """Who asked for weekends is told on Wednesday that Thursday will not hold."""
    life = begun(BOOK).tell(event("Preference Stated", 0.1, key=None, days="sat,sun"))
    assert [s.at for s in alerts(life.wait(START + 3 * DAY))] == [START + 2 * DAY]


def test_who_cannot_be_written_to_reads_it_on_the_tracker() -> None:
    """Without consent no message goes out, and what is told is moved all the same."""
    life = Life(BOOK).tell(ORDERED).wait(START + 3 * DAY)
    assert life.sends == []
    assert life.journey.told["form"].was == (START + DAY, START + 3 * DAY)


def test_when_the_range_moves_depends_on_nothing_but_the_step() -> None:
    """Needs, consent and stated hours change messages, never the dates that a helper sees."""
    worried = event("Baseline Answered", 0.01, key=None, A1=5)
    hours = event("Preference Stated", 0.02, key=None, hours="17:00-19:00")
    lives = [Life(BOOK).tell(*e) for e in ((ORDERED,), (AGREED, ORDERED, worried, hours))]
    for day in (1, 2, 2.5, 9, 30):
        assert len({str(life.wait(START + int(day * DAY)).journey.told) for life in lives}) == 1


def test_a_delivery_that_failed_is_said_another_way_with_the_same_range() -> None:
    """Said once more, not moved once more."""
    life = begun(BOOK).wait(START + 2 * DAY)
    (alert,) = alerts(life)
    receipt = Receipt(
        customer="ana",
        key=alert.key,
        status="failed",
        at=alert.at,
        channel="email",
        journey=0,
        step="form",
        action="later",
    )
    life.fold(receipt, alert.at + HOUR)
    other = alerts(life)[1]
    assert (other.channel, other.expected, other.was) == ("sms", alert.expected, alert.was)


@pytest.mark.parametrize("days", [0, 2, 40])
def test_the_new_range_does_not_tell_when_exactly_it_was_made(days: int) -> None:
    """Overdue by a moment or by an outage: one new range, the same for everybody."""
    told = set()
    for moments in (0, 1_131, 59_000_000):
        life = begun(BOOK)
        now = START + 2 * DAY + days * DAY + moments
        (timer,) = [t for t in life.state.timers if t.name == "0/form/0/l"]
        life.fold(TimerFired(customer="ana", name=timer.name, due=timer.due), now)
        told.add((life.journey.told["form"].start, life.journey.told["form"].end))
        (due,) = [t.due for t in life.state.timers if t.name == "0/form/0/l"]
        assert due > now
        assert len(alerts(life)) == (days < 3)  # later than that, a message is stale
    assert len(told) == 1


def booked(at: str, day: float = 0.4) -> Life:
    return begun(BOOK).tell(event("Form Sent", 0.2), event("Visit Booked", day, visit_at=at))


def test_an_appointment_is_never_late_before_it_has_passed() -> None:
    """Day 20 is beyond the range of the visit; the appointment was told, so that one counts."""
    life = booked("2026-03-22T10:00:00Z").wait(START + 20 * DAY)
    assert alerts(life) == []
    assert told(life.journey, BOOK.steps["visited"], life.step("visited"), START) == (
        START + 20 * DAY,
        START + 20 * DAY,
    )
    (alert,) = alerts(life.wait(START + 21 * DAY))
    assert alert.was == (START + 20 * DAY, START + 20 * DAY)


def test_an_appointment_that_moves_takes_the_told_date_with_it() -> None:
    """No alert for the date that no longer holds; one for the last date, once it has passed."""
    life = booked("2026-03-12T10:00:00Z")
    life.tell(event("Visit Booked", 9.5, visit_at="2026-03-26T10:00:00Z"))
    assert alerts(life.wait(START + 24 * DAY)) == []
    assert [iso(s.at) for s in alerts(life.wait(START + 25 * DAY))] == ["2026-03-27T10:00:00Z"]


def test_what_is_heard_of_late_is_told_as_it_looks_now() -> None:
    """An imported log: nobody was told the first range, so nothing is taken back."""
    life = Life(BOOK)
    life.take(AGREED)
    life.take(ORDERED, START + 20 * DAY)
    assert life.journey.told["form"].was is None
    assert life.journey.told["form"].end > START + 21 * DAY
    assert alerts(life.wait(START + 21 * DAY)) == []


def test_what_was_told_stands_when_the_journey_moves_to_another_version() -> None:
    """Other days in the playbook are not what this customer was told."""
    slower = book("{usual: 1, most: 3}", "{usual: 5, most: 9}")
    life = begun(BOOK)
    life.library = library([BOOK, slower])
    life.fold(Migrated(customer="ana", journey=0, version=slower.version, at=START), START + DAY)
    (alert,) = alerts(life.wait(START + 3 * DAY))
    assert (alert.at, alert.was) == (START + 2 * DAY, (START + DAY, START + 3 * DAY))


def test_an_alert_that_waits_survives_a_migration() -> None:
    """All journeys may be moved in one night; in the morning it is said once."""
    by_day = book('{from: "00:00", to: "23:59"}', '{from: "12:00", to: "18:00"}')
    other = book('{from: "00:00", to: "23:59"}', '{from: "12:00", to: "19:00"}')
    life = begun(by_day).wait(START + 2 * DAY)
    life.library = library([by_day, other])
    life.fold(Migrated(customer="ana", journey=0, version=other.version, at=START), life.state.now)
    assert [s.at for s in alerts(life.wait(START + 3 * DAY))] == [START + 2 * DAY + 2 * HOUR]


def test_a_version_without_late_keeps_the_told_range_and_watches_no_more() -> None:
    """Until the step is left; then it is forgotten."""
    life = begun(BOOK).wait(START + 2 * DAY)
    silent = load(VISIT, "visit.yaml")
    life.library = library([BOOK, silent])
    life.fold(Migrated(customer="ana", journey=0, version=silent.version, at=START), life.state.now)
    assert expected(silent, life.journey, life.state.now)["form"].end > START + 3 * DAY
    assert len(alerts(life.wait(START + 30 * DAY))) == 1
    assert life.tell(event("Form Sent", 31)).journey.told == {}


def test_a_playbook_without_late_keeps_nothing() -> None:
    """No timer, no state: the price is paid by those who use it."""
    life = begun()
    assert life.journey.told == {}
    assert watched(life) == set()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("    late: later\n    late_because", "    late_because", "nobody is told"),
        ("late: later", "late: latre", "unknown action 'latre'"),
        ("title: Later\n", "title: Later\n    purpose: marketing\n", "does more than to say"),
        ("title: Later\n", "title: Later\n    tells: News Read\n", "does more than to say"),
        ("because: the form is long", "because: It is long.", "it stands inside a sentence"),
        ("{usual: 1, most: 3}", "{usual: 0, most: 0}", "step 'form' takes no time"),
        ("body: Nudge", 'body: "{{ was.to }}"', "was"),
    ],
)
def test_a_playbook_that_could_not_keep_its_word_is_refused(old: str, new: str, what: str) -> None:
    """At validation, with the place; not on the day it was to be said."""
    with pytest.raises(PlaybookError, match=what):
        book(old, new)


def test_the_description_for_sign_off_says_when_and_why() -> None:
    """Who signs a playbook should not have to read it in YAML."""
    said = describe(BOOK)
    assert (
        "- If it is still open a business day before the end of the range that was told: send "
        "“Later” (`later`), with a new range, because the form is long\n"
    ) in said


def lived(compiled: Compiled, events: list[Happened], days: int) -> Life:
    """A whole life, and some time after it."""
    life = Life(compiled).tell(AGREED)
    for one in events:
        life.take(one)
    return life.wait(life.state.now + days * DAY)


@settings(max_examples=60)
@given(streams(BOOK), st.integers(1, 90))
def test_with_open_guards_nobody_is_told_after_the_end_of_what_was_told(
    events: list[Happened], days: int
) -> None:
    """Each range is taken back once, before it ends, and by one that is still to come."""
    found = alerts(lived(BOOK, events, days))
    for alert in found:
        assert alert.was is not None
        assert alert.expected is not None
        assert alert.at <= alert.was[1] or alert.was[0] == alert.was[1]
        assert alert.at < alert.expected[0] <= alert.expected[1] > alert.was[1]
    assert len({(s.step, s.was) for s in found}) == len(found)


@settings(max_examples=60)
@given(streams(INSURANCE, days=120))
def test_with_real_guards_it_is_said_at_the_first_moment_that_they_leave(
    events: list[Happened],
) -> None:
    """After the told end only where a guard held it until that very moment; and of open steps."""
    life = Life(INSURANCE).tell(AGREED)
    for one in events:
        life.take(one)
        current = {n for n, s in life.journey.steps.items() if s.status == "current"}
        assert watched(life) <= current
    life.wait(life.state.now + 90 * DAY)
    for alert in alerts(life):
        assert alert.was is not None
        decided = [d for d in life.decisions if d.step == alert.step and d.at <= alert.at]
        waited = [d for d in decided if d.chosen == "wait" and d.at >= alert.was[1] - 7 * DAY]
        untils = {v.until for d in waited for v in d.verdicts if not v.ok}
        assert alert.at <= alert.was[1] or alert.at in untils
