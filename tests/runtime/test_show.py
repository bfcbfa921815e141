"""What is shown of how a person likes to be in touch: stated and inferred, with the evidence."""

from typing import Any

from tests.building import START, begun, event, visit, visit_with
from tests.runtime.contract import Wall
from tests.runtime.small import LIBRARY, MONDAY, happened, known

from ofone.domain.events import Happened
from ofone.domain.times import DAY, HOUR, iso
from ofone.journeys.compiled import Compiled
from ofone.journeys.lengths import Course, Lengths
from ofone.journeys.library import library
from ofone.runtime import show
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.runtime.tracking import steps_of
from ofone.stores.memory import MemoryStore

EVENING = MONDAY + 8 * HOUR
TEXTS = [
    happened("anna", "Message Answered", EVENING + n * DAY, named=f"a{n}", channel="sms")
    for n in range(3)
]


def anna(*events: Happened) -> dict[str, Any]:
    """Anna as she is shown, four days after her journey began."""
    store = MemoryStore()
    engine = Engine(store, LIBRARY, Wall(MONDAY + 4 * DAY))
    for one in (known("anna"), happened("anna", "Started", case="one"), *events):
        assert engine.submit(one).status == "accepted"
    return show.customer(store, "anna", LIBRARY, Links(store, "https://a.example"))


def shown(*events: Happened) -> dict[str, Any]:
    """Her preferences."""
    preferences: dict[str, Any] = anna(*events)["preferences"]
    return preferences


def test_of_a_stranger_the_priors_are_shown() -> None:
    """And that nothing is known: no channel, no hours, no evidence."""
    found = shown()
    assert found["stated"] == {}
    assert (found["channel"]["use"], found["hours"]["best"]) == (None, None)
    assert [found[what]["evidence"] for what in ("channel", "cadence", "hours")] == [[], [], []]
    assert found["cadence"]["low"] < found["cadence"]["mean"] < found["cadence"]["high"]


def test_what_is_inferred_names_the_acts_behind_it() -> None:
    """Each with its event, its time and what it still counts."""
    found = shown(*TEXTS)
    channel = found["channel"]
    assert (channel["use"], channel["inferred"], channel["stated"]) == ("sms", "sms", None)
    assert channel["evidence"][0] | {"weight": None} == {
        "event": "a0",
        "kind": "answered",
        "channel": "sms",
        "weight": None,
        "at": "2026-03-02T18:00:00Z",
    }
    weights = [e["weight"] for e in channel["evidence"]]
    assert weights == sorted(weights)
    assert found["hours"]["best"] == "Monday, Tuesday, Wednesday 17:00–20:00"


def test_what_is_stated_is_used_and_shown_beside_what_is_inferred() -> None:
    """So that a person can see where the two differ."""
    word = happened("anna", "Preference Stated", channel="email", cadence="weekly", days="sat,sun")
    found = shown(*TEXTS, word)
    assert found["stated"] == {"channel": "email", "cadence": "weekly", "days": "sat,sun"}
    assert (found["channel"]["use"], found["channel"]["inferred"]) == ("email", "sms")
    assert (found["cadence"]["stated"], found["cadence"]["stated_a_week"]) == ("weekly", 1)
    assert found["hours"]["stated_days"] == "sat,sun"


def test_hours_are_on_the_customers_clock() -> None:
    """Where the zone is known; else on the playbook's."""
    there = Happened(
        id="z", customer="anna", name="Moved", at=MONDAY, traits={"zone": "Asia/Kathmandu"}
    )
    hours = shown(*TEXTS, there)["hours"]
    assert (hours["zone"], shown(*TEXTS)["hours"]["zone"]) == ("Asia/Kathmandu", "UTC")
    assert (hours["zone_known"], shown(*TEXTS)["hours"]["zone_known"]) == (True, False)
    assert hours["best"].endswith("21:00–24:00")


def test_an_explanation_names_what_was_heard() -> None:
    """Ids are for programs; people read the event, its time and what was said."""
    store = MemoryStore()
    engine = Engine(store, library([visit()]), Wall(START))
    for one in (event("Baseline Answered", key=None, A1=5), event("Ordered")):
        assert engine.submit(one).status == "accepted"
    (seen,) = show.explained(store, "ana:d0")["evidence"]
    assert [(h["name"], h["said"]) for h in seen["heard"]] == [("Baseline Answered", "A1 5")]


def slow() -> Compiled:
    """The small visit, whose form says when it takes longer, and why."""
    words = "    late: hello\n    late_because: the form is long\n"
    return visit_with("    days: {usual: 1, most: 3}\n", "    days: {usual: 1, most: 3}\n" + words)


def form(book: Compiled, hours: int) -> dict[str, Any]:
    """The step of the form as it is shown so many hours after its beginning."""
    life = begun(book).wait(START + hours * HOUR)
    found: dict[str, Any] = steps_of(book, life.journey, START + hours * HOUR, None)[0]
    return found


def test_a_current_step_shows_what_was_told_of_it() -> None:
    """Usual and most from its beginning; also where nobody watches it."""
    for book in (visit(), slow()):
        told = form(book, 1)["told"]
        assert told == {"from": iso(START + DAY), "to": iso(START + 3 * DAY), "moved": None}


def test_days_are_those_that_were_measured_where_there_is_a_snapshot() -> None:
    """The words "usually 2 to 4 days" and the dates beside them have one source."""
    curve = tuple(round(n * DAY / 22.5) for n in range(1, 100))
    course = Course(curves=(curve,), counts=(50,))
    lengths = Lengths(number=1, playbooks={"visit": {"form": course}})
    found = steps_of(visit(), begun().journey, START, lengths)[0]
    assert (found["usual_days"], found["most_days"]) == (2.2, 4.0)
    assert found["expected"]["to"] == iso(START + 4 * DAY)


def test_a_range_that_was_moved_shows_from_what_when_and_why() -> None:
    """So that the page can say: we said by then, it now looks like this, because."""
    found = form(slow(), 49)
    told = found["told"]
    assert told["moved"] == {
        "from": iso(START + DAY),
        "to": iso(START + 3 * DAY),
        "at": iso(START + 2 * DAY),
        "because": "the form is long",
    }
    assert told["to"] == found["expected"]["to"] > told["moved"]["to"]
    assert found["expected"]["late"] is False
