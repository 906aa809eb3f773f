"""How often one client may ask: a bucket of `burst` requests that fills again at a steady rate."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

MOST_CLIENTS = 10_000  # about 2 MB; of more, the one that was longest silent is forgotten
SHARED_BITS = 64  # of an IPv6 address: what one customer has, who may choose the rest anew for each request


@dataclass(frozen=True)
class Verdict:
    """`remaining`: requests that may follow at once; `reset`: seconds until the bucket is full; `wait`: until the
    next one may come, 0 if this one may.
    """

    remaining: int
    reset: float
    wait: float


class RateLimiter:
    """The generic cell rate algorithm (ITU-T I.371): of each client one number, when its bucket will be full again."""

    def __init__(self, per_second: float, burst: int, most_clients: int = MOST_CLIENTS) -> None:
        self.burst = burst
        self._interval = 1 / per_second
        self._most = most_clients
        self._full_at: OrderedDict[str, float] = OrderedDict()

    @property
    def window(self) -> float:
        """Seconds in which an empty bucket fills."""
        return self.burst * self._interval

    def ask(self, client: str, now: float) -> Verdict:
        """Take one request out of the client's bucket, if there is one left; `now` in seconds of a steady clock."""
        debt = max(self._full_at.get(client, now) - now, 0.0)
        after = debt + self._interval
        if after > self.window * (1 + 1e-9):
            return Verdict(0, debt, after - self.window)
        self._full_at[client] = now + after
        self._full_at.move_to_end(client)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return Verdict(math.floor((self.window - after) / self._interval + 1e-6), after, 0.0)

    @property
    def count_clients(self) -> int:
        return len(self._full_at)


def client_of(address: str) -> str:
    """An IPv4 address, also one that is written as IPv6, or the network of an IPv6 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> SHARED_BITS << SHARED_BITS)}/{SHARED_BITS}"
    return str(parsed)
