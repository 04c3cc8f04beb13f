"""The data of requests and notices: what a warehouse, a payment provider or a buyer needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from consumers.event_data import Data, money
from consumers.known_orders import Known
from consumers.times import to_rfc3339
from domain import events
from domain import process_events as process
from domain.events import Event


class Word(NamedTuple):
    """What is said because of an event, beside `orders`: where, as what type, with which data."""

    channel: str
    type: str
    data: Callable[[Any, Known], Data]


def _stop(event: process.StopRequested | process.StopWithdrawn, known: Known) -> Data:
    return {
        "order_id": known.order_id,
        "cancellation_id": event.cancellation_id,
        "items": event.items,
    }


def _pay_first(event: events.RefundRequested, known: Known) -> Data:
    return {
        "order_id": known.order_id,
        "refund_id": event.refund_id,
        "amount": money(event.amount, known.currency),
        "currency": known.currency,
        "attempt": 1,
    }


def _pay_again(event: process.RefundRetried, known: Known) -> Data:
    return {
        "order_id": known.order_id,
        "refund_id": event.refund_id,
        "amount": money(event.amount, event.currency),
        "currency": event.currency,
        "attempt": event.attempt,
    }


def _buyer(known: Known, **told: object) -> Data:
    return {"order_id": known.order_id, "buyer_id": known.buyer_id, **told}


def _accepted(event: events.ItemCancelRequested, known: Known) -> Data:
    return _buyer(
        known,
        cancellation_id=event.cancellation_id,
        requested_by=event.requested_by,
        reason=event.reason,
        items=event.items,
    )


def _refused(event: events.CancellationRefused, known: Known) -> Data:
    return _buyer(
        known,
        cancellation_id=event.cancellation_id,
        requested_by=event.requested_by,
        reason=event.reason,
        rule=event.rule,
        cancellable=event.cancellable,
    )


def _succeeded(event: process.CancellationSucceeded, known: Known) -> Data:
    return _buyer(known, cancellation_id=event.cancellation_id, items=event.items)


def _lapsed(event: process.CancellationLapsed, known: Known) -> Data:
    return _buyer(known, items=event.items)


def _refuse(event: process.RefusalRequested, known: Known) -> Data:
    return _buyer(known, shipment_ids=event.shipment_ids, items=event.items)


def _take(event: process.RefusalWithdrawn, known: Known) -> Data:
    return _buyer(known, shipment_ids=event.shipment_ids)


def _held(event: process.RefundHeld, known: Known) -> Data:
    told = _buyer(
        known,
        refund_id=event.refund_id,
        amount=money(event.amount, event.currency),
        currency=event.currency,
        reason=event.reason,
    )
    if event.held_until is not None:
        told["held_until"] = to_rfc3339(event.held_until)
    return told


def _issued(event: events.RefundIssued, known: Known) -> Data:
    amount = money(event.amount, event.currency)
    return _buyer(known, refund_id=event.refund_id, amount=amount, currency=event.currency)


def _decided(event: events.CaseDecided, known: Known) -> Data:
    told = _buyer(
        known,
        decision_id=event.decision_id,
        line_id=event.line_id,
        quantity=event.quantity,
        outcome=event.outcome,
        decided_by=event.decided_by,
        currency=known.currency,
    )
    if event.amount is not None:
        told["amount"] = money(event.amount, known.currency)
    return told


_WAREHOUSE, _PAYMENTS, _BUYER = "warehouse-requests", "payment-requests", "buyer-notices"
WORDS: dict[type[Event], Word] = {
    events.ItemCancelRequested: Word(_BUYER, "CancellationAccepted", _accepted),
    events.CancellationRefused: Word(_BUYER, "CancellationRefused", _refused),
    events.RefundRequested: Word(_PAYMENTS, "RefundRequested", _pay_first),
    events.RefundIssued: Word(_BUYER, "RefundIssued", _issued),
    events.CaseDecided: Word(_BUYER, "CaseDecided", _decided),
    process.StopRequested: Word(_WAREHOUSE, "StopRequested", _stop),
    process.StopWithdrawn: Word(_WAREHOUSE, "StopWithdrawn", _stop),
    process.RefundRetried: Word(_PAYMENTS, "RefundRequested", _pay_again),
    process.CancellationSucceeded: Word(_BUYER, "CancellationConfirmed", _succeeded),
    process.CancellationLapsed: Word(_BUYER, "CancellationLapsed", _lapsed),
    process.RefusalRequested: Word(_BUYER, "RefusalRequested", _refuse),
    process.RefusalWithdrawn: Word(_BUYER, "RefusalWithdrawn", _take),
    process.RefundHeld: Word(_BUYER, "RefundHeld", _held),
}
"""Events that others are told of. All others of a process are its own business."""
