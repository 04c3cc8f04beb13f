"""The objects of an event as units of order lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from consumers.bad_message import Malformed
from consumers.epcis.contents import containers, holds
from consumers.epcis.events import Event, Quantity
from consumers.epcis.identifiers import identifier
from consumers.epcis.reading import line_of, objects
from consumers.fields import MAX_LINES
from consumers.outside.memory import Memory
from consumers.outside.rules import EpcisRules

MOST = 1_000_000_000
"""Units of one line in one message, as the contract has it."""

CONTENTS = "epcList"
"""Where an event names the containers that hold what it is about."""

Item = dict[str, Any]
"""`{line_id, quantity}`, as a message has it."""


class Counted(NamedTuple):
    """So many units of something, and where the event says so."""

    uri: str
    quantity: int
    field: str


def items(event: Event, rules: EpcisRules, memory: Memory) -> list[Item] | None:
    """Return the units of each line, in the order in which the event names the lines.

    An event that names a container only has what aggregations said that it holds. None: it names
    nothing but containers, and nobody said what they hold. Raises Malformed.
    """
    counted = [*_single(event), *_classes(event, rules)]
    if not counted:
        counted = list(_contents(event, rules, memory))
    return _by_line(counted, rules) if counted else None


def _single(event: Event) -> Iterator[Counted]:
    """One unit for each single object; one that is named twice is one."""
    seen: set[str] = set()
    for field, epc in objects(event):
        if field != "parentID" and epc not in seen and identifier(epc).kind != "sscc":
            seen.add(epc)
            yield Counted(epc, 1, field)


def _classes(event: Event, rules: EpcisRules) -> Iterator[Counted]:
    for name, listed in (
        ("quantityList", event.quantities),
        ("childQuantityList", event.child_quantities),
    ):
        for place, one in enumerate(listed or ()):
            field = f"{name}[{place}]"
            yield Counted(one.epc_class, _pieces(one, field, rules), f"{field}.epcClass")


def _contents(event: Event, rules: EpcisRules, memory: Memory) -> Iterator[Counted]:
    held = holds(memory, rules.source, containers(event))
    if held is None:
        return
    for epc in held["epcs"]:
        yield Counted(epc, 1, CONTENTS)
    for listed in held["classes"]:
        one = Quantity.model_validate(listed)
        yield Counted(one.epc_class, _pieces(one, CONTENTS, rules), CONTENTS)


def _pieces(one: Quantity, field: str, rules: EpcisRules) -> int:
    if one.uom is not None and one.uom not in rules.pieces:
        detail = f"is {one.uom[:20]!r}, and pieces are counted in {', '.join(rules.pieces)}"
        raise Malformed(f"{field}.uom", "unit_of_measure", detail)
    number = one.quantity
    at = f"{field}.quantity"
    if number is None:
        raise Malformed(at, "missing", "is required: how many pieces there are")
    if isinstance(number, bool) or not isinstance(number, int | float) or number != int(number):
        raise Malformed(at, "not_an_integer", "must be a whole number of pieces")
    if number < 1:
        raise Malformed(at, "too_small", "must be at least 1")
    if number > MOST:
        raise Malformed(at, "too_great", f"must be at most {MOST}")
    return int(number)


def _by_line(counted: list[Counted], rules: EpcisRules) -> list[Item]:
    units: dict[str, int] = {}
    for one in counted:
        line_id = line_of(one.uri, one.field, rules.line_id)
        units[line_id] = units.get(line_id, 0) + one.quantity
        if units[line_id] > MOST:
            raise Malformed(one.field, "too_great", f"makes more than {MOST} units of {line_id}")
        if len(units) > MAX_LINES:
            raise Malformed(one.field, "too_many", f"makes more than {MAX_LINES} lines")
    return [{"line_id": line_id, "quantity": number} for line_id, number in units.items()]
