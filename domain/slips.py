"""What went wrong at the warehouses of an order, in units: beside their answers to stops."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from domain.awaited import Awaited
from domain.events import CaseDecided, Event
from domain.information import OrderInformation
from domain.items import add_units
from domain.state import Order
from domain.warehouses import Warehouses

_RETURN = "return:"
_ODD_RULES = frozenset({"over_shipped", "shipped_after_confirmation"})


class Slips(Struct, frozen=True, gc=False):
    """What went wrong at a warehouse, in units."""

    warehouse_id: str
    over_shipped: int = 0
    short_returns: int = 0
    """Refused units that were not counted back by the deadline, or that a decision is about."""
    shipped_after_confirmation: int = 0


def may_have_slips(order: Order, info: OrderInformation, waits: Sequence[Awaited]) -> bool:
    """Whether it is worth to look: something does not fit, was decided, or has to come back."""
    return (
        any(odd.rule in _ODD_RULES for odd in info.discrepancies)
        or any(wait.wait.startswith(_RETURN) for wait in waits)
        or any(type(event) is CaseDecided for event in order.events)
    )


def slips(order: Order, waits: Sequence[Awaited]) -> list[Slips]:
    """What went wrong, by warehouse; empty: nothing, as is usual."""
    where = order.goods()
    warehouses = Warehouses(where)
    missing = _missing(order.events, waits)
    found: dict[str, Slips] = {}
    for line_id, line in where.lines.items():
        counts, ledger = line.counts, line.ledger
        unconfirmed = counts.cancelled - counts.confirmed
        broken_word = max(0, ledger.crossed0 - unconfirmed) if counts.confirmed else 0
        if ledger.over_shipped or broken_word or missing.get(line_id):
            name = warehouses.shipped(line_id)
            before = found.get(name, Slips(name))
            found[name] = Slips(
                name,
                before.over_shipped + ledger.over_shipped,
                before.short_returns + missing.get(line_id, 0),
                before.shipped_after_confirmation + broken_word,
            )
    return list(found.values())


def _missing(events: Sequence[Event], waits: Sequence[Awaited]) -> dict[str, int]:
    """Units by line that are missing past their deadline, or that were decided about as missing."""
    units: dict[str, int] = {}
    for wait in waits:
        if wait.wait.startswith(_RETURN) and wait.waits_for == "seller" and not wait.ended_at:
            add_units(units, wait.items)
    for event in events:
        if isinstance(event, CaseDecided):
            for settled in event.settles:
                if settled.kind == "missing":
                    units[event.line_id] = units.get(event.line_id, 0) + settled.quantity
    return units
