"""A heard message in other words: as bytes to keep while it waits, and as a print to compare."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from consumers.envelope import Heard
from consumers.times import to_rfc3339
from domain.commands import PlaceOrder
from domain.events import FactCorrected, RefundIssued
from domain.money import to_text

_KEPT_IN_THE_ENVELOPE = ("occurred_at", "recorded_at", "now", "source", "message_id", "note_ref")
_ORDER_AMOUNTS = ("discount", "shipping_fee", "shipping_tax", "paid")
_LINE_AMOUNTS = ("unit_price", "discount", "tax")


def fingerprint(heard: Heard) -> bytes:
    """SHA-256 of all that was said, without when we heard it: equal messages, equal prints."""
    message = heard.message
    clock = "recorded_at" if hasattr(message, "recorded_at") else "now"
    timeless = msgspec.structs.replace(message, **{clock: 0})
    said = [heard.type, heard.order_id, timeless]
    return hashlib.sha256(msgspec.json.encode(said)).digest()


def body(heard: Heard) -> bytes:
    """The message as a structured CloudEvent of known fields only, its note in clear.

    `hear` makes the same message of it, given the same note key.
    """
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": heard.message_id,
            "source": heard.source,
            "type": heard.type,
            "subject": heard.order_id,
            "time": to_rfc3339(heard.message.occurred_at),
            "data": {"order_id": heard.order_id, **_data(heard)},
        }
    )


def _data(heard: Heard) -> dict[str, Any]:
    message = heard.message
    data = _without_none(msgspec.to_builtins(message))
    for name in _KEPT_IN_THE_ENVELOPE:
        data.pop(name, None)
    if isinstance(message, PlaceOrder):
        _write_amounts(data, message.currency)
    elif isinstance(message, RefundIssued):
        data["amount"] = to_text(message.amount, message.currency)
    elif isinstance(message, FactCorrected):
        data["corrects"] = {"source": data.pop("corrects_source"), "id": data.pop("corrects_id")}
    _put_note_back(data, heard.note)
    return data


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _write_amounts(order: dict[str, Any], currency: str) -> None:
    for name in _ORDER_AMOUNTS:
        if name in order:
            order[name] = to_text(order[name], currency)
    for line in order["lines"]:
        for name in _LINE_AMOUNTS:
            line[name] = to_text(line[name], currency)


def _put_note_back(data: dict[str, Any], note: str | None) -> None:
    if note is None:
        return
    for fields in (data, data.get("data", {})):
        if str(fields.get("reason", "")).startswith("note:"):
            fields["reason"] = note
            return
    data["note"] = note
