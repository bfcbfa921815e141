"""Angela and Adaya: the same events of the process, two different journeys; and other tales."""

from collections import Counter
from pathlib import Path

import pytest
from tests.golden_play import GOLDEN, STORIES, TALES, effects, events, played
from tests.golden_write import write

from ofone.domain.effects import Send, TellHelper
from ofone.domain.times import DAY, iso
from ofone.journeys.load import bundled

BOOK = bundled("life-insurance")


def golden(story: str, name: str) -> list[str]:
    return (GOLDEN / story / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


def sends(story: str) -> list[Send]:
    return [e for e in played(story)[0] if isinstance(e, Send)]


def told(story: str) -> list[TellHelper]:
    return [e for e in played(story)[0] if isinstance(e, TellHelper)]


def asked(story: str) -> list[TellHelper]:
    return [e for e in told(story) if e.answer_by is not None]


def tips(story: str) -> list[str]:
    return [e.message for e in told(story) if not e.answer_by]


@pytest.mark.parametrize("story", [*STORIES, *TALES])
def test_the_story_is_told_as_it_was_written_down(story: str) -> None:
    """Every message, its moment, tone and channel: a change here is a change for customers."""
    assert effects(story) == golden(story, "effects")


@pytest.mark.parametrize("story", STORIES)
def test_the_bundled_story_is_the_golden_one(story: str) -> None:
    """What the demo plays is what is tested."""
    assert events(story) == golden(story, "events")


def test_a_golden_file_is_never_rewritten(tmp_path: Path) -> None:
    """Written where there is none; where there is one, it stays, and that is said."""
    kept = tmp_path / "adaya" / "effects.jsonl"
    kept.parent.mkdir()
    kept.write_text("as it was", encoding="utf-8")
    said = write("adaya", tmp_path)
    assert [line.split(" ", 1)[1][:7] for line in said] == ["written", "is ther"]
    assert kept.read_text(encoding="utf-8") == "as it was"


@pytest.mark.parametrize("story", STORIES)
def test_both_reach_the_goal_and_nothing_waits_any_more(story: str) -> None:
    """Ten steps for Angela, nine for Adaya, whose doctor nobody had to ask."""
    state = played(story)[1]
    assert (state.journeys[0].status, state.timers, state.early) == ("completed", (), ())
    assert len(state.journeys[0].steps) == {"angela": 10, "adaya": 9}[story]


def test_angela_hears_twice_as_often_as_adaya() -> None:
    """More frequent and reassuring here, few and brief there."""
    assert len(sends("angela")) >= 2 * len(sends("adaya"))
    assert {s.approach for s in sends("angela")} == {"reassuring"}
    assert {s.approach for s in sends("adaya")} == {"brief"}


def test_angela_gets_letters_and_adaya_text_messages() -> None:
    """Each on the channel that was asked for; Angela's one text is the reminder."""
    assert Counter(s.channel for s in sends("angela"))["sms"] == 1
    assert next(s.action for s in sends("angela") if s.channel == "sms") == "exam_tomorrow"
    assert {s.channel for s in sends("adaya")} == {"sms"}


def test_only_angela_gets_the_letter_that_explains_why() -> None:
    """Why the health assessment matters: by e-mail, while the appointment is not yet booked."""
    why = [s for s in sends("angela") if s.action == "why_health_assessment"]
    assert [(s.channel, s.step) for s in why] == [("email", "exam_booked")]
    assert not [s for s in sends("adaya") if s.action == "why_health_assessment"]


def test_adaya_gets_one_text_reminder_for_her_exam_and_no_other_nudge() -> None:
    """Besides it, only the messages that begin a step; nothing that a reaction sends."""
    nudges = {
        t.touch.send
        for step in BOOK.steps.values()
        for r in step.reactions.values()
        for t in r.then
    }
    actions = Counter(s.action for s in sends("adaya"))
    assert actions["exam_tomorrow"] == 1
    assert not nudges & set(actions)
    assert max(actions.values()) == 1


def test_angela_is_reminded_of_the_date_that_holds() -> None:
    """She moved her appointment before the first reminder: one text, the day before the new one."""
    reminded = [s for s in sends("angela") if s.action == "exam_tomorrow"]
    assert [iso(s.at) for s in reminded] == ["2026-03-23T14:20:00Z"]


def test_the_tracker_is_front_and_centre_for_angela_and_quiet_for_adaya() -> None:
    """Both have one; only hers is pushed."""
    shown = {s: BOOK.approaches[played(s)[1].journeys[0].approach].approach for s in STORIES}
    assert {s: a.tracker for s, a in shown.items()} == {"angela": "front", "adaya": "quiet"}


def test_the_advisor_is_asked_for_help_only_where_the_customer_did_not_book() -> None:
    """Five business days after the invitation, and with the customer's name alone."""
    assert [(t.message, t.view.helper) for t in asked("angela")] == [("help_booking", "martin")]
    assert asked("adaya") == []
    assert asked("angela")[0].view.customer_name == "Angela Ruiz"


def test_the_advisor_gets_the_same_tips_about_both() -> None:
    """One for each step with a tip that is open at nine: of needs they say nothing."""
    assert tips("angela") == [
        "tip_exam_booked",
        "tip_physician_statement",
        "tip_decision",
        "tip_offer",
    ]
    assert tips("adaya") == ["tip_exam_booked", "tip_decision"]


def stages(story: str) -> list[tuple[str, str]]:
    return [(t.view.helper, t.message) for t in asked(story)]


def test_with_nobody_beside_her_nora_is_helped_by_the_desk() -> None:
    """No tip goes anywhere; the request goes to a person at the company, who gets it booked."""
    assert stages("nora") == [("service-desk", "help_booking")]
    assert tips("nora") == []
    assert played("nora")[1].journeys[0].status == "completed"


def test_a_helper_who_does_not_answer_is_reminded_and_then_others_are_asked() -> None:
    """Each with a clock of its own, until somebody answers; all about one request."""
    assert stages("silas") == [
        ("martin", "help_booking"),
        ("martin", "help_booking_again"),
        ("rosa", "help_booking"),
        ("service-desk", "help_booking"),
    ]
    assert len({t.reference for t in asked("silas")}) == 1
    (request,) = played("silas")[1].journeys[0].requests.values()
    assert (request.outcome, request.by) == ("reached", "service-desk")


def test_who_does_not_react_to_brief_gets_more_and_another_way() -> None:
    """Texts, a nudge, a request to the advisor; then the longer words, by e-mail."""
    here = [s for s in sends("bria") if s.step == "exam_booked"]
    assert [(s.action, s.approach, s.channel) for s in here] == [
        ("book_exam", "brief", "sms"),
        ("booking_nudge", "brief", "sms"),
        ("booking_for_you", "standard", "email"),
    ]
    assert stages("bria") == [("martin", "help_booking")]


def test_who_opts_out_of_texts_in_the_middle_gets_none_from_then_on() -> None:
    """The journey goes on by e-mail, at once."""
    stop = iso(next(w.at for w in played("opal")[1].profile.consents.values() if not w.granted))
    assert stop is not None
    after = [s.channel for s in sends("opal") if str(iso(s.at)) > stop]
    assert after == ["email"] * 3


def test_who_lives_nobody_knows_where_is_written_to_when_it_is_day_everywhere() -> None:
    """Between nine in Hawaii and eight in the evening in New York."""
    hours = [str(iso(s.at))[11:16] for s in sends("uma")]
    assert all("19:00" <= hour < "24:00" for hour in hours)


def test_a_reminder_follows_an_appointment_that_moves_twice() -> None:
    """One for the date that was still to come, and one for the last date."""
    reminded = [str(iso(s.at))[:10] for s in sends("mika") if s.action == "exam_tomorrow"]
    assert reminded == ["2026-03-15", "2026-03-19"]


def test_a_moved_appointment_is_confirmed_at_once_and_each_date_once() -> None:
    """By day at once; of two moves in a night the last, in the morning; there and back, nothing."""
    told = [s for s in sends("juno") if s.action == "exam_moved"]
    assert [str(iso(s.at))[:16] for s in told] == [
        "2026-03-06T17:15",
        "2026-03-10T13:00",
        "2026-03-12T14:00",
    ]
    assert [str(iso(s.before))[:10] for s in told] == ["2026-03-18", "2026-03-20", "2026-03-23"]


def test_two_journeys_share_one_cap() -> None:
    """Five messages in any seven days to one person, whatever they are about."""
    moments = [s.at for s in sends("twyla")]
    assert max(sum(0 <= later - at < 7 * DAY for later in moments) for at in moments) == 5
    assert {s.journey for s in sends("twyla")} == {0, 1}


def test_who_is_held_out_lives_as_angela_does_and_is_written_to_as_everybody() -> None:
    """Worried just as much, by the same words; the approach is the standard one to the end."""
    angela, harriet = played("angela")[1], played("harriet")[1]
    believed = [s.needs["reassurance"].belief.trait for s in (angela, harriet)]
    assert believed[0] == believed[1] > 0.5
    assert {s.approach for s in sends("harriet")} == {"standard"}
    assert len(sends("harriet")) < len(sends("angela"))
    assert harriet.journeys[0].status == "completed"


def test_the_advisor_cannot_tell_who_is_held_out() -> None:
    """The same tips and requests, at the same moments; Harriet's come by e-mail."""
    seen = [
        [(t.message, t.at, t.answer_by, t.view.step) for t in helped]
        for helped in (told(s) for s in ("angela", "harriet"))
    ]
    assert seen[0] == seen[1] != []
    assert {t.view.address for t in asked("harriet")} == {"martin@example.com"}


def test_after_a_bounce_the_journey_finds_another_way() -> None:
    """No more e-mail until there is a newer address."""
    channels = [s.channel for s in sends("bodil")]
    assert channels == ["email"] * 2 + ["sms"] * 5


def test_who_waits_for_a_slow_office_hears_of_it_before_each_told_date() -> None:
    """Twice: by April 15, by late May; the records come within the third range."""
    said = [s for s in sends("petra") if s.action == "statement_late"]
    assert [str(iso(s.was[1]))[:10] for s in said if s.was] == ["2026-04-15", "2026-05-26"]
    assert all(s.was and s.expected and s.at < s.was[1] < s.expected[1] for s in said)
    done = played("petra")[1].journeys[0].steps["physician_statement"].done
    last = said[-1].expected
    assert done is not None
    assert last is not None
    assert done < last[1]
