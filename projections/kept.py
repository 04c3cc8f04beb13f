"""An order as its rows were last written, so that no row is written again that has not changed."""

from __future__ import annotations

from typing import Any

from psycopg import Cursor

from application.streams import may_have_process
from domain.information import OrderInformation, order_information
from domain.order import Order
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from projections import cancelled_orders, refunds
from projections import order_information as orders
from projections.few import NONE, FewChanges, FewRows, few_rows
from projections.refunds import NONE_WRITTEN, Tries, Written
from projections.shown import Shown
from projections.table import Row
from projections.tables import Tables

_UNKNOWN: Row = ()
"""The row of an order that is not remembered: written again, or deleted, in any case."""

_DONE_WEIGHS = 3
"""An event of a process is remembered with the sentences that its waits tell of it."""


class Kept:
    """An order and what its process did, as the last transaction left them."""

    __slots__ = (
        "cancelled",
        "did",
        "few",
        "listed",
        "order",
        "position",
        "refunds",
        "weight",
    )

    def __init__(self, order: Order | None = None, did: tuple[ProcessEvent, ...] = ()) -> None:
        self.order = order
        self.did = did
        self.position = 0
        """That of the last event of either stream."""
        self.weight = 0
        # What its rows are.
        is_new = order is None
        self.refunds = NONE_WRITTEN
        self.listed: frozenset[str] | None = frozenset() if is_new else None
        """Refund ids that have a row; none: to be looked up."""
        self.cancelled: Row | None = None if is_new else _UNKNOWN
        self.few: FewRows | None = NONE if is_new else None

    def weigh(self) -> int:
        """Say how much it is to remember: events and lines, about."""
        if self.order is not None:
            own = self.order.version + len(self.order.placed.lines)
            self.weight = own + _DONE_WEIGHS * len(self.did)
        return self.weight


class Changes:
    """The rows to write and to delete, by table."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._orders: list[Row] = []
        self._cancelled: list[Row] = []
        self._no_longer_cancelled: list[Row] = []
        self._refunds: list[Row] = []
        self._refunds_gone: list[Row] = []
        self._few = FewChanges(tables)

    def derive(self, kept: Kept, now: int, policy: Policy) -> None:
        """Work an order out at `now` (microseconds), and find what has changed of its rows."""
        order = kept.order
        if order is None:
            return
        info = order_information(order, now, policy)
        shown = Shown.of(info)
        self._orders.append(orders.row(shown, now, kept.position))
        self._change_cancelled(kept, info)
        self._change_refunds(kept, shown, refunds.tries(info, order.events, kept.did))
        self._change_few(kept, order, few_rows(order, info, kept.did, policy))

    def write(self, cursor: Cursor[Any]) -> None:
        """Send all statements at once, and wait once for their answers."""
        tables = self._tables
        with cursor.connection.pipeline():
            tables.orders.upsert(cursor, self._orders)
            tables.cancelled.upsert(cursor, self._cancelled)
            tables.cancelled.delete(cursor, self._no_longer_cancelled)
            tables.refunds.upsert(cursor, self._refunds)
            tables.refunds.delete(cursor, self._refunds_gone)
            self._few.write(cursor)

    def _change_few(self, kept: Kept, order: Order, few: FewRows) -> None:
        # An order that just ships and has none of these rows never had any.
        if kept.few is not None or few is not NONE or may_have_process(order.events):
            self._few.add(order.order_id, kept.few, few)
        kept.few = few

    def _change_cancelled(self, kept: Kept, info: OrderInformation) -> None:
        row = cancelled_orders.row(info)
        if row == kept.cancelled:
            return
        if row is not None:
            self._cancelled.append(row)
        else:
            self._no_longer_cancelled.append((info.order_id,))
        kept.cancelled = row

    def _change_refunds(self, kept: Kept, shown: Shown, tried: Tries) -> None:
        info = shown.info
        written = frozenset([refund.refund_id for refund in info.refunds])
        now = Written(info.refunds, tried)
        if now == kept.refunds and written == kept.listed:
            return
        self._refunds += refunds.rows(shown, tried, kept.refunds)
        for gone in (kept.listed or frozenset()) - written:
            self._refunds_gone.append((info.order_id, gone))
        kept.refunds, kept.listed = now, written
