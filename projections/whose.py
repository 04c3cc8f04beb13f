"""Whose an order is: one cheap question, before anything of the order is loaded."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import Connection

from application.event_store import stream_id

# The view answers in the same time for all; whose an order is never changes. One that it does not
# show yet is looked up in the log, whose first event names both. There a quote within a text is
# escaped, so the bytes of a name and its value stand nowhere else.
_IS_SEEN = b"""
SELECT coalesce(
    (SELECT buyer_id = coalesce(%(buyer)s::text, buyer_id)
        AND seller_id = coalesce(%(seller)s::text, seller_id)
        FROM countermand.order_information WHERE order_id = %(order)s),
    EXISTS (SELECT FROM countermand.orders_events
        WHERE originator_id = %(stream)s AND originator_version = 1
        AND position(%(buyer_said)b::bytea IN state) > 0
        AND position(%(seller_said)b::bytea IN state) > 0))
"""


def is_seen(
    conn: Connection[Any],
    order_id: str,
    *,
    buyer_id: str | None = None,
    seller_id: str | None = None,
) -> bool:
    """Whether the order was placed, by that buyer and at that seller (none: by and at anybody).

    True as soon as it is in the log, however far behind the views are.
    """
    asked = {
        "order": order_id,
        "stream": stream_id(order_id),
        "buyer": buyer_id,
        "seller": seller_id,
        "buyer_said": _said("buyer_id", buyer_id),
        "seller_said": _said("seller_id", seller_id),
    }
    row: Any = conn.execute(_IS_SEEN, asked, prepare=True, binary=True).fetchone()
    return bool(row[0])


def _said(name: str, value: str | None) -> bytes:
    """How an event's bytes say it; nothing for none, which stands in all of them."""
    return b"" if value is None else f'"{name}":'.encode() + msgspec.json.encode(value)
