"""Which orders the views show anew between two positions, and whose they are."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

MOST = 20_000
"""Events that are looked through in one statement."""

# The first event of a stream names its order, that of a process's stream, too.
_MOVED = b"""
SELECT moved.position, first.state FROM (
    SELECT originator_id, max(notification_id) AS position FROM countermand.orders_events
    WHERE notification_id > %s AND notification_id <= %s GROUP BY originator_id
) moved JOIN countermand.orders_events first
    ON first.originator_id = moved.originator_id AND first.originator_version = 1
"""
_WHOSE = b"""
SELECT order_id, buyer_id, seller_id FROM countermand.order_information WHERE order_id = ANY(%s)
"""


class Moved(NamedTuple):
    """An order, the position of its last event among those looked at, and whose it is."""

    order_id: str
    buyer_id: str
    seller_id: str
    position: int


class _First(msgspec.Struct):
    order_id: str


_FIRST = msgspec.json.Decoder(_First)


def moved(conn: Connection[Any], after: int, upto: int) -> list[Moved]:
    """Orders with events behind `after`, up to `upto`: no more than `MOST` further.

    `upto` is a position that the views have reached: before it they do not know whose all are.
    """
    last: dict[str, int] = {}
    # Not prepared: a plan for any range would read the whole log for the first events.
    for position, state in conn.execute(_MOVED, (after, upto), prepare=False, binary=True):
        order_id = _FIRST.decode(state).order_id
        last[order_id] = max(position, last.get(order_id, 0))
    if not last:
        return []
    rows = conn.execute(_WHOSE, (list(last),), prepare=True)
    return [Moved(order_id, buyer, seller, last[order_id]) for order_id, buyer, seller in rows]
