"""How fast somebody may ask: a bucket of tokens for each, in this process's memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil

from web.problems import Problem

MOST = 20_000
"""Names that are remembered. Who was silent longest is forgotten, and has a full bucket then."""


class Buckets:
    """A bucket for each name: it fills at `rate` a second, up to `rate * burst`; 0: no limit."""

    def __init__(
        self, rate: float, burst: float, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._size = max(1.0, rate * burst)
        self._seconds = seconds
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """Take one token out. Raises Problem 429 when there is none."""
        if not self._rate:
            return
        now = self._seconds()
        left, since = self._left.pop(name, (self._size, now))
        left = min(self._size, left + (now - since) * self._rate)
        is_empty = left < 1
        self._left[name] = (left if is_empty else left - 1, now)
        if len(self._left) > MOST:
            self._left.popitem(last=False)
        if is_empty:
            wait = str(ceil((1 - left) / self._rate))
            detail = f"more than {self._rate:g} requests a second are not answered"
            raise Problem("too-many-requests", detail, {"Retry-After": wait})


@lru_cache(maxsize=4_096)
def place_of(address: str) -> str:
    """The address that is counted: of IPv6 the network, for one house has all of it."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or int(found) >> 64)
    return address
