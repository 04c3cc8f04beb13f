"""Order Information, its lists, and the history of an order."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, JsonValue

from consumers.fields import Party, Reason
from domain.claims import Kind
from domain.payments import RefundState
from domain.status import Status
from web.shapes.base import Id, LineUnits, Moment, Money, Next, Told, Units, Version

LINE: dict[str, JsonValue] = {
    "line_id": "1",
    "sku": "MUG-7",
    "title": "Enamel mug",
    "ordered": 3,
    "cancelled": 1,
    "requested": 0,
    "refuse_delivery": 0,
    "remaining": 2,
    "to_ship": 2,
    "shipped": 0,
    "delivered": 0,
    "rejected": 0,
    "returned": 0,
    "cancellable": 2,
    "lapsed": 0,
    "coming_soon": False,
}
REFUND: dict[str, JsonValue] = {
    "refund_id": "r-1f0a7b3c9d2e4f506172839405a6b7c8",
    "amount": "12.00",
    "state": "held",
    "reason": "goods_still_to_ship",
    "held_until": "2026-12-24T13:00:00Z",
    "since": "2026-11-24T13:00:00Z",
    "kind": "cancellation",
    "fee": "0.00",
    "items": [{"line_id": "1", "quantity": 1, "amount": "12.00"}],
}
LAST: dict[str, JsonValue] = {
    "cancellation_id": "c-1",
    "requested_by": "buyer",
    "reason": "changed_mind",
}
ORDER: dict[str, JsonValue] = {
    "order_id": "A-1",
    "buyer_id": "mira",
    "seller_id": "fjell",
    "currency": "EUR",
    "status": "partly_cancelled",
    "version": 2,
    "placed_at": "2026-11-24T12:00:00Z",
    "lines": [LINE],
    "refunds": [REFUND],
    "refunded": "0.00",
    "at_large": [],
    "refuse_parcels": [],
    "discrepancies": [],
    "last_cancelled_at": "2026-11-24T13:00:00Z",
    "last_cancellation": LAST,
}


class Line(Told):
    """A line. `cancelled + requested + refuse_delivery + remaining = ordered`, always."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINE]})

    line_id: Id
    sku: str
    title: str
    ordered: Units
    cancelled: Annotated[int, Field(ge=0, description="*Cancelled goods*.")]
    requested: Annotated[int, Field(ge=0, description="*Cancellation requested*.")]
    refuse_delivery: Annotated[int, Field(ge=0, description="*On its way, please refuse*.")]
    remaining: Annotated[int, Field(ge=0, description="*Remaining goods*.")]
    to_ship: Units
    shipped: Annotated[int, Field(ge=0, description="As reported, over-shipped units included.")]
    delivered: Annotated[int, Field(ge=0, description="Taken at the door.")]
    rejected: Units
    returned: Units
    cancellable: Annotated[int, Field(ge=0, description="How many can be cancelled now.")]
    lapsed: Annotated[
        int, Field(ge=0, description="Cancelled, and taken at the door all the same.")
    ]
    coming_soon: bool


class RefundItem(Told):
    """Units that a refund pays for."""

    line_id: Id
    quantity: Annotated[int, Field(ge=1)]
    amount: Money


class Refund(Told):
    """A refund of an order, and why it waits."""

    model_config = ConfigDict(json_schema_extra={"examples": [REFUND]})

    refund_id: Id
    amount: Money
    state: RefundState
    reason: str
    held_until: Moment | None
    since: Moment
    kind: Kind
    fee: Annotated[str, Field(description="How much of the amount is shipping fee and its tax.")]
    items: list[RefundItem]


class Discrepancy(Told):
    """One thing that does not fit."""

    rule: str
    detail: str
    line_id: Id | None = None
    source: str | None = None
    message_id: str | None = None


class LastCancellation(Told):
    """The latest cancellation: by whom, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [LAST]})

    cancellation_id: Id
    requested_by: Party
    reason: Reason


Last = Annotated[
    LastCancellation | None,
    Field(
        description="The latest cancellation that stands. Null: there is none, as where wanted"
        " goods were refused at the door."
    ),
]


class OrderInformation(Told):
    """An order as it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [ORDER]})

    order_id: Id
    buyer_id: Id
    seller_id: Id
    currency: str
    status: Status
    version: Version
    placed_at: Moment
    lines: list[Line]
    refunds: list[Refund]
    refunded: Annotated[str, Field(description="What was reported as paid out.")]
    at_large: Annotated[list[LineUnits], Field(description="Refunded goods that are out.")]
    refuse_parcels: Annotated[list[Id], Field(description="Parcels to refuse at the door.")]
    discrepancies: list[Discrepancy]
    last_cancelled_at: Moment | None
    last_cancellation: Last = None
    as_of: Annotated[
        Moment | None, Field(description="The moment that was asked for; absent: now.")
    ] = None


class Orders(Told):
    """A page of orders, newest first."""

    orders: list[OrderInformation]
    next: Next


class CancelledOrder(Told):
    """An order with cancelled goods: units over all lines, and the lines concerned."""

    order_id: Id
    buyer_id: Id
    seller_id: Id
    currency: str
    status: Status
    version: Version
    last_cancelled_at: Moment
    last_cancellation: Last
    ordered: Units
    cancelled: Units
    requested: Units
    refuse_delivery: Units
    remaining: Units
    lines: list[Line]
    refunds: list[Refund]
    refunded: Money


class CancelledOrders(Told):
    """A page of them, the latest cancellation first."""

    orders: list[CancelledOrder]
    next: Next


class Cause(Told):
    """Names the message that caused an event."""

    source: str
    id: str


class HistoryEvent(Told):
    """One event of an order."""

    version: Version
    type: Annotated[str, Field(examples=["ItemCancelRequested"])]
    occurred_at: Annotated[Moment, Field(description="By the producer's clock.")]
    recorded_at: Annotated[Moment, Field(description="By ours; *as of* goes by it.")]
    cause: Cause
    data: dict[str, Any]
    sentence: Annotated[str, Field(examples=["The buyer cancelled Enamel mug."])]


class History(Told):
    """Every event of an order, in the order of recording."""

    order_id: Id
    events: list[HistoryEvent]


class TimelineEntry(Told):
    """An event of the order, or something that its process did."""

    recorded_at: Moment
    occurred_at: Moment
    of: Literal["order", "process"]
    version: Annotated[int, Field(ge=1)]
    type: str
    sentence: str


class Awaited(Told):
    """What is awaited now."""

    waits_for: str
    reason: str
    items: list[LineUnits]
    since: Moment
    until: Moment | None
    overdue: bool


class Timeline(Told):
    """The whole story of an order, and what it waits for."""

    order_id: Id
    entries: list[TimelineEntry]
    awaited: list[Awaited]
