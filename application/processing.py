"""The role `process`: one owner follows the log, and everybody fires deadlines."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from psycopg import Connection
from typing_extensions import override

from application.deadlines import SqlDeadlines
from application.event_store import EventStore
from application.late_cancellations import POSITION, LateCancellations, Pace, Rules
from application.owner import Job, Owner, Work


class _Following(Work):
    """The owner's work: the log, and the deadlines between its batches."""

    def __init__(self, conn: Connection[Any], runner: LateCancellations, pace: Pace) -> None:
        self._conn = conn
        self._runner = runner
        self._pace = pace
        self._is_level = False
        self._fires_at = 0.0

    @property
    @override
    def position(self) -> int:
        return self._runner.position

    @property
    @override
    def is_level(self) -> bool:
        return self._is_level

    @override
    def step(self) -> int:
        self._conn.execute(b"SELECT 1")  # is it still ours? It raises where it is not
        read = self._runner.follow()
        fired = self._fire(is_idle=not read)
        self._is_level = self._runner.is_level and fired < self._pace.deadlines
        return fired + read

    def _fire(self, *, is_idle: bool) -> int:
        """Fire deadlines, now and then also while there are always more events."""
        if not is_idle and time.monotonic() < self._fires_at:
            return 0
        fired = self._runner.fire()
        if fired < self._pace.deadlines:
            self._fires_at = time.monotonic() + self._pace.poll
        return fired


def processes(
    database_url: str,
    store: EventStore,
    rules: Rules,
    clock: Callable[[], int],
    pace: Pace | None = None,
) -> Owner:
    """Make a process of the role. Start as many as deadlines need; one of them follows the log."""
    pace = pace or Pace()
    deadlines = SqlDeadlines(store, *rules)
    runner = LateCancellations(store, deadlines, rules, clock, pace)

    def begin(conn: Connection[Any]) -> Work:
        deadlines.outdate(clock())
        runner.begin()
        return _Following(conn, runner, pace)

    return Owner(database_url, store, Job(POSITION, begin, pace.poll, beside=runner.fire))
