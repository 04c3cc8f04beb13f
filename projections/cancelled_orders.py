"""Cancelled Orders: the orders of which something is cancelled, asked for, or to be refused.

The table only says which orders those are, and since when: a row changes when somebody cancels,
not with everything that happens to the order afterwards. What is shown is Order Information's.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from domain.information import OrderInformation
from projections.pages import USUAL, Id, Moment, checked_limit, key_of, page
from projections.shown import as_dict, moment
from projections.table import Row, Table

TABLE = Table(
    "cancelled_orders",
    {"order_id": "text", "buyer_id": "text", "last_cancelled_at": "bigint"},
    key=("order_id",),
)

_OF_ORDER = ("order_id", "buyer_id", "seller_id", "currency", "status", "version")
_UNITS = ("ordered", "cancelled", "requested", "refuse_delivery", "remaining")


def row(info: OrderInformation) -> Row | None:
    """The order's row; None: nothing of it is cancelled, so it is not listed."""
    if all(one.remaining == one.ordered for one in info.lines):
        return None
    # Goods refused at the door are cancelled without anybody having asked for it.
    last = info.placed_at if info.last_cancelled_at is None else info.last_cancelled_at
    return (info.order_id, info.buyer_id, last)


def of_buyer(
    conn: Connection[Any],
    buyer_id: str,
    *,
    seller_id: str | None = None,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page, the latest cancellation first: `{"orders": [...], "next": cursor or None}`.

    An order of which more is cancelled while somebody walks the list moves to its start.
    Raises BadPage for a limit beyond 1 to 200, or a cursor of another list.
    """
    listing = ("cancelled-orders", buyer_id, seller_id)
    key = key_of(listing, cursor, tuple[Moment, Id]) or (2**63 - 1, "")
    rows = conn.execute(
        "SELECT listed.last_cancelled_at, listed.order_id, body"
        " FROM countermand.cancelled_orders AS listed"
        " JOIN countermand.order_information USING (order_id)"
        " WHERE listed.buyer_id = %s AND (listed.last_cancelled_at, listed.order_id) < (%s, %s)"
        " AND (%s::text IS NULL OR seller_id = %s)"
        " ORDER BY listed.last_cancelled_at DESC, listed.order_id DESC LIMIT %s",
        (buyer_id, *key, seller_id, seller_id, checked_limit(limit) + 1),
        binary=True,
    ).fetchall()
    shown, following = page(listing, rows, limit, lambda one: one[:2])
    return {"orders": [_entry(as_dict(body), last) for last, _, body in shown], "next": following}


def _entry(order: dict[str, Any], last: int) -> dict[str, Any]:
    """An order on the list: units summed over all lines, and the lines that are concerned."""
    lines = order["lines"]
    return {
        **{name: order[name] for name in _OF_ORDER},
        "last_cancelled_at": moment(last),
        # Bodies that were written before there was one have none.
        "last_cancellation": order.get("last_cancellation"),
        **{name: sum(line[name] for line in lines) for name in _UNITS},
        "lines": [line for line in lines if line["remaining"] != line["ordered"]],
        "refunds": order["refunds"],
        "refunded": order["refunded"],
    }
