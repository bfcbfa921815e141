"""Guards in a journey: what is asked of them comes from the playbook and the customer's life."""

from tests.building import AGREED, ORDERED, START, Life, begun, edited, event, visit_with

from ofone.domain.decisions import Decision
from ofone.domain.times import DAY, HOUR, iso
from ofone.journeys.compiled import Compiled
from ofone.journeys.describe import describe

WORRIED = event("Need Corrected", 0.01, key=None, need="reassurance", level="more")
MARKETING = event("Consent Given", -0.9, key=None, channels=["email", "sms"], purpose="marketing")


def book(**nudge: object) -> Compiled:
    """The small playbook, where the nudge of the third day is marked so."""
    said = "".join(f"    {name}: {value}\n" for name, value in nudge.items())
    return visit_with("    title: Nudge\n", f"    title: Nudge\n{said}")


def nudged(life: Life) -> Decision:
    """The decision about the nudge."""
    life.wait(START + 3 * DAY)
    return next(d for d in life.decisions if "Nudge" in d.question)


def refusals(decision: Decision) -> list[str]:
    return [v.guard for v in decision.verdicts if not v.ok]


def test_a_pressing_action_waits_while_somebody_is_worried() -> None:
    """Only then are needs looked at; the same words without pressure go out."""
    assert refusals(nudged(begun(book(presses="deadline")).tell(WORRIED))) == ["no_exploitation"]
    assert refusals(nudged(begun(book()).tell(WORRIED))) == []
    assert refusals(nudged(begun(book(presses="deadline")))) == []


def test_marketing_waits_after_distress() -> None:
    """For the company's own events of distress as well, and to the end of the cooling-off."""
    upset = event("Nudge Hated", 1, key=None)
    listed = book(purpose="marketing").playbook
    life = begun(edited(actions=listed.actions, distress=("Nudge Hated",))).tell(MARKETING, upset)
    found = nudged(life)
    assert (refusals(found), found.chosen) == (["cooling_off"], "wait")
    until = next(v.until for v in found.verdicts if v.guard == "cooling_off")
    assert until == upset.at + 7 * DAY


def test_nobody_is_asked_again_for_what_the_journey_knows() -> None:
    """The remembered property came with another event."""
    asked = begun(book(asks_for="[place]"))
    assert refusals(nudged(asked)) == []
    knows = begun(book(asks_for="[place]")).tell(event("Place Told", 1, place="Room 4"))
    assert refusals(nudged(knows)) == ["already_knows"]


def test_nobody_is_told_what_they_saw_elsewhere() -> None:
    """By the event that says so, of this journey; or on the tracker."""
    for seen in (event("Letter Read", 1), event("Tracker Opened", 1, key=None)):
        life = begun(book(tells="Letter Read")).tell(seen)
        assert refusals(nudged(life)) == ["already_knows"]
    other = begun(book(tells="Letter Read")).tell(event("Letter Read", 1, key="B"))
    assert refusals(nudged(other)) == []


def test_held_out_customers_get_the_standard_service() -> None:
    """Whatever they need; the record says so of every other approach, also when more is asked."""
    held = Life(edited(holdout=0.1), customer="c29").tell(AGREED, ORDERED, WORRIED)
    held.wait(START + 9 * DAY)
    choices = [d for d in held.decisions if d.kind == "approach"]
    assert {d.chosen for d in choices} == {"plain"}
    warm = choices[0].options[0]
    assert (warm.name, warm.eligible, warm.verdicts[0].guard) == ("warm", False, "hold-out")
    other = Life(edited(holdout=0.1), customer="c30").tell(AGREED, ORDERED, WORRIED)
    assert other.journey.approach == "warm"


def test_a_reminder_is_not_held_by_stated_hours_until_its_date_has_passed() -> None:
    """Who asked for weekends is still reminded of Wednesday, by day; and the record says why."""
    life = begun().tell(
        event("Preference Stated", 0.1, key=None, days="sat,sun"),
        event("Form Sent", 0.2),
        event("Visit Booked", 0.3, visit_at=iso(START + 2 * DAY)),
    )
    life.wait(START + 2 * DAY)
    reminder = next(s for s in life.sends if s.action == "reminder")
    assert (reminder.at, reminder.before) == (START + DAY, START + 2 * DAY)
    decision = next(d for d in life.decisions if d.id == reminder.decision)
    said = next(v.reason for v in decision.verdicts if v.guard == "hours")
    assert said.endswith("would hear of this too late; the open hours 00:00–23:59 hold")


def test_a_reminder_that_is_in_time_waits_for_the_stated_hours() -> None:
    """They give way only where the date would pass."""
    life = begun().tell(
        event("Preference Stated", 0.1, key=None, hours="17:00-19:00"),
        event("Form Sent", 0.2),
        event("Visit Booked", 0.3, visit_at=iso(START + 2 * DAY)),
    )
    life.wait(START + 2 * DAY)
    assert next(s.at for s in life.sends if s.action == "reminder") == START + DAY + 7 * HOUR


def test_the_strictest_cap_of_all_open_journeys_holds() -> None:
    """A journey that may say fifty things is held by one that may say a single one."""
    few = visit_with("messages: 50, days: 1}", "messages: 1, days: 30}").playbook
    other = edited(playbook="other", entry={"event": "Begun", "key": "case"}, guards=few.guards)
    life = begun(edited(), other)
    life.tell(event("Begun", 0.1, key=None, case="1"), WORRIED)
    life.wait(START + 5 * DAY)
    assert len(life.sends) == 1


def test_the_description_for_sign_off_says_what_is_closed_pressed_and_held_out() -> None:
    """Who signs a playbook should not have to read it in YAML."""
    closed = visit_with('to: "23:59"}', 'to: "23:59", days: mon-sat, holidays: closed}').playbook
    listed = book(presses="scarcity").playbook
    said = describe(edited(guards=closed.guards, actions=listed.actions, holdout=0.1))
    assert "where the customer lives, mon-sat, on no holiday." in said
    assert "- Not within 7 days of distress, nor while somebody" in said
    assert "needs reassurance: “Nudge”." in said
    assert "- 10% of the customers get “Plain” whatever they need, for comparison." in said
