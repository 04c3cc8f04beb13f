"""Random histories of one small order: every kind of message, plausible and not, in any order."""

from __future__ import annotations

from random import Random
from typing import Any

from domain.claims import refund_id

Json = dict[str, Any]
BUYER = ["changed_mind", "found_cheaper", "other"]
SELLER = ["out_of_stock", "price_error", "other"]


class History:
    """Makes the messages of one order from a seed; the same seed, the same messages."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.currency = self.random.choice(["EUR", "EUR", "JPY", "KWD"])
        self.decimals = {"EUR": 2, "JPY": 0, "KWD": 3}[self.currency]
        self.lines = [str(n + 1) for n in range(self.random.randint(1, 3))]
        self.sent: list[Json] = []

    def messages(self) -> list[Json]:
        """The order and up to fourteen messages about it, some of them before it."""
        random = self.random
        placed = self._message("OrderPlaced", self._order())
        later = [self._any() for _ in range(random.randint(1, 14))]
        if random.random() < 0.15:
            later.insert(0, self._release())
        if random.random() < 0.15:
            later.insert(random.randrange(len(later) + 1), placed)
            return later
        return [placed, *later]

    def _message(self, kind: str, data: Json, source: str | None = None) -> Json:
        number = len(self.sent)
        source = source or self._source(kind)
        message = {
            "specversion": "1.0",
            "id": f"m{number}",
            "source": source,
            "type": kind,
            "subject": "A1",
            "time": f"2026-11-24T10:{self.random.randint(0, 59):02}:00Z",
            "data": {"order_id": "A1", **data},
        }
        self.sent.append(message)
        return message

    def _source(self, kind: str) -> str:
        if kind in ("OrderPlaced", "ItemCancelRequested", "CancellationWithdrawn"):
            return "/shop"
        if kind.startswith("Refund"):
            return "/bank"
        return self.random.choice(["/wh/1", "/wh/1", "/wh/1", "/wh/2"])

    def _money(self, most: int) -> str:
        minor = self.random.randint(0, most)
        if self.decimals == 0:
            return str(minor)
        text = str(minor).rjust(self.decimals + 1, "0")
        return f"{text[: -self.decimals]}.{text[-self.decimals :]}"

    def _order(self) -> Json:
        random = self.random
        self.quantities = {line: random.randint(1, 4) for line in self.lines}
        lines = []
        for line in self.lines:
            data: Json = {
                "line_id": line,
                "sku": f"sku-{line}",
                "title": "A mug",
                "quantity": self.quantities[line],
                "unit_price": self._money(random.choice([0, 1, 7, 999, 999])),
            }
            if random.random() < 0.3:
                data["tax"] = self._money(50)
            if random.random() < 0.15:
                data["coming_soon"] = True
            lines.append(data)
        order: Json = {
            "buyer_id": "b1",
            "seller_id": "s1",
            "currency": self.currency,
            "lines": lines,
        }
        if random.random() < 0.4:
            order["shipping_fee"] = self._money(490)
        if random.random() < 0.2:
            order["discount"] = self._money(5)
        if random.random() < 0.15:
            order["paid"] = self._money(random.choice([0, 500, 4000]))
        return order

    def _any(self) -> Json:
        random = self.random
        if self.sent and random.random() < 0.08:
            return self._again()
        kinds = [
            (self._cancel, 5),
            (self._withdraw, 1),
            (self._release, 1),
            (self._confirm, 2),
            (self._stop_refused, 1),
            (self._ship, 5),
            (self._deliver, 2),
            (self._reject, 3),
            (self._return, 3),
            (self._lose, 1),
            (self._correct, 2),
            (self._refund_issued, 1),
            (self._refund_failed, 1),
        ]
        make = random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        return make()

    def decision(self) -> Json:
        """What a seller decides, plausible or not; `amount` is in minor units."""
        random = self.random
        outcomes = ["refund", "refund", "refund", "no_refund", "stopped", "not_stopped"]
        told: Json = {
            "decision_id": f"d{random.randint(1, 6)}",
            "line_id": "nine" if random.random() < 0.02 else random.choice(self.lines),
            "quantity": random.choice([1, 1, 1, 2, 3]),
            "outcome": random.choice(outcomes),
            "reason": "looked at it",
        }
        if random.random() < 0.2:
            told["amount"] = random.choice([0, 1, 500, 9_999])
        return told

    def _again(self) -> Json:
        """A message once more, now and then with other content."""
        message = self.random.choice(self.sent)
        if self.random.random() < 0.7:
            return message
        return {**message, "time": "2026-11-24T11:00:00Z"}

    def _items(self, odd: float = 0.04) -> list[Json]:
        random = self.random
        items = []
        for _ in range(random.randint(1, 2)):
            line = "nine" if random.random() < odd else random.choice(self.lines)
            items.append({"line_id": line, "quantity": random.randint(1, 3)})
        return items

    def _maybe_items(self) -> Json:
        return {} if self.random.random() < 0.5 else {"items": self._items()}

    def _cancellation_id(self) -> str:
        return self.random.choice(["c1", "c2", "c3"])

    def _shipment_id(self) -> str:
        return self.random.choice(["S1", "S1", "S2", "S3"])

    def _cancel(self) -> Json:
        party = self.random.choice(["buyer", "buyer", "seller"])
        reason = self.random.choice(BUYER if party == "buyer" else SELLER)
        more = {} if self.random.random() < 0.3 else {"items": self._items(0.02)}
        data = {
            "cancellation_id": self._cancellation_id(),
            "requested_by": party,
            "reason": reason,
            **more,
        }
        return self._message("ItemCancelRequested", data)

    def _withdraw(self) -> Json:
        data = {"cancellation_id": self._cancellation_id()}
        return self._message("CancellationWithdrawn", data)

    def _release(self) -> Json:
        data = {"warehouse_id": "w1", **self._maybe_items()}
        return self._message("ReleasedToWarehouse", data)

    def _confirm(self) -> Json:
        data = {
            "cancellation_id": self._cancellation_id(),
            "confirmed_by": self.random.choice(["warehouse", "seller"]),
            **self._maybe_items(),
        }
        return self._message("CancellationConfirmed", data)

    def _stop_refused(self) -> Json:
        data = {"cancellation_id": self._cancellation_id(), "reason": "too_late"}
        return self._message("StopRefused", data)

    def _ship(self) -> Json:
        data = {"shipment_id": self._shipment_id(), "items": self._items()}
        return self._message("ShippedFromWarehouse", data)

    def _deliver(self) -> Json:
        return self._message("Delivered", {"shipment_id": self._shipment_id()})

    def _reject(self) -> Json:
        data = {"shipment_id": self._shipment_id(), **self._maybe_items()}
        return self._message("DeliveryRejected", data)

    def _return(self) -> Json:
        items = self._items()
        for item in items:
            if self.random.random() < 0.25:
                item["condition"] = "damaged"
        data: Json = {"return_id": self.random.choice(["R1", "R2"]), "items": items}
        if self.random.random() < 0.6:
            data["shipment_id"] = self._shipment_id()
        return self._message("ReturnedToWarehouse", data)

    def _lose(self) -> Json:
        data = {"shipment_id": self._shipment_id(), **self._maybe_items()}
        return self._message("LostInTransit", data)

    def _correct(self) -> Json:
        random = self.random
        target = random.choice(self.sent)
        kind = target["type"] if random.random() < 0.85 else random.choice(self.sent)["type"]
        source = target["source"] if random.random() < 0.9 else "/wh/9"
        corrects = {"source": target["source"], "id": target["id"]}
        if random.random() < 0.1:  # of a message that comes later, or never
            corrects["id"] = f"m{len(self.sent) + random.randint(1, 2)}"
        if random.random() < 0.3:
            return self._message("FactCorrected", {"corrects": corrects}, source)
        data = self._data_like(kind)
        return self._message("FactCorrected", {"corrects": corrects, "data": data}, source)

    def _data_like(self, kind: str) -> Json:
        makers = {
            "ReleasedToWarehouse": self._release,
            "CancellationConfirmed": self._confirm,
            "StopRefused": self._stop_refused,
            "ShippedFromWarehouse": self._ship,
            "Delivered": self._deliver,
            "DeliveryRejected": self._reject,
            "ReturnedToWarehouse": self._return,
            "LostInTransit": self._lose,
        }
        make = makers.get(kind)
        if make is None:
            make = self._ship
        data: Json = make()["data"]
        self.sent.pop()  # it was made for its data only
        return data

    def _refund_id(self) -> str:
        kind = self.random.choice(["cancellation", "cancellation", "return", "fee", "none"])
        if kind == "none":
            return "r-unknown"
        if kind == "fee":
            return refund_id("A1", "fee", "A1", 1)
        if kind == "return" and self.sent:
            target = self.random.choice(self.sent)
            return refund_id("A1", "return", f"{target['source']}\n{target['id']}", 1)
        return refund_id(
            "A1", "cancellation", self._cancellation_id(), self.random.choice([1, 1, 2])
        )

    def _refund_issued(self) -> Json:
        data = {
            "refund_id": self._refund_id(),
            "amount": self._money(1500),
            "currency": self.currency,
        }
        return self._message("RefundIssued", data)

    def _refund_failed(self) -> Json:
        return self._message("RefundFailed", {"refund_id": self._refund_id(), "reason": "declined"})
