"""The one pure function: total, repeatable, and the same whatever the order of arrival."""

from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import AGREED, ORDERED, START, Life, begun, event, visit, visit_with
from tests.strategies import junk, streams

from ofone.domain.decisions import Decision
from ofone.domain.effects import Send
from ofone.domain.events import Event, Happened, Migrated, Receipt, Scalar, TimerFired, Value
from ofone.domain.state import Journey
from ofone.domain.times import DAY, HOUR, Micros, to_datetime
from ofone.journeys.advance import EARLY, RECENT, digest, seen
from ofone.journeys.library import library
from ofone.journeys.load import bundled
from ofone.runtime.codec import decode_state, encode

BOOK = bundled("life-insurance")


def lived(events: list[Happened], *, until: Micros = START + 60 * DAY) -> Life:
    life = Life(BOOK)
    for one in events:
        life.take(one)
    return life.wait(until)


def standing(journey: Journey) -> object:
    """What must not depend on the order of arrival; a step that is ahead may be left out."""
    steps = {
        name: (s.status, s.entered, s.done, s.attempts)
        for name, s in journey.steps.items()
        if s.status != "ahead" or s.attempts
    }
    return steps, journey.status, journey.outcome, journey.ended, journey.started


@settings(max_examples=80)
@given(streams(BOOK), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_change_where_a_journey_stands(
    events: list[Happened], chance: Random
) -> None:
    """Status, dates and attempts of every step, outcome and end depend on the events alone.

    What does depend on arrival: decisions and messages, which were made with what was known then;
    and, of two events that could begin the same journey, which of them did.
    """
    process = [events[0], *[e for e in events if e.name in BOOK.uses and e.name != BOOK.entry]]
    there, shuffled = lived(process), lived(chance.sample(process, len(process)))
    assert standing(there.journey) == standing(shuffled.journey)
    assert shuffled.state.early == ()


@settings(max_examples=50)
@given(streams(BOOK), st.data())
def test_a_repeated_event_changes_nothing(events: list[Happened], data: st.DataObject) -> None:
    """While it is in the ring of recent ids, the very same state comes back."""
    life = Life(BOOK)
    for one in events:
        life.take(one)
        again = life.fold(data.draw(st.sampled_from([one, events[0]])), life.state.now)
        assert (again.effects, again.decisions, again.unusable) == ((), (), "")
    assert life.state == lived(events, until=0).state


@settings(max_examples=50)
@given(streams(BOOK))
def test_the_same_inputs_give_the_same_bytes(events: list[Happened]) -> None:
    """Replay is bit for bit, also from a state that went through the store at every step."""
    life, stored = lived(events), Life(BOOK)
    for one in events:
        stored.state = decode_state(encode(stored.state))
        stored.take(one)
    stored.wait(START + 60 * DAY)
    assert encode(stored.state) == encode(life.state)
    assert [encode(e) for e in stored.effects] == [encode(e) for e in life.effects]
    assert [encode(d) for d in stored.decisions] == [encode(d) for d in life.decisions]


@settings(max_examples=80)
@given(streams(BOOK))
def test_keys_are_asked_for_once_and_decisions_count_without_gaps(events: list[Happened]) -> None:
    """An effect's key is its own for ever, and every effect that a decision names is there."""
    life = lived(events)
    keys = [e.key for e in life.effects]
    assert len(keys) == len(set(keys))
    assert [d.id for d in life.decisions] == [f"ana:d{n}" for n in range(life.state.decided)]
    assert {key for d in life.decisions for key in d.effects} <= set(keys)
    assert all(abs(sum(o.probability for o in d.options) - 1) < 1e-9 for d in approaches(life))


def approaches(life: Life) -> list[Decision]:
    return [d for d in life.decisions if d.kind == "approach"]


@settings(max_examples=150)
@given(streams(BOOK, least=5), st.integers(0, 3))
def test_no_message_breaks_consent_quiet_hours_cap_or_gap(
    events: list[Happened], late: int
) -> None:
    """On any stream of events, also when they come days late: every Send keeps every rule."""
    life, checked = Life(BOOK), 0
    for n, one in enumerate([AGREED, *events]):
        now = max(one.at + late * DAY, life.state.now)
        life.wait(now)
        fired = len(life.sends)
        life.fold(one, now)
        for send in life.sends[checked:]:
            told = [AGREED, *events][: n + (checked >= fired)]
            assert broken(send, told, life.sends[:checked]) == []
            checked += 1


def broken(send: Send, told: list[Happened], earlier: list[Send]) -> list[str]:
    """The rules that this message broke, by what was told until then, without the guards."""
    words = [
        (e.at, e.name == "Consent Withdrawn")
        for e in told
        if e.name.startswith("Consent")
        and send.channel in (e.properties.get("channel"), *listed(e.properties.get("channels")))
    ]
    zones = [str(e.traits["zone"]) for e in told if "zone" in e.traits]
    zone = ZoneInfo(zones[-1] if zones[-1] != "Nowhere/Land" else "America/New_York")
    rules = {
        "consent": send.channel == "in_app" or (bool(words) and not max(words)[1]),
        "quiet hours": 9 <= to_datetime(send.at).astimezone(zone).hour < 20,
        "cap": sum(e.at > send.at - 7 * DAY for e in earlier) < 5,
        "gap": all(send.at - e.at >= 2 * HOUR for e in earlier),
    }
    return [rule for rule, holds in rules.items() if not holds]


def listed(value: Value) -> list[Scalar]:
    return value if isinstance(value, list) else []


@settings(max_examples=300)
@given(st.lists(junk(visit()), max_size=12))
def test_nothing_makes_it_raise(events: list[Event]) -> None:
    """Random names, values, times, receipts and timers: applied, or refused with a reason."""
    life = begun()
    for one in events:
        before = life.state
        transition = life.fold(one, max(one.at, before.now))
        assert isinstance(transition.unusable, str)
        if transition.unusable:
            assert transition.state is before


def test_an_id_is_remembered_in_a_ring_that_says_what_it_lost() -> None:
    """Thirty-two ids; once one fell out, the state says so, and the log is asked."""
    life = begun()
    for n in range(RECENT - 2):
        life.tell(event("Of No Interest", n, key=None))
    assert (len(life.state.recent), life.state.forgotten) == (RECENT * 8, False)
    life.tell(event("Of No Interest", 99, key=None))
    assert (len(life.state.recent), life.state.forgotten) == (RECENT * 8, True)
    assert not seen(life.state.recent, digest(AGREED.id))
    assert seen(life.state.recent, digest(ORDERED.id))


def test_a_digest_across_two_ids_is_no_digest() -> None:
    """Eight bytes count only where an id begins."""
    one, two = digest("a"), digest("b")
    assert not seen(one + two, one[4:] + two[:4])
    assert seen(one[4:] + two[:4] + one, one)


def test_an_unchanged_state_is_the_very_same_object() -> None:
    """So that the store writes nothing: a timer nobody set, news that changes nothing."""
    life = begun()
    quiet: list[Event] = [
        TimerFired(customer="ana", name="0/form/0/r/slow", due=START),
        replace(RECEIPT, status="delivered"),
        replace(RECEIPT, journey=7),
        Migrated(customer="ana", journey=0, version=visit().version, at=START),
    ]
    for one in quiet:
        before = life.state
        assert life.fold(one, life.state.now).state is before


RECEIPT = Receipt(
    customer="ana",
    key="ana:2:0",
    status="failed",
    at=START + HOUR,
    channel="email",
    journey=0,
    step="form",
    action="hello",
)


def test_a_failed_delivery_is_said_on_another_channel() -> None:
    """If its step is still open; and the failed address is not tried again."""
    life = begun()
    assert life.said == ["hello/plain/email"]
    life.take(RECEIPT)
    assert life.said[1:] == ["hello/plain/sms"]
    assert life.decisions[-1].trigger == "the email could not be delivered"
    life.take(RECEIPT)
    assert len(life.said) == 2


def test_a_failed_delivery_of_a_step_that_is_behind_is_only_remembered() -> None:
    """Nobody is told what no longer matters."""
    life = begun().tell(event("Form Sent", 0.01))
    life.take(RECEIPT)
    assert life.said == ["hello/plain/email"]
    assert "undeliverable:email" in life.state.profile.preferences


def test_an_event_before_its_journey_waits_for_it() -> None:
    """A vendor that is quicker than the shop: nothing is lost, and it counts at its own time."""
    life = Life().tell(AGREED, event("Form Sent", -0.5), event("Visit Booked", 1))
    assert [e.name for e in life.state.early] == ["Form Sent", "Visit Booked"]
    life.tell(event("Ordered", 1.5))
    assert life.state.early == ()
    assert (life.step("form").done, life.step("booked").done) == (
        event("", -0.5).at,
        event("", 1).at,
    )


def test_an_early_event_of_another_order_keeps_waiting() -> None:
    """By the business key; an event without one belongs to whatever begins first."""
    life = Life().tell(event("Form Sent", -1, key="B"), event("Visit Booked", -1, key=None))
    life.tell(ORDERED)
    assert [e.name for e in life.state.early] == ["Form Sent"]
    assert life.step("booked").status == "done"


def test_only_so_many_events_wait() -> None:
    """The next one is refused with what to do; the state stays small."""
    life = Life().tell(*[event("Form Sent", -n, named=f"e{n}") for n in range(EARLY)])
    refused = life.take(event("Form Sent", 0))
    assert "32 events wait for one already; send the event that begins" in refused.unusable
    assert len(life.state.early) == EARLY


def test_what_means_nothing_to_a_playbook_is_kept_in_the_profile_only() -> None:
    """It waits for no journey, and it opens none."""
    life = Life().tell(event("Of No Interest", 0, traits={"city": "Rome"}))
    assert (life.state.early, life.state.journeys) == ((), ())
    assert life.state.profile.traits["city"].value == "Rome"


def test_an_answer_changes_the_approach_of_the_step_that_is_open() -> None:
    """At once, with the evidence in the record, and what was said is not said again."""
    life = begun()
    life.tell(event("Baseline Answered", 0.1, named="b1", key=None, A1=5))
    assert life.step("form").approach == "warm"
    found = approaches(life)[-1]
    assert (found.trigger, found.chosen) == ("Baseline Answered", "warm")
    assert [(e.need, e.events) for e in found.evidence] == [("reassurance", ("b1",))]
    life.wait(START + 1 * DAY)
    assert life.said == ["hello/plain/email", "more/warm/email"]


def test_evidence_that_changes_no_choice_is_no_decision() -> None:
    """The belief moves; the record stays short."""
    life = begun()
    before = len(life.decisions)
    life.tell(event("Baseline Answered", 0.1, key=None, A1=2))
    assert len(life.decisions) == before
    assert "reassurance" in life.state.needs


def test_a_preference_in_the_baseline_is_one_and_a_skipped_one_is_none() -> None:
    """P1 states the channel; leaving it out later takes nothing back."""
    life = begun().tell(event("Baseline Answered", 0.1, key=None, P1="sms"))
    life.tell(event("Baseline Answered", 0.2, key=None, P1=None, A1=None))
    assert life.state.profile.preferences["channel"].value == "sms"


def test_a_signal_with_a_condition_counts_only_when_it_holds() -> None:
    """An ease of 2 is evidence, an ease of 6 is none."""
    easy = Life(BOOK).tell(event("Ease Rated", 0, score=6))
    hard = Life(BOOK).tell(event("Ease Rated", 0, score=2))
    assert (list(easy.state.needs), list(hard.state.needs)) == ([], ["effort_sensitivity"])


def test_an_answer_off_the_scale_leaves_everything_as_it_was() -> None:
    """Refused whole: no trait, no mark, no digest, so that a mended event may come again."""
    life = begun()
    before = life.state
    refused = life.take(event("Baseline Answered", 0.1, key=None, A1=9, traits={"city": "Rome"}))
    assert "A1 is 9" in refused.unusable
    assert life.state is before


def test_a_journey_whose_version_nobody_kept_is_refused_and_not_guessed() -> None:
    """The event can be replayed once the version is back."""
    life = begun()
    life.library = library([visit_with("title: A visit", "title: Another")])
    refused = life.take(event("Form Sent", 0.5))
    assert f"playbook 'visit' version {visit().version} is not in the library" in refused.unusable


def test_a_time_beyond_the_calendar_is_refused() -> None:
    """31 December 9999 as an event's time: said, not thrown."""
    end = Happened(id="x", customer="ana", name="Ordered", at=253_402_300_799_000_000)
    end = replace(end, properties={"order": "A"})
    refused = Life().take(end)
    assert "beyond the calendar; send it with its real time" in refused.unusable


def test_a_migrated_journey_goes_on_where_it_stands() -> None:
    """The same marks, read by the new version; what was said is not said again."""
    new = visit_with("body: Nudge", "body: Nudge again")
    life = begun()
    life.library = library([new], older=[visit()])
    life.tell(Migrated(customer="ana", journey=0, version=new.version, at=START + HOUR))
    assert (life.journey.version, life.step("form").status) == (new.version, "current")
    assert life.said == ["hello/plain/email"]
    life.wait(START + 3 * DAY)
    assert [s.version for s in life.sends] == [visit().version, new.version]


def test_a_migration_of_no_journey_is_refused() -> None:
    """And one to a version that nobody kept."""
    moved = Migrated(customer="ana", journey=3, version="x", at=START)
    assert begun().take(moved).unusable == "customer 'ana' has no journey 3"
    assert "version x is not in the library" in begun().take(replace(moved, journey=0)).unusable
