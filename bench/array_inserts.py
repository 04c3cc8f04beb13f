"""The floor: exactly the rows that the product wrote, as array inserts by one connection.

Ready rows, nothing heard or decided, the same tables, batches and positions. A view's row counts
once, in its last form, though the product may have written it more than once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from bench.figures import Figure
from bench.meter import Meter
from projections.tables import LIVE

NAME = "array inserts"
Rows = list[tuple[Any, ...]]

_EVENTS = {
    "originator_id": "uuid",
    "originator_version": "bigint",
    "topic": "text",
    "state": "bytea",
}
_POSITION = (
    "INSERT INTO countermand.orders_tracking (application_name, notification_id) VALUES (%s, %s)"
    " ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id"
)


class Insert(NamedTuple):
    """An insert of whole columns."""

    sql: bytes
    columns: list[list[Any]]


class Transaction(NamedTuple):
    """What is written together."""

    position: str
    reached: int
    inserts: list[Insert]


def run(written: str, database_url: str, database_pid: int, sizes: tuple[int, int]) -> Figure:
    """Write what the database `written` holds to a fresh one.

    `sizes` are events in a transaction, and events whose views' rows go into one.
    """
    with psycopg.connect(written) as conn:
        events = _rows(conn, "orders_events", list(_EVENTS), "notification_id")
        transactions = [*_of_events(events, sizes[0]), *_of_views(conn, sizes[1])]
    meter = Meter({"client": [os.getpid()], "database": [database_pid]})
    with psycopg.connect(database_url, autocommit=True) as conn:
        meter.start()
        for one in transactions:
            _write(conn, one)
        lap = meter.lap()
    cpu = {part: used / len(events) * 1e6 for part, used in lap.cpu.items()}
    return Figure(NAME, len(events), lap.seconds, cpu)


def _write(conn: Connection[Any], one: Transaction) -> None:
    with conn.pipeline(), conn.transaction(), conn.cursor() as cursor:
        if one.position == "events":
            cursor.execute("LOCK TABLE countermand.orders_events IN EXCLUSIVE MODE")
        for insert in one.inserts:
            cursor.execute(insert.sql, insert.columns, prepare=True)
        cursor.execute(_POSITION, (one.position, one.reached), prepare=True)


def _rows(conn: Connection[Any], table: str, columns: Sequence[str], order: str) -> Rows:
    sql = f"SELECT {', '.join(columns)} FROM countermand.{table} ORDER BY {order}"  # noqa: S608
    return conn.execute(sql.encode(), binary=True).fetchall()


def _of_events(events: Rows, size: int) -> Iterator[Transaction]:
    for first in range(0, len(events), size):
        some = events[first : first + size]
        yield Transaction("events", first + len(some), [_insert("orders_events", _EVENTS, some)])


def _of_views(conn: Connection[Any], size: int) -> Iterator[Transaction]:
    """The views' rows by the batch of the log in which their order was last touched."""
    last = _rows(conn, LIVE.orders.name, ["order_id", "position"], "order_id")
    reached: dict[str, int] = dict(last)
    parts: dict[int, list[Insert]] = {}
    for table in LIVE:
        rows = _rows(conn, table.name, list(table.columns), "order_id")
        rows.sort(key=lambda row: reached[row[0]])
        for number, some in groupby(rows, key=lambda row: (reached[row[0]] - 1) // size):
            parts.setdefault(number, []).append(_insert(table.name, table.columns, list(some)))
    for number in sorted(parts):
        yield Transaction("views", (number + 1) * size, parts[number])


def _insert(table: str, columns: dict[str, str], rows: Rows) -> Insert:
    arrays = ", ".join(f"%b::{kind}[]" for kind in columns.values())
    sql = f"INSERT INTO countermand.{table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608
    return Insert(sql.encode(), [list(column) for column in zip(*rows, strict=True)])
