"""The buyers: they order, change their minds, and do at the door what they were told to do.

A buyer is at peace when every unit is in the house, or paid back, or decided about.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct, field
from typing_extensions import override

from runtime.world import shopping
from runtime.world.book import Note
from runtime.world.habits import DAY, HOUR, MINUTE
from runtime.world.program import Program
from runtime.world.wire import WORLD, Content, Heard, Message, Units, both, items, less, plus, units

SOURCE = "/storefront"
PATIENT, IN_DOUBT = 40, 4
"""How often a buyer lets a parcel come again: while a request is unanswered, and while it was
accepted and nobody said yet whether the goods are stopped or to be refused."""


class Purchase(Struct):
    """An order, as its buyer sees it."""

    order_id: str
    ordered: Units
    requests: dict[str, str] = field(default_factory=dict)
    """Cancellations: `sent`, `accepted`, `refused` or `withdrawn`."""
    cancelled: dict[str, Units] = field(default_factory=dict)
    confirmed: Units = field(default_factory=dict)
    to_refuse: dict[str, Units] = field(default_factory=dict)
    """By parcel, as the buyer was told last."""
    have: Units = field(default_factory=dict)
    paid_back: dict[str, Units] = field(default_factory=dict)
    """By refund: the units that it pays for."""
    decided: dict[str, Units] = field(default_factory=dict)
    """By decision: units that nobody pays for."""
    came_in_vain: int = 0

    @property
    def is_over(self) -> bool:
        rest = less(self.ordered, self.have)
        for gone in (*self.paid_back.values(), *self.decided.values()):
            rest = less(rest, gone)
        return not rest and "sent" not in self.requests.values()

    @property
    def in_doubt(self) -> bool:
        """Whether units were cancelled and nobody said what became of them."""
        open_units: Units = {}
        for cancellation_id, goods in self.cancelled.items():
            if self.requests.get(cancellation_id) == "accepted":
                open_units = plus(open_units, goods)
        for told in (self.confirmed, *self.to_refuse.values()):
            open_units = less(open_units, told)
        return bool(open_units)


class Buyers(Program):
    name: ClassVar[str] = "buyers"
    hears: ClassVar[tuple[str, ...]] = ("orders", "buyer-notices", WORLD)

    @override
    def begin(self, at: int) -> None:
        if self.book.is_unsaid("the first order"):
            self.book.note(Note("order", "0", at))

    @override
    def hear(self, message: Heard) -> None:
        purchase = self._purchase(message.order_id)
        if message.channel == "orders":
            self._read_of_money(purchase, message)
        elif message.channel == WORLD:
            self._see(purchase, message)
        else:
            self._read_notice(purchase, message)
        self._keep(purchase)

    @override
    def remember(self, what: str, about: str) -> None:
        if what == "order":
            self._order(int(about))
            return
        purchase = self._purchase(about)
        if what == "cancel":
            self._cancel(purchase)
        elif what == "withdraw":
            self._withdraw(purchase)
        self._keep(purchase)

    def _purchase(self, order_id: str) -> Purchase:
        purchase = self.book.kept(Purchase, order_id)
        if purchase is None:
            raise LookupError(f"no buyer ordered {order_id}")
        return purchase

    def _keep(self, purchase: Purchase) -> None:
        self.book.keep(purchase.order_id, purchase, is_open=not purchase.is_over)

    def _order(self, number: int) -> None:
        data = shopping.order(self.world, number)
        order_id = self.world.order_id(number)
        ordered = {line["line_id"]: line["quantity"] for line in data["lines"]}
        self._keep(Purchase(order_id, ordered))
        placed = f"order:{order_id}"
        self.tell(Message("storefront", "OrderPlaced", order_id, SOURCE, placed, data))
        if shopping.plan(self.world, order_id).moment == "in time":
            self.later("cancel", order_id, 5 * MINUTE, 9 * HOUR)
        if number + 1 < self.world.orders:
            self._order_next(number + 1)

    def _order_next(self, number: int) -> None:
        pause = round(DAY / self.world.per_day / self.world.speed)
        self.book.note(Note("order", str(number), self.now + pause))

    def _cancel(self, purchase: Purchase) -> None:
        cancellation_id = f"{purchase.order_id}-C{len(purchase.requests) + 1}"
        left = purchase.ordered
        for goods in purchase.cancelled.values():
            left = less(left, goods)
        data = shopping.wish(self.world, cancellation_id, left)
        if data is not None:
            purchase.requests[cancellation_id] = "sent"
            self._say("ItemCancelRequested", purchase, f"cancel:{cancellation_id}", data)

    def _withdraw(self, purchase: Purchase) -> None:
        """Only the first cancellation is ever taken back; whether it can be is not ours to say."""
        cancellation_id = next(iter(purchase.requests))
        data = {"cancellation_id": cancellation_id}
        self._say("CancellationWithdrawn", purchase, f"withdraw:{cancellation_id}", data)

    def _say(self, kind: str, purchase: Purchase, message_id: str, data: Content) -> None:
        self.tell(Message("storefront", kind, purchase.order_id, SOURCE, message_id, data))

    def _read_of_money(self, purchase: Purchase, message: Heard) -> None:
        data = message.data
        if message.type == "RefundIssued":
            covered = units({"items": data.get("covers")})
            purchase.paid_back[data["refund_id"]] = covered
        elif message.type == "CaseDecided" and data["outcome"] == "no_refund":
            purchase.decided[data["decision_id"]] = {data["line_id"]: data["quantity"]}
        elif message.type == "CancellationWithdrawn":
            purchase.requests[data["cancellation_id"]] = "withdrawn"

    def _read_notice(self, purchase: Purchase, message: Heard) -> None:
        match message.type:
            case "CancellationAccepted":
                self._read_accepted(purchase, message.data)
            case "CancellationRefused":
                purchase.requests[message.data["cancellation_id"]] = "refused"
            case "CancellationConfirmed":
                purchase.confirmed = plus(purchase.confirmed, units(message.data))
            case "RefusalRequested":
                goods = units(message.data)
                for shipment_id in message.data["shipment_ids"]:
                    purchase.to_refuse[shipment_id] = goods
            case "RefusalWithdrawn":
                for shipment_id in message.data["shipment_ids"]:
                    purchase.to_refuse.pop(shipment_id, None)

    def _read_accepted(self, purchase: Purchase, data: Content) -> None:
        first = not purchase.cancelled
        purchase.requests[data["cancellation_id"]] = "accepted"
        purchase.cancelled[data["cancellation_id"]] = units(data)
        plan = shopping.plan(self.world, purchase.order_id)
        if first and plan.withdraws:
            self.later("withdraw", purchase.order_id, MINUTE, 20 * MINUTE)
        elif first and plan.again:
            self.later("cancel", purchase.order_id, 30 * MINUTE, 4 * HOUR)

    def _see(self, purchase: Purchase, message: Heard) -> None:
        if message.type == "ParcelLeft" and not purchase.requests:
            self._cancel_what_has_left(purchase)
        elif message.type == "AtTheDoor":
            self._open_the_door(purchase, message.data)

    def _cancel_what_has_left(self, purchase: Purchase) -> None:
        moment = shopping.plan(self.world, purchase.order_id).moment
        if moment == "crossing":
            self._cancel(purchase)
        elif moment == "late":
            self.later("cancel", purchase.order_id, 4 * HOUR, 16 * HOUR)

    def _open_the_door(self, purchase: Purchase, data: Content) -> None:
        shipment_id, goods = data["shipment_id"], units(data)
        refused = both(goods, purchase.to_refuse.get(shipment_id, {}))
        if self.world.chance("unclaimed", shipment_id):
            self._answer(purchase, data, "nobody")
        elif refused and self._does_refuse(shipment_id):
            whole = self.world.chance("whole_refusals", shipment_id)
            refused = goods if whole else refused
            purchase.have = plus(purchase.have, less(goods, refused))
            self._answer(purchase, data, "refused", refused)
        elif not refused and self._lets_it_come_again(purchase):
            purchase.came_in_vain += 1
            self._answer(purchase, data, "come again")
        else:
            purchase.have = plus(purchase.have, goods)
            self._answer(purchase, data, "taken")

    def _does_refuse(self, shipment_id: str) -> bool:
        does = self.world.chance("refusals", shipment_id)
        if not does:
            self.book.count("fault:refusals")
        return does

    def _lets_it_come_again(self, purchase: Purchase) -> bool:
        unanswered = "sent" in purchase.requests.values()
        in_doubt = purchase.in_doubt and purchase.came_in_vain < IN_DOUBT
        return in_doubt or (unanswered and purchase.came_in_vain < PATIENT)

    def _answer(
        self, purchase: Purchase, door: Content, answer: str, refused: Units | None = None
    ) -> None:
        shipment_id, attempt = door["shipment_id"], door["attempt"]
        data = {"shipment_id": shipment_id, "answer": answer, "items": items(refused or {})}
        message_id = f"answer:{shipment_id}:{attempt}"
        told = Message(WORLD, "DoorAnswered", purchase.order_id, "/buyers", message_id, data)
        self.tell(told)
