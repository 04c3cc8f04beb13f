"""A seller refunds by hand."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from application.answers import Answer
from application.orders import Orders
from consumers import notes
from consumers.bad_message import Malformed
from consumers.decisions import SOURCE
from consumers.intake import note_key
from consumers.notes import MARK, Note
from consumers.placing import read_amount
from consumers.translate import reason_of
from domain.cases import at_large_by_line
from domain.claims import refund_id
from domain.commands import GrantRefund
from domain.events import GrantRefused, RefundGranted
from domain.granting import refundable, refundable_units, says_the_same
from domain.order import Order, decide, evolve
from domain.wording import broken
from projections.shown import amount
from web import asking
from web.asking import as_items
from web.commanding import Asked, Done, command, place_of, upto
from web.malformed import malformed
from web.parts import Parts
from web.problems import Problem
from web.shapes.decisions import HandRefund


def refund(parts: Parts, said: Asked, body: HandRefund) -> Answer:
    """Refund units that stay, or an amount: 201, or 409 with what can be refunded."""
    _complete(body)

    def work(orders: Orders, order: Order, now: int) -> Done:
        grant, note = _command(parts, said, body, order, now)
        led_to = orders.decide(said.order_id, grant)
        after = orders.get(said.order_id) or order
        then = upto(after, next(one for one in after.events if says_the_same(one, grant)))
        done = _told(parts, then)
        if not led_to.events:
            return done._replace(position=place_of(parts, said.order_id, then.version))
        return done._replace(also=[notes.keep([note], now)] if note else [])

    return command(parts, said, work)


def preview(parts: Parts, said: Asked, body: HandRefund) -> Done:
    """What refunding so would be answered with now; nothing is recorded. Raises Problem 404."""
    _complete(body)
    order = asking.order_state(parts, said.who, said.order_id)
    now = max(parts.clock(), order.events[-1].recorded_at)
    grant, _ = _command(parts, said, body, order, now)
    decided = decide(order, grant, parts.policy)
    if not decided.events:
        raise Problem("idempotency-key-reused", "it was refunded before")
    return _told(parts, evolve(order, decided.events[0]))


def _complete(body: HandRefund) -> None:
    if body.amount is None and body.items is None:
        raise malformed("amount", "missing", "is required where there are no items")


def can_be_refunded(parts: Parts, order: Order) -> dict[str, Any]:
    """What can be refunded by hand, an amount and units, as refusals say it."""
    return _left(parts, order)


def _command(
    parts: Parts, said: Asked, body: HandRefund, order: Order, now: int
) -> tuple[GrantRefund, Note | None]:
    decision_id = body.decision_id or said.id_of("d")
    reason, text = reason_of(body.reason, decision_id, said.order_id, note_key(parts.store))
    grant = GrantRefund(
        occurred_at=now,
        now=now,
        source=SOURCE,
        message_id=decision_id,
        decision_id=decision_id,
        reason=reason,
        amount=_amount(body, _currency(body, order)),
        items=as_items(body.items) or (),
    )
    note = None if text is None else Note(reason.removeprefix(MARK), said.order_id, text)
    return grant, note


def _currency(body: HandRefund, order: Order) -> str:
    currency = order.placed.currency
    if body.currency not in (None, currency):
        raise malformed("currency", "unknown_value", f"must be the order's, {currency}")
    return currency


def _amount(body: HandRefund, currency: str) -> int | None:
    if body.amount is None:
        return None
    try:
        found = read_amount(body.amount, currency, "amount")
    except Malformed as wrong:
        raise malformed(wrong.field, wrong.rule, wrong.detail) from None
    if found == 0:
        raise malformed("amount", "too_small", "must be more than 0")
    return found


def _told(parts: Parts, order: Order) -> Done:
    """The answer that the order's last event is."""
    event = order.events[-1]
    left = _left(parts, order)
    if isinstance(event, GrantRefused):
        return _refused(order, event, left)
    if not isinstance(event, RefundGranted):
        raise TypeError(f"the last event is {type(event).__name__}, and no refund by hand")
    named = refund_id(order.order_id, "decision", event.decision_id, 1)
    refunds = order.money(event.recorded_at, parts.policy).refunds
    listed = next(one for one in refunds if one.refund_id == named)
    currency = order.placed.currency
    body = {
        "order_id": order.order_id,
        "decision_id": event.decision_id,
        "refund_id": named,
        "amount": amount(listed.amount, currency),
        "currency": currency,
        "state": listed.state,
        "items": [{"line_id": one.line_id, "quantity": one.quantity} for one in event.items],
        "reason": event.reason,
        **left,
        "version": order.version,
    }
    return Done(HTTPStatus.CREATED, body)


def _refused(order: Order, event: GrantRefused, left: dict[str, Any]) -> Done:
    problem = Problem(
        "refund-refused",
        broken(event.rule),
        rule=event.rule,
        decision_id=event.decision_id,
        version=order.version,
        **left,
    )
    return Done(HTTPStatus.CONFLICT, problem.body)


def _left(parts: Parts, order: Order) -> dict[str, Any]:
    """What else can be refunded by hand."""
    where = order.goods()
    money = order.money_for(where, order.events[-1].recorded_at, parts.policy)
    large = at_large_by_line(money)
    units = {
        line_id: refundable_units(line, large.get(line_id, 0))
        for line_id, line in where.lines.items()
    }
    return {
        "refundable": amount(refundable(order, money), order.placed.currency),
        "refundable_units": [
            {"line_id": line_id, "quantity": number} for line_id, number in units.items() if number
        ],
    }
