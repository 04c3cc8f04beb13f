"""The life of one order: somebody buys it, regrets it, and is sent it all the same."""

from __future__ import annotations

from tests.simulation.outside import Data, Outside
from tests.simulation.parcels import Journey
from tests.simulation.warehouse import Shelf, as_items, by_line

BUYER = "changed_mind"
SELLER = "out_of_stock"


class Life:
    """What really happens to one order, and who is told of it."""

    def __init__(self, outside: Outside, order_id: str) -> None:
        self.outside, self.order_id = outside, order_id
        random = outside.random
        self.ordered = {f"L{n}": random.randint(1, 3) for n in range(1, random.randint(2, 3))}
        self.shelf = Shelf(outside, order_id, dict(self.ordered))
        self.parcels: dict[str, Journey] = {}
        self._cancellations = 0
        self._never_ships_rest = outside.happens(outside.habits.never_ships_rest)

    def begin(self) -> None:
        """Plan the whole life; the order itself may be heard of last."""
        outside = self.outside
        outside.after(10, self._place)
        if not outside.happens(outside.habits.never_releases):
            outside.after(60, self._release)
        for _ in range(outside.random.choice([1, 1, 2, 3])):
            outside.after(120, self._cancel)
        for _ in range(outside.random.choice([1, 2])):
            outside.after(150, lambda: self.ship(outside.random.choice([1, 2, 3])))
        if not self._never_ships_rest:
            outside.after(400, self.ship)

    def _place(self) -> None:
        lines = [
            {
                "line_id": line,
                "sku": f"sku-{line}",
                "title": "Enamel mug",
                "quantity": units,
                "unit_price": "10.01",
                "discount": "0.50",
            }
            for line, units in self.ordered.items()
        ]
        self.outside.say(
            "OrderPlaced",
            self.order_id,
            buyer_id="mira",
            seller_id="fjell",
            currency="EUR",
            lines=lines,
            shipping_fee=self.outside.random.choice(["0", "4.90"]),
        )

    def _release(self) -> None:
        self.outside.say("ReleasedToWarehouse", self.order_id, warehouse_id="w1")

    def _cancel(self) -> None:
        self._cancellations += 1
        cancellation = f"c{self._cancellations}"
        random = self.outside.random
        items: Data = {}
        if random.random() < 0.6:
            line = random.choice(sorted(self.ordered))
            items = {"items": as_items({line: random.randint(1, self.ordered[line])})}
        by, reason = random.choice([("buyer", BUYER), ("buyer", BUYER), ("seller", SELLER)])
        self.outside.say(
            "ItemCancelRequested",
            self.order_id,
            cancellation_id=cancellation,
            requested_by=by,
            reason=reason,
            **items,
        )
        if self.outside.happens(self.outside.habits.withdraws):
            self.outside.after(48, lambda: self._withdraw(cancellation))

    def _withdraw(self, cancellation: str) -> None:
        self.outside.say("CancellationWithdrawn", self.order_id, cancellation_id=cancellation)

    def ship(self, most: int | None = None) -> None:
        """Send what lies in the warehouse, or at most so many units of each line."""
        picked = self.shelf.pick(most)
        if picked:
            shipment = f"{self.order_id}-S{len(self.parcels) + 1}"
            journey = Journey(self.outside, self.order_id, shipment, picked)
            self.parcels[shipment] = journey
            journey.begin()

    def heard(self, kind: str, message_id: str, data: Data) -> None:
        """Something was said to the buyer, the warehouse, or everybody."""
        match kind:
            case "StopRequested":
                self.shelf.asked_to_stop(message_id, data)
            case "StopWithdrawn":
                self.shelf.told_to_go_on(message_id, data)
            case "RefusalRequested":
                for shipment in data["shipment_ids"]:
                    if shipment in self.parcels:
                        self.parcels[shipment].to_refuse = by_line(data["items"])
            case "RefusalWithdrawn":
                for shipment in data["shipment_ids"]:
                    if shipment in self.parcels:
                        self.parcels[shipment].to_refuse = None
            case "ItemCancelRequested":
                self._note_cancelled(message_id, data)

    def _note_cancelled(self, message_id: str, data: Data) -> None:
        if message_id not in self.shelf.answered:
            self.shelf.answered[message_id] = data
            for line, units in by_line(data["items"]).items():
                before = self.shelf.wanted_no_more.get(line, 0)
                self.shelf.wanted_no_more[line] = before + units
