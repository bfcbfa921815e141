"""How often: small counters in memory, with the clock as an argument. A restart forgets them."""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

MOST = 20_000
"""Keys remembered at most by each counter; beyond that the one not seen for longest is forgotten.
"""


class Pace:
    """At most ``burst`` at once for each key, and one more every ``every_s`` seconds.

    The generic cell rate algorithm (ITU-T I.371): one number for each key, the moment at which all
    that was taken is worked off.
    """

    def __init__(self, burst: int, every_s: float, *, most: int = MOST) -> None:
        self.burst = burst
        self.every_s = every_s
        self.most = most
        self._done: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str, now_s: float) -> float:
        """0 when this one may be, else the seconds until the next may; it is not taken then."""
        done = max(self._done.get(key, now_s), now_s)
        wait = done - now_s - (self.burst - 1) * self.every_s
        if wait > 1e-6:  # what was worked off to the last digit is worked off
            return wait
        self._done[key] = done + self.every_s
        self._done.move_to_end(key)
        while len(self._done) > self.most:
            self._done.popitem(last=False)
        return 0.0

    def __len__(self) -> int:
        return len(self._done)


class Tries:
    """At most ``most_each`` tries for each key, ever."""

    def __init__(self, most_each: int, *, most: int = MOST) -> None:
        self.most_each = most_each
        self.most = most
        self._made: OrderedDict[str, int] = OrderedDict()

    def left(self, key: str) -> int:
        """How many are left."""
        return max(0, self.most_each - self._made.get(key, 0))

    def count(self, key: str) -> None:
        """One was made."""
        self._made[key] = self._made.get(key, 0) + 1
        self._made.move_to_end(key)
        while len(self._made) > self.most:
            self._made.popitem(last=False)

    def spend(self, key: str) -> None:
        """None is left from now on."""
        self._made[key] = self.most_each
        self.count(key)

    def __len__(self) -> int:
        return len(self._made)


def place(host: str | None) -> str:
    """What stands for a client's address: an IPv6 client owns a whole /64."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or "?"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
