"""The closed vocabularies."""

from typing import get_args

from ofone.domain.effects import HelperView
from ofone.domain.words import CHANNELS, NEEDS, PURPOSES, Channel, Need, Purpose


def test_the_lists_are_the_types() -> None:
    """One place for every word."""
    assert get_args(Need) == NEEDS
    assert get_args(Channel) == CHANNELS
    assert get_args(Purpose) == PURPOSES


def test_needs_are_words_of_service() -> None:
    """Nothing clinical: not in code, database, API or screen."""
    clinical = ("anxi", "depress", "stress", "disorder", "score", "patient")
    assert not [need for need in NEEDS for word in clinical if word in need]


def test_what_a_helper_sees_has_no_field_for_a_need_or_an_approach() -> None:
    """The leak that does not type-check: what a helper knows anyway, and nothing else."""
    assert set(HelperView.__struct_fields__) == {
        *("helper", "helper_name", "role", "customer", "customer_name"),
        *("journey_title", "step", "step_title", "step_entered", "step_days", "address", "phone"),
    }
