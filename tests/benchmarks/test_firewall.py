"""What helpers see says nothing of a need; and the proof of it can fail."""

import sys
from contextlib import nullcontext

import numpy as np
import pytest

from ofone.benchmarks import firewall as bench
from ofone.benchmarks.firewall import advantage, attack, firewall, interference, order
from ofone.benchmarks.leaks import LEAKS
from ofone.benchmarks.measure import books
from ofone.domain.errors import OfoneError
from ofone.runtime import dispatch


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_what_helpers_see_is_the_same_whatever_is_needed(seed: int) -> None:
    """Non-interference: needs at 3, at -3, and as random private evidence says: the same bytes."""
    found = interference(500, seed)
    assert found["unlike"] == 0, found["first"]
    assert found["customers_told_differently"] > 250
    assert found["messages"] > 700
    assert found["of_them_requests"] > 200


def test_helpers_messages_come_in_an_order_that_says_nothing() -> None:
    """Also about several customers of one helper, and after we were down for days."""
    found = order(6, 1)
    assert found["unlike"] == 0, found["first"]
    assert found["messages"] > 150


def test_an_order_that_follows_the_customers_messages_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As it once was: who was written to first was told of first."""
    monkeypatch.setattr(dispatch, "_turn", lambda _: True)
    assert order(6, 1)["unlike"] > 0


@pytest.mark.parametrize("name", LEAKS)
def test_a_build_that_leaks_is_caught_by_the_proof_and_by_the_attacker(name: str) -> None:
    """Without these two the proof would have no power; and afterwards nothing leaks any more."""
    with LEAKS[name]():
        assert interference(30, 1)["unlike"] > 0
        assert attack(400, 1, books(), ("believed",))["believed"]["added"] > bench.LEAST
    assert interference(10, 1)["unlike"] == 0


def test_a_bench_that_finds_a_leak_or_misses_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a check: the figures are said, and then it is an error."""
    monkeypatch.setattr(bench, "LEAKS", {"nothing leaks": nullcontext})
    few = {"journeys": "3", "companies": "1", "customers": "60", "leaking": "60", "tried": "2"}
    with pytest.raises(OfoneError, match="part 1 does not catch that nothing leaks"):
        firewall(few)


def test_the_advantage_is_that_of_known_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a score and of pure chance: AUCs by counting pairs, and an interval that holds them."""
    chance = np.random.default_rng(1)
    high = chance.random(400) < 0.3
    score = {1: chance.normal(size=400), 2: chance.normal(size=400) + high}
    monkeypatch.setattr(bench, "_fitted", lambda x, *_: score[x.shape[1]])
    one = np.zeros((400, 1))
    found = advantage(one, one, high, 1)
    pairs = [np.mean(s[high][:, None] > s[~high]) for s in score.values()]
    assert [found["auc_O"][0], found["auc_V_and_O"][0]] == pytest.approx(pairs, abs=1e-4)
    assert found["lower_95"] < 2 * (0.7602 - 0.5) < found["upper_95"]


def test_one_score_twice_adds_nothing_for_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interval is that of the difference on the same people, not of two samples."""
    score = np.random.default_rng(2).random(50)
    monkeypatch.setattr(bench, "_fitted", lambda *_: score)
    found = advantage(np.zeros((50, 1)), np.zeros((50, 1)), score > np.median(score), 1)
    assert (found["added"], found["lower_95"], found["upper_95"]) == (0, 0, 0)


def test_without_scikit_learn_the_attack_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is an extra: nobody needs it to run journeys."""
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(OfoneError, match=r"pip install 'ofone\[bench\]'"):
        attack(20, 1, books())
