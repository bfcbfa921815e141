"""What this machine does with the real loop: cost, growth, acknowledgement, crashes, and why.

Each benchmark takes options by name (texts, as they are typed) and gives plain data; what it is
doing is said on stderr. Results belong in ``docs/benchmarks.md``.
"""

from collections.abc import Callable
from typing import Any

from ofone.benchmarks.ack import ack
from ofone.benchmarks.crash import crash
from ofone.benchmarks.loop import loop
from ofone.benchmarks.million import million
from ofone.benchmarks.profile import profile

BENCHMARKS: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "loop": loop,
    "million": million,
    "ack": ack,
    "crash": crash,
    "profile": profile,
}

__all__ = ["BENCHMARKS"]
