"""The contracts: every message that we hear, as pydantic models, bounded in every direction.

Integration messages, not domain events; `translate.py` stands between. Unknown extra fields are
accepted and dropped here, because a producer may be newer than we are.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from consumers.fields import (
    Amount,
    Carrier,
    ConfirmingParty,
    Currency,
    DataSchema,
    FactReason,
    Id,
    Items,
    Lines,
    Name,
    Note,
    Party,
    Reason,
    RejectionKind,
    ReturnedItems,
    Time,
    TrackingNumber,
)


class Contract(BaseModel):
    """What every part of a message is: frozen, strict, deaf to fields it does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Data(Contract):
    """A message's `data`. An optional field may be left out or null, which is the same."""

    order_id: Id


class OrderPlaced(Data):
    """A buyer placed an order. `paid` absent: all of it."""

    buyer_id: Id
    seller_id: Id
    currency: Currency
    lines: Lines
    discount: Amount | None = None
    shipping_fee: Amount | None = None
    shipping_tax: Amount | None = None
    paid: Amount | None = None


class ItemCancelRequested(Data):
    """Someone asks to cancel; no items: everything that can be cancelled."""

    cancellation_id: Id
    requested_by: Party
    reason: Reason
    note: Note | None = None
    items: Items | None = None


class CancellationWithdrawn(Data):
    """Someone takes a cancellation back."""

    cancellation_id: Id


class ReleasedToWarehouse(Data):
    """A warehouse was given units to ship; no items: all that is not coming soon."""

    warehouse_id: Id
    items: Items | None = None


class CancellationConfirmed(Data):
    """Units were stopped; no items: all of that cancellation."""

    cancellation_id: Id
    items: Items | None = None
    confirmed_by: ConfirmingParty


class StopRefused(Data):
    """A warehouse says that it is too late."""

    cancellation_id: Id
    items: Items | None = None
    reason: FactReason


class ShippedFromWarehouse(Data):
    """A parcel left the warehouse."""

    shipment_id: Id
    warehouse_id: Id | None = None
    items: Items
    carrier: Carrier | None = None
    tracking_number: TrackingNumber | None = None


class Delivered(Data):
    """A parcel was taken at the door."""

    shipment_id: Id


class DeliveryRejected(Data):
    """A parcel was not taken; no items: everything it holds."""

    shipment_id: Id
    items: Items | None = None
    kind: RejectionKind | None = None


class ReturnedToWarehouse(Data):
    """Goods are back, counted by the warehouse."""

    return_id: Id
    shipment_id: Id | None = None
    items: ReturnedItems


class LostInTransit(Data):
    """A parcel is lost; no items: everything it holds."""

    shipment_id: Id
    items: Items | None = None


class Corrects(Contract):
    """Names the message that is corrected."""

    source: Name
    id: Name


class CorrectedData(Contract):
    """What the corrected message should have said: any known field of a warehouse's fact."""

    order_id: Id | None = None
    warehouse_id: Id | None = None
    cancellation_id: Id | None = None
    shipment_id: Id | None = None
    return_id: Id | None = None
    items: ReturnedItems | None = None
    confirmed_by: ConfirmingParty | None = None
    reason: FactReason | None = None
    kind: RejectionKind | None = None
    carrier: Carrier | None = None
    tracking_number: TrackingNumber | None = None


class FactCorrected(Data):
    """A warehouse corrects an earlier message; no data: it should not have been sent."""

    corrects: Corrects
    data: CorrectedData | None = None


class RefundIssued(Data):
    """The payment provider paid."""

    refund_id: Id
    amount: Amount
    currency: Currency


class RefundFailed(Data):
    """The payment provider could not pay."""

    refund_id: Id
    reason: FactReason


class Attributes(Contract):
    """The CloudEvents attributes that we read, all but `type`."""

    specversion: Literal["1.0"]
    id: Name
    source: Name
    subject: Id
    time: Time
    dataschema: DataSchema | None = None
    datacontenttype: Name | None = None


CHANNELS: dict[str, tuple[type[Data], ...]] = {
    "storefront": (OrderPlaced, ItemCancelRequested, CancellationWithdrawn),
    "warehouse": (
        ReleasedToWarehouse,
        CancellationConfirmed,
        StopRefused,
        ShippedFromWarehouse,
        Delivered,
        DeliveryRejected,
        ReturnedToWarehouse,
        LostInTransit,
        FactCorrected,
    ),
    "payments": (RefundIssued, RefundFailed),
}
"""Who may say what. A topic carries the right to speak."""

DATA: dict[str, type[Data]] = {kind.__name__: kind for kinds in CHANNELS.values() for kind in kinds}
CHANNEL_OF: dict[str, str] = {
    kind.__name__: channel for channel, kinds in CHANNELS.items() for kind in kinds
}
MESSAGES: dict[str, Any] = {
    name: create_model(
        f"{name}Message",
        __base__=Attributes,
        __doc__=kind.__doc__,
        type=(Literal[name], ...),  # type: ignore[arg-type]  # a literal made at run time
        data=(kind, ...),
    )
    for name, kind in DATA.items()
}
"""The whole CloudEvent of every type, as it is written in structured mode."""


_ANY_MESSAGE: Any = reduce(or_, MESSAGES.values())
STRUCTURED: Any = TypeAdapter(Annotated[_ANY_MESSAGE, Field(discriminator="type")])
"""Reads a structured CloudEvent of any type in one pass."""
