"""The alphabet of the walk: what anybody may say about one order of two lines of two units."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from consumers.cloudevents import Incoming, hear
from domain.commands import DecideCase, PlaceOrder
from domain.events import (
    CaseDecided,
    CaseOutcome,
    DecisionRefused,
    Event,
    RefundFailed,
    RefundIssued,
)
from domain.late_cancellation import Process
from domain.order import Message, Order
from domain.payments import Payments
from tests.support import told
from tests.support.saying import Said
from tests.support.shop import NOW

Say = Callable[[Order, Process | None, int], Message | None]


class Letter(NamedTuple):
    """One thing that somebody may say or do; `say` gives none where it makes no sense."""

    name: str
    say: Say


JUMP = Letter("a deadline passes", lambda _, __, ___: None)
"""The clock moves on by the walk's unit of time; no message."""


def message(said: Said, name: str) -> Message:
    """A message of the contract as the domain hears it; its id is its name."""
    return hear(Incoming(json.dumps(said | {"id": name}).encode()), NOW, b"key" * 11).message


def at(one: Message, now: int) -> Message:
    """The same message, heard at another moment."""
    if isinstance(one, Event):
        return replace(one, recorded_at=now)
    return replace(one, now=now)


def fixed(name: str, said: Said) -> Letter:
    """A message that is the same whatever happened before."""
    ready = message(said, name)
    moments: dict[int, Message] = {}

    def say(_: Order, __: Process | None, now: int) -> Message:
        found = moments.get(now)
        if found is None:
            found = moments[now] = at(ready, now)
        return found

    return Letter(name, say)


def placed() -> PlaceOrder:
    """Two lines of two units, at prices that do not divide evenly, with a shipping fee."""
    lines = {"discount": "0.01", "shipping_fee": "4.90"}
    one = message(told.order(2, 2, price="10.01", **lines), "placed")
    assert isinstance(one, PlaceOrder)
    return one


def _asked(order: Order) -> list[tuple[str, int]]:
    """Refunds that were asked for and are not paid, with their amounts, oldest first."""
    payments = Payments.of(order.placed, order.events, {})
    return [
        (refund, payments.amount_asked(refund))
        for refund in payments.asked
        if refund not in payments.issued
    ]


def pay(order: Order, _: Process | None, now: int) -> Message | None:
    """The provider pays the oldest refund that it was asked for."""
    for refund, amount in _asked(order):
        return RefundIssued(
            occurred_at=NOW,
            recorded_at=now,
            source="/payments",
            message_id=f"paid {refund}",
            refund_id=refund,
            amount=amount,
            currency=order.placed.currency,
        )
    return None


def fail(order: Order, process: Process | None, now: int) -> Message | None:
    """The provider cannot pay the oldest refund that it was asked for: once an attempt."""
    for refund, _ in _asked(order):
        attempt = process.retried.get(refund, (1, 0))[0] if process else 1
        return RefundFailed(
            occurred_at=NOW,
            recorded_at=now,
            source="/payments",
            message_id=f"failed {refund} {attempt}",
            refund_id=refund,
            reason="declined",
        )
    return None


def decide(outcome: CaseOutcome) -> Say:
    """The seller decides the first open case for which this is an answer."""
    about_stopping = outcome in ("stopped", "not_stopped")

    def say(order: Order, process: Process | None, now: int) -> Message | None:
        for wait in process.waits.values() if process else ():
            is_stop = wait.wait.startswith("stop:")
            if wait.waits_for == "seller" and is_stop == about_stopping and wait.items:
                item = wait.items[0]
                return decision(order, item.line_id, item.quantity, outcome, now)
        return None

    return say


def decision(
    order: Order, line_id: str, quantity: int, outcome: CaseOutcome, now: int
) -> DecideCase:
    """A seller's decision; the next one of the order has another id."""
    number = sum(isinstance(event, CaseDecided | DecisionRefused) for event in order.events)
    decision_id = f"{outcome} {line_id} {number}"
    return DecideCase(
        occurred_at=NOW,
        now=now,
        source="/seller",
        message_id=decision_id,
        decision_id=decision_id,
        line_id=line_id,
        quantity=quantity,
        outcome=outcome,
        reason="as_the_seller_says",
    )


def _fact(name: str, said: Said) -> tuple[str, Letter]:
    return name, fixed(name, said)


def _alphabet() -> dict[str, Letter]:
    shipped = told.ship(2)
    back = told.back(2)
    named: dict[str, Any] = {
        "cancel all": told.cancel(called="c1"),
        "cancel one": told.cancel(1, called="c2"),
        "cancel line 2": told.cancel(2, line="2", called="c3"),
        "withdraw all": told.withdraw("c1"),
        "withdraw one": told.withdraw("c2"),
        "release": told.release(),
        "release line 1": told.release(2),
        "confirm all": told.confirm(called="c1"),
        "confirm one": told.confirm(1, called="c2"),
        "confirm in part": told.confirm(1, called="c1"),
        "too late": told.too_late("c1"),
        "ship line 1": shipped,
        "ship one": told.ship(1, parcel="S2"),
        "ship line 2": told.ship(2, line="2", parcel="S3"),
        "deliver line 1": told.deliver(),
        "deliver line 2": told.deliver("S3"),
        "reject line 1": told.reject(),
        "reject one": told.reject(1),
        "back": back,
        "back short": told.back(1, called="R2"),
        "back damaged": told.back(0, 1, called="R3"),
        "lost": told.lose(),
        "never shipped": told.correct(shipped | {"id": "ship line 1"}),
        "only one was back": told.correct(back | {"id": "back"}, told.back(1)),
    }
    letters = dict(_fact(name, said) for name, said in named.items())
    letters["paid"] = Letter("paid", pay)
    letters["payment fails"] = Letter("payment fails", fail)
    outcomes: tuple[CaseOutcome, ...] = ("refund", "no_refund", "stopped", "not_stopped")
    for outcome in outcomes:
        letters[outcome] = Letter(outcome, decide(outcome))
    letters[JUMP.name] = JUMP
    return letters


ALPHABET = _alphabet()
"""Every letter by its name. That one is said twice changes nothing: it is repeated."""
