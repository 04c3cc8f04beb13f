"""What process managers wait for: a row an order, found by its deadline, fired by one of many.

Rows are written in the transaction of the events that set them. A claim is a lease: whoever dies
with one is followed by another when it has run out, and the versions of the streams see to it that
a deadline fires once, however many hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from application.event_columns import BinaryArray, bigints, ints, pack_ids, texts
from application.event_store import EventStore
from application.recording import Conflict, Statement
from domain.late_cancellation import Terms
from domain.refunds import Policy

LEASE = 60_000_000
"""Microseconds for which a claim keeps others away. Longer than any batch takes."""

DUE = b"""
UPDATE countermand.processes SET leased_until = %s
WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM countermand.processes WHERE due_at <= %s AND leased_until <= %s
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
))
RETURNING order_id
"""
"""Parameters: leased until when, now, now, how many."""

_KNOWN = b"SELECT stream_id, order_id FROM countermand.processes WHERE stream_id = ANY(%b::uuid[])"
_COUNTED = b"""
SELECT coalesce(sum(open), 0), coalesce(sum(overdue), 0),
       min(due_at) FILTER (WHERE failure IS NULL)
FROM countermand.processes
"""
_FAILURES = b"""
SELECT order_id, failure FROM countermand.processes WHERE failure IS NOT NULL
ORDER BY order_id LIMIT 10
"""
_OUTDATED = b"""
UPDATE countermand.processes SET due_at = least(due_at, %s)
WHERE rules <> %s AND (open > 0 OR due_at IS NOT NULL)
"""
_WRITE = """
INSERT INTO countermand.processes AS known (
    stream_id, order_id, order_version, process_version,
    due_at, leased_until, open, overdue, failure, rules
)
SELECT *, %s::bigint FROM unnest(
    %b::uuid[], %b::text[], %b::int[], %b::int[],
    %b::bigint[], %b::bigint[], %b::int[], %b::int[], %b::text[]
)
ON CONFLICT (stream_id) DO UPDATE SET
    order_version = excluded.order_version, process_version = excluded.process_version,
    due_at = excluded.due_at, leased_until = excluded.leased_until,
    open = excluded.open, overdue = excluded.overdue,
    failure = excluded.failure, rules = excluded.rules
WHERE known.order_version <= excluded.order_version
  AND known.process_version <= excluded.process_version
RETURNING true
"""


class Row(NamedTuple):
    """What is known of an order's process at these versions of its two streams."""

    stream_id: UUID
    """The order's."""
    order_id: str
    order_version: int
    process_version: int
    due_at: int | None
    """When time alone makes a step, in microseconds; none: only a new fact can."""
    leased_until: int = 0
    open: int = 0
    """How many waits there are."""
    overdue: int = 0
    failure: str | None = None
    """Why it could not be worked out; it is tried again when the lease has run out."""


_COLUMNS: tuple[Callable[[Sequence[Any]], BinaryArray], ...] = (
    pack_ids,
    texts,
    ints,
    ints,
    bigints,
    bigints,
    ints,
    ints,
    texts,
)
"""How each column of rows is sent; psycopg's own lists would take five times as long."""


class Counted(NamedTuple):
    """Waits of all orders, and how it stands with them."""

    open: int
    overdue: int
    due_next: int | None
    """The earliest deadline, in microseconds; one that has passed should have been fired."""
    failures: list[tuple[str, str]]
    """Orders that could not be worked out, and why; the first ten."""


class Deadlines(Protocol):
    """Where the rows are."""

    def rows_for(self, streams: Collection[UUID]) -> dict[UUID, str]:
        """Those of these orders' streams that have a row, with their order ids."""

    def due(self, now: int, limit: int) -> list[str]:
        """Up to `limit` orders whose deadline has passed, leased to the caller; earliest first."""

    def statement(self, rows: Sequence[Row]) -> Statement:
        """What writes these rows, or raises Conflict where one has seen newer versions."""


class SqlDeadlines:
    """The rows in PostgreSQL."""

    def __init__(self, store: EventStore, policy: Policy, terms: Terms, lease: int = LEASE) -> None:
        self._store = store
        self._lease = lease
        self._rules = _number_of(policy, terms)

    def rows_for(self, streams: Collection[UUID]) -> dict[UUID, str]:
        if not streams:
            return {}
        with self._store.connection() as conn, conn.cursor(binary=True) as cursor:
            return dict(cursor.execute(_KNOWN, (pack_ids(streams),), prepare=True).fetchall())

    def due(self, now: int, limit: int) -> list[str]:
        asked = (now + self._lease, now, now, limit)
        with self._store.connection() as conn:
            return [row[0] for row in conn.execute(DUE, asked, prepare=True).fetchall()]

    def statement(self, rows: Sequence[Row]) -> Statement:
        columns = zip(_COLUMNS, zip(*rows, strict=True), strict=True)
        packed = [pack(column) for pack, column in columns]
        return Statement(_WRITE, (self._rules, *packed), _all_of(len(rows)))

    def outdate(self, now: int) -> None:
        """Let every open process that was worked out by other rules be looked at again."""
        with self._store.connection() as conn:
            conn.execute(_OUTDATED, (now, self._rules))


def counted(store: EventStore) -> Counted:
    """How many waits there are."""
    with store.connection() as conn:
        row: Any = conn.execute(_COUNTED).fetchone()
        failures = conn.execute(_FAILURES).fetchall()
    return Counted(int(row[0]), int(row[1]), row[2], failures)


def _all_of(number: int) -> Callable[[list[tuple[Any, ...]]], None]:
    def check(written: list[tuple[Any, ...]]) -> None:
        if len(written) != number:
            raise Conflict("another process has looked at newer events of an order")

    return check


def _number_of(policy: Policy, terms: Terms) -> int:
    """A number that is another one for other rules."""
    said = msgspec.json.encode((policy, terms))
    return int.from_bytes(sha256(said).digest()[:8], signed=True)
