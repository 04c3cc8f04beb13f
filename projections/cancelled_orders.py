"""Cancelled Orders: the orders of which something is cancelled, asked for, or to be refused."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct
from psycopg import Connection

from domain.information import LineFigures
from projections.pages import USUAL, Id, Moment, checked_limit, key_of, page
from projections.shown import Shown, amount, as_dict, json_of, moment
from projections.table import Row, Table

TABLE = Table(
    "cancelled_orders",
    {"order_id": "text", "buyer_id": "text", "last_cancelled_at": "bigint", "body": "bytea"},
    key=("order_id",),
)


class CancelledOrder(Struct, frozen=True, gc=False):
    """An entry of the list: units summed over all lines, and the lines that are concerned."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    status: str
    version: int
    last_cancelled_at: str
    ordered: int
    cancelled: int
    requested: int
    refuse_delivery: int
    remaining: int
    lines: list[LineFigures]
    refunds: list[Raw]
    refunded: str


def row(shown: Shown) -> Row | None:
    """The order's row; None: nothing of it is cancelled, so it is not listed."""
    info = shown.info
    lines = [one for one in info.lines if one.remaining != one.ordered]
    if not lines:
        return None
    # Goods refused at the door are cancelled without anybody having asked for it.
    last = info.placed_at if info.last_cancelled_at is None else info.last_cancelled_at
    return (info.order_id, info.buyer_id, last, json_of(_entry(shown, lines, moment(last))))


def _entry(shown: Shown, lines: list[LineFigures], last: str) -> CancelledOrder:
    info = shown.info
    return CancelledOrder(
        info.order_id,
        info.buyer_id,
        info.seller_id,
        info.currency,
        info.status,
        info.version,
        last,
        sum([line.ordered for line in info.lines]),
        sum([line.cancelled for line in lines]),
        sum([line.requested for line in lines]),
        sum([line.refuse_delivery for line in lines]),
        sum([line.remaining for line in info.lines]),
        lines,
        shown.refunds,
        amount(info.refunded, info.currency),
    )


def of_buyer(
    conn: Connection[Any], buyer_id: str, *, limit: int = USUAL, cursor: str | None = None
) -> dict[str, Any]:
    """A page, the latest cancellation first: `{"orders": [...], "next": cursor or None}`.

    An order of which more is cancelled while somebody walks the list moves to its start.
    Raises BadPage for a limit beyond 1 to 200, or a cursor of another list.
    """
    listing = ("cancelled-orders", buyer_id)
    key = key_of(listing, cursor, tuple[Moment, Id]) or (2**63 - 1, "")
    rows = conn.execute(
        "SELECT last_cancelled_at, order_id, body FROM countermand.cancelled_orders"
        " WHERE buyer_id = %s AND (last_cancelled_at, order_id) < (%s, %s)"
        " ORDER BY last_cancelled_at DESC, order_id DESC LIMIT %s",
        (buyer_id, *key, checked_limit(limit) + 1),
        binary=True,
    ).fetchall()
    shown, following = page(listing, rows, limit, lambda one: one[:2])
    return {"orders": [as_dict(body) for *_, body in shown], "next": following}
