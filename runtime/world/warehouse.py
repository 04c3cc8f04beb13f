"""The warehouse: takes orders on, stops what it can, ships the rest, and counts what comes back.

It hears of orders and of early cancellations as they are published, and of late ones by the
requests to stop. Whatever left, left: a request that comes later finds an empty shelf.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct, field
from typing_extensions import override

from runtime.world.habits import HOUR, MINUTE
from runtime.world.program import Program
from runtime.world.wire import WORLD, Content, Heard, Message, Units, both, items, less, plus, units

STOPS_IN_SILENCE = 0.5
"""Of requests to stop that are never answered: the goods stay all the same."""


class Stop(Struct):
    """A request to stop units, and what came of it."""

    order_id: str
    cancellation_id: str
    wanted: Units
    is_over: bool = False


class Shelf(Struct):
    """An order in the warehouse."""

    order_id: str
    warehouse_id: str
    ordered: Units
    is_released: bool = False
    dropped: dict[str, Units] = field(default_factory=dict)
    """What was cancelled before it was taken on, by cancellation."""
    taken_out: dict[str, Units] = field(default_factory=dict)
    """What was stopped here, by cancellation."""
    left: Units = field(default_factory=dict)
    parcels: int = 0
    leaves: bool = True
    """Whether goods are still to leave, as far as anybody knows."""

    @property
    def there(self) -> Units:
        found = less(self.ordered, self.left)
        for gone in (*self.dropped.values(), *self.taken_out.values()):
            found = less(found, gone)
        return found


class Outgoing(Struct):
    """A parcel that left, until that was reported."""

    order_id: str
    goods: Units
    at: int


class Incoming(Struct):
    """A parcel that came back, until it was counted."""

    order_id: str
    goods: Units


class Warehouse(Program):
    name: ClassVar[str] = "warehouse"
    hears: ClassVar[tuple[str, ...]] = ("orders", "warehouse-requests", WORLD)

    @override
    def hear(self, message: Heard) -> None:
        match message.type:
            case "OrderPlaced":
                self._take_on(message)
            case "ItemCancelRequested":
                self._drop(message)
            case "CancellationWithdrawn":
                self._take_up_again(message)
            case "StopRequested":
                self._hear_stop(message)
            case "StopWithdrawn":
                self._hear_withdrawn(message)
            case "ParcelBack":
                self._take_in(message)

    @override
    def remember(self, what: str, about: str) -> None:
        match what:
            case "release":
                self._release(self._shelf(about))
            case "leave":
                self._ship(self._shelf(about))
            case "report":
                self._report(about)
            case "stop":
                self._answer_stop(about)
            case "count":
                self._count(about)

    def _shelf(self, order_id: str) -> Shelf:
        shelf = self.book.kept(Shelf, order_id)
        if shelf is None:
            raise LookupError(f"the warehouse has no order {order_id}")
        return shelf

    def _keep(self, shelf: Shelf) -> None:
        self.book.keep(shelf.order_id, shelf, is_open=shelf.leaves)

    def _take_on(self, message: Heard) -> None:
        order_id = message.order_id
        lines = message.data["lines"]
        number = self.world.between(1, 3, "warehouse", order_id)
        ordered = {line["line_id"]: int(line["quantity"]) for line in lines}
        self._keep(Shelf(order_id, f"W{number}", ordered))
        if self.world.chance("released", order_id):
            self.later("release", order_id, HOUR, 5 * HOUR)
        self.later("leave", order_id, 10 * HOUR, 36 * HOUR)

    def _drop(self, message: Heard) -> None:
        """What is cancelled before it was taken on stays where it is; later, we are asked."""
        shelf = self._shelf(message.order_id)
        if not shelf.is_released:
            cancelled = both(units(message.data), shelf.there)
            shelf.dropped[message.data["cancellation_id"]] = cancelled
            self._keep(shelf)

    def _take_up_again(self, message: Heard) -> None:
        shelf = self._shelf(message.order_id)
        if shelf.dropped.pop(message.data["cancellation_id"], None):
            self._have_it_leave(shelf)

    def _have_it_leave(self, shelf: Shelf) -> None:
        if not shelf.leaves:
            self.later("leave", shelf.order_id, 4 * HOUR, 10 * HOUR)
            shelf.leaves = True
        self._keep(shelf)

    def _release(self, shelf: Shelf) -> None:
        shelf.is_released = True
        self._keep(shelf)
        goods = shelf.there
        if goods:
            data: Content = {"warehouse_id": shelf.warehouse_id}
            if goods != shelf.ordered:
                data["items"] = items(goods)
            self.tell(_message(shelf, "ReleasedToWarehouse", f"release:{shelf.order_id}", data))

    def _ship(self, shelf: Shelf) -> None:
        goods = shelf.there
        part = self._first_part(shelf, goods)
        shelf.parcels += bool(part)
        shelf.left = plus(shelf.left, part)
        shelf.leaves = bool(shelf.there)
        self._keep(shelf)
        if shelf.leaves:
            self.later("leave", shelf.order_id, 4 * HOUR, 30 * HOUR)
        if part:
            self._hand_over(shelf, part)

    def _first_part(self, shelf: Shelf, goods: Units) -> Units:
        """All of it; in an order of two parcels, about a half first."""
        splits = shelf.parcels == 0 and self.world.chance("split", shelf.order_id)
        if not splits or sum(goods.values()) <= 1:
            return goods
        half = {line_id: n // 2 for line_id, n in goods.items() if n > 1}
        return half or dict([next(iter(goods.items()))])

    def _hand_over(self, shelf: Shelf, goods: Units) -> None:
        shipment_id = f"{shelf.order_id}-P{shelf.parcels}"
        outgoing = Outgoing(shelf.order_id, goods, self.now)
        self.book.keep(f"out:{shipment_id}", outgoing, is_open=True)
        data = {"shipment_id": shipment_id, "items": items(goods)}
        left = f"left:{shipment_id}"
        self.tell(Message(WORLD, "ParcelLeft", shelf.order_id, "/warehouse", left, data))
        self.later("report", shipment_id, 30 * MINUTE, 3 * HOUR)

    def _report(self, shipment_id: str) -> None:
        """The parcel is told of somewhat later than it left: that is when cancellations cross."""
        outgoing = self.book.kept(Outgoing, f"out:{shipment_id}")
        if outgoing is None:
            raise LookupError(f"no parcel {shipment_id} left")
        self.book.keep(f"out:{shipment_id}", outgoing, is_open=False)
        shelf = self._shelf(outgoing.order_id)
        data = {
            "shipment_id": shipment_id,
            "warehouse_id": shelf.warehouse_id,
            "items": items(outgoing.goods),
        }
        self.tell(_message(shelf, "ShippedFromWarehouse", f"ship:{shipment_id}", data), outgoing.at)

    def _hear_stop(self, message: Heard) -> None:
        about = f"{message.order_id}:{message.id}"
        stop = Stop(message.order_id, message.data["cancellation_id"], units(message.data))
        if self.has_trouble("silent_warehouse", message.id):
            stop.is_over = True
            if self.world.draw("stops in silence", message.id) < STOPS_IN_SILENCE:
                self._take_out(self._shelf(stop.order_id), stop)
        else:
            self.later("stop", about, 10 * MINUTE, 2 * HOUR)
        self.book.keep(f"stop:{about}", stop, is_open=not stop.is_over)

    def _answer_stop(self, about: str) -> None:
        stop = self.book.kept(Stop, f"stop:{about}")
        if stop is None or stop.is_over:
            return
        stop.is_over = True
        self.book.keep(f"stop:{about}", stop, is_open=False)
        shelf = self._shelf(stop.order_id)
        data: Content = {"cancellation_id": stop.cancellation_id}
        if self.has_trouble("too_late", about):
            data |= {"items": items(stop.wanted), "reason": "it is packed already"}
            self.answer(_message(shelf, "StopRefused", f"stop:{about}", data))
        elif stopped := self._take_out(shelf, stop):
            data |= {"items": items(stopped), "confirmed_by": "warehouse"}
            self.answer(_message(shelf, "CancellationConfirmed", f"stop:{about}", data))

    def _take_out(self, shelf: Shelf, stop: Stop) -> Units:
        """Take units off the shelf, as many as are there; what has left is told as a parcel."""
        stopped = both(stop.wanted, shelf.there)
        before = shelf.taken_out.get(stop.cancellation_id, {})
        shelf.taken_out[stop.cancellation_id] = plus(before, stopped)
        self._keep(shelf)
        return stopped

    def _hear_withdrawn(self, message: Heard) -> None:
        """The goods are wanted after all: what was not stopped yet is left alone."""
        cancellation_id = message.data["cancellation_id"]
        shelf = self._shelf(message.order_id)
        for key in self.book.open_keys(f"stop:{message.order_id}:"):
            stop = self.book.kept(Stop, key)
            if stop and stop.cancellation_id == cancellation_id:
                stop.is_over = True
                self.book.keep(key, stop, is_open=False)
        shelf.taken_out.pop(cancellation_id, None)
        if shelf.there:
            self._have_it_leave(shelf)
        else:
            self._keep(shelf)

    def _take_in(self, message: Heard) -> None:
        shipment_id = message.data["shipment_id"]
        incoming = Incoming(message.order_id, units(message.data))
        self.book.keep(f"in:{shipment_id}", incoming, is_open=True)
        self.later("count", shipment_id, HOUR, 6 * HOUR)

    def _count(self, shipment_id: str) -> None:
        """Count what is back; where all that is missing is all there was, nothing is told."""
        incoming = self.book.kept(Incoming, f"in:{shipment_id}")
        if incoming is None:
            raise LookupError(f"no parcel {shipment_id} came back")
        self.book.keep(f"in:{shipment_id}", incoming, is_open=False)
        goods = dict(incoming.goods)
        largest = max(goods, key=lambda line_id: goods[line_id])
        damaged = {largest: 1} if self.has_trouble("damaged_returns", shipment_id) else {}
        if self.has_trouble("short_returns", shipment_id):
            goods[largest] -= 1
        good = less(goods, damaged)
        bad = both(goods, damaged)
        counted = items(good) + [item | {"condition": "damaged"} for item in items(bad)]
        if counted:
            data = {
                "return_id": f"{shipment_id}-R",
                "shipment_id": shipment_id,
                "items": counted,
            }
            shelf = self._shelf(incoming.order_id)
            self.tell(_message(shelf, "ReturnedToWarehouse", f"return:{shipment_id}", data))


def _message(shelf: Shelf, kind: str, message_id: str, data: Content) -> Message:
    source = f"/warehouse/{shelf.warehouse_id}"
    return Message("warehouse", kind, shelf.order_id, source, message_id, data)
