"""Feeds the three tables of orders from the log: fold, derive once an order a batch, write.

Rows are what `domain.information` says of an order at one moment. What time alone changes (a held
refund turns due) is derived again by the follower's tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor

from application.event_store import EventStore, Recorded, stream_id
from application.follow import Follower, Pace
from domain.information import OrderInformation, order_information
from domain.order import Order, evolve, fold
from domain.process_events import ProcessEvent
from domain.refunds import Policy, Refund
from projections import cancelled_orders, refunds
from projections import order_information as orders
from projections.columns import teach
from projections.shown import Shown
from projections.table import Row
from projections.tables import LIVE, Tables

NAME = "views"


_KEPT = 400_000
"""How much is remembered: events and lines of orders, all together. About 1 KB each."""

_DUE_AT_ONCE = 500
"""Orders derived again in one transaction because time has passed."""


def views_follower(
    database_url: str,
    store: EventStore,
    policy: Policy,
    clock: Callable[[], int],
    pace: Pace | None = None,
) -> Follower:
    """The follower that feeds Order Information, Cancelled Orders and Refunds."""
    return Follower(database_url, store, Views(store, policy), clock, pace)


_UNKNOWN: Row = ()
"""The row of an order that is not remembered: written again, or deleted, in any case."""


class _Kept:
    """An order as the last transaction left it."""

    __slots__ = ("cancelled", "listed", "order", "position", "refunds", "weight")

    def __init__(self, order: Order | None = None, position: int = 0) -> None:
        self.order = order
        self.position = position
        self.weight = 0
        # What its rows are, to write no row again that has not changed.
        self.refunds: tuple[Refund, ...] = ()
        self.listed: frozenset[str] | None = frozenset() if order is None else None
        """Refund ids that have a row; none: to be looked up."""
        self.cancelled: Row | None = _UNKNOWN if order is not None else None


class _Changes:
    """The rows to write and to delete, by table."""

    def __init__(self) -> None:
        self.orders: list[Row] = []
        self.cancelled: list[Row] = []
        self.no_longer_cancelled: list[Row] = []
        self.refunds: list[Row] = []
        self.refunds_gone: list[Row] = []

    def write(self, cursor: Cursor[Any], tables: Tables) -> None:
        """Send all statements at once, and wait once for their answers."""
        with cursor.connection.pipeline():
            tables.orders.upsert(cursor, self.orders)
            tables.cancelled.upsert(cursor, self.cancelled)
            tables.cancelled.delete(cursor, self.no_longer_cancelled)
            tables.refunds.upsert(cursor, self.refunds)
            tables.refunds.delete(cursor, self.refunds_gone)


class Views:
    """The projection of the three tables."""

    name = NAME

    def __init__(
        self, store: EventStore, policy: Policy, tables: Tables = LIVE, limit: int = _KEPT
    ) -> None:
        self._store = store
        self._policy = policy
        self._tables = tables
        self._limit = limit
        self._weight = 0
        self._kept: dict[UUID, _Kept] = {}

    def prepare(self, conn: Connection[Any]) -> None:
        """Let a new connection send whole columns."""
        teach(conn)

    def forget(self) -> None:
        """Drop all orders that are remembered."""
        self._kept.clear()
        self._weight = 0

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded], now: int) -> None:
        """Write the rows of every order that the batch is about, once each."""
        before = batch[0].position - 1
        batch = [one for one in batch if not isinstance(one.event, ProcessEvent)]
        self._recall(self._cold(batch), before)
        touched: dict[UUID, _Kept] = {}
        for position, stream, _, event in batch:
            kept = touched.get(stream)
            if kept is None:
                kept = touched[stream] = self._take(stream)
            kept.order = evolve(kept.order, event)
            kept.position = position
        self._write(cursor, touched, now)

    def tick(self, cursor: Cursor[Any], position: int, now: int) -> int:
        """Derive the orders again whose held refunds turn due by `now`."""
        due = cursor.execute(
            f"SELECT order_id, position FROM countermand.{self._tables.orders.name}"  # noqa: S608  # our own name
            " WHERE turns_due_at <= %s ORDER BY turns_due_at LIMIT %s",
            (now, _DUE_AT_ONCE),
            prepare=True,
        ).fetchall()
        if not due:
            return 0
        positions = {stream_id(order_id): last for order_id, last in due}
        self._recall([stream for stream in positions if stream not in self._kept], position)
        touched = {stream: self._take(stream) for stream in positions}
        for stream, kept in touched.items():
            kept.position = positions[stream]
        self._write(cursor, touched, now)
        return len(due)

    def _cold(self, batch: Iterable[Recorded]) -> list[UUID]:
        """The orders that the batch goes on with, and that are not remembered."""
        first: dict[UUID, int] = {}
        for _, stream, version, _ in batch:
            first.setdefault(stream, version)
        kept = self._kept
        return [stream for stream, version in first.items() if version > 1 and stream not in kept]

    def _recall(self, streams: Sequence[UUID], upto: int) -> None:
        if not streams:
            return
        for stream, recorded in self._store.load(streams, upto).items():
            self._kept[stream] = _Kept(fold(event for _, event in recorded))

    def _take(self, stream: UUID) -> _Kept:
        """Take an order out of what is remembered; `_remember` puts it back as the newest."""
        kept = self._kept.pop(stream, None)
        if kept is None:
            return _Kept()
        self._weight -= kept.weight
        return kept

    def _write(self, cursor: Cursor[Any], touched: dict[UUID, _Kept], now: int) -> None:
        self._look_up_refunds(cursor, touched.values())
        changes = _Changes()
        for kept in touched.values():
            self._derive(kept, now, changes)
        changes.write(cursor, self._tables)
        self._remember(touched)

    def _look_up_refunds(self, cursor: Cursor[Any], touched: Iterable[_Kept]) -> None:
        unknown = {
            kept.order.order_id: kept for kept in touched if kept.order and kept.listed is None
        }
        if not unknown:
            return
        listed: dict[str, list[str]] = {order_id: [] for order_id in unknown}
        rows = cursor.execute(
            f"SELECT order_id, refund_id FROM countermand.{self._tables.refunds.name}"  # noqa: S608  # our own name
            " WHERE order_id = ANY(%s)",
            (list(unknown),),
            prepare=True,
        )
        for order_id, refund_id in rows:
            listed[order_id].append(refund_id)
        for order_id, kept in unknown.items():
            kept.listed = frozenset(listed[order_id])

    def _derive(self, kept: _Kept, now: int, changes: _Changes) -> None:
        if kept.order is None:
            return
        info = order_information(kept.order, now, self._policy)
        shown = Shown.of(info)
        changes.orders.append(orders.row(shown, now, kept.position))
        self._derive_cancelled(kept, info, changes)
        self._derive_refunds(kept, shown, changes)

    def _derive_cancelled(self, kept: _Kept, info: OrderInformation, changes: _Changes) -> None:
        row = cancelled_orders.row(info)
        if row == kept.cancelled:
            return
        if row is not None:
            changes.cancelled.append(row)
        else:
            changes.no_longer_cancelled.append((info.order_id,))
        kept.cancelled = row

    def _derive_refunds(self, kept: _Kept, shown: Shown, changes: _Changes) -> None:
        info = shown.info
        written = frozenset([refund.refund_id for refund in info.refunds])
        if info.refunds == kept.refunds and written == kept.listed:
            return
        changes.refunds += refunds.rows(shown, kept.refunds)
        for gone in (kept.listed or frozenset()) - written:
            changes.refunds_gone.append((info.order_id, gone))
        kept.refunds, kept.listed = info.refunds, written

    def _remember(self, touched: dict[UUID, _Kept]) -> None:
        """Keep the orders just written as the newest, and as many of the others as fit."""
        for kept in touched.values():
            if kept.order is not None:
                kept.weight = kept.order.version + len(kept.order.placed.lines)
                self._weight += kept.weight
        self._kept.update(touched)
        while self._weight > self._limit and self._kept:
            oldest = next(iter(self._kept))
            self._weight -= self._kept.pop(oldest).weight
