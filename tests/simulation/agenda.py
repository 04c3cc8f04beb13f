"""A fake clock, and what is to happen when."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

from tests.support.shop import NOW, SECOND

HOUR = 3_600 * SECOND
DAY = 24 * HOUR


class Agenda:
    """Things that happen at a time. `now` is in microseconds, and moves only by `move_to`."""

    def __init__(self) -> None:
        self.now = NOW
        self._numbers = count()
        self._things: list[tuple[int, int, Callable[[], None]]] = []

    def clock(self) -> int:
        """What every process takes for the time."""
        return self.now

    def after(self, pause: int, happen: Callable[[], None]) -> None:
        """Let something happen `pause` microseconds from now."""
        heapq.heappush(self._things, (self.now + pause, next(self._numbers), happen))

    def next_at(self) -> int | None:
        """When the next thing happens; none: nothing is planned."""
        return self._things[0][0] if self._things else None

    def move_to(self, moment: int) -> None:
        """Move the clock; it never goes back."""
        self.now = max(self.now, moment)

    def happen(self) -> bool:
        """Move to the next thing, and let it happen; false: nothing is planned."""
        if not self._things:
            return False
        at, _, happen = heapq.heappop(self._things)
        self.move_to(at)
        happen()
        return True
