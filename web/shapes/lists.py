"""What sellers, operators and auditors list: refunds, cases, exposure, how warehouses do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from domain.process_events import WaitsFor
from web.shapes.base import Id, LineUnits, Moment, Money, Next, Told, Units
from web.shapes.orders import REFUND, Refund, RefundItem


class ListedRefund(Refund):
    """A refund, of which order it is, and how often it was asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **REFUND,
                    "order_id": "A-1",
                    "buyer_id": "mira",
                    "seller_id": "fjell",
                    "currency": "EUR",
                    "state": "failed",
                    "times_asked": 2,
                    "last_asked_at": "2026-11-24T13:05:00Z",
                    "problem": "account_closed",
                    "answered_at": "2026-11-24T13:05:02Z",
                }
            ]
        }
    )

    order_id: Id
    buyer_id: Id
    seller_id: Id
    currency: str
    times_asked: Units
    last_asked_at: Moment | None
    problem: Annotated[str | None, Field(description="What the payment provider said against it.")]
    answered_at: Annotated[
        Moment | None, Field(description="When it answered what was last asked; null: not yet.")
    ]


class Refunds(Told):
    """A page of refunds, the newest cause first."""

    refunds: list[ListedRefund]
    next: Next


class Step(Told):
    """Something that was done about it."""

    at: Moment
    what: str


class Case(Told):
    """Something that is awaited, or was."""

    order_id: Id
    buyer_id: Id
    seller_id: Id
    wait: Annotated[str, Field(examples=["stop:c-1"])]
    items: list[LineUnits]
    waits_for: WaitsFor
    since: Moment
    until: Moment | None
    reason: Annotated[str, Field(examples=["warehouse_silent"])]
    ended_at: Moment | None
    overdue: bool
    steps: list[Step]


class Cases(Told):
    """A page of cases: open ones by their deadlines, closed ones the latest first."""

    cases: list[Case]
    next: Next


class Exposed(Told):
    """An order with refunded goods that are out."""

    order_id: Id
    buyer_id: Id
    seller_id: Id
    currency: str
    since: Moment
    amount: Money
    paid: Money
    items: list[RefundItem]


class Total(Told):
    """All that is out, in one currency."""

    currency: str
    orders: Units
    amount: Money
    paid: Money
    since: Moment


class SellersTotal(Total):
    """What of it is one seller's."""

    seller_id: Id


class Exposure(Told):
    """Money out and goods out, the longest first, with totals over all pages."""

    orders: list[Exposed]
    totals: list[Total]
    sellers: list[SellersTotal]
    next: Next


class AnswerSeconds(Told):
    """How long answers took."""

    median: float | None
    p90: float | None
    max: float | None


class Warehouse(Told):
    """How a warehouse keeps its word."""

    warehouse_id: Annotated[Id | None, Field(description="Null: nobody said which one.")]
    stops_asked: Units
    answered: Units
    confirmed: Units
    refused: Units
    silent: Units
    waiting: Units
    answered_late: Units
    units_to_stop: Units
    units_crossed: Units
    share_crossed: float | None
    answer_seconds: AnswerSeconds
    over_shipped_units: Units
    short_return_units: Units
    units_shipped_after_confirmation: Units


class Conformance(Told):
    """A page of warehouses, by their ids."""

    warehouses: list[Warehouse]
    next: Next


CaseState = Literal["open", "overdue", "closed"]
