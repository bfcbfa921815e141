"""Room under the cap is kept for reminders: in a journey, as the playbook says."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import START, TRAITS, Life, document, event

from ofone.domain.decisions import Decision
from ofone.domain.times import DAY, iso
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.describe import describe
from ofone.journeys.playbook import (
    Action,
    Approach,
    Cap,
    Content,
    Days,
    Guards,
    QuietHours,
    Step,
    Touch,
)


def action(name: str) -> Action:
    return Action(id=name, title=name, content={"any": {"in_app": Content(body="Hello.")}})


def book(
    *touches: Touch, keep: bool = True, cap: int = 2, days: int = 7, gap: str = "0 minutes"
) -> Compiled:
    """One step with a date, and these touches."""
    plain: Approach = document().approaches[-1]
    return compile_playbook(
        replace(
            document(),
            goal="visited",
            approaches=(plain,),
            steps=(
                Step(
                    id="visited",
                    title="Your visit",
                    happens="You are visited.",
                    completes=("Visited",),
                    days=Days(usual=7, most=9),
                    date="visit_at",
                    accompany={"plain": touches},
                ),
            ),
            actions=tuple(action(t.send) for t in touches),
            guards=Guards(
                quiet_hours=QuietHours(),
                cap=Cap(messages=cap, days=days),
                gap=gap,
                keep_room=keep,
            ),
        )
    )


def lived(compiled: Compiled, visit: float) -> Life:
    """Ordered with an appointment so many days later; three weeks go by."""
    traits = event("Known", -1, key=None, traits=TRAITS)
    ordered = event("Ordered", 0, visit_at=str(iso(START + round(visit * DAY))))
    return Life(compiled).tell(traits, ordered).wait(START + 40 * DAY)


def refused(life: Life, guard: str) -> list[Decision]:
    return [d for d in life.decisions if any(v.guard == guard and not v.ok for v in d.verdicts)]


NEWS = (
    Touch(send="one"),
    Touch(send="two", at="after 2 days"),
    Touch(send="reminder", at="1 day before visit_at"),
)


def test_the_last_room_is_kept_for_the_reminder() -> None:
    """Without it nobody is reminded; with it the news waits, first for that, then for the cap."""
    without, kept = (lived(book(*NEWS, keep=keep), 5) for keep in (False, True))
    assert [s.action for s in without.sends] == ["one", "two"]
    came = [(s.action, (s.at - START) // DAY) for s in kept.sends]
    assert came == [("one", 0), ("reminder", 4), ("two", 7)]
    held = refused(kept, "room")[0]
    reasons = [v.reason for v in held.verdicts if v.guard == "room"]
    assert (held.chosen, reasons[0][:39]) == ("wait", "kept for the reminder of Friday, 2026-0")


def test_who_is_reminded_of_nothing_is_not_held_up() -> None:
    """A date that is not known, or far away, takes no room yet."""
    assert [s.action for s in lived(book(*NEWS), 30).sends] == ["one", "two", "reminder"]
    unknown = Life(book(*NEWS)).tell(event("Ordered", 0, traits=TRAITS)).wait(START + 9 * DAY)
    assert [s.action for s in unknown.sends] == ["one", "two"]


def test_what_is_said_at_once_leaves_room_too() -> None:
    """Also where it stands above the reminder: what hangs on a date is planned first."""
    life = lived(book(*NEWS[::2], cap=1), 5)
    assert [s.action for s in life.sends] == ["reminder", "one"]


def test_those_who_sign_it_off_read_that_room_is_kept() -> None:
    """Only where it is."""
    said = "Room is kept for reminders before a date"
    assert [said in describe(book(*NEWS, keep=keep)) for keep in (True, False)] == [True, False]


@st.composite
def plans(draw: st.DrawFn) -> tuple[Touch, ...]:
    """News at any hour, and one to three reminders, in any order."""
    news = [f"after {h} hours" for h in draw(st.lists(st.integers(0, 300), max_size=7))]
    ahead = draw(st.lists(st.integers(0, 120), min_size=1, max_size=3))
    moments = draw(st.permutations(news + [f"{h} hours before visit_at" for h in ahead]))
    kinds = ["reminder" if "before" in one else "news" for one in moments]
    return tuple(
        Touch(send=f"{kind}{n}", at=one)
        for n, (kind, one) in enumerate(zip(kinds, moments, strict=True))
    )


@settings(max_examples=200, deadline=None)
@given(plans(), st.integers(1, 4), st.integers(1, 8), st.integers(6, 300), st.booleans())
def test_no_reminder_is_refused_by_the_cap_because_of_news(
    touches: tuple[Touch, ...], cap: int, days: int, visit: int, apart: bool
) -> None:
    """Whatever was planned: only other reminders can fill the cap for a reminder."""
    compiled = book(*touches, cap=cap, days=days, gap="2 hours" if apart else "0 minutes")
    life = lived(compiled, visit / 24)
    dated = [s.at for s in life.sends if s.action.startswith("reminder")]
    for decision in refused(life, "cap"):
        if "reminder" in decision.question:
            recent = [at for at in dated if decision.at - days * DAY < at <= decision.at]
            assert len(recent) >= cap
