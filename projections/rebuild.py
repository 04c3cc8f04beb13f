"""The views again from the log: beside the live tables, in bulk, then swapped in one transaction.

A rebuild that dies leaves the live views as they are. The follower may run all the while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any, NamedTuple

from psycopg import Connection, Cursor, errors

from application.event_store import EventStore, StalePosition, Step, set_positions
from application.follow import position_of, try_lock, unlock
from domain.refunds import Policy
from projections import beside
from projections.loading import Progress, Task, connect, load
from projections.tables import Tables
from projections.views import NAME, Views

PROJECTIONS = tuple(table.name for table in Tables())
"""They are rebuilt together: they share one position."""

POSITION = position_of(NAME)
_LOCK = "rebuild/views"

_EVENTS_AT_ONCE = 5_000


class RebuildRunning(Exception):
    """Another rebuild is at work. Wait for it, or stop it, and try again."""


class Rebuilt(NamedTuple):
    """What a rebuild did."""

    orders: int
    events: int
    seconds: float


def rebuild(
    database_url: str,
    store: EventStore,
    policy: Policy,
    clock: Callable[[], int],
    progress: Progress = lambda *_: None,
) -> Rebuilt:
    """Make all views again and swap them in. `progress` is told of events done and in all.

    Raises RebuildRunning, and what the database raises; then the live views are as they were.
    """
    began = time.monotonic()
    with connect(database_url) as conn:
        if not try_lock(conn, _LOCK):
            raise RebuildRunning("another rebuild is at work; try again when it has ended")
        try:
            tables = beside.make(conn, token_hex(3))
            task = Task(database_url, tables, store.head(), policy, clock())
            loaded = load(task, progress)
            beside.index(conn, tables)
            _Late(store, conn, task, clock).swap_in()
        finally:
            unlock(conn, _LOCK)
    return Rebuilt(loaded.orders, loaded.events, time.monotonic() - began)


class _Late:
    """What is recorded while a rebuild runs, and the swap."""

    def __init__(
        self, store: EventStore, conn: Connection[Any], task: Task, clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._conn = conn
        self._tables = task.tables
        self._views = Views(store, task.policy, task.tables)
        self._position = task.upto
        self._clock = clock

    def swap_in(self) -> None:
        """Catch up, then swap; again and again while somebody reads the live tables for long."""
        while True:
            while self._catch_up() == _EVENTS_AT_ONCE:
                pass
            try:
                return self._swap()
            except (errors.LockNotAvailable, StalePosition):
                self._views.forget()  # what it remembers was not committed
                time.sleep(1)

    def _catch_up(self) -> int:
        with self._conn.transaction(), self._conn.cursor() as cursor:
            reached, applied = self._apply(cursor, self._position)
        self._position = reached
        return applied

    def _swap(self) -> None:
        with self._conn.transaction(), self._conn.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            live = _lock_position(cursor)
            reached, applied = self._apply(cursor, self._position)
            while applied == _EVENTS_AT_ONCE:
                reached, applied = self._apply(cursor, reached)
            # A follower that stood elsewhere finds its position moved, and goes on from here.
            set_positions(cursor, [Step(POSITION, live, reached)])
            beside.swap(cursor, self._tables)

    def _apply(self, cursor: Cursor[Any], after: int) -> tuple[int, int]:
        batch = self._store.read(after, _EVENTS_AT_ONCE)
        if not batch:
            return after, 0
        self._views.apply(cursor, batch, self._clock())
        return batch[-1].position, len(batch)


def _lock_position(cursor: Cursor[Any]) -> int | None:
    """Hold the follower where it is until the swap is committed."""
    cursor.execute(
        "SELECT notification_id FROM countermand.orders_tracking"
        " WHERE application_name = %s FOR UPDATE",
        (POSITION,),
    )
    row = cursor.fetchone()
    return None if row is None else int(row[0])
