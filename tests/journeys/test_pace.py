"""How a journey is accompanied: approaches, touches, clocks, helpers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import (
    AGREED,
    ORDERED,
    START,
    VISIT,
    Life,
    begun,
    edited,
    event,
    visit,
    visit_with,
)
from tests.strategies import streams

from ofone.decisions.choice import seed_of
from ofone.domain.decisions import Decision
from ofone.domain.events import Happened, Migrated
from ofone.domain.state import Evidence
from ofone.domain.times import DAY, HOUR, iso
from ofone.domain.words import NEEDS
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import library
from ofone.journeys.load import bundled, load
from ofone.needs.model import learn
from ofone.runtime.codec import encode

INSURANCE = bundled("life-insurance")
WORRIED = event("Baseline Answered", 0.001, key=None, A1=5)


def last(life: Life, kind: str) -> Decision:
    return [d for d in life.decisions if d.kind == kind][-1]


def to_visit(*before: Happened, visit_at: str = "2026-03-12T10:00:00Z") -> Life:
    """Ana has booked her visit for day 10."""
    steps = (event("Form Sent", 0.5), event("Visit Booked", 1, visit_at=visit_at))
    return begun().tell(*before, *steps)


def test_every_step_gets_an_approach_with_its_reason() -> None:
    """The first whose condition holds; of the others it is said why not."""
    life = begun().tell(event("Form Sent", 1))
    found = last(life, "approach")
    assert (found.step, found.chosen, found.choice_probability) == ("booked", "plain", 1.0)
    assert [(o.name, o.probability) for o in found.options] == [("warm", 0.0), ("plain", 1.0)]
    assert [o.because for o in found.options] == [
        "“needs.reassurance.high > 0.5” does not hold",
        "for everybody else",
    ]


def test_a_touch_goes_out_at_once_or_when_its_time_has_come() -> None:
    """Both are decisions; the second is triggered by its timer."""
    life = Life().tell(AGREED, event("Baseline Answered", -1, key=None, A1=5), ORDERED)
    assert life.said == ["hello/warm/email"]
    life.wait(START + DAY - 1)
    assert len(life.said) == 1
    life.wait(START + DAY)
    assert life.said == ["hello/warm/email", "more/warm/email"]
    assert last(life, "touch").trigger == "its time has come"


def test_a_message_names_its_decision_and_the_decision_its_message() -> None:
    """From the phone back to the why, and forth."""
    life = begun()
    sent, decided = life.sends[0], last(life, "touch")
    assert (sent.decision, decided.effects) == (decided.id, (sent.key,))
    assert (sent.playbook, sent.version, sent.step) == ("visit", life.journey.version, "form")
    assert sent.expected == (START + DAY, START + 3 * DAY)


def test_a_reaction_fires_only_while_its_step_is_open() -> None:
    """Done in time: nothing. Still open: the nudge, at the moment the window closes."""
    done = begun().tell(event("Form Sent", 1.99)).wait(START + 9 * DAY)
    late = begun().wait(START + 2 * DAY)
    assert "nudge/plain/sms" not in done.said
    assert (late.said[-1], late.sends[-1].at) == ("nudge/plain/sms", START + 2 * DAY)
    assert last(late, "touch").trigger == "Two days are long."


def test_a_new_attempt_has_new_clocks_and_the_old_ones_do_nothing() -> None:
    """Returned on day 1: the nudge comes two days after that, not after the first beginning."""
    life = begun().tell(event("Form Returned", 1)).wait(START + 5 * DAY // 2)
    assert {t.name.split("/")[2] for t in life.state.timers} == {"1"}
    assert "nudge/plain/sms" not in life.said
    life.wait(START + 3 * DAY)
    assert life.said == ["hello/plain/email", "hello/plain/email", "nudge/plain/sms"]


def test_an_ended_journey_waits_for_nothing() -> None:
    """No timer is left, and no message comes."""
    life = begun().tell(event("Cancelled", 1))
    assert life.state.timers == ()
    assert life.wait(START + 60 * DAY).said == ["hello/plain/email"]


def test_a_reaction_may_change_the_approach() -> None:
    """Add more: what the new approach does from then on, not what it would have done."""
    life = begun().wait(START + 7 * DAY)
    found = last(life, "approach")
    assert (found.chosen, found.trigger, found.at) == ("warm", "Five are longer.", START + 7 * DAY)
    assert life.step("form").approach == "warm"
    assert life.said == ["hello/plain/email", "nudge/plain/sms"]


def test_a_reminder_goes_out_the_day_before() -> None:
    """By the remembered date, whichever event brought it."""
    life = to_visit().wait(START + 20 * DAY)
    assert (life.said[-1], iso(life.sends[-1].at)) == ("reminder/plain/sms", "2026-03-11T10:00:00Z")


def test_a_reminder_moves_with_the_appointment() -> None:
    """Moved before it went out: one reminder, on the new day."""
    life = to_visit().tell(event("Moved", 5, visit_at="2026-03-16T10:00:00Z"))
    life.wait(START + 20 * DAY)
    assert [iso(s.at) for s in life.sends if s.action == "reminder"] == ["2026-03-15T10:00:00Z"]


def test_a_reminder_that_went_out_is_sent_again_when_the_appointment_moves() -> None:
    """Each date is reminded of, and each once."""
    life = to_visit().tell(event("Moved", 9.5, visit_at="2026-03-16T10:00:00Z"))
    life.wait(START + 20 * DAY)
    assert [iso(s.at) for s in life.sends if s.action == "reminder"] == [
        "2026-03-11T10:00:00Z",
        "2026-03-15T10:00:00Z",
    ]


def test_an_unchanged_appointment_is_not_reminded_of_again() -> None:
    """A vendor repeats the date in every status; the customer hears of it once."""
    life = to_visit().tell(event("Status", 9.5, visit_at="2026-03-12T10:00:00Z"))
    assert [s.action for s in life.wait(START + 20 * DAY).sends].count("reminder") == 1


@pytest.mark.parametrize("visit_at", ["2026-03-01T10:00:00Z", "", "9999-12-31T00:00:00Z"])
def test_no_reminder_of_a_date_that_is_behind_or_none(visit_at: str) -> None:
    """Nothing is sent, and nothing fails."""
    life = to_visit(visit_at=visit_at).wait(START + 60 * DAY)
    assert "reminder/plain/sms" not in life.said


def test_an_appointment_within_the_day_is_reminded_of_at_once() -> None:
    """Late is better than never, as long as it is ahead."""
    life = to_visit(visit_at="2026-03-03T20:00:00Z")
    assert (life.said[-1], life.sends[-1].at) == ("reminder/plain/sms", START + DAY)


def test_a_moved_date_does_not_wake_a_reaction_that_has_not_come() -> None:
    """Its touches are planned when its window closes, and not before."""
    old = "    date: visit_at\n"
    reaction = (
        "    reactions:\n      - id: late\n        within: 30 days\n        because: Long.\n"
        "        then: [{send: more, at: 1 day before visit_at}]\n"
    )
    life = begun(visit_with(old, old + reaction)).tell(
        event("Form Sent", 0.5),
        event("Visit Booked", 1, visit_at="2026-03-12T10:00:00Z"),
        event("Moved", 2, visit_at="2026-03-16T10:00:00Z"),
    )
    assert not [t for t in life.state.timers if "/x/" in t.name]


def test_the_channel_that_the_customer_asked_for_comes_first() -> None:
    """What is stated overrides what the approach would do; without words there, the next."""
    asked = event("Preference Stated", -0.5, key=None, channel="sms")
    life = Life().tell(AGREED, asked, ORDERED, event("Paper Asked", 1), event("Form Sent", 1.1))
    assert life.said == ["hello/plain/sms", "more/plain/email"]


def test_without_an_address_or_consent_the_own_page_is_left() -> None:
    """And the record says why not the others."""
    life = Life().tell(ORDERED, event("Form Sent", 0.1), event("Paper Asked", 0.2))
    assert life.said == ["more/plain/in_app"]
    assert [o.because for o in last(life, "touch").options] == [
        "the customer's email is not known",
        "",
    ]


def test_with_no_channel_left_nothing_is_sent_and_the_record_says_so() -> None:
    """No words for the page, no consent for the rest: nothing, and no timer."""
    life = Life().tell(ORDERED)
    found = last(life, "touch")
    assert (found.chosen, found.because, found.effects) == ("nothing", "no channel is left", ())
    assert life.sends == []


def test_what_must_wait_is_asked_again_when_waiting_helps() -> None:
    """At night: a decision to wait until nine, and then the message."""
    life = begun(visit_with('{from: "00:00", to: "23:59"}', '{from: "11:00", to: "20:00"}'))
    assert (last(life, "touch").chosen, life.said) == ("wait", [])
    life.wait(START + HOUR)
    assert (life.said, life.sends[0].at) == (["hello/plain/email"], START + HOUR)


def test_who_switched_personalisation_off_gets_the_standard() -> None:
    """Whatever is believed; and the record says that it was their word."""
    off = event("Preference Stated", -0.5, key=None, personalisation=False)
    life = Life().tell(AGREED, event("Baseline Answered", -1, key=None, A1=5), off, ORDERED)
    found = last(life, "approach")
    assert found.chosen == "plain"
    assert found.options[0].verdicts[0].reason == "the customer switched personalisation off"
    assert life.tell(WORRIED, event("Worry Told", 0.1)).step("form").approach == "plain"


def test_switching_personalisation_off_takes_effect_at_once() -> None:
    """In the step that is open, and back again when it is switched on."""
    life = begun().tell(WORRIED)
    assert life.step("form").approach == "warm"
    life.tell(event("Preference Stated", 0.1, key=None, personalisation=False))
    assert life.step("form").approach == "plain"
    life.tell(event("Preference Stated", 0.2, key=None, personalisation=True))
    assert life.step("form").approach == "warm"


def test_without_personalisation_new_evidence_is_no_decision() -> None:
    """The record stays as short as the service is plain."""
    life = begun().tell(event("Preference Stated", 0.1, key=None, personalisation=False))
    before = len(life.decisions)
    life.tell(WORRIED, event("Worry Told", 0.2), event("Worry Told", 0.3))
    assert len(life.decisions) == before


@pytest.mark.parametrize("days", [4, 30, 400])
def test_an_imported_log_writes_to_nobody(days: int) -> None:
    """A whole life read long after: every decision is recorded, and nothing is sent or asked."""
    life = Life()
    now = START + (30 + days) * DAY
    for one in (AGREED, ORDERED, WORRIED, event("Form Sent", 10), event("Visit Booked", 12)):
        assert life.take(one, now=now).unusable == ""
    life.wait(now + 60 * DAY)
    assert life.effects == []
    assert [d.chosen for d in life.decisions if d.kind == "approach"] != []


def test_a_window_that_closes_after_the_import_still_counts() -> None:
    """Imported a day after it began: the nudge comes on the second day, as for everyone."""
    life = Life()
    for one in (AGREED, ORDERED):
        life.take(one, now=START + DAY)
    life.wait(START + 2 * DAY)
    assert life.sends[-1].action == "nudge"


def test_a_tip_comes_at_nine_on_the_next_business_day() -> None:
    """For everybody at the same hour: when it comes says nothing of anyone."""
    life = begun().tell(event("Form Sent", 0.3)).wait(START + 9 * DAY)
    assert [(t.message, iso(t.at), t.answer_by) for t in life.told] == [
        ("tip_booked", "2026-03-03T09:00:00Z", None)
    ]


def test_a_helper_is_asked_when_the_step_is_still_open() -> None:
    """With what the helper knows anyway, and by when an answer helps."""
    life = begun().wait(START + 9 * DAY)
    (asked,) = life.told
    assert (asked.message, asked.at) == ("help_form", START + 7 * DAY)
    assert asked.answer_by == START + 9 * DAY
    assert (asked.view.helper, asked.view.customer_name) == ("gil", "Ana Berg")
    assert (asked.view.step_entered, asked.view.step_days) == (START, 7)


@pytest.mark.parametrize("helper", [None, ""])
def test_nobody_is_asked_where_no_helper_is_named(helper: str | None) -> None:
    """No trait, or an empty one: recorded as nothing, and no message to a "None"."""
    gone = event("Left", 0.1, traits={"guide_id": helper, "guide_name": None})
    life = begun().tell(gone).wait(START + 9 * DAY)
    asked = next(d for d in life.decisions if d.question == "Ask the guide for help?")
    assert (asked.chosen, asked.because, life.told) == ("nothing", "no guide is named", [])


def test_asking_a_helper_is_recorded_without_any_evidence() -> None:
    """The choice rests on observables, and the record shows no need."""
    life = begun().tell(WORRIED).wait(START + 9 * DAY)
    asked = next(d for d in life.decisions if d.question == "Ask the guide for help?")
    assert (asked.chosen, asked.evidence) == ("guide", ())


def helper_sees(events: list[Happened], needs: float) -> list[bytes]:
    """All that helpers get, when every need is as strong as ``needs`` from the beginning on.

    ``key`` counts the state's versions and never leaves the house: it is left out.
    """
    life = Life(INSURANCE)
    for need in NEEDS:
        sure = Evidence(START - DAY, needs, 0.01, "forced", "forced")
        life.state = replace(life.state, needs=life.state.needs | {need: learn(None, sure, need)})
    for one in [AGREED, *events]:
        life.take(one)
    life.wait(START + 120 * DAY)
    return [encode(replace(t, key="")) for t in life.told]


@settings(max_examples=250)
@given(streams(INSURANCE, least=3, most=12), st.floats(-3, 3))
def test_what_a_helper_sees_says_nothing_about_a_need(events: list[Happened], need: float) -> None:
    """Non-interference: with needs at 3, at -3 and at random, the same bytes at the same times."""
    sees = helper_sees(events, 3.0)
    assert sees == helper_sees(events, -3.0) == helper_sees(events, need)


def test_helpers_do_get_messages_in_these_journeys() -> None:
    """The proof above is not about silence: a tip, a request, its reminder, and the desk."""
    slow = [replace(ORDERED, name="Application Started", traits={"advisor_id": "mo"})]
    slow += [event("Application Submitted", 1), event("E-Sign Completed", 2)]
    slow = [replace(e, properties={"application_id": "A"}) for e in slow]
    assert len(helper_sees(slow, 3.0)) == 4


CLOSING = ("goal: visited", "goal: visited\nclosing: more")
NIGHT = ('{from: "00:00", to: "23:59"}', '{from: "11:00", to: "20:00"}')


def closing() -> Compiled:
    """Ends are told, between eleven and eight; day 2 of this week begins at ten."""
    text = VISIT.replace(*CLOSING).replace(*NIGHT)
    return load(text.replace("says: You cancelled.", "says: So be it.\n    closing: hello"), "v")


def test_the_customer_is_told_that_the_goal_is_reached() -> None:
    """Once, in the tone of the step that was the last."""
    life = begun(visit_with(*CLOSING)).tell(event("Visited", 1.5), event("Visited", 3))
    assert life.said == ["hello/plain/email", "more/plain/email"]
    assert life.sends[-1].step == "form"


def test_an_end_that_is_told_in_the_morning_is_told_whatever_comes_at_night() -> None:
    """A later event of an ended journey takes nothing from its closing."""
    life = begun(closing()).tell(event("Visited", 2), event("Form Sent", 2.01))
    assert [t.name.split("/")[3] for t in life.state.timers] == ["c"]
    life.wait(START + 3 * DAY)
    assert (life.said[-1], life.sends[-1].at) == ("more/plain/email", START + 2 * DAY + HOUR)


def test_an_end_that_was_taken_back_is_not_told() -> None:
    """Cancelled at ten and resumed at half past: no farewell, and no word to the helper."""
    life = begun(closing()).tell(event("Form Sent", 1), event("Cancelled", 2))
    life.tell(event("Resumed", 2.02)).wait(START + 3 * DAY)
    assert (life.said, [t.message for t in life.told]) == (["hello/plain/email"], ["tip_booked"])


def test_a_helper_is_not_asked_again_when_a_journey_is_taken_up_again() -> None:
    """After an end that was taken back, or on a new version: once an attempt, whatever happens."""
    new = visit_with("body: Nudge", "body: Nudge again")
    life = begun().wait(START + 8 * DAY).tell(event("Cancelled", 8.1), event("Resumed", 8.2))
    life.library = library([new], older=[visit()])
    life.tell(Migrated(customer="ana", journey=0, version=new.version, at=START + 9 * DAY))
    assert [t.message for t in life.wait(START + 20 * DAY).told] == ["help_form"]
    assert [s.action for s in life.sends] == ["hello", "nudge"]


def test_an_end_long_ago_is_no_news() -> None:
    """An imported journey ends in silence."""
    life = Life(visit_with(*CLOSING))
    for one in (AGREED, ORDERED, event("Visited", 2)):
        life.take(one, now=START + 30 * DAY)
    assert (life.journey.status, life.sends) == ("completed", [])


def test_an_exploring_policy_draws_what_it_records() -> None:
    """600 customers at e = .2 of two: one in ten gets the other, and the record says .1."""
    book = edited(explore=0.2)
    found = [
        last(Life(book, customer=f"c{n}").tell(replace(ORDERED, customer=f"c{n}")), "approach")
        for n in range(600)
    ]
    other = [d for d in found if d.chosen == "warm"]
    assert 40 <= len(other) <= 80
    assert {round(d.choice_probability, 12) for d in other} == {0.1}
    assert {d.seed for d in found} == {seed_of(d.customer, 0, 0) for d in found}


OTHER = visit_with(
    "          - send: nudge\n", "          - send: more\n            channels: [other]\n"
)


def test_what_was_not_answered_is_said_another_way() -> None:
    """The first channel of the approach that this step was silent on; the record says why."""
    life = begun(OTHER).wait(START + 2 * DAY)
    assert life.said == ["hello/plain/email", "more/plain/in_app"]
    option = last(life, "touch").options[0]
    assert (option.name, option.because) == ("in_app", "nothing was said on it at this step yet")


def test_when_every_way_was_used_it_is_the_one_of_longest_ago() -> None:
    """Better the same way than silence."""
    touches = (
        "          - {send: nudge, channels: [sms]}\n"
        "          - {send: more, channels: [in_app], at: after 1 hour}\n"
        "          - {send: last, channels: [other], at: after 2 hours}\n"
    )
    words = "{email: {subject: L, body: L}, sms: {body: L}, in_app: {body: L}}"
    added = f"\nactions:\n  - {{id: last, title: Last, content: {{any: {words}}}}}\n"
    text = VISIT.replace("          - send: nudge\n", touches).replace("\nactions:\n", added)
    life = begun(load(text, "visit.yaml")).wait(START + 3 * DAY)
    assert life.said[1:] == ["nudge/plain/sms", "more/plain/in_app", "last/plain/email"]


HOUR_OTHER = load(
    VISIT.replace("          - send: nudge\n", "          - {send: nudge, hour: other}\n").replace(
        '{from: "00:00", to: "23:59"}', '{from: "09:00", to: "20:00"}'
    ),
    "visit.yaml",
)


def test_what_was_not_answered_is_said_at_another_hour() -> None:
    """Hello went out at ten: the nudge waits from ten until the evening, and the record says so."""
    life = begun(HOUR_OTHER).wait(START + 3 * DAY)
    assert [iso(s.at) for s in life.sends][1] == "2026-03-04T16:20:00Z"
    waited, sent = [d for d in life.decisions if "Nudge" in d.question]
    said = [next(v for v in d.verdicts if v.guard == "another_hour") for d in (waited, sent)]
    assert (waited.chosen, [v.ok for v in said]) == ("wait", [False, True])


def test_no_other_hour_is_sought_where_the_customer_stated_hours() -> None:
    """Stated always wins."""
    stated = event("Preference Stated", 0.1, key=None, hours="09:00-12:00")
    life = begun(HOUR_OTHER).tell(stated).wait(START + 3 * DAY)
    assert [iso(s.at) for s in life.sends][1] == "2026-03-04T10:00:00Z"


def test_the_other_hour_is_the_one_at_which_the_customer_acts() -> None:
    """Two visits at two in the afternoon: not the evening, but noon."""
    visits = [event("Tracker Opened", day + 4 / 24, key=None) for day in (0, 1)]
    life = begun(HOUR_OTHER).tell(*visits).wait(START + 3 * DAY)
    assert [iso(s.at) for s in life.sends][1] == "2026-03-04T12:40:00Z"


def test_what_the_customer_asked_for_comes_before_another_way() -> None:
    """Stated always wins."""
    stated = event("Preference Stated", 0.1, key=None, channel="email")
    life = begun(OTHER).tell(stated).wait(START + 2 * DAY)
    assert life.said == ["hello/plain/email", "more/plain/email"]
