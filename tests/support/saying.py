"""Ready messages of the contract, one word for each type, and records that carry them."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from consumers.cloudevents import Incoming

Said = dict[str, Any]
_NUMBERS = count(1)

STOREFRONT = ("OrderPlaced", "ItemCancelRequested", "CancellationWithdrawn")
PAYMENTS = ("RefundIssued", "RefundFailed")


def channel_of(kind: str) -> str:
    if kind in STOREFRONT:
        return "storefront"
    return "payments" if kind in PAYMENTS else "warehouse"


def say(kind: str, order_id: str, /, *, message_id: str | None = None, **data: Any) -> Said:  # noqa: ANN401
    """A structured CloudEvent; its id is a new one unless it is given."""
    return {
        "specversion": "1.0",
        "id": message_id or f"m{next(_NUMBERS)}",
        "source": f"/{channel_of(kind)}",
        "type": kind,
        "subject": order_id,
        "time": "2026-01-31T12:00:00Z",
        "data": {"order_id": order_id, **data},
    }


def placed(order_id: str, *quantities: int, **more: Any) -> Said:  # noqa: ANN401
    """Lines L1, L2, ... of so many units, at 10.00 each; one line of 3 when none is given."""
    lines = [
        {"line_id": f"L{n}", "sku": f"SKU-{n}", "title": f"Mug {n}", "quantity": quantity,
         "unit_price": "10.00"}
        for n, quantity in enumerate(quantities or (3,), 1)
    ]  # fmt: skip
    told = {"buyer_id": "mira", "seller_id": "fjell", "currency": "EUR", "lines": lines}
    return say("OrderPlaced", order_id, **(told | more))


def cancel(order_id: str, cancellation_id: str = "C1", **more: Any) -> Said:  # noqa: ANN401
    told = {"cancellation_id": cancellation_id, "requested_by": "buyer", "reason": "changed_mind"}
    return say("ItemCancelRequested", order_id, **(told | more))


def shipped(order_id: str, quantity: int, line_id: str = "L1", shipment_id: str = "S1") -> Said:
    items = [{"line_id": line_id, "quantity": quantity}]
    return say("ShippedFromWarehouse", order_id, shipment_id=shipment_id, items=items)


def delivered(order_id: str, shipment_id: str = "S1") -> Said:
    return say("Delivered", order_id, shipment_id=shipment_id)


def encoded(said: Said) -> bytes:
    return json.dumps(said).encode()


def record(said: Said | bytes, **where: Any) -> Incoming:  # noqa: ANN401
    """A record as a file gives it, or (topic, partition, offset) as Kafka does."""
    value = said if isinstance(said, bytes) else encoded(said)
    return Incoming(value, **where)
