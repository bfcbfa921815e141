"""The life of a request to a helper: asked, reminded, passed on, answered, or needed no more."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import AGREED, ORDERED, START, VISIT, Life, event, visit_with

from ofone.domain.effects import BEGAN
from ofone.domain.errors import PlaybookError
from ofone.domain.events import Happened, Migrated, Value
from ofone.domain.state import Request
from ofone.domain.times import DAY, HOUR, iso
from ofone.journeys.compiled import Compiled
from ofone.journeys.helper import unreached
from ofone.journeys.library import library
from ofone.journeys.load import load

GUIDE = "  - {id: guide, title: guide, trait: guide_id, name: guide_name, email: guide_email}\n"
ROLES = GUIDE.replace("}", ", deputy: lead}")
LEAD = "  - {id: lead, title: team lead, trait: lead_id, name: lead_name}\n"
OFFICE = "  - {id: office, title: service desk, person: desk-1, called: Kim}\n"
THEN = """\
    unanswered:
      - {to: same, answer_within: 1 business day, message: again_form}
      - {to: deputy}
      - {to: desk, answer_within: 3 business days}
"""


def chained(*more: tuple[str, str], tail: str = THEN) -> Compiled:
    """The small playbook, in which a request is chased: the same, the deputy, the desk."""
    text = VISIT.replace(GUIDE, ROLES + LEAD + OFFICE).replace(
        "goal: visited\n", "goal: visited\ndesk: office\n", 1
    )
    ask = (
        '  - {id: help_form, to: guide, kind: request, subject: Help, body: "By {{ answer_by }}"}\n'
    )
    asked = (
        "  - id: help_form\n    to: guide\n    kind: request\n    subject: Help\n    body: Help\n"
    )
    again = '  - {id: again_form, to: guide, kind: request, subject: Again, body: "Again"}\n'
    assert ask in text
    text = text.replace(ask, asked + tail + again)
    for old, new in more:
        assert old in text
        text = text.replace(old, new)
    return load(text, "visit.yaml")


BOOK = chained()
KNOWN = replace(AGREED, traits=AGREED.traits | {"lead_id": "lia", "lead_name": "Lia"})


def asked(*books: Compiled, know: Happened = KNOWN) -> Life:
    """Ana has not sent her form: her guide was asked on day 7."""
    return Life(*(books or (BOOK,))).tell(know, ORDERED).wait(START + 7 * DAY)


def answer(life: Life, outcome: str, day: float, *, by: str = "gil", named: str = "") -> Happened:
    (reference,) = life.journey.requests
    said: dict[str, Value] = {"reference": reference, "outcome": outcome, "by": by}
    return answered(day, said, named)


def answered(day: float, said: dict[str, Value], named: str = "") -> Happened:
    return replace(event("Help Answered", day, named=named), properties=said)


def request(life: Life) -> Request:
    (found,) = life.journey.requests.values()
    return found


def stages(life: Life) -> list[tuple[str, str, str | None]]:
    return [(t.view.helper, t.message, iso(t.at)) for t in life.told if t.kind == "request"]


def test_without_an_answer_a_request_is_repeated_and_passed_on() -> None:
    """Reminder to the same, then the deputy, at last the desk; each has its own time to answer."""
    life = asked().wait(START + 60 * DAY)
    assert stages(life) == [
        ("gil", "help_form", "2026-03-09T10:00:00Z"),
        ("gil", "again_form", "2026-03-11T10:00:00Z"),
        ("lia", "help_form", "2026-03-12T10:00:00Z"),
        ("desk-1", "help_form", "2026-03-16T10:00:00Z"),
    ]
    assert iso(life.told[-1].answer_by) == "2026-03-19T10:00:00Z"
    assert len({t.reference for t in life.told}) == 1
    assert [t.stage for t in life.told] == [0, 1, 2, 3]


def test_every_stage_is_a_decision_and_the_last_says_that_nobody_is_left() -> None:
    """Also that a request ended without an answer is on record."""
    life = asked().wait(START + 60 * DAY)
    found = [d for d in life.decisions if d.question == "Who is asked next?"]
    assert [d.chosen for d in found] == ["guide", "lead", "office", "nothing"]
    assert found[-1].because == "nobody is left to ask"
    assert all(d.evidence == () for d in found)
    assert request(life).outcome == "nobody"


@pytest.mark.parametrize("days", [7.5, 9.5, 10.5])
def test_it_stops_the_moment_the_customer_acts(days: float) -> None:
    """Nobody is reminded of, or asked for, what has been done."""
    life = asked().tell(event("Form Sent", days))
    count = len(stages(life))
    assert len(stages(life.wait(START + 60 * DAY))) == count
    assert not [t for t in life.state.timers if "/q/" in t.name]


@pytest.mark.parametrize("outcome", ["done", "reached", "not_reached"])
def test_it_stops_with_an_answer(outcome: str) -> None:
    """Whatever it was: somebody has taken care of it."""
    life = asked()
    life.tell(answer(life, outcome, 8)).wait(START + 60 * DAY)
    assert len(stages(life)) == 1
    assert (request(life).outcome, request(life).by) == (outcome, "gil")


def test_who_takes_it_up_has_the_whole_time_once_more_and_only_once() -> None:
    """From the word on; a second word of it gives no third time."""
    life = asked()
    life.tell(answer(life, "acknowledged", 8), answer(life, "acknowledged", 9))
    assert iso(request(life).due) == "2026-03-12T10:00:00Z"
    life.wait(START + 10 * DAY)
    assert stages(life)[1:] == [("gil", "again_form", "2026-03-12T10:00:00Z")]


def test_who_cannot_do_it_is_not_reminded_and_the_next_is_asked_at_once() -> None:
    """The deputy, without the wait."""
    life = asked()
    life.tell(answer(life, "declined", 7.5))
    assert stages(life)[1:] == [("lia", "help_form", "2026-03-09T22:00:00Z")]
    assert request(life).outcome == ""


def test_a_request_that_cannot_be_delivered_goes_to_somebody_else_at_once() -> None:
    """Not as a reminder to the same dead address; told twice, it is passed on once."""
    life = asked()
    came_back = unreached(life.told[0])
    life.tell(came_back, came_back)
    assert stages(life)[1:] == [("lia", "help_form", "2026-03-09T10:00:00Z")]
    found = life.decisions[-1]
    assert found.because == "the message to gil could not be delivered"
    assert stages(life.wait(START + 60 * DAY))[2:] == [
        ("desk-1", "help_form", "2026-03-11T10:00:00Z")
    ]


def test_without_somebody_else_it_waits_on_the_page_of_the_one_who_was_asked() -> None:
    """Its clock runs on, and an answer still counts."""
    life = Life().tell(AGREED, ORDERED).wait(START + 7 * DAY)
    life.tell(unreached(life.told[0]))
    assert request(life).outcome == ""
    assert request(life.tell(answer(life, "reached", 8))).outcome == "reached"


@pytest.mark.parametrize("said", ["acknowledged", "done"])
def test_who_answered_was_reached(said: str) -> None:
    """A bounce that comes after an answer, or after the next one was asked, changes nothing."""
    life = asked()
    life.tell(answer(life, said, 7.5), unreached(life.told[0]))
    assert len(stages(life)) == 1


def test_a_stage_whose_person_is_not_known_is_left_out() -> None:
    """No deputy is named for this customer: on to the desk, and the record says why."""
    life = asked(know=AGREED).wait(START + 11 * DAY)
    assert [who for who, _, _ in stages(life)] == ["gil", "gil", "desk-1"]
    found = next(d for d in life.decisions if d.chosen == "office")
    assert found.options[0].verdicts[0].reason == "no team lead is named"


def test_without_a_helper_the_desk_is_asked() -> None:
    """One customer without a helper is not one without help."""
    alone = replace(AGREED, traits={"name": "Ana Berg"})
    life = asked(know=alone)
    assert [(t.view.helper, t.view.helper_name, t.view.role) for t in life.told] == [
        ("desk-1", "Kim", "service desk")
    ]
    assert [who for who, _, _ in stages(life.wait(START + 60 * DAY))] == ["desk-1", "desk-1"]


def test_a_step_is_asked_about_once_at_a_time() -> None:
    """A second reaction while the request is open is the same request, and the record says so."""
    more = "      - {id: late, within: 6 business days, because: Six., then: [{ask: again_form}]}\n"
    book = chained(("  - id: booked\n", more + "  - id: booked\n"))
    life = asked(book).wait(START + 8 * DAY)
    assert len(stages(life)) == 1
    last = [d for d in life.decisions if d.kind == "touch"][-1]
    assert (last.chosen, last.because) == ("nothing", "a helper was asked about it already")


def test_a_new_attempt_is_a_new_request() -> None:
    """With a reference of its own; the old one's clock is gone."""
    life = asked().tell(event("Form Returned", 8)).wait(START + 15 * DAY)
    assert len(life.journey.requests) == 2
    assert [who for who, _, _ in stages(life)] == ["gil", "gil"]


def test_an_answer_twice_or_out_of_order_changes_nothing() -> None:
    """The same event is a duplicate; of two words the later one by its own time holds."""
    life = asked()
    life.tell(answer(life, "done", 8.5, named="a"), answer(life, "done", 8.5, named="a"))
    before = life.state.version
    life.tell(answer(life, "declined", 8))
    assert (request(life).outcome, life.state.version - before) == ("done", 1)
    assert len(stages(life.wait(START + 60 * DAY))) == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"reference": "none", "outcome": "done"}, "requests are: "),
        ({"outcome": "done"}, "nobody was asked that"),
        ({"outcome": "perhaps", "reference": "open"}, "write one of: acknowledged, done"),
    ],
)
def test_an_answer_to_nothing_is_kept_with_its_reason(said: dict[str, Value], why: str) -> None:
    """A wrong reference or a word that nobody knows: told, not swallowed."""
    life = asked()
    (reference,) = life.journey.requests
    real: dict[str, Value] = {"reference": reference} if said.get("reference") == "open" else {}
    refused = life.take(answered(8, said | real))
    assert why in refused.unusable


def test_open_requests_keep_their_clocks_over_a_new_version_and_an_end_taken_back() -> None:
    """What was asked once is not asked again, and not forgotten either."""
    new = chained(("body: Nudge", "body: Nudge again"))
    life = asked().tell(event("Cancelled", 7.2), event("Resumed", 7.5))
    life.library = library([new], older=[BOOK])
    life.tell(Migrated(customer="ana", journey=0, version=new.version, at=START + 8 * DAY))
    assert stages(life.wait(START + 9 * DAY))[1:] == [("gil", "again_form", "2026-03-11T10:00:00Z")]


LATER = """\
      - {id: late, within: 8 days, because: Eight., then: [{send: more}]}
      - {id: held, within: 6 days, because: Six., then: [{send: reminder, at: after 2 days}]}
  - id: booked
"""
LADDER = (
    ("  - id: booked\n", LATER),
    ("          - approach: warm\n            for: [plain]\n", ""),
)
MORE = chained(*LADDER)


def nudged(life: Life) -> list[tuple[str, float]]:
    """What was said of our own accord after the helper was asked, and on which day."""
    said = [(s.action, (s.at - START) / DAY) for s in life.sends]
    return [(action, day) for action, day in said if day > 7]


@pytest.mark.parametrize(
    ("outcome", "days"),
    [("reached", [13.5, 15.5]), ("done", [13.5, 15.5]), ("not_reached", [8, 8])],
)
def test_reactions_wait_anew_from_when_a_helper_spoke_with_the_customer(
    outcome: str, days: list[float]
) -> None:
    """Nobody is nudged the morning after a call; in vain, the ladder goes on as it was."""
    life = asked(MORE)
    life.tell(answer(life, outcome, 7.5)).wait(START + 30 * DAY)
    assert sorted(nudged(life)) == [("more", days[1]), ("reminder", days[0])]


def test_after_a_call_that_was_enough_nothing_is_said() -> None:
    """The customer acts, and the reactions that waited anew are gone."""
    life = asked(MORE)
    life.tell(answer(life, "reached", 7.5), event("Form Sent", 9)).wait(START + 30 * DAY)
    assert "more" not in dict(nudged(life))


def test_a_call_is_remembered_over_a_new_version() -> None:
    """Windows are set anew from the same moments; none opens twice."""
    new = chained(("body: Nudge", "body: Nudge again"), *LADDER)
    life = asked(MORE)
    life.tell(answer(life, "reached", 7.5))
    life.library = library([new], older=[MORE])
    life.tell(Migrated(customer="ana", journey=0, version=new.version, at=START + 8 * DAY))
    assert ("more", 15.5) in nudged(life.wait(START + 30 * DAY))
    assert len(life.told) == 1


def test_a_call_told_late_or_before_the_window_changes_nothing() -> None:
    """It counts from when they spoke: nothing comes sooner for it."""
    life = asked(MORE).wait(START + 9 * DAY)
    life.tell(answer(life, "reached", 7.5))
    assert sorted(nudged(life.wait(START + 30 * DAY))) == [("more", 8), ("reminder", 8)]


MAIL: dict[str, Value] = {"guide_email": "gil@example.com"}


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ([], ""),
        ([event("Told", 1, traits=MAIL)], "gil@example.com"),
        ([event("Told", 1, traits=MAIL), event("Told", 2, traits={"guide_id": "uma"})], ""),
        ([event("Told", 1, traits=MAIL | {"guide_id": "uma"})], "gil@example.com"),
        ([event("Told", 1, traits={"guide_email": None})], ""),
    ],
)
def test_a_helper_is_written_to_where_that_person_gets_mail(
    said: list[Happened], address: str
) -> None:
    """By an address told with the person's id or later: an older one may be somebody else's."""
    life = Life().tell(AGREED, ORDERED, *said).wait(START + 7 * DAY)
    assert [t.view.address for t in life.told] == [address]


def test_a_desk_is_written_to_at_its_own_address() -> None:
    book = chained(("called: Kim", "called: Kim, address: desk@example.com"))
    alone = replace(AGREED, traits={"name": "Ana Berg"} | MAIL)
    assert [t.view.address for t in asked(book, know=alone).told] == ["desk@example.com"]


def test_who_nobody_can_write_to_is_noticed() -> None:
    """Their mail would stay in the local mailbox: that is said before anybody waits for help."""
    said = [str(n) for n in BOOK.notices if "gets mail" in n.what]
    assert [n.partition("; ")[2] for n in said] == [
        "it stays in the local mailbox; write email: lead_email",
        "it stays in the local mailbox; write address: desk@example.com",
    ]


def test_a_plain_copy_says_at_nine_that_the_step_began() -> None:
    """At the same hour for everybody, whatever the customer was told."""
    book = visit_with("    tip: tip_booked\n", "    cc: true\n")
    life = Life(book).tell(AGREED, ORDERED, event("Form Sent", 0.3)).wait(START + 9 * DAY)
    assert [(t.message, t.kind, iso(t.at)) for t in life.told] == [
        (BEGAN, "copy", "2026-03-03T09:00:00Z")
    ]


def test_a_tip_bears_the_hour_it_was_meant_for() -> None:
    """A clockwork of ours that was late is no news of anybody."""
    life = Life().tell(AGREED, ORDERED, event("Form Sent", 0.3))
    timer = next(t for t in life.state.timers if t.name.endswith("/h"))
    life.fold(event("Status", 1.1), START + DAY + 2 * HOUR)
    life.wait(timer.due)
    assert iso(life.told[0].at) == "2026-03-03T09:00:00Z"


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("trait: lead_id", "person: x, trait: lead_id", "who is the 'lead'?"),
        ("deputy: lead", "deputy: leed", "unknown helper 'leed'; did you mean 'lead'?"),
        (", deputy: lead", "", "there is no deputy; give 'guide' a deputy:"),
        ("desk: office\n", "", "there is no desk; write desk:"),
        ("name: lead_name", "name: lead_name, address: a@b.example", "write email: and the trait"),
        (
            "called: Kim",
            "called: Kim, email: desk_email",
            "names another one each time; write addr",
        ),
        ("called: Kim", "called: Kim, address: desk one", "'desk one' is no e-mail address"),
        ("email: guide_email", "email: email", "'email' is not the address of the guide"),
        ("message: again_form", "message: tip_booked", "'tip_booked' is a tip"),
        ("{to: deputy}", "{to: deputy, answer_within: soon}", "'soon' is not a length of time"),
    ],
)
def test_a_request_that_nobody_would_get_is_refused(old: str, new: str, wrong: str) -> None:
    """When the playbook is loaded, not when somebody waits for help."""
    with pytest.raises(PlaybookError, match=wrong.replace("?", r"\?")):
        chained((old, new))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["acknowledged", "declined", "Form Returned", "Form Sent"]),
            st.floats(7.1, 20),
        ),
        max_size=6,
    )
)
def test_a_request_asks_each_stage_once_and_always_ends(acts: list[tuple[str, float]]) -> None:
    """Whatever comes in between: no stage twice for one reference, and no clock is left."""
    life = asked()
    for what, day in sorted(acts, key=lambda a: a[1]):
        first = next(iter(life.journey.requests))
        said: dict[str, Value] = {"reference": first, "outcome": what, "by": "gil"}
        helping = what in ("acknowledged", "declined")
        life.tell(answered(day, said) if helping else event(what, day))
    life.tell(event("Form Sent", 30)).wait(START + 90 * DAY)
    asked_for = [(t.reference, t.stage) for t in life.told if t.kind == "request"]
    assert len(set(asked_for)) == len(asked_for)
    assert not [t for t in life.state.timers if "/q/" in t.name]
