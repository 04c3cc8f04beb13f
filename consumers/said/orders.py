"""Topic `orders`: every event of every order, named as the domain names it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from consumers.fields import ConfirmingParty, Party, RejectionKind
from consumers.messages import Contract
from consumers.said.parts import (
    Cause,
    Code,
    Confirmed,
    Covered,
    Currency,
    Id,
    Item,
    Line,
    Money,
    OrderEvent,
    Quantity,
    ReturnedItem,
    Settled,
)

Outcome = Literal["refund", "no_refund", "stopped", "not_stopped"]
Version = Annotated[int, Field(ge=1)]


class OrderPlaced(OrderEvent):
    """A buyer placed an order. All amounts are fixed here; cancelling never prices again."""

    buyer_id: Id
    seller_id: Id
    currency: Currency
    lines: list[Line]
    discount: Money
    shipping_fee: Money
    shipping_tax: Money
    paid: Money


class ItemCancelRequested(OrderEvent):
    """A cancellation was accepted. `items` is what is cancelled, `asked` what was asked for.

    Without `asked`: everything that could be cancelled.
    """

    cancellation_id: Id
    requested_by: Party
    reason: Code
    items: list[Item]
    asked: list[Item] | None = None


class CancellationRefused(OrderEvent):
    """A cancellation was refused whole, by `rule`, when the order was at `at_version`."""

    cancellation_id: Id
    requested_by: Party
    reason: Code
    rule: Code
    at_version: int
    cancellable: list[Item]
    asked: list[Item] | None = None


class CancellationWithdrawn(OrderEvent):
    """A cancellation was taken back, whole."""

    cancellation_id: Id


class WithdrawalRefused(OrderEvent):
    """A withdrawal was refused: the cancellation is unknown, or too much of it is done."""

    cancellation_id: Id
    rule: Code
    at_version: int


class ReleasedToWarehouse(OrderEvent):
    """A warehouse was given units to ship. No items: all of lines that are not coming soon."""

    warehouse_id: Id
    items: list[Item] | None = None


class CancellationConfirmed(OrderEvent):
    """Units of a cancellation were stopped. No items: all of them."""

    cancellation_id: Id
    confirmed_by: ConfirmingParty
    items: list[Item] | None = None


class StopRefused(OrderEvent):
    """A warehouse says that it is too late. No reason: it was free text, which is kept apart."""

    cancellation_id: Id
    reason: Code | None = None
    items: list[Item] | None = None


class ShippedFromWarehouse(OrderEvent):
    """A parcel left the warehouse."""

    shipment_id: Id
    items: list[Item]
    warehouse_id: Id | None = None
    carrier: str | None = None
    tracking_number: str | None = None


class Delivered(OrderEvent):
    """A parcel was taken at the door, less what was rejected of it."""

    shipment_id: Id


class DeliveryRejected(OrderEvent):
    """A parcel, or a part of it, was not taken. No items: everything it holds."""

    shipment_id: Id
    items: list[Item] | None = None
    kind: RejectionKind | None = None


class ReturnedToWarehouse(OrderEvent):
    """Goods are back, counted by the warehouse."""

    return_id: Id
    items: list[ReturnedItem]
    shipment_id: Id | None = None


class LostInTransit(OrderEvent):
    """A parcel, or a part of it, is lost. No items: everything it holds."""

    shipment_id: Id
    items: list[Item] | None = None


class Corrected(Contract):
    """What the corrected message should have said."""

    order_id: Id | None = None
    warehouse_id: Id | None = None
    cancellation_id: Id | None = None
    shipment_id: Id | None = None
    return_id: Id | None = None
    items: list[ReturnedItem] | None = None
    confirmed_by: Code | None = None
    reason: Code | None = None
    kind: Code | None = None
    carrier: str | None = None
    tracking_number: str | None = None


class FactCorrected(OrderEvent):
    """A warehouse corrects an earlier message. No data: it should not have been sent."""

    corrects: Cause
    data: Corrected | None = None


class RefundRequested(OrderEvent):
    """The payment provider was asked to pay. From now on the amount is final."""

    refund_id: Id
    amount: Money
    currency: Currency
    covers: list[Covered]
    fee: Money


class RefundIssued(OrderEvent):
    """The payment provider paid. No `listed_amount`: the refund was not known."""

    refund_id: Id
    amount: Money
    currency: Currency
    listed_amount: Money | None = None
    covers: list[Covered]
    fee: Money


class RefundFailed(OrderEvent):
    """The payment provider could not pay. No reason: it was free text, which is kept apart."""

    refund_id: Id
    reason: Code | None = None


class CaseDecided(OrderEvent):
    """A seller decided about units, or a deadline did. No amount: what the units are worth."""

    decision_id: Id
    line_id: Id
    quantity: Quantity
    outcome: Outcome
    reason: Code | None = None
    decided_by: Literal["seller", "deadline"]
    currency: Currency
    amount: Money | None = None
    settles: list[Settled]
    confirms: list[Confirmed]


class DecisionRefused(OrderEvent):
    """A decision was refused, by `rule`, when the order was at `at_version`."""

    decision_id: Id
    line_id: Id
    quantity: Quantity
    outcome: Outcome
    reason: Code | None = None
    rule: Code
    at_version: int
    currency: Currency
    amount: Money | None = None


class RefundGranted(OrderEvent):
    """A seller refunds by hand what no rule owes. No amount: what the units are worth."""

    decision_id: Id
    reason: Code | None = None
    currency: Currency
    amount: Money | None = None
    items: list[Item]


class GrantRefused(OrderEvent):
    """A refund by hand was refused, by `rule`, when the order was at `at_version`."""

    decision_id: Id
    reason: Code | None = None
    rule: Code
    at_version: int
    currency: Currency
    amount: Money | None = None
    items: list[Item]


class MessageSetAside(OrderEvent):
    """A message about this order is a dead letter. It has no effect."""

    type: Annotated[str, Field(max_length=64)]
    rule: Code
    detail: str
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


ALL = (
    OrderPlaced,
    ItemCancelRequested,
    CancellationRefused,
    CancellationWithdrawn,
    WithdrawalRefused,
    ReleasedToWarehouse,
    CancellationConfirmed,
    StopRefused,
    ShippedFromWarehouse,
    Delivered,
    DeliveryRejected,
    ReturnedToWarehouse,
    LostInTransit,
    FactCorrected,
    RefundRequested,
    RefundIssued,
    RefundFailed,
    CaseDecided,
    DecisionRefused,
    MessageSetAside,
    RefundGranted,
    GrantRefused,
)
