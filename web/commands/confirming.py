"""A seller confirms, in the warehouse's stead, that goods were stopped."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from application.answers import Answer
from application.orders import Orders
from domain.events import (
    CancellationConfirmed,
    CancellationRefused,
    CancellationWithdrawn,
    ItemCancelRequested,
)
from domain.items import Item, add_units
from domain.order import Order
from domain.wording import broken
from web.asking import as_items
from web.commanding import SOURCE, Asked, Done, command, place_of, recorded, reused, upto
from web.parts import Parts
from web.problems import Problem, not_found
from web.shapes.cancellations import Stopped

Units = dict[str, int]


def confirm(parts: Parts, said: Asked, cancellation_id: str, body: Stopped) -> Answer:
    """Record that goods of a cancellation were stopped: 200, or 409 where none are requested."""

    def work(orders: Orders, order: Order, now: int) -> Done:
        first = recorded(order, said)
        if first is not None:
            return _again(parts, upto(order, first), cancellation_id)
        units, rule = waiting(order, cancellation_id)
        wanted = _wanted(body, units)
        rule = rule or _why_not(units, wanted)
        if rule is not None:
            return _refused(order, cancellation_id, rule)
        if wanted:
            orders.decide(said.order_id, _fact(said, cancellation_id, wanted, now))
        return _confirmed(orders.get(said.order_id) or order, cancellation_id, wanted)

    return command(parts, said, work)


def _again(parts: Parts, order: Order, cancellation_id: str) -> Done:
    """The answer that was given when the order's last event was recorded."""
    event = order.events[-1]
    if not isinstance(event, CancellationConfirmed) or event.cancellation_id != cancellation_id:
        raise reused()
    wanted: Units = {}
    add_units(wanted, event.items or ())
    done = _confirmed(order, cancellation_id, wanted)
    return done._replace(position=place_of(parts, order.order_id, order.version))


def waiting(order: Order, cancellation_id: str) -> tuple[Units, str | None]:
    """Units of a cancellation that wait for an answer, and the rule that says no to all."""
    place = _accepted_at(order, cancellation_id)
    if place is None:
        return {}, _not_accepted(order, cancellation_id)
    if any(
        isinstance(event, CancellationWithdrawn) and event.cancellation_id == cancellation_id
        for event in order.events
    ):
        return {}, "cancellation_withdrawn"
    crossed = False
    units: Units = {}
    for line_id, line in order.goods().lines.items():
        for one in line.cancelled_by:
            if one.place == place:
                units[line_id] = one.quantity - one.crossed - one.succeeded
                crossed = crossed or one.crossed > 0
    gone = crossed and not any(units.values())
    return units, "cancellation_has_crossed" if gone else None


def _accepted_at(order: Order, cancellation_id: str) -> int | None:
    for place, event in enumerate(order.events):
        if isinstance(event, ItemCancelRequested) and event.cancellation_id == cancellation_id:
            return place
    return None


def _not_accepted(order: Order, cancellation_id: str) -> str:
    if any(
        isinstance(event, CancellationRefused) and event.cancellation_id == cancellation_id
        for event in order.events
    ):
        return "cancellation_refused"
    raise not_found(f"cancellation {cancellation_id} of order {order.order_id}")


def _wanted(body: Stopped, units: Units) -> Units:
    """What is confirmed: what is named, or all that waits; nothing: it was all confirmed."""
    wanted: Units = {}
    add_units(wanted, as_items(body.items) or ())
    if body.items is None:
        wanted = {line_id: number for line_id, number in units.items() if number}
    return wanted


def _why_not(units: Units, wanted: Units) -> str | None:
    if any(number > units.get(line_id, 0) for line_id, number in wanted.items()):
        return "more_than_requested"
    return None


def _fact(said: Asked, cancellation_id: str, wanted: Units, now: int) -> CancellationConfirmed:
    return CancellationConfirmed(
        occurred_at=now,
        recorded_at=now,
        source=SOURCE,
        message_id=said.message_id,
        cancellation_id=cancellation_id,
        confirmed_by="seller",
        # As numbers: what crossed meanwhile is not confirmed by it.
        items=tuple([Item(line_id, units) for line_id, units in wanted.items()]),
    )


def _refused(order: Order, cancellation_id: str, rule: str) -> Done:
    problem = Problem(
        "confirmation-refused",
        broken(rule),
        rule=rule,
        cancellation_id=cancellation_id,
        version=order.version,
    )
    return Done(HTTPStatus.CONFLICT, problem.body)


def _confirmed(order: Order, cancellation_id: str, wanted: Units) -> Done:
    left, _ = waiting(order, cancellation_id)
    body: dict[str, Any] = {
        "order_id": order.order_id,
        "cancellation_id": cancellation_id,
        "outcome": "confirmed",
        "items": [{"line_id": line_id, "quantity": units} for line_id, units in wanted.items()],
        "requested": sum(left.values()),
        "version": order.version,
    }
    return Done(HTTPStatus.OK, body)
