"""Probabilities that add up, and draws that keep to them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.decisions.choice import draw, held_out, probabilities, seed_of

OPTIONS = ("warm", "plain", "brief")

eligible = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=9, unique=True)


@given(eligible, st.data(), st.floats(0, 0.2))
def test_probabilities_add_up_and_leave_everyone_a_share(
    names: list[str], data: st.DataObject, explore: float
) -> None:
    """Their sum is 1, no option has less than e/n, and the preferred one has the most."""
    preferred = data.draw(st.sampled_from(names))
    chances = probabilities(names, preferred, explore)
    assert list(chances) == names
    assert abs(sum(chances.values()) - 1) <= 1e-12
    assert min(chances.values()) >= explore / len(names) * (1 - 1e-12)
    assert max(chances, key=lambda n: (chances[n], n == preferred)) == preferred


def test_without_exploration_the_preferred_option_is_certain() -> None:
    """e = 0, or a single option: probability 1, whatever the seed."""
    assert probabilities(OPTIONS, "plain", 0) == {"warm": 0, "plain": 1, "brief": 0}
    assert probabilities(["plain"], "plain", 0.2) == {"plain": 1}
    assert {draw(probabilities(OPTIONS, "plain", 0), seed_of("ana", n, 0)) for n in range(500)} == {
        "plain"
    }


def test_draws_follow_the_probabilities_that_are_recorded() -> None:
    """Chi-square of 20,000 draws over customers and numbers, 2 degrees of freedom, p > .001."""
    chances = probabilities(OPTIONS, "plain", 0.2)
    drawn = Counter(draw(chances, seed_of(f"c{n % 400}", n // 400, 1)) for n in range(20_000))
    square = sum((drawn[o] - 20_000 * p) ** 2 / (20_000 * p) for o, p in chances.items())
    assert square < 13.8


def test_draws_of_one_customer_are_not_tied_to_each_other() -> None:
    """Chi-square of pairs of successive draws, 8 degrees of freedom, p > .001."""
    chances = dict.fromkeys(OPTIONS, 1 / 3)
    drawn = [draw(chances, seed_of("ana", n, 0)) for n in range(18_000)]
    pairs = Counter(zip(drawn[::2], drawn[1::2], strict=True))
    assert sum((pairs[a, b] - 1_000) ** 2 / 1_000 for a in OPTIONS for b in OPTIONS) < 26.1


def test_a_seed_is_the_same_on_every_machine() -> None:
    """Pinned: a replay years from now draws the same."""
    assert seed_of("ana", 0, 0) == 8_175_094_117_988_794_404


@given(st.text(max_size=9), st.integers(0, 10**6), st.integers(0, 99))
def test_every_input_of_a_seed_counts(customer: str, number: int, policy: int) -> None:
    """Customer, decision number and policy each change the seed."""
    one = seed_of(customer, number, policy)
    assert 0 <= one < 2**63
    assert one != seed_of(customer + "x", number, policy)
    assert one != seed_of(customer, number + 1, policy)
    assert one != seed_of(customer, number, policy + 1)


@pytest.mark.parametrize(
    ("seed", "chosen"), [(0, "a"), (2**62 - 1024, "a"), (2**62, "b"), (2**63 - 1, "b")]
)
def test_the_whole_range_of_seeds_is_shared_out(seed: int, chosen: str) -> None:
    """The lower half to the first of two equals, also at the very ends."""
    assert draw({"a": 0.5, "b": 0.5, "never": 0.0}, seed) == chosen


def test_the_hold_out_is_a_stable_share_and_another_one_in_each_playbook() -> None:
    """The hash is of the two names only: these are the same people on every machine."""
    people = [f"c{n}" for n in range(20_000)]
    held = [c for c in people if held_out("visit", c, 0.1)]
    assert abs(len(held) / len(people) - 0.1) < 0.01
    assert held[:3] == ["c29", "c40", "c44"]
    both = [c for c in held if held_out("loan", c, 0.1)]
    assert abs(len(both) / len(held) - 0.1) < 0.03
    assert not any(held_out("visit", c, 0.0) for c in people[:100])
    assert set(held) <= {c for c in people if held_out("visit", c, 0.2)}
