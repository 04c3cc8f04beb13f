"""The goods inside messages and events: lines, units of lines, and how returned units look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Condition = Literal["good", "damaged"]
CaseKind = Literal[
    "damaged", "lost", "missing", "unrefused", "at_large", "returned", "wanted_lost", "odd"
]
"""What a seller has to decide about: units that came back damaged, were lost on the way, were
refused and are not back, were to be refused and never heard of again, are refunded and out, or are
wanted and yet came back, or were lost; and what does not fit and is about no units."""


def add_units(units: dict[str, int], items: Iterable[Item | ReturnedItem]) -> None:
    """Add items up by line, into `units`."""
    for item in items:
        units[item.line_id] = units.get(item.line_id, 0) + item.quantity


class Item(Struct, frozen=True, gc=False):
    """Some units of a line. `quantity` is at least 1."""

    line_id: str
    quantity: int


class ReturnedItem(Struct, frozen=True, omit_defaults=True, gc=False):
    """Some units of a line, counted back in one condition."""

    line_id: str
    quantity: int
    condition: Condition = "good"


class Line(Struct, frozen=True, omit_defaults=True, gc=False):
    """An order line as it was placed. `amount` is what the whole line is worth, fixed for ever."""

    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: int
    amount: int
    discount: int = 0
    tax: int = 0
    coming_soon: bool = False


class CorrectedData(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a corrected message should have said: the known fields of every warehouse fact.

    Which fact it is depends on the message that it corrects, and that may not be known yet.
    """

    order_id: str | None = None
    warehouse_id: str | None = None
    cancellation_id: str | None = None
    shipment_id: str | None = None
    return_id: str | None = None
    items: tuple[ReturnedItem, ...] | None = None
    confirmed_by: str | None = None
    reason: str | None = None
    kind: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


class Covered(Struct, frozen=True, gc=False):
    """Units that a refund pays for, and how much of its amount is theirs, in minor units."""

    line_id: str
    quantity: int
    amount: int


class Settled(Struct, frozen=True, gc=False):
    """Units that a decision is about, by what they were when it was made."""

    kind: CaseKind
    quantity: int


class Confirmed(Struct, frozen=True, gc=False):
    """Units of one cancellation that a decision says were stopped."""

    cancellation_id: str
    quantity: int
