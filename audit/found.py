"""What the views show now, read with SQL of our own: rows as values, by table and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection, Cursor
from psycopg.rows import dict_row

View = dict[str, Any]

_AT_ONCE = 1_000

_KEYS: dict[str, tuple[str, ...]] = {
    "order_information": (),
    "cancelled_orders": (),
    "refunds": ("refund_id",),
    "late_cancellations": ("number",),
    "exposure": (),
    "warehouse_stops": ("cancellation_id", "warehouse_id"),
    "warehouse_slips": ("warehouse_id",),
}
"""Each table, and what tells the rows of one order apart."""


class Shown(NamedTuple):
    """The rows of one order. `position` and `derived_at` are none where it has no row."""

    position: int | None
    derived_at: int | None
    rows: View


def read(conn: Connection[Any], order_ids: Sequence[str]) -> dict[str, Shown]:
    """The rows of these orders, all as of one moment."""
    with conn.transaction(), conn.cursor(binary=True, row_factory=dict_row) as cursor:
        _freeze(cursor)
        tables = {table: _by_order(cursor, table, order_ids) for table in _KEYS}
    return {
        order_id: _shown({table: rows.get(order_id, []) for table, rows in tables.items()})
        for order_id in order_ids
    }


def _freeze(cursor: Cursor[Any]) -> None:
    """See one moment. Locked before the first look: a swap would show rows as not yet there."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    tables = ", ".join(f"countermand.{table}" for table in _KEYS)
    cursor.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE".encode())


def _by_order(cursor: Cursor[View], table: str, order_ids: Sequence[str]) -> dict[str, list[View]]:
    cursor.execute(
        f"SELECT * FROM countermand.{table} WHERE order_id = ANY(%s)".encode(),  # noqa: S608  # our own names
        (list(order_ids),),
    )
    found: dict[str, list[View]] = {}
    for row in cursor:
        if "body" in row:
            row["body"] = _body(row["body"])
        found.setdefault(row.pop("order_id"), []).append(row)
    return found


def _body(stored: bytes) -> Any:  # noqa: ANN401  # JSON, or what somebody has made of it
    try:
        return msgspec.json.decode(stored)
    except msgspec.DecodeError:
        return f"not JSON: {stored!r}"


def _shown(tables: dict[str, list[View]]) -> Shown:
    position = derived_at = None
    for row in tables["order_information"]:
        position, derived_at = row.pop("position"), row.pop("derived_at")
    return Shown(position, derived_at, {name: _named(name, of) for name, of in tables.items()})


def _named(table: str, rows: list[View]) -> Any:  # noqa: ANN401  # a row, none, or rows by name
    """The one row of an order, or its rows by what is left of their key."""
    key = _KEYS[table]
    if not key:
        return rows[0] if rows else None
    return {" at ".join(str(row.pop(column)) for column in key): row for row in rows}


class Totals(NamedTuple):
    """At one moment: the follower's position, and how many orders have a row."""

    position: int
    orders: int


def totals(conn: Connection[Any], follower: str) -> Totals:
    """Where the views stand as a whole."""
    with conn.transaction(), conn.cursor() as cursor:
        _freeze(cursor)
        cursor.execute(
            "SELECT coalesce(max(notification_id), 0), (SELECT count(*)"
            " FROM countermand.order_information)"
            " FROM countermand.orders_tracking WHERE application_name = %s",
            (follower,),
        )
        row = cursor.fetchone()
    return Totals(*row) if row else Totals(0, 0)


def order_ids(conn: Connection[Any]) -> Iterator[list[str]]:
    """The ids of all orders that have a row, in pages."""
    after = ""
    while True:
        rows = conn.execute(
            "SELECT order_id FROM countermand.order_information"
            " WHERE order_id > %s ORDER BY order_id LIMIT %s",
            (after, _AT_ONCE),
        ).fetchall()
        if not rows:
            return
        yield [order_id for (order_id,) in rows]
        after = rows[-1][0]


def without_order(conn: Connection[Any]) -> list[tuple[str, str]]:
    """Rows of the lists whose order has none: table and order id."""
    return [
        (table, order_id)
        for table in _KEYS
        if table != "order_information"
        for (order_id,) in conn.execute(
            f"SELECT DISTINCT order_id FROM countermand.{table} AS listed WHERE NOT EXISTS ("  # noqa: S608  # our own names
            "SELECT FROM countermand.order_information AS known"
            " WHERE known.order_id = listed.order_id) ORDER BY order_id".encode()
        )
    ]
