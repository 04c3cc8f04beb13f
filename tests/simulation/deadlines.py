"""Deadlines in memory: the rows of processes, claimed by lease, as the real table has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from application.deadlines import LEASE, Row
from application.recording import Conflict, Statement
from tests.simulation.store import MemoryStore, Tables, statement

TABLE = "processes"


class MemoryDeadlines:
    """What the runner needs of the table `processes`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @property
    def rows(self) -> dict[UUID, Row]:
        """Every row, by the order's stream."""
        return self._store.tables.get(TABLE, {})

    def rows_for(self, streams: Collection[UUID]) -> dict[UUID, str]:
        self._store.trouble("read")
        return {one: self.rows[one].order_id for one in streams if one in self.rows}

    def due(self, now: int, limit: int) -> list[str]:
        """Claim: a short transaction of its own, which may be the last that its caller did."""
        self._store.trouble("append")
        found = [
            row
            for row in sorted(self.rows.values(), key=lambda row: row.due_at or 0)
            if row.due_at is not None and row.due_at <= now and row.leased_until <= now
        ][:limit]
        for row in found:
            self.rows[row.stream_id] = leased(row, now)
        self._store.trouble("committed")
        return [row.order_id for row in found]

    def statement(self, rows: Sequence[Row]) -> Statement:
        return statement(lambda tables: write(tables, rows), *rows)


def leased(row: Row, now: int) -> Row:
    """The row while somebody has it."""
    return row._replace(leased_until=now + LEASE)


def write(tables: Tables, rows: Sequence[Row]) -> None:
    """Write rows, unless one of them has seen newer versions."""
    table = tables.setdefault(TABLE, {})
    for row in rows:
        known = table.get(row.stream_id)
        if known is not None and (
            known.order_version > row.order_version or known.process_version > row.process_version
        ):
            raise Conflict("another process has looked at newer events of an order")
        table[row.stream_id] = row
