"""Feed a projection from the log: read on from a position, apply, write rows and the position.

Both in one transaction, by one owner at a time (`application.owner`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from psycopg import Connection, Cursor
from typing_extensions import override

from application.collecting import no_collection
from application.event_store import EventStore, Recorded, Step, set_positions
from application.owner import MANY, Job, Owner, Work, position_of, try_lock, unlock

__all__ = ["Follower", "Pace", "Projection", "Turn", "position_of", "try_lock", "unlock"]

_SECONDS = 1.0
"""A transaction that takes longer is followed by a smaller one, of no less than `MANY` events."""


class Projection(Protocol):
    """What a follower feeds. Called by one thread, inside the follower's transaction."""

    @property
    def name(self) -> str:
        """The follower's name; its position is stored as `follower/<name>`."""

    def prepare(self, conn: Connection[Any]) -> None:
        """Make a new connection ready for what is sent over it."""

    def forget(self) -> None:
        """Drop all that is remembered: a transaction failed, or somebody else went on."""

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded], now: int) -> None:
        """Write what a batch of events changes. `now` is in microseconds and never goes back."""

    def tick(self, cursor: Cursor[Any], position: int, now: int) -> int:
        """Write what time alone has changed, and return how much that was; 0: nothing (left)."""


class Pace(NamedTuple):
    """How a follower goes on."""

    batch: int = 20_000
    """Events in one transaction at most. The more, the fewer times an order is worked out."""
    poll: float = 0.5
    """Seconds between two looks at the log where nobody says that something was written."""


class Follower(Owner):
    """One projection's reader of the log."""

    def __init__(
        self,
        database_url: str,
        store: EventStore,
        projection: Projection,
        clock: Callable[[], int],
        pace: Pace | None = None,
    ) -> None:
        pace = pace or Pace()

        def begin(conn: Connection[Any]) -> Turn:
            projection.prepare(conn)
            return Turn(store, conn, projection, clock, pace)

        job = Job(position_of(projection.name), begin, pace.poll)
        super().__init__(database_url, store, job)


class Turn(Work):
    """The owner's work: one transaction after the other, for as long as its connection lives."""

    def __init__(
        self,
        store: EventStore,
        conn: Connection[Any],
        projection: Projection,
        clock: Callable[[], int],
        pace: Pace,
    ) -> None:
        self._store = store
        self._conn = conn
        self._name = position_of(projection.name)
        self._projection = projection
        self._clock = clock
        self._now = 0
        self._pace = pace
        self._size = min(MANY, pace.batch)
        self._ticks_at = 0.0
        self._stored = store.positions(self._name).get(self._name)
        self._is_level = False
        projection.forget()

    @property
    @override
    def position(self) -> int:
        return self._stored or 0

    @property
    @override
    def is_level(self) -> bool:
        return self._is_level

    @override
    def step(self) -> int:
        """Apply the next batch in one transaction; return how many events, or what time changed.

        Raises StalePosition when somebody else went on, and what the database raises.
        """
        self._now = max(self._now, self._clock())
        began = time.monotonic()
        with no_collection():
            batch = self._store.read(self.position, self._size)
            done = self._write(batch)
        self._is_level = len(batch) < self._size
        self._fit(len(batch), time.monotonic() - began)
        return done

    def _write(self, batch: Sequence[Recorded]) -> int:
        last = batch[-1].position if batch else self.position
        try:
            with self._conn.transaction(), self._conn.cursor() as cursor:
                if batch:
                    # First of all: it locks the position against a swap of rebuilt tables.
                    set_positions(cursor, [Step(self._name, self._stored, last)])
                    self._projection.apply(cursor, batch, self._now)
                done = len(batch) + self._tick(cursor, last, is_idle=not batch)
        except BaseException:
            self._projection.forget()
            raise
        self._stored = last if batch else self._stored
        return done

    def _tick(self, cursor: Cursor[Any], position: int, *, is_idle: bool) -> int:
        """Let time pass, now and then also while there are always more events."""
        if not is_idle and time.monotonic() < self._ticks_at:
            return 0
        self._ticks_at = time.monotonic() + self._pace.poll
        return self._projection.tick(cursor, position, self._now)

    def _fit(self, applied: int, seconds: float) -> None:
        if seconds > _SECONDS:
            self._size = max(self._size // 2, min(MANY, self._pace.batch))
        elif applied == self._size:
            self._size = min(self._size * 2, self._pace.batch)
