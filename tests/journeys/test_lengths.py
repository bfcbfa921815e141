"""Dates from a snapshot of how long steps take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.building import AGREED, ORDERED, START, Life, event, visit

from ofone.domain.times import DAY, MINUTE, Micros
from ofone.journeys.dates import Range, expected, lasting
from ofone.journeys.lengths import (
    LEVELS,
    Apart,
    Course,
    Curve,
    Lengths,
    at_share,
    quoted,
    share_at,
)
from ofone.journeys.lives import DRAWS, left, takes


def even(most: float) -> Curve:
    """As many are done on each day up to the last."""
    return tuple(round(p * most * DAY / MINUTE) * MINUTE for p in LEVELS)


FORM = Course(curves=(even(10), even(4)), counts=(90, 10))
BOOKED = Course(curves=(even(20),), counts=(80,))
LENGTHS = Lengths(number=3, playbooks={"visit": {"form": FORM, "booked": BOOKED}})


def measured(lengths: Lengths = LENGTHS) -> Life:
    """Ana's journey begins with a snapshot in force."""
    life = Life()
    life.library = replace(life.library, lengths=lengths)
    return life.tell(AGREED, ORDERED)


def ranges(life: Life, day: float) -> dict[str, Range]:
    now = START + round(day * DAY)
    return expected(visit(), life.journey, now, life.library.lengths)


def days(at: Micros) -> float:
    return (at - START) / DAY


def test_the_range_of_a_step_is_what_was_measured() -> None:
    """Half of the forms take five days, nine in ten nine; the playbook said one and three."""
    form = ranges(measured(), 1)["form"]
    assert (days(form.start), days(form.end)) == (5, 9)


def test_a_step_entered_anew_has_its_own_range() -> None:
    """The second time it takes at most four days."""
    life = measured().tell(event("Form Returned", 3))
    form = ranges(life, 3)["form"]
    assert days(form.start) == 3 + 2
    assert days(form.end) == pytest.approx(3 + 3.6)


def test_what_lies_ahead_is_added_up_life_by_life() -> None:
    """Two even spans make a triangle: its median is 15 days, and nine in ten have 23.7 at most."""
    found = ranges(measured(), 0)["booked"]
    assert days(found.start) == pytest.approx(15, abs=0.5)
    assert days(found.end) == pytest.approx(23.7, abs=0.7)


def test_time_that_passed_moves_what_is_ahead_and_not_what_was_told() -> None:
    """On day 8 the form takes nine days more likely than five; the range told stays."""
    life = measured()
    early, late = ranges(life, 0), ranges(life, 8)
    assert late["form"].end == early["form"].end
    assert days(late["booked"].start) == pytest.approx(19, abs=0.7)


def test_a_later_snapshot_changes_nothing_that_was_told() -> None:
    """The range stands in the state since the step began."""
    life = measured()
    life.library = replace(life.library, lengths=Lengths(number=4))
    form = ranges(life, 1)["form"]
    assert (days(form.start), days(form.end)) == (5, 9)


def test_a_step_taken_up_again_by_many_takes_longer() -> None:
    """Half of the bookings are missed and made again."""
    often = replace(BOOKED, again=0.5)
    lengths = Lengths(number=1, playbooks={"visit": {"form": FORM, "booked": often}})
    again = ranges(measured(lengths), 0)["booked"]
    assert again.end > ranges(measured(), 0)["booked"].end + 5 * DAY


def test_an_optional_step_counts_as_often_as_it_comes() -> None:
    """The paper takes fifty days; were it always asked for, the visit would wait for it."""
    paper = Course(curves=(even(100),), counts=(30,), opened=0.9)
    steps = {"form": FORM, "booked": BOOKED, "paper": paper}
    always = ranges(measured(Lengths(number=1, playbooks={"visit": steps})), 0)
    steps["paper"] = replace(paper, opened=0.01)
    seldom = ranges(measured(Lengths(number=1, playbooks={"visit": steps})), 0)
    assert always["visited"].start > seldom["visited"].start + 20 * DAY
    assert "paper" not in always


def test_a_step_the_snapshot_never_heard_of_is_as_the_playbook_says() -> None:
    """Seven days usually, nine at most, after the booking is made."""
    found = ranges(measured(Lengths(number=1)), 0)
    assert (days(found["form"].start), days(found["form"].end)) == (1, 3)
    assert days(found["visited"].start) == pytest.approx(10.5, abs=0.7)


@given(st.floats(0, 40), st.floats(0.01, 0.99))
def test_what_still_lasts_ends_after_now_and_later_for_more(elapsed: float, share: float) -> None:
    """Also far beyond everything that was ever seen."""
    passed = round(elapsed * DAY)
    first, second = lasting(FORM.curve(0), passed, (share / 2, share))
    assert passed - MINUTE <= first <= second
    assert lasting(FORM.curve(0), passed + DAY, (share,))[0] >= passed + DAY - MINUTE


def test_draws_are_a_fixed_order_of_equal_shares() -> None:
    """So the same lives are drawn at every asking, and steps do not march in step."""
    one, two = (takes(even(10), name, None, 0, 1) for name in ("form", "booked"))
    assert sorted(one) == sorted(two)
    assert list(one) != list(two)
    assert [round(x / DAY, 3) for x in sorted(one)[:3]] == [0.025, 0.075, 0.125]
    assert len(one) == DRAWS


def test_lives_that_go_on_are_those_beyond_the_time_that_passed() -> None:
    """On day 5 of at most ten, they end evenly on the days that are left."""
    lengths = sorted(left(even(10), "form", 5 * DAY))
    assert lengths[0] / DAY == pytest.approx(5.01, abs=0.02)
    assert lengths[DRAWS // 2] / DAY == pytest.approx(7.5, abs=0.05)


@given(st.floats(0.01, 0.99))
def test_shares_and_lengths_are_each_other_s_inverse(share: float) -> None:
    """To the minute."""
    assert share_at(even(10), at_share(even(10), share)) == pytest.approx(share, abs=2e-4)
    assert quoted(even(10)) == (5 * DAY, 9 * DAY)


def test_a_vendor_told_apart_has_its_own_range() -> None:
    """By what is remembered when the step begins; other vendors share the rest's."""
    apart = Apart(fact="place", values=("Far",), curve=even(30), rest=even(8), counts=(200, 500))
    lengths = Lengths(
        number=1, playbooks={"visit": {"form": FORM, "booked": replace(BOOKED, apart=apart)}}
    )
    ends = [
        ranges(measured(lengths).tell(event("Form Sent", 1, place=place)), 1)["booked"].end
        for place in ("Far", "Near")
    ]
    assert [days(end) for end in ends] == [pytest.approx(1 + 27), pytest.approx(1 + 7.2)]
