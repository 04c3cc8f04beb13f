"""Whether, when and how a warehouse answered when it was asked to stop cancelled goods.

Times are ours: a stop is asked when its request was recorded, and answered when the warehouse's
first word about that cancellation was, confirmation or refusal. Facts count as they stand now,
corrections applied; the moment of an answer stays that of the message itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from domain.events import (
    CancellationConfirmed,
    CancellationWithdrawn,
    CaseDecided,
    Event,
    StopRefused,
)
from domain.goods import Goods
from domain.items import add_units
from domain.process_events import DeadlinePassed, ProcessEvent, StopRequested
from domain.state import Order
from domain.warehouses import Warehouses

Answer = Literal["confirmed", "refused", "silent", "shipped", "withdrawn", "seller", "waiting"]
"""The warehouse's own word; or none by the deadline; or, before that, goods that left instead, a
cancellation taken back, a seller who confirmed; or none yet."""


class Stop(Struct, frozen=True, gc=False):
    """A cancellation that a warehouse was asked to stop."""

    cancellation_id: str
    warehouse_id: str
    """The one the goods were released to; empty: none was named."""
    asked_at: int
    """When it was first asked."""
    units: int
    """Units that it was asked to stop, in all."""
    crossed: int
    """Of these, units that left all the same."""
    answer: Answer
    answered_at: int | None
    """When its own word was recorded."""
    is_late: bool
    """Whether its own word came after the deadline."""


def stops(order: Order, did: Sequence[ProcessEvent]) -> list[Stop]:
    """Every cancellation that was to be stopped, by warehouse where its lines lie in several."""
    requests: dict[str, list[StopRequested]] = {}
    for event in did:
        if isinstance(event, StopRequested):
            requests.setdefault(event.cancellation_id, []).append(event)
    if not requests:
        return []
    where = order.goods()
    warehouses = Warehouses(where)
    return [
        _Answered(order, did, where, asked[0], lines).stop(warehouse_id)
        for asked in requests.values()
        for warehouse_id, lines in _by_warehouse(asked, warehouses).items()
    ]


def _by_warehouse(
    requests: Sequence[StopRequested], warehouses: Warehouses
) -> dict[str, dict[str, int]]:
    """Units to stop by line, of each warehouse."""
    found: dict[str, dict[str, int]] = {}
    for request in requests:
        for item in request.items:
            add_units(found.setdefault(warehouses.asked(item.line_id), {}), (item,))
    return found


class _Answered:
    """What one warehouse said and did about one cancellation."""

    def __init__(
        self,
        order: Order,
        did: Sequence[ProcessEvent],
        where: Goods,
        request: StopRequested,
        units: dict[str, int],
    ) -> None:
        self._asked_at_version = request.order_version
        self._events = order.events[request.order_version :]
        self._request = request
        self._units = units
        self._crossed = _crossed(order, where, request.cancellation_id, units)
        self._silent_at = _deadline(did, f"stop:{request.cancellation_id}")

    def stop(self, warehouse_id: str) -> Stop:
        """Put it together."""
        answer, version, at = self._own_word()
        is_late = at is not None and self._silent_at is not None and self._silent_at < version
        return Stop(
            self._request.cancellation_id,
            warehouse_id,
            self._request.recorded_at,
            sum(self._units.values()),
            self._crossed,
            answer or self._without_a_word(),
            at,
            is_late,
        )

    def _own_word(self) -> tuple[Answer | None, int, int | None]:
        for version, event in enumerate(self._events, self._asked_at_version + 1):
            if isinstance(event, CancellationConfirmed | StopRefused) and self._is_meant(event):
                if isinstance(event, StopRefused):
                    return "refused", version, event.recorded_at
                if event.confirmed_by == "warehouse":
                    return "confirmed", version, event.recorded_at
        return None, 0, None

    def _is_meant(self, event: CancellationConfirmed | StopRefused) -> bool:
        if event.cancellation_id != self._request.cancellation_id:
            return False
        return event.items is None or any(item.line_id in self._units for item in event.items)

    def _without_a_word(self) -> Answer:
        if self._silent_at is not None:
            return "silent"
        if self._crossed:
            return "shipped"
        for event in self._events:
            if self._is_taken_back(event):
                return "withdrawn"
            if self._is_confirmed_for_it(event):
                return "seller"
        return "waiting"

    def _is_taken_back(self, event: Event) -> bool:
        return (
            isinstance(event, CancellationWithdrawn)
            and event.cancellation_id == self._request.cancellation_id
        )

    def _is_confirmed_for_it(self, event: Event) -> bool:
        if isinstance(event, CaseDecided):
            cancellation_id = self._request.cancellation_id
            return any(one.cancellation_id == cancellation_id for one in event.confirms)
        return (
            isinstance(event, CancellationConfirmed)
            and event.confirmed_by == "seller"
            and self._is_meant(event)
        )


def _deadline(did: Sequence[ProcessEvent], wait: str) -> int | None:
    """The order's version at which the deadline passed; none: it did not."""
    for event in did:
        if isinstance(event, DeadlinePassed) and event.wait.partition("#")[0] == wait:
            return event.order_version
    return None


def _crossed(order: Order, where: Goods, cancellation_id: str, units: dict[str, int]) -> int:
    crossed = 0
    for line_id, asked in units.items():
        line = where.lines.get(line_id)
        for cancelled in line.cancelled_by if line else ():
            event = order.events[cancelled.place]
            if getattr(event, "cancellation_id", None) == cancellation_id:
                crossed += min(asked, cancelled.crossed)
    return crossed
