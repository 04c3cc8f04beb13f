"""How much was recorded lately, and who works: asked of the database, so it is true of all.

Nobody counts in a process of his own. It costs some twenty look-ups of one event by its position,
and a count of a bounded part of the log, however long the log is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from application.event_store import EventStore
from application.owner import lock_key
from domain.process_events import PROCESS_NAMES

SPAN = 60_000_000
"""Microseconds that are looked back."""
MOST = 20_000
"""Positions that are looked at; where more came, the time that they took."""


class Recorded(NamedTuple):
    """Events a second of late."""

    all: float
    of_process: float
    """Those that process managers led to."""


def recorded(store: EventStore, now: int) -> Recorded:
    """How much was recorded in the last minute, or in as much of it as `MOST` positions are."""
    head = store.head()
    first = max(0, head - MOST)
    since = max(now - SPAN, _recorded_after(store, first, now) if first else now - SPAN)
    start = _last_before(store, first, head, since)
    with store.connection() as conn:
        row: Any = conn.execute(
            "SELECT count(*), count(*) FILTER (WHERE topic = ANY(%s))"
            " FROM countermand.orders_events WHERE notification_id > %s AND notification_id <= %s",
            (list(PROCESS_NAMES), start, head),
        ).fetchone()
    seconds = max(now - since, 1_000_000) / 1e6
    return Recorded(row[0] / seconds, row[1] / seconds)


def _last_before(store: EventStore, first: int, head: int, since: int) -> int:
    """The last position of what was recorded before `since`, found by halving."""
    before, behind = first, head + 1
    while behind - before > 1:
        middle = (before + behind) // 2
        if _recorded_after(store, middle - 1, since) < since:
            before = middle
        else:
            behind = middle
    return before


def _recorded_after(store: EventStore, position: int, none: int) -> int:
    """When the first event behind a position was recorded; `none`: there is none."""
    found = store.read(position, 1)
    return found[0].event.recorded_at if found else none


_OWNED = b"""
SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def owned(store: EventStore, names: Collection[str]) -> set[str]:
    """Which of these works somebody does now, in whatever process."""
    with store.connection() as conn:
        held = {int(row[0]) for row in conn.execute(_OWNED).fetchall()}
    return {name for name in names if lock_key(name) in held}
