"""A seller's decisions: about a case, and about money that no rule owes."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from consumers.fields import ReasonText
from domain.events import CaseOutcome
from domain.payments import RefundState
from web.shapes.base import (
    Amount,
    Asked,
    Id,
    Items,
    LineUnits,
    Money,
    Position,
    Quantity,
    Told,
    Version,
)


class CaseDecision(Asked):
    """A decision about units of a line. `amount`, with a refund only: else their worth."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decision_id": "d-1",
                    "line_id": "1",
                    "quantity": 1,
                    "outcome": "refund",
                    "amount": "10.00",
                    "reason": "damaged_on_the_way",
                }
            ]
        }
    )

    decision_id: Id
    line_id: Id
    quantity: Quantity
    outcome: CaseOutcome
    reason: Annotated[ReasonText, Field(description="A code, or words, which can be erased.")]
    amount: Amount | None = None


class Open(Told):
    """What can be decided now."""

    line_id: Id
    quantity: Annotated[int, Field(ge=1)]
    what: Annotated[str, Field(examples=["damaged"])]
    outcomes: list[CaseOutcome]


class Decided(Told):
    """A decision that was taken, and what else can be decided."""

    order_id: Id
    decision_id: Id
    line_id: Id
    quantity: Annotated[int, Field(ge=1)]
    outcome: CaseOutcome
    amount: Annotated[Money | None, Field(description="Null: what the units are worth.")]
    reason: str
    can_be_decided: list[Open]
    version: Version
    position: Position


class HandRefund(Asked):
    """A refund by hand: an amount, units that stay with the buyer, or an amount for units."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"amount": "5.00", "reason": "goodwill"},
                {"items": [{"line_id": "1", "quantity": 1}], "reason": "a scratch on the cup"},
            ],
            # Null is as good as absent.
            "if": {"not": {"required": ["items"], "properties": {"items": {"type": "array"}}}},
            "then": {"required": ["amount"], "properties": {"amount": {"type": "string"}}},
        }
    )

    decision_id: Annotated[
        Id | None, Field(description="Absent: one is made of the Idempotency-Key.")
    ] = None
    amount: Annotated[Amount | None, Field(description="Absent: what the items are worth.")] = None
    currency: Annotated[
        str | None, Field(description="The order's, where it is said.", examples=["EUR"])
    ] = None
    items: Items | None = None
    reason: Annotated[ReasonText, Field(description="A code, or words, which can be erased.")]


class Refundable(Told):
    """What else can be refunded by hand."""

    refundable: Money
    refundable_units: list[LineUnits]


class Refunded(Refundable):
    """A refund that was granted; the payment provider is asked for it next."""

    order_id: Id
    decision_id: Id
    refund_id: Id
    amount: Money
    currency: Annotated[str, Field(examples=["EUR"])]
    state: RefundState
    items: list[LineUnits]
    reason: str
    version: Version
    position: Position
