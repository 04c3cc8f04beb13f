"""Exposure: money out and goods out. One row an order with refunded goods at large."""

from __future__ import annotations

from decimal import Decimal
from operator import itemgetter
from typing import Any

from msgspec import Struct
from psycopg import Connection

from domain.exposure import Exposure
from domain.information import OrderInformation
from projections.pages import USUAL, Id, Moment, checked_limit, key_of, page
from projections.shown import ShownUnits, amount, as_dict, json_of, moment
from projections.table import Row, Table

TABLE = Table(
    "exposure",
    {
        "order_id": "text",
        "seller_id": "text",
        "currency": "text",
        "since": "bigint",
        "amount": "numeric",
        "paid": "numeric",
        "body": "bytea",
    },
    key=("order_id",),
)

_MOST_SELLERS = 200
"""Sellers told of beside a page, those with the most orders first."""


class _Exposed(Struct, frozen=True, gc=False):
    """An order with goods at large, as people get it."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    since: str
    amount: str
    """What was asked of the payment provider for these goods."""
    paid: str
    """How much of it was reported as paid."""
    items: list[ShownUnits]


def rows(info: OrderInformation, out: Exposure | None) -> list[Row]:
    """The order's row, if it has anything out."""
    if out is None:
        return []
    currency = info.currency
    body = _Exposed(
        info.order_id,
        info.buyer_id,
        info.seller_id,
        currency,
        moment(out.since),
        amount(out.amount, currency),
        amount(out.paid, currency),
        [
            ShownUnits(units.line_id, units.quantity, amount(units.amount, currency))
            for units in out.items
        ],
    )
    row = (info.order_id, info.seller_id, currency, out.since, out.amount, out.paid, json_of(body))
    return [row]


def listed(
    conn: Connection[Any],
    *,
    seller_id: str | None = None,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page of orders, the longest out first, with the totals of all that are out.

    `{"orders": [...], "totals": [...], "sellers": [...], "next": cursor or None}`; a total is of
    one currency, a seller's of one currency of that seller. Raises BadPage for a limit beyond 1 to
    200, or a cursor of another list.
    """
    return {
        **longest(conn, seller_id=seller_id, limit=limit, cursor=cursor),
        "sellers": _sellers(conn, seller_id),
    }


def longest(
    conn: Connection[Any],
    *,
    seller_id: str | None = None,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """The same without the sellers, by one statement."""
    listing = ("exposure", seller_id)
    after = key_of(listing, cursor, tuple[Moment, Id]) or (-1, "")
    sought = {
        "seller": seller_id,
        **dict(zip(("since", "order"), after, strict=True)),
        "most": checked_limit(limit) + 1,
    }
    condition = "" if seller_id is None else "seller_id = %(seller)s AND"
    found = conn.execute(_LONGEST.format(seller=condition).encode(), sought, binary=True).fetchall()
    rows = sorted([row[:3] for row in found if row[2] is not None], key=itemgetter(0))
    shown, following = page(listing, rows, limit, lambda one: one[:2])
    totals = sorted([row for row in found if row[2] is None], key=itemgetter(1))  # by currency
    return {
        "orders": [as_dict(body) for *_, body in shown],
        "totals": [
            _total(currency, orders, asked, paid, since)
            for since, currency, _, orders, asked, paid in totals
        ],
        "next": following,
    }


# No UNION promises to keep an order: rows are sorted again by what they were sorted by, stably.
_LONGEST = """
(SELECT since, order_id, body, NULL::bigint, NULL::numeric, NULL::numeric
FROM countermand.exposure WHERE {seller} (since, order_id) > (%(since)s, %(order)s)
ORDER BY since, order_id LIMIT %(most)s)
UNION ALL
SELECT min(since), currency, NULL, count(*), sum(amount), sum(paid)
FROM countermand.exposure WHERE {seller} true GROUP BY currency
"""
_ALL = "count(*), sum(amount), sum(paid), min(since) FROM countermand.exposure"


def _sellers(conn: Connection[Any], seller_id: str | None) -> list[dict[str, Any]]:
    found = conn.execute(
        f"SELECT seller_id, currency, {_ALL} WHERE %s::text IS NULL OR seller_id = %s"
        " GROUP BY seller_id, currency ORDER BY count(*) DESC, seller_id, currency LIMIT %s",
        (seller_id, seller_id, _MOST_SELLERS),
    )
    return [{"seller_id": seller, **_total(*row)} for seller, *row in found]


def _total(currency: str, orders: int, asked: Decimal, paid: Decimal, since: int) -> dict[str, Any]:
    return {
        "currency": currency,
        "orders": orders,
        "amount": amount(int(asked), currency),
        "paid": amount(int(paid), currency),
        "since": moment(since),
    }
