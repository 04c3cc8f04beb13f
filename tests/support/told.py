"""One order, A1, told in short words: every message of the contract, for tests of the rules."""

from __future__ import annotations

from typing import Any

from domain.claims import Kind, refund_id
from tests.support.saying import Said, say

WAREHOUSE = "/warehouse"


def order(*quantities: int, price: str = "10.00", **more: Any) -> Said:  # noqa: ANN401
    """Lines 1, 2, ... of so many units each; `coming_soon` names lines."""
    soon = more.pop("coming_soon", ())
    lines = [
        {
            "line_id": str(n),
            "sku": f"mug-{n}",
            "title": "Enamel mug",
            "quantity": quantity,
            "unit_price": price,
            "coming_soon": str(n) in soon,
        }
        for n, quantity in enumerate(quantities, 1)
    ]
    data = {"buyer_id": "mira", "seller_id": "fjell", "currency": "EUR", "lines": lines}
    return say("OrderPlaced", "A1", **(data | more))


def _items(units: int | None, line: str) -> dict[str, Any]:
    return {} if units is None else {"items": [{"line_id": line, "quantity": units}]}


def cancel(units: int | None = None, line: str = "1", called: str = "c1", **more: object) -> Said:
    """No units: everything that can be cancelled."""
    data = {"cancellation_id": called, "requested_by": "buyer", "reason": "changed_mind"}
    return say("ItemCancelRequested", "A1", **(data | _items(units, line) | more))


def withdraw(called: str = "c1") -> Said:
    return say("CancellationWithdrawn", "A1", cancellation_id=called)


def release(units: int | None = None, line: str = "1") -> Said:
    return say("ReleasedToWarehouse", "A1", warehouse_id="w1", **_items(units, line))


def confirm(
    units: int | None = None, line: str = "1", called: str = "c1", by: str = "warehouse"
) -> Said:
    data = {"cancellation_id": called, "confirmed_by": by}
    return say("CancellationConfirmed", "A1", **data, **_items(units, line))


def too_late(called: str = "c1") -> Said:
    return say("StopRefused", "A1", cancellation_id=called, reason="packed")


def ship(units: int, line: str = "1", parcel: str = "S1") -> Said:
    return say("ShippedFromWarehouse", "A1", shipment_id=parcel, **_items(units, line))


def deliver(parcel: str = "S1") -> Said:
    return say("Delivered", "A1", shipment_id=parcel)


def reject(
    units: int | None = None, line: str = "1", parcel: str = "S1", kind: str = "refused"
) -> Said:
    return say("DeliveryRejected", "A1", shipment_id=parcel, kind=kind, **_items(units, line))


def back(
    good: int = 0,
    damaged: int = 0,
    line: str = "1",
    called: str = "R1",
    **more: Any,  # noqa: ANN401  # any field of the message
) -> Said:
    """Units come back; `shipment_id` may name the parcel."""
    items = [
        {"line_id": line, "quantity": units, "condition": condition}
        for units, condition in ((good, "good"), (damaged, "damaged"))
        if units
    ]
    return say("ReturnedToWarehouse", "A1", return_id=called, items=items, **more)


def lose(units: int | None = None, line: str = "1", parcel: str = "S1") -> Said:
    return say("LostInTransit", "A1", shipment_id=parcel, **_items(units, line))


def correct(what: Said, by: Said | None = None, **more: object) -> Said:
    """What `what` should have said is what `by` says; none: it should not have been sent."""
    corrects = {"source": what["source"], "id": what["id"]}
    data = {} if by is None else {"data": by["data"]}
    return say("FactCorrected", "A1", corrects=corrects, **data) | more


def issued(refund: str, amount: str, currency: str = "EUR") -> Said:
    return say("RefundIssued", "A1", refund_id=refund, amount=amount, currency=currency)


def failed(refund: str) -> Said:
    return say("RefundFailed", "A1", refund_id=refund, reason="declined")


def refund_of(called: str = "c1", n: int = 1, kind: Kind = "cancellation") -> str:
    """The id of a refund of a cancellation, or of the fee."""
    return refund_id("A1", kind, called, n)


def refund_of_return(message: Said, n: int = 1) -> str:
    """The id of the refund that a return causes."""
    return refund_id("A1", "return", f"{message['source']}\n{message['id']}", n)
