"""Order Information: one row an order, its whole page as JSON, and what lists are sorted by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

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


def seen(
    conn: Connection[Any],
    order_id: str,
    *,
    buyer_id: str | None = None,
    seller_id: str | None = None,
) -> bytes | None:
    """Order Information as its JSON, if it is that buyer's and that seller's; None: it is not.

    An order that is not known and one that is somebody else's cannot be told apart.
    """
    row = conn.execute(
        "SELECT body FROM countermand.order_information WHERE order_id = %s"
        " AND (%s::text IS NULL OR buyer_id = %s) AND (%s::text IS NULL OR seller_id = %s)",
        (order_id, buyer_id, buyer_id, seller_id, seller_id),
        binary=True,
        prepare=True,
    ).fetchone()
    return None if row is None else row[0]


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


class Which(NamedTuple):
    """Which orders of a list; none: any."""

    status: str | None = None
    buyer_id: str | None = None
    seller_id: str | None = None


ALL = Which()


def of_buyer(
    conn: Connection[Any],
    buyer_id: str,
    which: Which = ALL,
    *,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page of a buyer's orders, newest first: `{"orders": [...], "next": cursor or None}`.

    Raises BadPage for a limit beyond 1 to 200, or a cursor of another list.
    """
    return _of(conn, ("buyer_id", buyer_id), which, limit, cursor)


def of_seller(
    conn: Connection[Any],
    seller_id: str,
    which: Which = ALL,
    *,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page of a seller's orders, newest first, like `of_buyer`."""
    return _of(conn, ("seller_id", seller_id), which, limit, cursor)


MOST_COUNTED = 1_000
"""Orders that are counted at most."""

Counts = dict[str, int]
"""How many of a buyer's latest orders are in each status, of the last 1,000 at most."""


def counted_of_buyer(
    conn: Connection[Any],
    buyer_id: str,
    which: Which = ALL,
    *,
    limit: int = USUAL,
    cursor: str | None = None,
) -> tuple[dict[str, Any], Counts]:
    """A page like `of_buyer`, and of all the buyer's orders how many there are, by one statement.

    Of the conditions only the seller's holds for what is counted.
    """
    sought = _Sought.of(("buyer_id", buyer_id), which, limit, cursor)
    rows = conn.execute(
        f"({sought.sql}) UNION ALL {_COUNTS}".encode(),
        (*sought.values, buyer_id, which.seller_id, which.seller_id, MOST_COUNTED),
        binary=True,
    ).fetchall()
    counts = {status: number for number, status, body in rows if body is None}
    orders = [row for row in rows if row[2] is not None]
    orders.sort(key=itemgetter(0), reverse=True)  # no UNION promises to keep an order
    return sought.page(orders), counts


_COUNTS = """
SELECT count(*), status, NULL FROM (
    SELECT status FROM countermand.order_information
    WHERE buyer_id = %s AND (%s::text IS NULL OR seller_id = %s)
    ORDER BY placed_at DESC, order_id DESC LIMIT %s
) AS latest GROUP BY status
"""


def _of(
    conn: Connection[Any],
    whose: tuple[str, str],
    which: Which,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    sought = _Sought.of(whose, which, limit, cursor)
    return sought.page(conn.execute(sought.sql.encode(), sought.values, binary=True).fetchall())


class _Sought(NamedTuple):
    """A page of a list: how it is asked for."""

    listing: tuple[str | None, ...]
    limit: int
    sql: str
    values: tuple[Any, ...]

    @classmethod
    def of(cls, whose: tuple[str, str], which: Which, limit: int, cursor: str | None) -> _Sought:
        column, who = whose
        listing = ("orders", *whose, *which)
        key = key_of(listing, cursor, tuple[Moment, Id]) or (2**63 - 1, "")
        # Without the conditions that are not asked for, the planner finds the index that fits.
        asked = {name: value for name, value in which._asdict().items() if value is not None}
        conditions = "".join(f" AND {name} = %s" for name in asked)
        sql = (
            "SELECT placed_at, order_id, body FROM countermand.order_information"  # noqa: S608  # our own names
            f" WHERE {column} = %s AND (placed_at, order_id) < (%s, %s){conditions}"
            " ORDER BY placed_at DESC, order_id DESC LIMIT %s"
        )
        values = (who, *key, *asked.values(), checked_limit(limit) + 1)
        return cls(listing, limit, sql, values)

    def page(self, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        shown, following = page(self.listing, rows, self.limit, lambda one: one[:2])
        return {"orders": [as_dict(body) for *_, body in shown], "next": following}
