"""Every message of the contract, ready made: with all that it may say, and with the least.

Beside each stands what the domain hears. Records carry them in both modes of CloudEvents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from consumers.cloudevents import Incoming
from consumers.translate import Message, note_ref
from domain import events
from domain.commands import PlacedLine, PlaceOrder, RequestCancellation, WithdrawCancellation
from domain.items import CorrectedData, Item, ReturnedItem

NOW = 1_780_000_000_000_000
KEY = b"a key for the names of notes ...."
OCCURRED_AT = 1_769_860_800_123_456
NOTE = "Please ring at Ingrid's, Storgata 5:\nI am at work."

ITEMS = [{"line_id": "L1", "quantity": 2}, {"line_id": "L2", "quantity": 1}]
COUNTED = [
    {"line_id": "L1", "quantity": 2, "condition": "damaged"},
    {"line_id": "L2", "quantity": 1},
]
MUG = {"line_id": "L1", "sku": "MUG-7", "title": "Krus, blå", "quantity": 3, "unit_price": "10.5"}
LAMP = {
    "line_id": "L2",
    "sku": "LAMP/2",
    "title": "Lamp 💡",
    "quantity": 1_000_000_000,
    "unit_price": "0",
    "discount": "1.00",
    "tax": "0.25",
    "coming_soon": True,
}

LEAST: dict[str, dict[str, Any]] = {
    "OrderPlaced": {"buyer_id": "b1", "seller_id": "s1", "currency": "EUR", "lines": [MUG]},
    "ItemCancelRequested": {"cancellation_id": "C1", "requested_by": "buyer", "reason": "other"},
    "CancellationWithdrawn": {"cancellation_id": "C1"},
    "ReleasedToWarehouse": {"warehouse_id": "W1"},
    "CancellationConfirmed": {"cancellation_id": "C1", "confirmed_by": "seller"},
    "StopRefused": {"cancellation_id": "C1", "reason": "already_packed"},
    "ShippedFromWarehouse": {"shipment_id": "S1", "items": ITEMS},
    "Delivered": {"shipment_id": "S1"},
    "DeliveryRejected": {"shipment_id": "S1"},
    "ReturnedToWarehouse": {"return_id": "R1", "items": COUNTED},
    "LostInTransit": {"shipment_id": "S1"},
    "FactCorrected": {"corrects": {"source": "/warehouse", "id": "m-1"}},
    "RefundIssued": {"refund_id": "r-1", "amount": "12.9", "currency": "EUR"},
    "RefundFailed": {"refund_id": "r-1", "reason": "account_closed"},
}
"""The data of each type, less the order id, with nothing optional."""

_MOST: dict[str, dict[str, Any]] = {
    "OrderPlaced": {
        "lines": [MUG, LAMP],
        "discount": "2.00",
        "shipping_fee": "4.9",
        "shipping_tax": "1",
        "paid": "999999999999.99",
    },
    "ItemCancelRequested": {"note": NOTE, "items": ITEMS},
    "ReleasedToWarehouse": {"items": ITEMS},
    "CancellationConfirmed": {"items": ITEMS},
    "StopRefused": {"items": ITEMS, "reason": "Ola has it in the van already"},
    "ShippedFromWarehouse": {"warehouse_id": "W1", "carrier": "Posten", "tracking_number": "T 1"},
    "DeliveryRejected": {"items": ITEMS, "kind": "unclaimed"},
    "ReturnedToWarehouse": {"shipment_id": "S1"},
    "LostInTransit": {"items": ITEMS},
    "FactCorrected": {
        "data": {
            "order_id": "o-1",
            "warehouse_id": "W1",
            "cancellation_id": "C1",
            "shipment_id": "S1",
            "return_id": "R1",
            "items": COUNTED,
            "confirmed_by": "warehouse",
            "reason": "Ola miscounted",
            "kind": "refused",
            "carrier": "Posten",
            "tracking_number": "T1",
        }
    },
    "RefundFailed": {"reason": "Mrs Berg closed her account"},
}
MOST = {kind: least | _MOST.get(kind, {}) for kind, least in LEAST.items()}
"""The data of each type, with everything optional."""
EXAMPLES = [(kind, data) for told in (LEAST, MOST) for kind, data in told.items()]
EXAMPLE_IDS = [f"{kind}-{size}" for size in ("least", "most") for kind in LEAST]


def attributes(kind: str, /, **more: object) -> dict[str, Any]:
    """The envelope of an example."""
    return {
        "specversion": "1.0",
        "id": "m-1",
        "source": "/shop",
        "type": kind,
        "subject": "o-1",
        "time": "2026-01-31T12:00:00.123456Z",
    } | more


def event(kind: str, data: Mapping[str, object] | None = None, /, **more: object) -> dict[str, Any]:
    """A whole structured event; `more` changes its attributes."""
    return (
        attributes(kind)
        | {"data": {"order_id": "o-1", **(LEAST[kind] if data is None else data)}}
        | more
    )


def structured(kind: str, data: Mapping[str, object] | None = None, /, **more: object) -> Incoming:
    return Incoming(json.dumps(event(kind, data, **more)).encode())


def binary(kind: str, data: Mapping[str, object] | None = None, /, **more: object) -> Incoming:
    """The same in binary mode; an attribute that is None has no header."""
    headers = [
        (f"ce_{name}", str(value).encode())
        for name, value in attributes(kind, **more).items()
        if value is not None
    ]
    value = json.dumps({"order_id": "o-1", **(LEAST[kind] if data is None else data)}).encode()
    return Incoming(value, [*headers, ("content-type", b"application/json")])


def note(about: str, text: str) -> str:
    return note_ref(KEY, "o-1", about, text)


_COMMAND: dict[str, Any] = {
    "occurred_at": OCCURRED_AT,
    "now": NOW,
    "source": "/shop",
    "message_id": "m-1",
}
_FACT: dict[str, Any] = {
    "occurred_at": OCCURRED_AT,
    "recorded_at": NOW,
    "source": "/shop",
    "message_id": "m-1",
}
_ITEMS = (Item("L1", 2), Item("L2", 1))
_COUNTED = (ReturnedItem("L1", 2, "damaged"), ReturnedItem("L2", 1))
_ORDER: dict[str, Any] = {
    "order_id": "o-1", "buyer_id": "b1", "seller_id": "s1", "currency": "EUR"
} | _COMMAND  # fmt: skip
_MUG = PlacedLine("L1", "MUG-7", "Krus, blå", 3, 1050)
_LAMP = PlacedLine("L2", "LAMP/2", "Lamp 💡", 1_000_000_000, 0, 100, 25, coming_soon=True)

HEARD_LEAST: dict[str, Message] = {
    "OrderPlaced": PlaceOrder(lines=(_MUG,), **_ORDER),
    "ItemCancelRequested": RequestCancellation(
        cancellation_id="C1", requested_by="buyer", reason="other", **_COMMAND
    ),
    "CancellationWithdrawn": WithdrawCancellation(cancellation_id="C1", **_COMMAND),
    "ReleasedToWarehouse": events.ReleasedToWarehouse(warehouse_id="W1", **_FACT),
    "CancellationConfirmed": events.CancellationConfirmed(
        cancellation_id="C1", confirmed_by="seller", **_FACT
    ),
    "StopRefused": events.StopRefused(cancellation_id="C1", reason="already_packed", **_FACT),
    "ShippedFromWarehouse": events.ShippedFromWarehouse(shipment_id="S1", items=_ITEMS, **_FACT),
    "Delivered": events.Delivered(shipment_id="S1", **_FACT),
    "DeliveryRejected": events.DeliveryRejected(shipment_id="S1", **_FACT),
    "ReturnedToWarehouse": events.ReturnedToWarehouse(return_id="R1", items=_COUNTED, **_FACT),
    "LostInTransit": events.LostInTransit(shipment_id="S1", **_FACT),
    "FactCorrected": events.FactCorrected(corrects_source="/warehouse", corrects_id="m-1", **_FACT),
    "RefundIssued": events.RefundIssued(refund_id="r-1", amount=1290, currency="EUR", **_FACT),
    "RefundFailed": events.RefundFailed(refund_id="r-1", reason="account_closed", **_FACT),
}
_HEARD_MOST: dict[str, Message] = {
    "OrderPlaced": PlaceOrder(
        lines=(_MUG, _LAMP),
        discount=200,
        shipping_fee=490,
        shipping_tax=100,
        paid=99_999_999_999_999,
        **_ORDER,
    ),
    "ItemCancelRequested": RequestCancellation(
        cancellation_id="C1",
        requested_by="buyer",
        reason="other",
        items=_ITEMS,
        note_ref=note("C1", NOTE),
        **_COMMAND,
    ),
    "ReleasedToWarehouse": events.ReleasedToWarehouse(warehouse_id="W1", items=_ITEMS, **_FACT),
    "CancellationConfirmed": events.CancellationConfirmed(
        cancellation_id="C1", confirmed_by="seller", items=_ITEMS, **_FACT
    ),
    "StopRefused": events.StopRefused(
        cancellation_id="C1",
        reason="note:" + note("C1", "Ola has it in the van already"),
        items=_ITEMS,
        **_FACT,
    ),
    "ShippedFromWarehouse": events.ShippedFromWarehouse(
        shipment_id="S1",
        items=_ITEMS,
        warehouse_id="W1",
        carrier="Posten",
        tracking_number="T 1",
        **_FACT,
    ),
    "DeliveryRejected": events.DeliveryRejected(
        shipment_id="S1", items=_ITEMS, kind="unclaimed", **_FACT
    ),
    "ReturnedToWarehouse": events.ReturnedToWarehouse(
        return_id="R1", shipment_id="S1", items=_COUNTED, **_FACT
    ),
    "LostInTransit": events.LostInTransit(shipment_id="S1", items=_ITEMS, **_FACT),
    "FactCorrected": events.FactCorrected(
        corrects_source="/warehouse",
        corrects_id="m-1",
        data=CorrectedData(
            order_id="o-1",
            warehouse_id="W1",
            cancellation_id="C1",
            shipment_id="S1",
            return_id="R1",
            items=_COUNTED,
            confirmed_by="warehouse",
            reason="note:" + note("C1", "Ola miscounted"),
            kind="refused",
            carrier="Posten",
            tracking_number="T1",
        ),
        **_FACT,
    ),
    "RefundFailed": events.RefundFailed(
        refund_id="r-1", reason="note:" + note("r-1", "Mrs Berg closed her account"), **_FACT
    ),
}
HEARD_MOST = HEARD_LEAST | _HEARD_MOST
NOTES = {
    "ItemCancelRequested": NOTE,
    "StopRefused": "Ola has it in the van already",
    "FactCorrected": "Ola miscounted",
    "RefundFailed": "Mrs Berg closed her account",
}
"""The free text of the fullest examples: heard apart from the message."""
