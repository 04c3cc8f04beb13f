"""What the rows of the views should be, worked out from the domain alone.

Written apart from the projections on purpose: code that both shared could not be wrong in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, to_builtins

from domain.asking import NEVER, Asked, asked
from domain.awaited import Awaited, awaited
from domain.exposure import Exposure, exposure
from domain.information import OrderInformation, order_information
from domain.money import to_text
from domain.order import Order
from domain.process_events import ProcessEvent
from domain.refunds import Policy, Refund
from domain.slips import slips
from domain.stops import stops

View = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rows_of(order: Order, did: Sequence[ProcessEvent], now: int, policy: Policy) -> View:
    """Every value that the views should show of an order, by table and column.

    `did` is what its process did; `now` is in microseconds.
    """
    info = order_information(order, now, policy)
    tried = asked(order.events, did)
    waits = awaited(order.events, did)
    out = exposure(order, info, did, policy)
    return {
        "order_information": _order_information(info),
        "cancelled_orders": _cancelled_order(info),
        "refunds": {
            refund.refund_id: _refund(info, refund, tried.get(refund.refund_id, NEVER))
            for refund in info.refunds
        },
        "late_cancellations": {str(wait.number): _late(info, wait) for wait in waits},
        "exposure": _exposure(info, out) if out else None,
        "warehouse_stops": {
            f"{stop.cancellation_id} at {stop.warehouse_id}": {
                "asked_at": stop.asked_at,
                "answered_at": stop.answered_at,
                "answer": stop.answer,
                "is_late": int(stop.is_late),
                "units": stop.units,
                "crossed": stop.crossed,
            }
            for stop in stops(order, did)
        },
        "warehouse_slips": {
            one.warehouse_id: {
                "over_shipped": one.over_shipped,
                "short_returns": one.short_returns,
                "shipped_after_confirmation": one.shipped_after_confirmation,
            }
            for one in slips(order, waits)
        },
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
            "last_cancellation": to_builtins(info.last_cancellation),
        },
    }


def _cancelled_order(info: OrderInformation) -> View | None:
    if all(line.ordered == line.remaining for line in info.lines):
        return None
    at = info.last_cancelled_at if info.last_cancelled_at is not None else info.placed_at
    return {"buyer_id": info.buyer_id, "last_cancelled_at": at}


def _refund(info: OrderInformation, refund: Refund, tried: Asked) -> View:
    head = _head(info)
    inner = _inner(refund, info.currency)
    names = ("order_id", "buyer_id", "seller_id", "currency")
    return {
        "seller_id": info.seller_id,
        "state": refund.state,
        "since": refund.since,
        "currency": info.currency,
        "amount": refund.amount,
        "body": {
            **{name: head[name] for name in names},
            "times_asked": tried.times,
            "last_asked_at": _time(tried.last_at),
            "problem": tried.problem,
            "answered_at": _time(tried.answered_at),
            **inner,
        },
    }


def _late(info: OrderInformation, wait: Awaited) -> View:
    return {
        "seller_id": info.seller_id,
        "due": 2**63 - 1 if wait.until is None else wait.until,
        "ended_at": wait.ended_at,
        "body": {
            "order_id": info.order_id,
            "buyer_id": info.buyer_id,
            "seller_id": info.seller_id,
            "wait": wait.wait,
            "items": _plain(wait.items),
            "waits_for": wait.waits_for,
            "since": _time(wait.since),
            "until": _time(wait.until),
            "reason": wait.reason,
            "ended_at": _time(wait.ended_at),
            "steps": [{"at": _time(step.at), "what": step.what} for step in wait.steps],
        },
    }


def _exposure(info: OrderInformation, out: Exposure) -> View:
    currency = info.currency
    asked_for = sum(units.amount for units in out.items)
    paid = sum(units.paid for units in out.items)
    return {
        "seller_id": info.seller_id,
        "currency": currency,
        "since": out.since,
        "amount": asked_for,
        "paid": paid,
        "body": {
            "order_id": info.order_id,
            "buyer_id": info.buyer_id,
            "seller_id": info.seller_id,
            "currency": currency,
            "since": _time(out.since),
            "amount": to_text(asked_for, currency),
            "paid": to_text(paid, currency),
            "items": [
                {
                    "line_id": units.line_id,
                    "quantity": units.quantity,
                    "amount": to_text(units.amount, currency),
                }
                for units in out.items
            ],
        },
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
