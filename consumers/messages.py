"""The contracts: every message that we hear, as pydantic models, bounded in every direction.

Integration messages, not domain events; `translate.py` stands between. Unknown extra fields are
accepted and dropped here, because a producer may be newer than we are.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
    create_model,
)
from typing_extensions import TypedDict

from domain.money import EXPONENTS

MAX_BYTES = 1_000_000
"""The longest message, in bytes of its value."""
MAX_LINES = 2_000

ID_PATTERN = r"^[A-Za-z0-9._:\-]{1,64}$"
# No control characters, line separators or direction overrides. Joiners and soft hyphens stay:
# Persian titles and emoji need them. A lone surrogate never gets here, it is no JSON to us.
PRINTABLE_PATTERN = r"^[^\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]*$"
TEXT_PATTERN = r"^(?:[\n\r\t]|\P{Cc})*$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"
VERSION_PATTERN = r"/v1$"

PATTERN_RULES = {
    ID_PATTERN: "id",
    PRINTABLE_PATTERN: "not_printable",
    TEXT_PATTERN: "not_printable",
    CURRENCY_PATTERN: "unknown_currency",
    VERSION_PATTERN: "unsupported_version",
}
"""The rule that a text broke when it does not match."""

BuyerReason = Literal[
    "changed_mind",
    "ordered_by_mistake",
    "found_cheaper",
    "arrives_too_late",
    "wrong_address",
    "wrong_payment_method",
    "other",
]
SellerReason = Literal["out_of_stock", "cannot_deliver", "price_error", "suspected_fraud", "other"]
REASONS: dict[str, frozenset[str]] = {
    "buyer": frozenset(get_args(BuyerReason)),
    "seller": frozenset(get_args(SellerReason)),
}


def _printable(shortest: int, longest: int) -> StringConstraints:
    return StringConstraints(min_length=shortest, max_length=longest, pattern=PRINTABLE_PATTERN)


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Name = Annotated[str, _printable(1, 256)]
"""A CloudEvents `id` or `source`: any printable text, as the standard has it."""
Sku = Annotated[str, _printable(1, 64)]
Title = Annotated[str, _printable(1, 300)]
Label = Annotated[str, _printable(0, 100)]
Note = Annotated[str, StringConstraints(max_length=2_000, pattern=TEXT_PATTERN)]
ReasonText = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=TEXT_PATTERN)]
Quantity = Annotated[int, Field(ge=1, le=1_000_000_000)]
# The decimals depend on the currency, so `domain.money.to_minor` reads an amount, once.
Amount = Annotated[
    str, WithJsonSchema({"type": "string", "pattern": r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$"})
]
Currency = Annotated[
    str,
    StringConstraints(pattern=CURRENCY_PATTERN),
    WithJsonSchema({"type": "string", "enum": sorted(EXPONENTS)}),
]
Time = Annotated[
    str, Field(max_length=64), WithJsonSchema({"type": "string", "format": "date-time"})
]
DataSchema = Annotated[str, StringConstraints(max_length=256, pattern=VERSION_PATTERN)]
Party = Literal["buyer", "seller"]
ConfirmingParty = Literal["warehouse", "seller"]
RejectionKind = Literal["refused", "unclaimed", "undeliverable"]


# A message may hold thousands of these, and a dict costs half of what a model does.
class Item(TypedDict):
    """Some units of an order line."""

    line_id: Id
    quantity: Quantity


class ReturnedItem(Item):
    """Some units of an order line, and how they came back; no condition: good."""

    condition: NotRequired[Literal["good", "damaged"] | None]


class Line(TypedDict):
    """An order line. `discount` and `tax` are totals of the line, prices are net."""

    line_id: Id
    sku: Sku
    title: Title
    quantity: Quantity
    unit_price: Amount
    discount: NotRequired[Amount | None]
    tax: NotRequired[Amount | None]
    coming_soon: NotRequired[bool | None]


# fail_fast: a megabyte of junk in a list yields one complaint, not a hundred thousand.
Items = Annotated[list[Item], Field(min_length=1, max_length=MAX_LINES, fail_fast=True)]
ReturnedItems = Annotated[
    list[ReturnedItem], Field(min_length=1, max_length=MAX_LINES, fail_fast=True)
]
Lines = Annotated[list[Line], Field(min_length=1, max_length=MAX_LINES, fail_fast=True)]


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
    reason: BuyerReason | SellerReason
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
    reason: ReasonText


class ShippedFromWarehouse(Data):
    """A parcel left the warehouse."""

    shipment_id: Id
    warehouse_id: Id | None = None
    items: Items
    carrier: Label | None = None
    tracking_number: Label | None = None


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
    reason: ReasonText | None = None
    kind: RejectionKind | None = None
    carrier: Label | None = None
    tracking_number: Label | None = None


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
    reason: ReasonText


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
        type=(Literal[name], ...),
        data=(kind, ...),
    )
    for name, kind in DATA.items()
}
"""The whole CloudEvent of every type, as it is written in structured mode."""


def _one_of(kinds: tuple[Any, ...]) -> Any:
    union: Any = kinds[0]
    for kind in kinds[1:]:
        union = union | kind
    return TypeAdapter(Annotated[union, Field(discriminator="type")])


STRUCTURED: Any = _one_of(tuple(MESSAGES.values()))
"""Reads a structured CloudEvent of any type in one pass."""
