"""A message of the contract into what the domain decides about. The only place that knows both."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Any

from consumers import fields, messages
from consumers.bad_message import Malformed
from consumers.placing import Envelope, place_order, read_amount
from domain import events
from domain.commands import PlaceOrder, RequestCancellation, WithdrawCancellation
from domain.items import CorrectedData, Item, ReturnedItem

Message = PlaceOrder | RequestCancellation | WithdrawCancellation | events.Fact
Translated = tuple[Message, str | None]
"""The message, and the free text that must not enter it: a note about a person is erasable."""

# No digits: a telephone number is no code.
_CODE = re.compile(r"(?=.{1,64}\Z)[a-z]+(?:[_.-][a-z]+)*", re.ASCII)


def translate(kind: str, data: object, said: Envelope) -> Translated:
    """The domain's word for `data`, the validated contract model of type `kind`."""
    return _TRANSLATIONS[kind](data, said)


def note_ref(key: bytes, order_id: str, about: str, note: str) -> str:
    """The name of a note: the same text about the same thing has the same name, and no other."""
    return hmac.digest(key, f"{order_id}\n{about}\n{note}".encode(), "sha256").hex()[:32]


def _items(items: list[fields.Item] | None) -> tuple[Item, ...] | None:
    if items is None:
        return None
    return tuple([Item(item["line_id"], item["quantity"]) for item in items])


def _returned(items: list[fields.ReturnedItem] | None) -> tuple[ReturnedItem, ...] | None:
    if items is None:
        return None
    return tuple(
        [
            ReturnedItem(item["line_id"], item["quantity"], item.get("condition") or "good")
            for item in items
        ]
    )


def reason_of(text: str, about: str, order_id: str, key: bytes) -> tuple[str, str | None]:
    """A reason that is a code stays; free text is kept apart, and its reference stands for it."""
    if _CODE.fullmatch(text):
        return text, None
    return f"note:{note_ref(key, order_id, about, text)}", text


def _reason(text: str, about: str, said: Envelope) -> tuple[str, str | None]:
    return reason_of(text, about, said.order_id, said.note_key)


def _order_placed(data: messages.OrderPlaced, said: Envelope) -> Translated:
    return place_order(data, said), None


def _cancel_requested(data: messages.ItemCancelRequested, said: Envelope) -> Translated:
    if data.reason not in fields.REASONS[data.requested_by]:
        detail = f"is no reason of a {data.requested_by}"
        raise Malformed("data.reason", "reason_of_other_party", detail)
    about, note = data.cancellation_id, data.note or None
    request = RequestCancellation(
        occurred_at=said.occurred_at,
        now=said.now,
        source=said.source,
        message_id=said.message_id,
        cancellation_id=about,
        requested_by=data.requested_by,
        reason=data.reason,
        items=_items(data.items),
        note_ref=note and note_ref(said.note_key, said.order_id, about, note),
    )
    return request, note


def _withdrawn(data: messages.CancellationWithdrawn, said: Envelope) -> Translated:
    withdrawal = WithdrawCancellation(
        occurred_at=said.occurred_at,
        now=said.now,
        source=said.source,
        message_id=said.message_id,
        cancellation_id=data.cancellation_id,
    )
    return withdrawal, None


def _released(data: messages.ReleasedToWarehouse, said: Envelope) -> Translated:
    return events.ReleasedToWarehouse(
        warehouse_id=data.warehouse_id,
        items=_items(data.items),
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), None


def _confirmed(data: messages.CancellationConfirmed, said: Envelope) -> Translated:
    return events.CancellationConfirmed(
        cancellation_id=data.cancellation_id,
        confirmed_by=data.confirmed_by,
        items=_items(data.items),
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), None


def _stop_refused(data: messages.StopRefused, said: Envelope) -> Translated:
    reason, note = _reason(data.reason, data.cancellation_id, said)
    return events.StopRefused(
        cancellation_id=data.cancellation_id,
        reason=reason,
        items=_items(data.items),
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), note


def _shipped(data: messages.ShippedFromWarehouse, said: Envelope) -> Translated:
    return events.ShippedFromWarehouse(
        shipment_id=data.shipment_id,
        items=_items(data.items) or (),
        warehouse_id=data.warehouse_id,
        carrier=data.carrier,
        tracking_number=data.tracking_number,
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), None


def _delivered(data: messages.Delivered, said: Envelope) -> Translated:
    return events.Delivered(
        shipment_id=data.shipment_id,
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), None


def _rejected(data: messages.DeliveryRejected, said: Envelope) -> Translated:
    return events.DeliveryRejected(
        shipment_id=data.shipment_id,
        items=_items(data.items),
        kind=data.kind,
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), None


def _came_back(data: messages.ReturnedToWarehouse, said: Envelope) -> Translated:
    return events.ReturnedToWarehouse(
        return_id=data.return_id,
        items=_returned(data.items) or (),
        shipment_id=data.shipment_id,
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), None


def _lost(data: messages.LostInTransit, said: Envelope) -> Translated:
    return events.LostInTransit(
        shipment_id=data.shipment_id,
        items=_items(data.items),
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), None


def _corrected(data: messages.FactCorrected, said: Envelope) -> Translated:
    corrected, note = (None, None) if data.data is None else _corrected_data(data.data, said)
    return events.FactCorrected(
        corrects_source=data.corrects.source,
        corrects_id=data.corrects.id,
        data=corrected,
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), note


def _corrected_data(
    data: messages.CorrectedData, said: Envelope
) -> tuple[CorrectedData, str | None]:
    reason, note = data.reason, None
    if reason is not None:
        reason, note = _reason(reason, data.cancellation_id or "", said)
    return CorrectedData(
        order_id=data.order_id,
        warehouse_id=data.warehouse_id,
        cancellation_id=data.cancellation_id,
        shipment_id=data.shipment_id,
        return_id=data.return_id,
        items=_returned(data.items),
        confirmed_by=data.confirmed_by,
        reason=reason,
        kind=data.kind,
        carrier=data.carrier,
        tracking_number=data.tracking_number,
    ), note


def _refund_issued(data: messages.RefundIssued, said: Envelope) -> Translated:
    return events.RefundIssued(
        refund_id=data.refund_id,
        amount=read_amount(data.amount, data.currency, "data.amount"),
        currency=data.currency,
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), None


def _refund_failed(data: messages.RefundFailed, said: Envelope) -> Translated:
    reason, note = _reason(data.reason, data.refund_id, said)
    return events.RefundFailed(
        refund_id=data.refund_id,
        reason=reason,
        occurred_at=said.occurred_at,
        recorded_at=said.now,
        source=said.source,
        message_id=said.message_id,
    ), note


_TRANSLATIONS: dict[str, Callable[[Any, Envelope], Translated]] = {
    "OrderPlaced": _order_placed,
    "ItemCancelRequested": _cancel_requested,
    "CancellationWithdrawn": _withdrawn,
    "ReleasedToWarehouse": _released,
    "CancellationConfirmed": _confirmed,
    "StopRefused": _stop_refused,
    "ShippedFromWarehouse": _shipped,
    "Delivered": _delivered,
    "DeliveryRejected": _rejected,
    "ReturnedToWarehouse": _came_back,
    "LostInTransit": _lost,
    "FactCorrected": _corrected,
    "RefundIssued": _refund_issued,
    "RefundFailed": _refund_failed,
}
