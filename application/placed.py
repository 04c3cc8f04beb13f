"""What orders were placed with. It never changes, so it is read once and remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection

from application.event_columns import pack_ids
from application.event_store import EventStore, stream_id
from application.stored_events import Decoders
from domain.events import OrderPlaced

_FIRST = (
    b"SELECT originator_id, topic, state FROM countermand.orders_events"
    b" WHERE originator_id = ANY(%b::uuid[]) AND originator_version = 1"
)
_LINES = 50_000
"""Lines of orders that are remembered: some 20 MB."""


class PlacedOrders:
    """A bounded cache of what orders began with. Safe to share between threads."""

    def __init__(self, store: EventStore, lines: int = _LINES) -> None:
        self._store = store
        self._left = lines
        self._decoders = Decoders()
        self._lock = threading.Lock()
        self._known: OrderedDict[str, OrderPlaced] = OrderedDict()

    def of(self, order_ids: Collection[str]) -> dict[str, OrderPlaced]:
        """Each order as it was placed, by its id; one that nobody has placed is left out."""
        with self._lock:
            found = {one: self._known[one] for one in order_ids if one in self._known}
        cold = [one for one in order_ids if one not in found]
        if cold:
            found |= self._read(cold)
        with self._lock:
            self._remember(found)
        return found

    def _read(self, order_ids: Collection[str]) -> dict[str, OrderPlaced]:
        with self._store.connection() as conn:
            streams = pack_ids({stream_id(one) for one in order_ids})
            rows = conn.execute(_FIRST, (streams,), prepare=True, binary=True).fetchall()
        events = [self._decoders[name](state) for _, name, state in rows]
        return {event.order_id: event for event in events if isinstance(event, OrderPlaced)}

    def _remember(self, found: dict[str, OrderPlaced]) -> None:
        for order_id, placed in found.items():
            if order_id not in self._known:
                self._known[order_id] = placed
                self._left -= len(placed.lines)
            self._known.move_to_end(order_id)
        while self._left < 0:
            self._left += len(self._known.popitem(last=False)[1].lines)
