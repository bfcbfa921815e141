"""Each benchmark runs, at a size that tells nothing about speed."""

import pytest

from ofone.benchmarks import BENCHMARKS, benchmark
from ofone.domain.errors import OfoneError
from ofone.stores.sqlite import SqliteStore


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_an_unknown_option_is_refused_with_those_that_work(name: str) -> None:
    """A misspelt option is not ignored: the figures would be those of another question."""
    with pytest.raises(OfoneError, match=r"no option 'event'; options are: .*=\d"):
        benchmark(name)({"event": "10"})


def test_an_option_that_is_no_number_is_refused() -> None:
    """Options are whole numbers above zero."""
    with pytest.raises(OfoneError, match="runs='0' is no whole number above 0"):
        benchmark("loop")({"runs": "0"})


def test_loop_compares_with_the_floor_of_the_same_run() -> None:
    """The ratio is of two measurements, and the floor is the lesser."""
    found = benchmark("loop")({"customers": "20", "events": "200", "runs": "1", "deliveries": "20"})
    assert found["lines"] > 200
    assert found["customers"] == 20
    assert found["ratio_cpu"]["median"] > 1


def test_million_measures_both_sizes_in_processes_of_their_own() -> None:
    """The peak of memory is each size's own."""
    found = benchmark("million")({"customers": "300", "small": "100", "events": "200"})
    assert found["at_small"]["stores"] == 2
    assert found["at_large"]["customers"] == 300
    assert found["at_large"]["bytes_per_customer"] > 1_000


def test_ack_tells_the_waits_at_a_rate() -> None:
    """p50 is at most p99, and something was waited for."""
    found = benchmark("ack")({"seconds": "1", "runs": "1", "rate": "100"})
    waits = found["at_100_per_second"]
    assert 0 < waits["p50_ms"]["median"] <= waits["p99_ms"]["median"]


def test_crash_finds_no_difference_after_a_few_kills() -> None:
    """Nothing is lost and nothing is done twice, whenever the process is killed."""
    few = {"kills": "2", "live": "1", "sends": "2", "customers": "30", "events": "300"}
    found = benchmark("crash")(few)
    assert found["differences"] == 0
    assert found["kills"] == 5
    assert found["sends"]["texts"] == found["sends"]["webhooks"] == found["sends"]["customers"]


def test_profile_puts_its_clocks_away() -> None:
    """Stages add up, and afterwards nothing is measured any more."""
    before = SqliteStore.commit
    found = benchmark("profile")({"customers": "20", "events": "200"})
    assert sum(s["percent"] for s in found["stages"].values()) == pytest.approx(100, abs=1)
    assert SqliteStore.commit is before


def test_dispatch_hands_every_email_to_a_server_in_another_process() -> None:
    """All that were asked for arrive, and the bare loop has sent the same ones."""
    found = benchmark("dispatch")({"customers": "6", "runs": "1"})
    assert found["emails"] >= 18
    assert found["emails_per_second"]["median"] > 0
    assert found["bare_per_second_of_cpu"]["median"] > 0
    assert found["rendering_ms"]["median"] > 0
