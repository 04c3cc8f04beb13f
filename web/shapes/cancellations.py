"""Cancelling: what is asked, what it would mean, and what it led to."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, Field, JsonValue

from consumers.fields import BuyerReason, Note, Party, Reason, SellerReason
from domain.coming_back import ComesBack, When
from domain.preview import Meaning, Result
from projections.shown import amount, moment_or_none
from web.shapes.base import (
    Asked,
    Id,
    Items,
    LineUnits,
    Moment,
    Money,
    Position,
    Told,
    Units,
    Version,
)


class Cancellation(Asked):
    """A cancellation; no items: everything that can be cancelled."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "requested_by": "buyer",
                    "reason": "changed_mind",
                    "items": [{"line_id": "1", "quantity": 2}],
                },
                {"cancellation_id": "c-1", "requested_by": "seller", "reason": "out_of_stock"},
            ],
            # Each party has reasons of its own.
            "if": {"properties": {"requested_by": {"const": "buyer"}}},
            "then": {"properties": {"reason": {"enum": list(get_args(BuyerReason))}}},
            "else": {"properties": {"reason": {"enum": list(get_args(SellerReason))}}},
        }
    )

    cancellation_id: Annotated[
        Id | None, Field(description="Absent: one is made of the Idempotency-Key.")
    ] = None
    requested_by: Party
    reason: Annotated[Reason, Field(description="One of that party's.")]
    note: Annotated[Note | None, Field(description="Kept apart, and erasable.")] = None
    items: Items | None = None


class PreviewRequest(Asked):
    """What to cancel; no items: everything. The rest of a cancellation may be there already."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [{"line_id": "1", "quantity": 2}]}, {}]}
    )

    items: Items | None = None
    cancellation_id: Id | None = None
    requested_by: Party | None = None
    reason: Reason | None = None
    note: Note | None = None


class Stopped(Asked):
    """What was stopped; no items: all of the cancellation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{}, {"items": [{"line_id": "1", "quantity": 1}]}]}
    )

    items: Items | None = None
    confirmed_by: Annotated[
        Literal["seller"] | None, Field(description="Whoever confirms here is the seller.")
    ] = None


class Nothing(Asked):
    """Nothing has to be said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class CancelledUnits(Told):
    """Units of a line: `quantity = stop + refuse`."""

    line_id: Id
    quantity: Annotated[int, Field(ge=1)]
    stop: Annotated[int, Field(ge=0, description="They never leave.")]
    refuse: Annotated[int, Field(ge=0, description="On their way: to be refused at the door.")]


class RefundPart(Told):
    """Some of the money."""

    amount: Money
    when: When
    reason: str


class MoneyBack(Told):
    """What comes back, and when the last of it does."""

    amount: Money
    currency: Annotated[str, Field(examples=["EUR"])]
    when: When
    held_until: Annotated[
        Moment | None, Field(description="When what waits for remaining goods comes at the latest.")
    ]
    parts: list[RefundPart]
    reason: Annotated[
        str | None, Field(description="Why nothing comes back: `not_paid`, `nothing_owed`.")
    ] = None


_MEANING: dict[str, JsonValue] = {
    "order_id": "A-1",
    "version": 3,
    "outcome": "mixed",
    "items": [{"line_id": "1", "quantity": 2, "stop": 1, "refuse": 1}],
    "refuse_parcels": ["S1"],
    "needs_confirmation": False,
    "refund": {
        "amount": "19.98",
        "currency": "EUR",
        "when": "after_return",
        "held_until": "2026-12-24T13:00:00Z",
        "parts": [
            {
                "amount": "9.99",
                "when": "after_remaining_shipped",
                "reason": "goods_still_to_ship",
            },
            {"amount": "9.99", "when": "after_return", "reason": "goods_returned"},
        ],
    },
}


class Preview(Told):
    """What a cancellation would mean at this version."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MEANING]})

    order_id: Id
    version: Version
    outcome: Result
    items: list[CancelledUnits]
    refuse_parcels: list[Id]
    needs_confirmation: bool
    refund: MoneyBack


class Cancelled(Told):
    """A cancellation that was accepted, and what it means: as its preview said."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_MEANING, "cancellation_id": "c-1", "version": 4, "position": "4711"}]
        }
    )

    order_id: Id
    cancellation_id: Id
    outcome: Result
    items: list[CancelledUnits]
    refuse_parcels: list[Id]
    needs_confirmation: bool
    refund: MoneyBack
    version: Version
    position: Position


class Withdrawn(Told):
    """A cancellation was taken back."""

    order_id: Id
    cancellation_id: Id
    outcome: Literal["withdrawn"]
    version: Version
    position: Position


class Confirmed(Told):
    """Units of a cancellation were stopped. No items: they had been before."""

    order_id: Id
    cancellation_id: Id
    outcome: Literal["confirmed"]
    items: list[LineUnits]
    requested: Annotated[Units, Field(description="Units of it that still wait for an answer.")]
    version: Version
    position: Position


def meaning_as_json(
    found: Meaning, order_id: str, version: int, currency: str
) -> dict[str, object]:
    """The common part of a preview and of an answer."""
    return {
        "order_id": order_id,
        "outcome": found.outcome,
        "items": [
            {
                "line_id": one.line_id,
                "quantity": one.quantity,
                "stop": one.stop,
                "refuse": one.refuse,
            }
            for one in found.items
        ],
        "refuse_parcels": list(found.refuse_parcels),
        "needs_confirmation": found.needs_confirmation,
        "refund": _refund_as_json(found.refund, currency),
        "version": version,
    }


def _refund_as_json(back: ComesBack, currency: str) -> dict[str, object]:
    return {
        "amount": amount(back.amount, currency),
        "currency": currency,
        "when": back.when,
        "held_until": moment_or_none(back.held_until),
        "parts": [
            {"amount": amount(one.amount, currency), "when": one.when, "reason": one.reason}
            for one in back.parts
        ],
        "reason": back.reason,
    }
