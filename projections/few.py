"""The rows that few orders have: waits, exposure, and how warehouses kept their word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Cursor

from domain.awaited import awaited
from domain.exposure import exposure as exposure_of
from domain.information import OrderInformation
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from domain.slips import may_have_slips, slips
from domain.state import Order
from domain.stops import stops
from projections import conformance, exposure, late_cancellations
from projections.table import Row
from projections.tables import Tables


class FewRows(NamedTuple):
    """Rows of one order or of several, by table."""

    late: Sequence[Row] = ()
    exposure: Sequence[Row] = ()
    stops: Sequence[Row] = ()
    slips: Sequence[Row] = ()


NONE = FewRows()


def few_rows(
    order: Order, info: OrderInformation, did: Sequence[ProcessEvent], policy: Policy
) -> FewRows:
    """The rows of an order of which `info` is shown and whose process did `did`; mostly none."""
    if not (did or info.discrepancies or info.at_large):
        return NONE
    waits = awaited(order.events, did)
    slipped = slips(order, waits) if may_have_slips(order, info, waits) else []
    return FewRows(
        late_cancellations.rows(info, waits),
        exposure.rows(info, exposure_of(order, info, did, policy)),
        conformance.stop_rows(order.order_id, stops(order, did)),
        conformance.slip_rows(order.order_id, slipped),
    )


class FewChanges:
    """Collects what changes in these tables, to be written at once."""

    def __init__(self, tables: Tables) -> None:
        self._tables = (tables.late, tables.exposure, tables.stops, tables.slips)
        self._cleared: list[str] = []
        self._written: tuple[list[Row], ...] = tuple([] for _ in self._tables)
        self._gone: tuple[list[Row], ...] = tuple([] for _ in self._tables)

    def add(self, order_id: str, before: FewRows | None, after: FewRows) -> None:
        """Change an order's rows to `after`; `before` none: nobody remembers which it had."""
        if before is None:
            self._cleared.append(order_id)
            before = NONE
        if before is after:
            return
        for place, table in enumerate(self._tables):
            old, new = set(before[place]), after[place]
            self._written[place].extend([row for row in new if row not in old])
            keys = {table.key_of(row) for row in new}
            self._gone[place].extend({table.key_of(row) for row in old} - keys)

    def write(self, cursor: Cursor[Any]) -> None:
        """Write it, by one statement a table and kind of change."""
        for table, written, gone in zip(self._tables, self._written, self._gone, strict=True):
            table.clear(cursor, self._cleared)
            table.upsert(cursor, written)
            table.delete(cursor, gone)
