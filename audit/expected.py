"""What the rows of the views should be, worked out from the domain alone.

Written apart from the projections on purpose: code that both shared could not be wrong in one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, to_builtins

from domain.information import OrderInformation
from domain.money import to_text
from domain.refunds import Refund

View = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rows_of(info: OrderInformation) -> View:
    """Every value that the views should show of an order, by table and column."""
    return {
        "order_information": _order_information(info),
        "cancelled_orders": _cancelled_order(info),
        "refunds": {refund.refund_id: _refund(info, refund) for refund in info.refunds},
    }


def _order_information(info: OrderInformation) -> View:
    return {
        "buyer_id": info.buyer_id,
        "seller_id": info.seller_id,
        "status": info.status,
        "version": info.version,
        "placed_at": info.placed_at,
        "last_cancelled_at": info.last_cancelled_at,
        "turns_due_at": info.turns_due_at,
        "body": {
            **_head(info),
            "placed_at": _time(info.placed_at),
            "lines": _plain(info.lines),
            "refunds": [_inner(refund, info.currency) for refund in info.refunds],
            "refunded": to_text(info.refunded, info.currency),
            "at_large": _plain(info.at_large),
            "refuse_parcels": list(info.refuse_parcels),
            "discrepancies": _plain(info.discrepancies),
            "last_cancelled_at": _time(info.last_cancelled_at),
        },
    }


def _cancelled_order(info: OrderInformation) -> View | None:
    if all(line.ordered == line.remaining for line in info.lines):
        return None
    at = info.last_cancelled_at if info.last_cancelled_at is not None else info.placed_at
    return {"buyer_id": info.buyer_id, "last_cancelled_at": at}


def _refund(info: OrderInformation, refund: Refund) -> View:
    head = _head(info)
    inner = _inner(refund, info.currency)
    names = ("order_id", "buyer_id", "seller_id", "currency")
    return {
        "seller_id": info.seller_id,
        "state": refund.state,
        "since": refund.since,
        "body": {**{name: head[name] for name in names}, **inner},
    }


def _head(info: OrderInformation) -> View:
    return {
        "order_id": info.order_id,
        "buyer_id": info.buyer_id,
        "seller_id": info.seller_id,
        "currency": info.currency,
        "status": info.status,
        "version": info.version,
    }


def _inner(refund: Refund, currency: str) -> View:
    return {
        "refund_id": refund.refund_id,
        "amount": to_text(refund.amount, currency),
        "state": refund.state,
        "reason": refund.reason,
        "held_until": _time(refund.held_until),
        "since": _time(refund.since),
        "kind": refund.kind,
        "fee": to_text(refund.fee, currency),
        "items": [
            {
                "line_id": units.line_id,
                "quantity": units.quantity,
                "amount": to_text(units.amount, currency),
            }
            for units in refund.covers
        ],
    }


def _plain(structs: Iterable[Struct]) -> list[View]:
    return [to_builtins(struct) for struct in structs]


def _time(micros: int | None) -> str | None:
    if micros is None:
        return None
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
