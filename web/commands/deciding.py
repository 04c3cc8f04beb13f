"""A seller decides a case."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from msgspec.structs import replace

from application.answers import Answer
from application.deciding import Open, answer_to, open_in
from application.orders import Orders
from consumers import decisions, notes
from consumers.bad_message import Malformed
from consumers.intake import note_key
from consumers.notes import Note
from domain.commands import DecideCase
from domain.events import CaseDecided, DecisionRefused
from domain.items import CaseKind
from domain.order import Order
from domain.wording import broken
from projections.shown import amount
from web.commanding import Asked, Done, command, place_of, upto
from web.malformed import malformed
from web.parts import Parts
from web.problems import Problem
from web.shapes.decisions import CaseDecision


def decide(parts: Parts, said: Asked, body: CaseDecision, about: CaseKind | None = None) -> Answer:
    """Decide about units of a line: 200, or 409 with what can be decided.

    `about`: only units of this kind; none: whatever there is to decide.
    """

    def work(orders: Orders, order: Order, now: int) -> Done:
        decision, note = _command(parts, order, body, now)
        decision = replace(decision, about=about)
        led_to = orders.decide(said.order_id, decision)
        after = orders.get(said.order_id) or order
        event = answer_to(after, decision)
        kept = [notes.keep([note], now)] if note and led_to.events else []
        done = _told(parts, upto(after, event), event)
        if not led_to.events:
            version = len(upto(after, event).events)
            return done._replace(position=place_of(parts, said.order_id, version))
        return done._replace(also=kept)

    return command(parts, said, work)


def _command(
    parts: Parts, order: Order, body: CaseDecision, now: int
) -> tuple[DecideCase, Note | None]:
    try:
        asked = decisions.read(body.model_dump())
        return decisions.command(asked, order.placed, now, note_key(parts.store))
    except Malformed as wrong:
        raise malformed(wrong.field, wrong.rule, wrong.detail) from None


def _told(parts: Parts, order: Order, event: CaseDecided | DecisionRefused) -> Done:
    can_be = open_as_json(open_in(order, event.recorded_at, parts.policy))
    if isinstance(event, DecisionRefused):
        problem = Problem(
            "decision-refused",
            broken(event.rule),
            rule=event.rule,
            decision_id=event.decision_id,
            version=order.version,
            can_be_decided=can_be,
        )
        return Done(HTTPStatus.CONFLICT, problem.body)
    currency = order.placed.currency
    body = {
        "order_id": order.order_id,
        "decision_id": event.decision_id,
        "line_id": event.line_id,
        "quantity": event.quantity,
        "outcome": event.outcome,
        "amount": None if event.amount is None else amount(event.amount, currency),
        "reason": event.reason,
        "can_be_decided": can_be,
        "version": order.version,
    }
    return Done(HTTPStatus.OK, body)


def open_as_json(found: tuple[Open, ...]) -> list[dict[str, Any]]:
    """What can be decided."""
    return [{**one._asdict(), "outcomes": list(one.outcomes)} for one in found]
