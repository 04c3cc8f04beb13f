"""Feeds the tables of orders from the log: fold, derive once an order a batch, write.

An order's rows are what `domain` says of it at one moment, after all events of its own stream and
of its process's. What time alone changes (a held refund turns due) is derived again by the
follower's tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from psycopg import Connection, Cursor

from application.event_store import EventStore, Recorded, process_stream_id, stream_id
from application.follow import Follower, Pace
from application.streams import may_have_process
from domain.order import evolve, fold
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from projections.columns import teach
from projections.kept import Changes, Kept
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
    """The follower that feeds all views."""
    return Follower(database_url, store, Views(store, policy), clock, pace)


class Views:
    """The projection of all tables."""

    name = NAME

    def __init__(
        self, store: EventStore, policy: Policy, tables: Tables = LIVE, limit: int = _KEPT
    ) -> None:
        self._store = store
        self._policy = policy
        self._tables = tables
        self._limit = limit
        self._weight = 0
        self._kept: dict[UUID, Kept] = {}

    def prepare(self, conn: Connection[Any]) -> None:
        """Let a new connection send whole columns."""
        teach(conn)

    def forget(self) -> None:
        """Drop all orders that are remembered."""
        self._kept.clear()
        self._weight = 0

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded], now: int) -> None:
        """Write the rows of every order that the batch is about, once each."""
        self._recall(self._cold(batch), batch[0].position - 1)
        touched: dict[UUID, Kept] = {}
        for position, stream, _, event in batch:
            if isinstance(event, ProcessEvent):
                order_stream = stream_id(event.order_id)
                kept = touched.get(order_stream) or self._touch(touched, order_stream)
                kept.did = (*kept.did, event)
            else:
                kept = touched.get(stream) or self._touch(touched, stream)
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
        touched: dict[UUID, Kept] = {}
        for stream, last in positions.items():
            self._touch(touched, stream).position = last
        self._write(cursor, touched, now)
        return len(due)

    def _cold(self, batch: Iterable[Recorded]) -> list[UUID]:
        """The orders that the batch goes on with, and that are not remembered."""
        goes_on: dict[UUID, bool] = {}
        for _, stream, version, event in batch:
            if isinstance(event, ProcessEvent):
                goes_on.setdefault(stream_id(event.order_id), True)
            else:
                goes_on.setdefault(stream, version > 1)
        kept = self._kept
        return [stream for stream, on in goes_on.items() if on and stream not in kept]

    def _recall(self, streams: Sequence[UUID], upto: int) -> None:
        """Load orders, then their processes, whose streams are named by what orders say."""
        if not streams:
            return
        recalled: dict[UUID, Kept] = {}
        for stream, recorded in self._store.load(streams, upto).items():
            kept = self._kept[stream] = Kept(fold(event for _, event in recorded))
            if kept.order is not None and may_have_process(kept.order.events):
                recalled[process_stream_id(kept.order.order_id)] = kept
        for stream, recorded in self._store.load(recalled.keys(), upto).items() if recalled else ():
            did = [event for _, event in recorded]
            recalled[stream].did = cast("tuple[ProcessEvent, ...]", tuple(did))

    def _touch(self, touched: dict[UUID, Kept], stream: UUID) -> Kept:
        """Take an order out of what is remembered; `_remember` puts it back as the newest."""
        kept = self._kept.pop(stream, None) or Kept()
        self._weight -= kept.weight
        touched[stream] = kept
        return kept

    def _write(self, cursor: Cursor[Any], touched: dict[UUID, Kept], now: int) -> None:
        self._look_up_refunds(cursor, touched.values())
        changes = Changes(self._tables)
        for kept in touched.values():
            changes.derive(kept, now, self._policy)
        changes.write(cursor)
        self._remember(touched)

    def _look_up_refunds(self, cursor: Cursor[Any], touched: Iterable[Kept]) -> None:
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

    def _remember(self, touched: dict[UUID, Kept]) -> None:
        """Keep the orders just written as the newest, and as many of the others as fit."""
        for kept in touched.values():
            self._weight += kept.weigh()
        self._kept.update(touched)
        while self._weight > self._limit and self._kept:
            oldest = next(iter(self._kept))
            self._weight -= self._kept.pop(oldest).weight
