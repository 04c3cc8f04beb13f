"""What a message needs of its order beside the event: whose it is, and in which currency.

Only the first event of an order holds that. It is kept for the orders of late, and fetched for the
others of a batch by one query.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from application.event_store import Recorded, stream_id
from application.stored_events import Decoders, UnreadableEvent
from domain.events import OrderPlaced
from domain.process_events import ProcessEvent

_FIRST = b"""
SELECT originator_id, topic, state FROM countermand.orders_events
WHERE originator_id = ANY(%s) AND originator_version = 1
"""


class Known(NamedTuple):
    """What was fixed when the order was placed."""

    order_id: str
    buyer_id: str
    currency: str


class KnownOrders:
    """Orders by their streams; `limit` of them at most. For one thread."""

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._known: dict[int, Known] = {}  # a number is found faster than a UUID
        self._decoders = Decoders()

    def of(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> list[Known]:
        """Return what is known of each event's order."""
        known, streams = self._known, [_stream_of_order(one) for one in batch]
        for one, stream in zip(batch, streams, strict=True):
            if type(one.event) is OrderPlaced:
                known[stream.int] = _known(one.event)
        cold = {stream for stream in streams if stream.int not in known}
        if cold:
            self._fetch(cursor, cold)
        found = [known[stream.int] for stream in streams]
        self._forget_the_oldest()
        return found

    def _fetch(self, cursor: Cursor[Any], streams: Collection[UUID]) -> None:
        rows: Iterable[Any] = cursor.execute(_FIRST, (list(streams),)).fetchall()
        for stream, name, state in rows:
            event = self._decoders[name](state)
            if type(event) is not OrderPlaced:
                raise UnreadableEvent(f"stream {stream} does not begin with an order")
            self._known[stream.int] = _known(event)

    def _forget_the_oldest(self) -> None:
        surplus = len(self._known) - self._limit
        for stream in [stream for stream, _ in zip(self._known, range(surplus), strict=False)]:
            del self._known[stream]


def _stream_of_order(one: Recorded) -> UUID:
    event = one.event
    return stream_id(event.order_id) if isinstance(event, ProcessEvent) else one.stream_id


def _known(event: OrderPlaced) -> Known:
    return Known(event.order_id, event.buyer_id, event.currency)
