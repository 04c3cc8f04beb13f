"""Who may say which message: a warehouse speaks for itself only."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from consumers.bad_message import BadMessage
from consumers.batch import Said
from consumers.envelope import Heard, Incoming
from consumers.intake import Contended, Intake
from consumers.messages import CHANNEL_OF
from domain.events import CancellationConfirmed, Event, FactCorrected, ShippedFromWarehouse
from domain.order import Order
from web.parts import Parts
from web.problems import Problem
from web.security.caller import Caller
from web.way_in import WayIn

_CHANNEL = "warehouse"


def take(parts: Parts, way_in: WayIn, who: Caller, message: Incoming) -> dict[str, Any]:
    """Take a message in, the one way; what became of it. Raises Problem 403, 503."""
    with way_in.borrowed() as intake:
        (said,) = intake.hear([message])
        said = _checked(intake, who, said)
        try:
            taken = intake.record([message], [said])
        except Contended:
            detail = "others wrote to this order all the time; nothing was recorded"
            raise Problem("overtaken", detail, {"Retry-After": "1"}) from None
    (outcome,), (problem,) = taken.outcomes, taken.problems
    position = parts.store.head() if taken.position is None else taken.position
    told = {"outcome": outcome, "position": str(position)}
    return told if problem is None else {**told, "problem": to_builtins(problem)}


def _checked(intake: Intake, who: Caller, said: Said) -> Said:
    """The message, if the caller may say it. Raises Problem 403."""
    if isinstance(said, Heard) and type(said.message) is FactCorrected:
        _need(who, "correct")
    if who.role != _CHANNEL or who.id is None:
        return said
    if not isinstance(said, Heard):
        # It is kept, but no order shows it: who knows whose order it names.
        return BadMessage(said.field, said.rule, said.detail)
    if CHANNEL_OF[said.type] != _CHANNEL:
        raise _not_its_own(f"a warehouse does not say {said.type}")
    _check_fact(intake, who.id, said)
    return said


def _need(who: Caller, right: str) -> None:
    if right not in who.rights:
        raise Problem("forbidden", f"this takes the right {right}", right=right)


def _check_fact(intake: Intake, warehouse: str, said: Heard) -> None:
    fact = said.message
    if isinstance(fact, CancellationConfirmed) and fact.confirmed_by != _CHANNEL:
        raise _not_its_own("a warehouse confirms as the warehouse")
    named = _named(fact)
    if named is not None and named != warehouse:
        raise _not_its_own(f"warehouse {warehouse} does not speak for {named}")
    intake.orders.warm([said.order_id])
    order = intake.orders.get(said.order_id)
    if named is None and (order is None or warehouse not in _warehouses(order)):
        raise _not_its_own(f"warehouse {warehouse} has nothing of order {said.order_id}")
    if order is not None:
        _check_subject(order, warehouse, fact)


def _named(fact: object) -> str | None:
    """The warehouse that a message names itself."""
    if isinstance(fact, FactCorrected):
        return None if fact.data is None else fact.data.warehouse_id
    name: str | None = getattr(fact, "warehouse_id", None)
    return name


def _warehouses(order: Order) -> set[str]:
    """Those that were given goods of the order, or shipped some."""
    named = (getattr(event, "warehouse_id", None) for event in order.events)
    return {name for name in named if name}


def _check_subject(order: Order, warehouse: str, fact: object) -> None:
    """What it speaks of, a parcel or an earlier message, is not another warehouse's."""
    for event in order.events:
        if _is_about(fact, event) and _named(event) not in (None, warehouse):
            raise _not_its_own(f"warehouse {warehouse} does not speak for {_named(event)}")


def _is_about(fact: object, event: Event) -> bool:
    if isinstance(fact, FactCorrected):
        return (event.source, event.message_id) == (fact.corrects_source, fact.corrects_id)
    shipment_id = getattr(fact, "shipment_id", None)
    return (
        shipment_id is not None
        and isinstance(event, ShippedFromWarehouse)
        and event.shipment_id == shipment_id
    )


def _not_its_own(detail: str) -> Problem:
    return Problem("forbidden", detail)
