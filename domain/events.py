"""Every stored fact of an order, with its stored name and version.

The shapes are the storage format: a stored event is JSON of these fields, under the name in
`STORED_NAMES`. Never change a shape; add a version and an upcast.
No shape can be part of a cycle, so the garbage collector need not look at them (`gc=False`).
Times are integer microseconds since 1970-01-01 UTC, money is integer minor units.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from domain.items import Confirmed, CorrectedData, Covered, Item, Line, ReturnedItem, Settled

Party = Literal["buyer", "seller"]
RejectionKind = Literal["refused", "unclaimed", "undeliverable"]
ConfirmingParty = Literal["warehouse", "seller"]
DecidingParty = Literal["seller", "deadline"]
CaseOutcome = Literal["refund", "no_refund", "stopped", "not_stopped"]


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What every event knows: when it happened, when we recorded it, and which message said so."""

    occurred_at: int
    """The producer's clock. Shown, never used to decide about money."""
    recorded_at: int
    """Our clock. Deadlines and *as of* count from it."""
    source: str
    """With `message_id`, names the causing message for ever (CloudEvents `source` and `id`)."""
    message_id: str


class OrderPlaced(Event, frozen=True, kw_only=True):
    """A buyer placed an order. All amounts are fixed here; cancelling never prices again."""

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    lines: tuple[Line, ...]
    discount: int = 0
    shipping_fee: int = 0
    shipping_tax: int = 0
    paid: int

    @property
    def titles(self) -> dict[str, str]:
        """What the lines are called, by their ids."""
        return {line.line_id: line.title for line in self.lines}


class ItemCancelRequested(Event, frozen=True, kw_only=True):
    """A cancellation was accepted. Its units may still cross a shipment not heard of yet."""

    cancellation_id: str
    requested_by: Party
    reason: str
    items: tuple[Item, ...]
    """What is cancelled, as numbers: "everything" was resolved when it was decided."""
    asked: tuple[Item, ...] | None = None
    """What was asked for, added up per line; none: everything that can be cancelled."""
    note_ref: str | None = None
    """Names the note, which is kept apart because a person may ask to erase it."""


class CancellationRefused(Event, frozen=True, kw_only=True):
    """A cancellation was refused whole. The same request gets this answer again."""

    cancellation_id: str
    requested_by: Party
    reason: str
    rule: str
    """The rule that said no, such as `already_delivered`."""
    at_version: int
    """The order's version that it was decided against."""
    cancellable: tuple[Item, ...] = ()
    """What could have been cancelled at that version."""
    asked: tuple[Item, ...] | None = None
    note_ref: str | None = None


class CancellationWithdrawn(Event, frozen=True, kw_only=True):
    """A cancellation was taken back, whole, before a unit of it had succeeded or crossed."""

    cancellation_id: str


class WithdrawalRefused(Event, frozen=True, kw_only=True):
    """A withdrawal was refused: the cancellation is unknown, or too much of it is done."""

    cancellation_id: str
    rule: str
    at_version: int


class ReleasedToWarehouse(Event, frozen=True, kw_only=True):
    """A warehouse was given units to ship. From now on stopping them needs its answer."""

    warehouse_id: str
    items: tuple[Item, ...] | None = None
    """None: all units of lines that are not coming soon."""


class CancellationConfirmed(Event, frozen=True, kw_only=True):
    """Units of a cancellation were stopped. May come before the cancellation itself."""

    cancellation_id: str
    confirmed_by: ConfirmingParty
    items: tuple[Item, ...] | None = None
    """None: all of that cancellation."""


class StopRefused(Event, frozen=True, kw_only=True):
    """A warehouse says that it is too late. The units stay requested until they ship."""

    cancellation_id: str
    reason: str
    items: tuple[Item, ...] | None = None


class ShippedFromWarehouse(Event, frozen=True, kw_only=True):
    """A parcel left. Units of it that were cancelled have crossed, whichever was heard first."""

    shipment_id: str
    items: tuple[Item, ...]
    warehouse_id: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


class Delivered(Event, frozen=True, kw_only=True):
    """A parcel was taken at the door, less what was rejected of it."""

    shipment_id: str


class DeliveryRejected(Event, frozen=True, kw_only=True):
    """A parcel, or a part of it, was not taken. A failed attempt is not a rejection."""

    shipment_id: str
    items: tuple[Item, ...] | None = None
    """None: everything the parcel holds."""
    kind: RejectionKind | None = None


class ReturnedToWarehouse(Event, frozen=True, kw_only=True):
    """Goods are back, counted by the warehouse. May come before what explains it."""

    return_id: str
    items: tuple[ReturnedItem, ...]
    shipment_id: str | None = None


class LostInTransit(Event, frozen=True, kw_only=True):
    """A parcel, or a part of it, is lost. Delivered and returned units win over it."""

    shipment_id: str
    items: tuple[Item, ...] | None = None
    """None: everything the parcel holds."""


class FactCorrected(Event, frozen=True, kw_only=True):
    """A warehouse says what an earlier message should have said, or that it should not exist."""

    corrects_source: str
    corrects_id: str
    data: CorrectedData | None = None


class RefundRequested(Event, frozen=True, kw_only=True):
    """The payment provider was asked to pay. From now on the amount is final."""

    refund_id: str
    amount: int
    covers: tuple[Covered, ...] = ()
    """The units that the amount pays for."""
    fee: int = 0
    """How much of the amount is shipping fee and its tax."""


class RefundIssued(Event, frozen=True, kw_only=True):
    """The payment provider paid. Counts once per refund id."""

    refund_id: str
    amount: int
    """In minor units of `currency`."""
    currency: str
    listed_amount: int | None = None
    """What we had listed under that id; none: the id was not known when this was recorded."""
    covers: tuple[Covered, ...] = ()
    fee: int = 0


class RefundFailed(Event, frozen=True, kw_only=True):
    """The payment provider could not pay. It is asked again under the same id."""

    refund_id: str
    reason: str


class CaseDecided(Event, frozen=True, kw_only=True):
    """A seller decided about goods that nobody else can say anything about, or a deadline did.

    `refund` entitles to money, `no_refund` closes the case, `stopped` confirms in the warehouse's
    stead, `not_stopped` leaves the units with the warehouse.
    """

    decision_id: str
    line_id: str
    quantity: int
    outcome: CaseOutcome
    reason: str
    decided_by: DecidingParty = "seller"
    amount: int | None = None
    """What to refund, in minor units; none: what the units are worth."""
    settles: tuple[Settled, ...] = ()
    """What the units were when it was decided, as numbers."""
    confirms: tuple[Confirmed, ...] = ()
    """With `stopped`: whose units were stopped."""


class DecisionRefused(Event, frozen=True, kw_only=True):
    """A decision was refused: there is nothing like it to decide. The same gets this again."""

    decision_id: str
    line_id: str
    quantity: int
    outcome: CaseOutcome
    reason: str
    rule: str
    at_version: int
    amount: int | None = None


class RefundGranted(Event, frozen=True, kw_only=True):
    """A seller refunds by hand what no rule owes: units that are not coming back, or an amount."""

    decision_id: str
    reason: str
    amount: int | None = None
    """In minor units; none: what the units are worth."""
    items: tuple[Item, ...] = ()


class GrantRefused(Event, frozen=True, kw_only=True):
    """A refund by hand was refused whole. The same gets this again."""

    decision_id: str
    reason: str
    rule: str
    at_version: int
    amount: int | None = None
    items: tuple[Item, ...] = ()


class MessageSetAside(Event, frozen=True, kw_only=True):
    """A message about this order is a dead letter. It has no effect, and does not claim its id."""

    type: str
    rule: str
    """The rule that it broke, such as `id_in_use`."""
    detail: str
    digest: str
    """Hex SHA-256 of the record's bytes: the same letter again adds nothing."""


STORED_NAMES: dict[str, type[Event]] = {
    f"{kind.__name__}.v1": kind
    for kind in (
        OrderPlaced, ItemCancelRequested, CancellationRefused, CancellationWithdrawn,
        WithdrawalRefused, ReleasedToWarehouse, CancellationConfirmed, StopRefused,
        ShippedFromWarehouse, Delivered, DeliveryRejected, ReturnedToWarehouse, LostInTransit,
        FactCorrected, RefundRequested, RefundIssued, RefundFailed, MessageSetAside, CaseDecided,
        DecisionRefused, RefundGranted, GrantRefused,
    )
}  # fmt: skip
"""Stored name to shape, for ever. The version is a part of the name."""

WarehouseFact = (
    ReleasedToWarehouse
    | CancellationConfirmed
    | StopRefused
    | ShippedFromWarehouse
    | Delivered
    | DeliveryRejected
    | ReturnedToWarehouse
    | LostInTransit
)
"""What a warehouse reports, and may correct."""

Fact = WarehouseFact | FactCorrected | RefundIssued | RefundFailed
"""What has happened elsewhere: never refused."""

STILL: frozenset[type[Event]] = frozenset({
    CancellationRefused, WithdrawalRefused, DecisionRefused, GrantRefused, StopRefused,
    RefundRequested, RefundIssued, RefundFailed,
})  # fmt: skip
"""Events that move no goods: after one of them everything is where it was."""
