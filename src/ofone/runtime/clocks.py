"""The two clocks: the wall's, and the events' own."""

import time

from ofone.domain.times import Micros


class RealClock:
    """Wall time, which for one customer never goes back."""

    def now(self, at: Micros, last: Micros) -> Micros:
        return max(time.time_ns() // 1000, last)

    def firing(self, due: Micros, last: Micros) -> Micros:
        return max(time.time_ns() // 1000, last, due)


class VirtualClock:
    """A replay's time: each customer lives at the time of the own events.

    Customers are independent, so a file need not be ordered across them; timers of a customer fire
    at their very due time, in order, between the events. A late event is taken at the time that
    customer has already reached.
    """

    def now(self, at: Micros, last: Micros) -> Micros:
        return max(at, last)

    def firing(self, due: Micros, last: Micros) -> Micros:
        return max(due, last)
