"""When a partition must stop: a broken producer is noticed before its topic is emptied.

Open dead letters count, so dropping or retrying them lets a partition go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from typing import NamedTuple

from typing_extensions import override

from application.event_store import EventStore
from consumers.topics import Place

WINDOW = 1_000
"""Records of a partition that are looked at, the newest ones."""


class DeadLimit(NamedTuple):
    """A partition stops when more than `share` of its window is dead, and at least `at_least`."""

    share: float = 0.5
    at_least: int = 100


class Window:
    """The newest records of one partition: which of them are dead."""

    def __init__(self, limit: DeadLimit) -> None:
        self._limit = limit
        self._dead: deque[bool] = deque(maxlen=WINDOW)
        self._count = 0

    def add(self, *, dead: bool) -> None:
        if len(self._dead) == WINDOW:
            self._count -= self._dead[0]
        self._dead.append(dead)
        self._count += dead

    def add_good(self, number: int) -> None:
        """As `add` for so many good records, and faster while none is dead."""
        if self._count:
            for _ in range(min(number, WINDOW)):
                self.add(dead=False)
        else:
            self._dead.extend([False] * min(number, WINDOW))

    def copy(self) -> Window:
        twin = Window(self._limit)
        twin._dead, twin._count = self._dead.copy(), self._count
        return twin

    @property
    def over(self) -> bool:
        return self._count >= self._limit.at_least and self._count > self._limit.share * len(
            self._dead
        )

    @override
    def __str__(self) -> str:
        return f"{self._count} of the last {len(self._dead)} records are dead letters"


def window(store: EventStore, place: Place, position: int | None, limit: DeadLimit) -> Window:
    """Rebuild a partition's window from its open dead letters up to `position`."""
    found = Window(limit)
    if position is None:
        return found
    first = max(0, position - WINDOW + 1)
    dead = _dead_offsets(store, place, first)
    for offset in _newest(range(first, position + 1)):
        found.add(dead=offset in dead)
    return found


def _newest(offsets: range) -> Iterable[int]:
    return offsets[-WINDOW:]


def _dead_offsets(store: EventStore, place: Place, first: int) -> Collection[int]:
    with store.connection() as conn:
        rows = conn.execute(
            "SELECT kafka_offset FROM countermand.dead_letters WHERE topic = %s"
            " AND kafka_partition = %s AND kafka_offset >= %s AND state = 'open'",
            (place.topic, place.partition, first),
        )
        return {row[0] for row in rows}
