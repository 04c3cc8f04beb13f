"""Which events are facts of an order, and the facts: goods that left, goods that came back."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from consumers.bad_message import Malformed
from consumers.epcis.events import Event, step_of, type_of
from consumers.epcis.reading import an_id, required_id
from consumers.epcis.units import Item, items
from consumers.epcis.vocabulary import OTHER_TYPES, READ_TYPES, word
from consumers.outside.bounded import JsonObject
from consumers.outside.memory import Memory
from consumers.outside.rules import EpcisRules

Kind = Literal["ship", "void", "receive", "pack"]


class Fact(NamedTuple):
    """What an event says, as a message of the contract has it."""

    type: str
    order_id: str
    about: str
    """`shipment/ID` or `return/ID`: the name under which it is remembered."""
    data: dict[str, Any]


def kind_of(content: JsonObject, rules: EpcisRules) -> Kind | None:
    """Say what an event is about, at a glance; None: nothing of interest. Raises Malformed."""
    kind = type_of(content)
    if kind in OTHER_TYPES:
        return None
    if kind not in READ_TYPES:
        raise Malformed("type", "unknown_type", f"is no type of EPCIS event: {kind[:64]}")
    step = step_of(content)
    if step in rules.shipping:
        return "ship"
    if step in rules.void_shipping:
        return "void"
    if step in rules.receiving:
        return "receive"
    return "pack" if kind == "AggregationEvent" else None


def is_return(event: Event, rules: EpcisRules) -> bool:
    """Whether goods that were received came back from a buyer. Raises Malformed if that is open."""
    disposition = word(event.disposition or "")
    if disposition in rules.returned:
        return True
    if an_id(event, rules.return_id, "return_id") is None:
        return False  # ordinary goods from a supplier
    if disposition in rules.damaged:
        return True
    known = ", ".join((*rules.returned, *rules.damaged))
    detail = f"of goods received for a return must be one of {known}"
    raise Malformed("disposition", "unknown_value", detail)


def shipped(event: Event, rules: EpcisRules, memory: Memory) -> Fact:
    """Read goods that left the warehouse. Raises Malformed."""
    _check_action(event)
    _check_shipping_disposition(event, rules)
    order_id = required_id(event, rules.order_id, "order_id")
    shipment_id = required_id(event, rules.shipment_id, "shipment_id")
    warehouse_id = an_id(event, rules.warehouse_id, "warehouse_id")
    data: dict[str, Any] = {"shipment_id": shipment_id}
    if warehouse_id is not None:
        data["warehouse_id"] = warehouse_id
    data["items"] = _goods(event, rules, memory)
    return Fact("ShippedFromWarehouse", order_id, shipment(shipment_id), data)


def shipment(shipment_id: str) -> str:
    """Return the name under which what is said of a shipment is remembered."""
    return f"shipment/{shipment_id}"


def returned(event: Event, rules: EpcisRules, memory: Memory) -> Fact:
    """Read goods that came back. Raises Malformed."""
    _check_action(event)
    order_id = required_id(event, rules.order_id, "order_id")
    return_id = required_id(event, rules.return_id, "return_id")
    shipment_id = an_id(event, rules.shipment_id, "shipment_id")
    data: dict[str, Any] = {"return_id": return_id}
    if shipment_id is not None:
        data["shipment_id"] = shipment_id
    condition = "damaged" if _is_damaged(event, rules) else "good"
    goods = _goods(event, rules, memory)
    data["items"] = [{**item, "condition": condition} for item in goods]
    return Fact("ReturnedToWarehouse", order_id, f"return/{return_id}", data)


def _is_damaged(event: Event, rules: EpcisRules) -> bool:
    persistent = (event.persistent and event.persistent.set_now) or ()
    said = {word(one) for one in (event.disposition, *persistent) if one is not None}
    return not said.isdisjoint(rules.damaged)


def _check_action(event: Event) -> None:
    if event.action is None:
        raise Malformed("action", "missing", "is required")
    if event.action == "DELETE":
        raise Malformed("action", "unknown_value", "must be OBSERVE or ADD")


def _check_shipping_disposition(event: Event, rules: EpcisRules) -> None:
    said = event.disposition
    if said is not None and word(said) not in rules.shipping_dispositions:
        known = ", ".join(rules.shipping_dispositions)
        detail = f"of goods that are shipped must be one of {known}, or left out"
        raise Malformed("disposition", "unknown_value", detail)


def _goods(event: Event, rules: EpcisRules, memory: Memory) -> list[Item]:
    goods = items(event, rules, memory)
    if goods is None:
        if event.parent is None and not event.epcs and not event.children:
            raise Malformed("epcList", "missing", "is required, or quantityList: what was moved")
        detail = "names containers only, and no AggregationEvent before it says what is in them"
        raise Malformed("epcList", "unknown_contents", detail)
    return goods
