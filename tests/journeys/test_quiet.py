"""“Nothing needs you now” is said once in a step, at the pace that the customer likes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import START, VISIT, Life, begun, event

from ofone.domain.decisions import Decision
from ofone.domain.events import Migrated, Value
from ofone.domain.times import DAY, HOUR, Micros
from ofone.journeys.compiled import Compiled
from ofone.journeys.describe import describe
from ofone.journeys.library import library
from ofone.journeys.load import load

TIP = "    tip: tip_booked\n"
ACTION = """
actions:
  - id: calm
    title: All in hand
    content: {any: {email: {subject: All in hand, body: Nothing needs you now.}, sms: {body: OK}}}
"""


def book(*changes: tuple[str, str], after: str = "10 days") -> Compiled:
    """The small playbook, where the vendor's step says that nothing is needed."""
    text = VISIT.replace("\nactions:\n", ACTION).replace(
        TIP, TIP + f"    quiet: {{send: calm, after: {after}}}\n"
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load(text, "visit.yaml")


def waiting(*changes: tuple[str, str]) -> Life:
    """Ana's form is sent on day 1; hello, on day 0, was the last message."""
    return begun(book(*changes)).tell(event("Form Sent", 1))


def wish(cadence: str | float | None, day: float = 1.1) -> list[Micros]:
    """When she hears it, who states this."""
    stated = event("Preference Stated", day, key=None, cadence=cadence)
    return calmed(waiting().tell(stated).wait(START + 60 * DAY))


def calmed(life: Life) -> list[Micros]:
    return [s.at for s in life.sends if s.action == "calm"]


def decided(life: Life) -> Decision:
    return next(d for d in life.decisions if "All in hand" in d.question)


def test_it_is_said_once_after_the_playbooks_time() -> None:
    """Counted from the step's beginning, where that is later than the last message."""
    life = waiting().wait(START + 60 * DAY)
    assert calmed(life) == [START + 11 * DAY]
    assert decided(life).trigger == "it was quiet for 10 days"


@pytest.mark.parametrize(("cadence", "days"), [("weekly", 7.0), ("often", 7 / 3), (0.5, 14.0)])
def test_what_the_customer_stated_is_the_measure(cadence: str | float, days: float) -> None:
    """So many messages a week: so many days of quiet."""
    assert wish(cadence) == [START + DAY + round(days * DAY)]


def test_who_wants_to_hear_only_what_is_needed_never_hears_it() -> None:
    """Nor does it wait; taken back, the playbook's time counts again."""
    assert wish("needed") == []
    life = waiting().tell(event("Preference Stated", 2, key=None, cadence="needed"))
    assert [t.name for t in life.state.timers if "/n" in t.name] == []
    life.tell(event("Preference Stated", 3, key=None, cadence=None)).wait(START + 60 * DAY)
    assert calmed(life) == [START + 11 * DAY]


def test_a_wish_that_comes_later_acts_at_once() -> None:
    """On day six, three a week is over: now."""
    assert wish("often", 6) == [START + 6 * DAY]


def test_where_nothing_is_stated_their_acts_are_the_measure() -> None:
    """Who looks every day is told sooner than who never does."""
    looks = [event("Tracker Opened", day, key=None) for day in (1.2, 2, 3, 4)]
    life = waiting().tell(*looks).wait(START + 60 * DAY)
    assert len(calmed(life)) == 1
    assert START + 4 * DAY < calmed(life)[0] < START + 8 * DAY
    assert "than their acts ask for" in decided(life).trigger


def test_who_switched_personalisation_off_is_not_inferred_about() -> None:
    """The playbook's time, whatever they do."""
    off = event("Preference Stated", 1.1, key=None, personalisation=False)
    looks = [event("Tracker Opened", day, key=None) for day in (1.2, 2, 3, 4)]
    assert calmed(waiting().tell(off, *looks).wait(START + 60 * DAY)) == [START + 11 * DAY]


def test_every_message_begins_the_quiet_anew() -> None:
    """Another step's words on day 5 are words."""
    paper = event("Paper Asked", 5)
    life = waiting().tell(paper).wait(START + 60 * DAY)
    assert "more/plain/email" in life.said
    assert calmed(life) == [START + 15 * DAY]


def test_while_another_step_needs_the_customer_it_waits() -> None:
    """It would not be true; the day after, it is."""
    does = ("    happens: Somebody sends a paper.\n", "    happens: P.\n    you_do: Sign it.\n")
    silent = ("      plain:\n        - send: more\n", "      plain: []\n")
    life = waiting(does, silent).tell(event("Paper Asked", 5), event("Paper Got", 13.5))
    assert calmed(life.wait(START + 60 * DAY)) == [START + 14 * DAY]


def test_a_step_that_is_left_says_nothing() -> None:
    """Booked in time; and a second attempt does not say again what was said."""
    assert calmed(waiting().tell(event("Visit Booked", 9)).wait(START + 60 * DAY)) == []
    again = (event("Visit Booked", 12), event("Visit Missed", 13))
    assert len(calmed(waiting().tell(*again).wait(START + 60 * DAY))) == 1


def test_a_step_that_began_long_ago_is_quiet_from_now_on() -> None:
    """An imported log writes to nobody today."""
    life = begun(book())
    life.take(event("Form Sent", 1), now=START + 40 * DAY)
    assert calmed(life.wait(START + 60 * DAY)) == [START + 50 * DAY]


def test_a_new_version_does_not_say_it_twice() -> None:
    """Nor does it forget to."""
    other = book(after="12 days")
    for day, at in ((5, 13), (20, 11)):
        life = waiting()
        life.library = library([other], [book()])
        life.wait(START + day * DAY)
        life.tell(Migrated(customer="ana", journey=0, version=other.version, at=START + day * DAY))
        assert calmed(life.wait(START + 60 * DAY)) == [START + at * DAY]


def test_it_is_told_to_those_who_sign_off() -> None:
    said = describe(book())
    assert "or 10 days where that is not known: send “All in hand” (`calm`), once" in said


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(26, 900),
            st.sampled_from(
                [
                    ("Tracker Opened", "", None),
                    ("Preference Stated", "cadence", "often"),
                    ("Preference Stated", "cadence", "needed"),
                    ("Preference Stated", "cadence", None),
                    ("Visit Booked", "order", "A"),
                    ("Visit Missed", "order", "A"),
                    ("Paper Asked", "order", "A"),
                    ("Paper Got", "order", "A"),
                ]
            ),
        ),
        max_size=10,
    )
)
def test_it_is_never_said_twice_nor_soon_after_a_message(
    happened: list[tuple[int, tuple[str, str, str | None]]],
) -> None:
    """Whatever happens: once at most, and at least two days after any other message."""
    life = waiting()
    for n, (hours, (name, word, value)) in enumerate(sorted(happened, key=lambda h: h[0])):
        said: dict[str, Value] = {word: value} if word else {}
        one = event(name, hours / 24, named=f"e{n}", key=None)
        life.take(replace(one, properties=said))
    life.wait(START + 90 * DAY)
    told = calmed(life)
    assert len(told) <= 1
    others = [s.at for s in life.sends if s.action != "calm" and told and s.at <= told[0]]
    assert all(told[0] - at >= 2 * DAY - HOUR for at in others)
