"""Orders of one batch: load, fold, decide, and what to append at which version.

A batch works on its own copy; the cache learns of it only after the commit. A stale cache is
harmless: what it leads to does not fit the stream's version, and the batch is done again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from application.event_store import EventStore, stream_id
from application.recording import Append
from domain.events import Event
from domain.order import DEFAULT_POLICY, Decision, Message, Order, decide, evolve, fold
from domain.refunds import Policy

HEAVY = 16
"""Events and lines that count as one more order in the cache."""


class Growth(NamedTuple):
    """What a batch adds to one stream."""

    first_version: int
    events: list[Event]


class Orders:
    """An identity map over a bounded cache of orders, for one thread.

    `limit` is in orders; one with many events counts as several.
    """

    def __init__(
        self, store: EventStore, limit: int = 50_000, policy: Policy = DEFAULT_POLICY
    ) -> None:
        self._store = store
        self._policy = policy
        self._limit = limit
        self._cache: OrderedDict[str, Order] = OrderedDict()
        self._weight = 0
        self._batch: dict[str, Order | None] = {}
        self._grown: dict[str, Growth] = {}

    def warm(self, order_ids: Iterable[str]) -> None:
        """Have these orders at hand: from the cache, the others by one query."""
        cold: list[str] = []
        batch, cache = self._batch, self._cache
        for order_id in order_ids:
            if order_id in batch:
                continue
            order = cache.get(order_id)
            if order is None:
                cold.append(order_id)
            else:
                cache.move_to_end(order_id)
            batch[order_id] = order
        if cold:
            self._load(cold)

    def _load(self, order_ids: list[str]) -> None:
        streams = {stream_id(order_id): order_id for order_id in order_ids}
        for stream, events in self._store.load(list(streams)).items():
            self._batch[streams[stream]] = fold(event for _, event in events)

    def get(self, order_id: str) -> Order | None:
        """Return the order as this batch has made it; None: not placed. It must be warm."""
        return self._batch[order_id]

    def decide(self, order_id: str, message: Message) -> Decision:
        """Decide on the batch's copy, and apply the events to it."""
        order = self._batch[order_id]
        if order is not None:
            message = _not_before(order, message)
        decision = decide(order, message, self._policy)
        if decision.events:
            self._apply(order_id, order, decision.events)
        return decision

    def _apply(self, order_id: str, order: Order | None, events: tuple[Event, ...]) -> None:
        first_version = 1 if order is None else order.version + 1
        for event in events:
            order = evolve(order, event)
        # Only now: what cannot be folded must not be recorded either.
        self._grown.setdefault(order_id, Growth(first_version, [])).events.extend(events)
        self._batch[order_id] = order

    def appends(self) -> list[Append]:
        """What this batch adds, stream by stream, in the order of their first event."""
        return [
            Append(stream_id(order_id), growth.first_version, growth.events)
            for order_id, growth in self._grown.items()
        ]

    def kept(self) -> None:
        """The batch is committed: remember its orders, and begin the next one."""
        for order_id, order in self._batch.items():
            if order is not None and self._cache.get(order_id) is not order:
                self._remember(order_id, order)
        while self._weight > self._limit and self._cache:
            self._weight -= _weight(self._cache.popitem(last=False)[1])
        self._begin()

    def _remember(self, order_id: str, order: Order) -> None:
        before = self._cache.pop(order_id, None)
        if before is not None:
            self._weight -= _weight(before)
        self._cache[order_id] = order
        self._weight += _weight(order)

    def forget(self, order_ids: Iterable[str] | None = None) -> None:
        """Drop the batch, and these orders of the cache; None: all of it."""
        self._begin()
        if order_ids is None:
            self._cache.clear()
            self._weight = 0
            return
        for order_id in order_ids:
            order = self._cache.pop(order_id, None)
            if order is not None:
                self._weight -= _weight(order)

    def _begin(self) -> None:
        self._batch, self._grown = {}, {}


def _weight(order: Order) -> int:
    return 1 + (len(order.events) + len(order.placed.lines)) // HEAVY


def _not_before(order: Order, message: Message) -> Message:
    """Keep `recorded_at` from running backwards in one order, whatever the machines' clocks say."""
    latest = order.events[-1].recorded_at
    if isinstance(message, Event):
        return replace(message, recorded_at=latest) if message.recorded_at < latest else message
    return replace(message, now=latest) if message.now < latest else message
