"""Short sentences for telling the oracle a story about one order."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from tests.support.oracle import Oracle
from tests.support.oracle_messages import Json

SECOND = 1_000_000
DAY = 24 * 3600 * SECOND
START = datetime(2026, 1, 1, tzinfo=UTC)


def items_of(units: dict[str, int]) -> list[Json]:
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in units.items()]


def line(line_id: str, quantity: int, unit_price: str = "1.00", **more: object) -> Json:
    return {
        "line_id": line_id,
        "sku": f"sku-{line_id}",
        "title": f"Thing {line_id}",
        "quantity": quantity,
        "unit_price": unit_price,
        **more,
    }


class Scene:
    """One order `o`; each sentence is one message, a second after the one before."""

    def __init__(self, *lines: Json, place: bool = True, **order: object) -> None:
        self.oracle = Oracle()
        self.clock = 0
        self.last: Json = {}
        self.terms: Json = {
            "buyer_id": "b",
            "seller_id": "s",
            "currency": "EUR",
            "lines": list(lines) or [line("a", 5)],
            **order,
        }
        if place:
            self.place()

    def say(self, kind: str, data: Json, *, by: str = "/wh", message_id: str | None = None) -> str:
        """One message with the next id; give the outcome."""
        self.clock += SECOND
        self.last = {
            "specversion": "1.0",
            "id": message_id or f"m{self.clock // SECOND}",
            "source": by,
            "type": kind,
            "subject": "o",
            "time": (START + timedelta(microseconds=self.clock)).isoformat(),
            "data": {"order_id": "o", **data},
        }
        return self.oracle.hear(self.last, self.clock)

    def again(self, **changes: object) -> str:
        """The last message once more, as it was or with other attributes or data."""
        data = {**self.last["data"], **changes.pop("data", {})}  # type: ignore[dict-item]
        return self.oracle.hear({**self.last, **changes, "data": data}, self.clock)

    def place(self, **changes: object) -> str:
        return self.say("OrderPlaced", {**self.terms, **changes}, by="/shop")

    def cancel(self, cancellation_id: str, **units: int) -> str:
        data: Json = {
            "cancellation_id": cancellation_id,
            "reason": "other",
            "requested_by": "buyer",
        }
        return self.say("ItemCancelRequested", data | _named(units), by="/shop")

    def withdraw(self, cancellation_id: str) -> str:
        return self.say("CancellationWithdrawn", {"cancellation_id": cancellation_id}, by="/shop")

    def release(self, **units: int) -> str:
        return self.say("ReleasedToWarehouse", {"warehouse_id": "w"} | _named(units))

    def confirm(self, cancellation_id: str, **units: int) -> str:
        data: Json = {"cancellation_id": cancellation_id, "confirmed_by": "warehouse"}
        return self.say("CancellationConfirmed", data | _named(units))

    def too_late(self, cancellation_id: str) -> str:
        return self.say("StopRefused", {"cancellation_id": cancellation_id, "reason": "packed"})

    def ship(self, shipment_id: str, **units: int) -> str:
        return self.say("ShippedFromWarehouse", {"shipment_id": shipment_id} | _named(units))

    def deliver(self, shipment_id: str) -> str:
        return self.say("Delivered", {"shipment_id": shipment_id})

    def reject(self, shipment_id: str, **units: int) -> str:
        return self.say("DeliveryRejected", {"shipment_id": shipment_id} | _named(units))

    def lose(self, shipment_id: str, **units: int) -> str:
        return self.say("LostInTransit", {"shipment_id": shipment_id} | _named(units))

    def back(self, return_id: str, condition: str = "good", **units: int) -> str:
        items = [{**item, "condition": condition} for item in items_of(units)]
        return self.say("ReturnedToWarehouse", {"return_id": return_id, "items": items})

    def correct(self, wrong: Json, data: Json | None, *, by: str = "/wh") -> str:
        corrects = {"source": wrong["source"], "id": wrong["id"]}
        said = {} if data is None else {"data": {"order_id": "o", **data}}
        return self.say("FactCorrected", {"corrects": corrects, **said}, by=by)

    def issued(self, refund_id: str, amount: str) -> str:
        data = {"refund_id": refund_id, "amount": amount, "currency": self.terms["currency"]}
        return self.say("RefundIssued", data, by="/pay")

    def failed(self, refund_id: str) -> str:
        return self.say("RefundFailed", {"refund_id": refund_id, "reason": "bank"}, by="/pay")

    def ask(self, kind: str, cause: str, number: int = 1) -> bool:
        return self.oracle.ask("o", refund_id(kind, cause, number), self.clock)

    def page(self, after: int = 0) -> Json:
        return self.oracle.order("o", self.clock + after)

    def line(self, line_id: str = "a") -> Json:
        """The figures of one line."""
        lines: list[Json] = self.page()["lines"]
        return next(each for each in lines if each["line_id"] == line_id)

    def goods(self, line_id: str = "a") -> tuple[int, int, int, int]:
        """Cancelled, requested, refuse delivery and remaining."""
        told = self.line(line_id)
        return told["cancelled"], told["requested"], told["refuse_delivery"], told["remaining"]

    def money(self, after: int = 0) -> list[tuple[str, str]]:
        """State and amount of each listed refund."""
        return [(each["state"], each["amount"]) for each in self.page(after)["refunds"]]

    @property
    def status(self) -> str:
        return str(self.page()["status"])

    @property
    def version(self) -> int:
        return int(self.page()["version"])

    @property
    def refusal(self) -> str | None:
        return self.oracle.last_refusal("o")

    @property
    def discrepancies(self) -> set[str]:
        return set(self.page()["discrepancies"])


def _named(units: dict[str, int]) -> Json:
    return {"items": items_of(units)} if units else {}


def refund_id(kind: str, cause: str, number: int = 1) -> str:
    """The id that the rules give; computed beside, for the n-th refund of a cause."""
    text = f"o\n{kind}\n{cause}\n{number}"
    return "r-" + hashlib.sha256(text.encode()).hexdigest()[:32]
