"""Order Information: one row an order, its whole page as JSON, and what lists are sorted by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection

from projections.pages import USUAL, Id, Moment, checked_limit, key_of, page
from projections.shown import Shown, as_dict
from projections.table import Row, Table

TABLE = Table(
    "order_information",
    {
        "order_id": "text",
        "buyer_id": "text",
        "seller_id": "text",
        "status": "text",
        "version": "bigint",
        "placed_at": "bigint",
        "last_cancelled_at": "bigint",
        "turns_due_at": "bigint",
        "derived_at": "bigint",
        "position": "bigint",
        "body": "bytea",
    },
    key=("order_id",),
)

_STREAMED = 500
"""Orders read at once where all are asked for."""


def row(shown: Shown, derived_at: int, position: int) -> Row:
    """The order's row as it stood at `derived_at`, after the event at `position`."""
    info = shown.info
    return (
        info.order_id,
        info.buyer_id,
        info.seller_id,
        info.status,
        info.version,
        info.placed_at,
        info.last_cancelled_at,
        info.turns_due_at,
        derived_at,
        position,
        shown.order(),
    )


def one(conn: Connection[Any], order_id: str) -> dict[str, Any] | None:
    """Order Information of one order; None: no such order."""
    found = many(conn, [order_id])
    return found[0] if found else None


def many(conn: Connection[Any], order_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Order Information of orders, in the order asked for; unknown ones are left out."""
    cursor = conn.execute(
        "SELECT order_id, body FROM countermand.order_information WHERE order_id = ANY(%s)",
        (list(order_ids),),
        binary=True,
    )
    bodies = dict(cursor.fetchall())
    return [as_dict(bodies[order_id]) for order_id in order_ids if order_id in bodies]


def all_orders(conn: Connection[Any]) -> Iterator[dict[str, Any]]:
    """Every order, by its id. Read in pages: an order placed meanwhile may come or not."""
    return map(as_dict, all_json(conn))


def all_json(conn: Connection[Any]) -> Iterator[bytes]:
    """Every order as its JSON, without line breaks inside."""
    after = ""
    while True:
        # A page is a statement of its own, so that a slow reader never holds the table.
        cursor = conn.execute(
            "SELECT order_id, body FROM countermand.order_information"
            " WHERE order_id > %s ORDER BY order_id LIMIT %s",
            (after, _STREAMED),
            binary=True,
        )
        rows = cursor.fetchall()
        for _, body in rows:
            yield body
        if len(rows) < _STREAMED:
            return
        after = rows[-1][0]


def of_buyer(
    conn: Connection[Any],
    buyer_id: str,
    *,
    status: str | None = None,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page of a buyer's orders, newest first: `{"orders": [...], "next": cursor or None}`.

    Raises BadPage for a limit beyond 1 to 200, or a cursor of another list.
    """
    return _of(conn, ("buyer_id", buyer_id, status), limit, cursor)


def of_seller(
    conn: Connection[Any],
    seller_id: str,
    *,
    status: str | None = None,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page of a seller's orders, newest first, like `of_buyer`."""
    return _of(conn, ("seller_id", seller_id, status), limit, cursor)


def _of(
    conn: Connection[Any],
    asked: tuple[str, str, str | None],
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    column, who, status = asked
    listing = ("orders", *asked)
    key = key_of(listing, cursor, tuple[Moment, Id]) or (2**63 - 1, "")
    rows = conn.execute(
        "SELECT placed_at, order_id, body FROM countermand.order_information"  # noqa: S608  # our own name
        f" WHERE {column} = %s AND (placed_at, order_id) < (%s, %s)"
        " AND (%s::text IS NULL OR status = %s)"
        " ORDER BY placed_at DESC, order_id DESC LIMIT %s",
        (who, *key, status, status, checked_limit(limit) + 1),
        binary=True,
    ).fetchall()
    shown, following = page(listing, rows, limit, lambda one: one[:2])
    return {"orders": [as_dict(body) for *_, body in shown], "next": following}
