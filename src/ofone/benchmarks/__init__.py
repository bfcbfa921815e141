"""What this machine does with the real loop, and how right its assessments are.

Each benchmark takes options by name (texts, as they are typed) and gives plain data; what it is
doing is said on stderr. Results belong in ``docs/benchmarks.md``.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

BENCHMARKS: dict[str, str] = {
    "loop": "CPU for an event through the whole loop, against the least that could keep it",
    "million": "what an event costs, in time, memory and disk, as the store grows",
    "ack": "how soon an event is acknowledged at given rates",
    "dispatch": "e-mails a second, rendered and handed to a mail server on this machine",
    "tracker": "pages a second beside a bare route, waits at half of that, open streams",
    "crash": "kill -9 at random moments: nothing lost, nothing twice",
    "turnaround": "whether told dates hold, on real logs, and remaining time beside networks",
    "year": "a simulated year of deliveries, and every promise that it broke",
    "profile": "where the time of the loop goes",
    "needs": "adaptive questions and fusion: coverage, calibration, cost",
    "ablation": "what each source of evidence adds, and what it costs where it is wrong",
    "text": "the reader of texts: quality, calibration, speed, and its published rivals",
    "firewall": "what helpers see says nothing of needs: proved, attacked, and tried on leaks",
    "voice": "recorded calls to words: errors, cost, memory, with the model at hand",
}
"""Each in the module of its name, as the function of its name."""


def benchmark(name: str) -> Callable[[dict[str, str]], dict[str, Any]]:
    """The benchmark of that name; imported only now, since some bring large libraries."""
    found: Callable[[dict[str, str]], dict[str, Any]] = getattr(
        import_module(f"ofone.benchmarks.{name}"), name
    )
    return found


__all__ = ["BENCHMARKS", "benchmark"]
