"""History: every event of one order, read from the log itself, with a sentence for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from application.event_store import EventStore, stream_id
from domain.events import Event, OrderPlaced
from domain.money import to_text
from domain.sentences import sentences
from projections.shown import moment

_ABOUT_ALL = frozenset(Event.__struct_fields__)
_AMOUNTS = frozenset(
    (
        "amount",
        "discount",
        "fee",
        "listed_amount",
        "paid",
        "shipping_fee",
        "shipping_tax",
        "tax",
        "unit_price",
    )
)


def history(store: EventStore, order_id: str) -> dict[str, Any] | None:
    """`{"order_id", "events": [...]}` in the order of recording; None: no such order."""
    recorded = store.load([stream_id(order_id)])[stream_id(order_id)]
    if not recorded:
        return None
    return {"order_id": order_id, "events": list(_told(recorded))}


def _told(recorded: list[tuple[int, Event]]) -> Iterable[dict[str, Any]]:
    currency = next((one.currency for _, one in recorded if isinstance(one, OrderPlaced)), "XXX")
    told = sentences(event for _, event in recorded)
    for (version, event), sentence in zip(recorded, told, strict=True):
        yield {
            "version": version,
            "type": type(event).__name__,
            "occurred_at": moment(event.occurred_at),
            "recorded_at": moment(event.recorded_at),
            "cause": {"source": event.source, "id": event.message_id},
            "data": _data(event, currency),
            "sentence": sentence,
        }


def _data(event: Event, currency: str) -> dict[str, Any]:
    """What the event itself says; a reported refund is in its own currency."""
    currency = getattr(event, "currency", currency)
    fields: dict[str, Any] = msgspec.to_builtins(event)
    return {
        name: _with_amounts(name, value, currency)
        for name, value in fields.items()
        if name not in _ABOUT_ALL
    }


def _with_amounts(name: str, value: Any, currency: str) -> Any:  # noqa: ANN401  # JSON has any shape
    """The value, with amounts in minor units written as the contract writes them."""
    if isinstance(value, dict):
        return {key: _with_amounts(key, inner, currency) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_amounts(name, inner, currency) for inner in value]
    return to_text(value, currency) if name in _AMOUNTS and isinstance(value, int) else value
