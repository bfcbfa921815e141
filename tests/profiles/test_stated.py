"""What a customer states is read, or refused with what would work."""

import pytest

from ofone.domain.errors import UnusableEvent
from ofone.domain.events import Value
from ofone.profiles.stated import check, read_cadence, read_days, read_hours


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("17:00-20:00", (1020, 1200)), (" 09:30 – 24:00 ", (570, 1440)), ("00:00-00:01", (0, 1))],
)
def test_hours_are_minutes_of_one_day(text: str, minutes: tuple[int, int]) -> None:
    """The end is the first minute that no more counts; midnight is 24:00."""
    assert read_hours(text) == minutes


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Sat, Sun", {5, 6}),
        ("mon,wed-fri", {0, 2, 3, 4}),
        ("fri-mon", {4, 5, 6, 0}),
        ("wed", {2}),
    ],
)
def test_days_are_weekdays_and_spans_of_them(text: str, days: set[int]) -> None:
    """A span may go over Sunday."""
    assert read_days(text) == days


@pytest.mark.parametrize(
    ("said", "a_week"), [("often", 3), ("weekly", 1), ("needed", 0), (2, 2), (0.5, 0.5)]
)
def test_a_cadence_is_messages_a_week(said: Value, a_week: float) -> None:
    """In a word or in a number."""
    assert read_cadence(said) == a_week


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"hours": "20:00-17:00"}, "'20:00-17:00' are not hours of one day; .* like 17:00-20:00"),
        ({"hours": "9-17"}, "not hours"),
        ({"hours": "17:00-24:30"}, "not hours"),
        ({"hours": ["17:00-20:00"]}, "not hours"),
        ({"hours": ""}, "not hours"),
        ({"days": "weekdays"}, "'weekdays' are not weekdays; write mon-fri"),
        ({"days": "mon-"}, "not weekdays"),
        ({"days": ""}, "not weekdays"),
        ({"cadence": "daily"}, "'daily' is not known; write often, weekly, needed, or a number"),
        ({"cadence": True}, "cadence True is not known"),
        ({"cadence": -1}, "a week from 0 to 50"),
        ({"cadence": float("nan")}, "a week from 0 to 50"),
        ({"cadence": 10**400}, "a week from 0 to 50"),
        ({"pause": "a week"}, "'a week'; write when it is over, with its zone: 2026-03-14T09:00"),
        ({"pause": "2026-03-14T09:00:00"}, "with its zone"),
        ({"pause": 7}, "with its zone"),
    ],
)
def test_what_cannot_be_read_is_refused(said: dict[str, Value], message: str) -> None:
    """A wish is never kept that nobody can follow."""
    with pytest.raises(UnusableEvent, match=message):
        check(said)


def test_null_takes_a_word_back() -> None:
    """Every preference may be withdrawn."""
    check(dict.fromkeys(["channel", "cadence", "hours", "days", "personalisation"], None))
