"""How much a cancellation brings back, and when: the refunds' own rules, with what is to come.

What comes back later (when a warehouse has confirmed, when refused goods are back) is what refunds
say of the order with just these facts added.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.events import CancellationConfirmed, Event, ItemCancelRequested, ReturnedToWarehouse
from domain.items import Item, ReturnedItem
from domain.refunds import Policy, Refund
from domain.state import Order, evolve

When = Literal["now", "after_remaining_shipped", "after_return", "after_decision"]

STAGES: tuple[When, ...] = ("now", "after_remaining_shipped", "after_return", "after_decision")
"""From the soonest to the latest. `now`: as soon as what is asked of the warehouse is confirmed."""
_PREVIEW = "/countermand/preview"


class Part(Struct, frozen=True, gc=False):
    """Some of the money; `reason` as refunds have it."""

    amount: int
    when: When
    reason: str


class ComesBack(Struct, frozen=True, gc=False):
    """The money of a cancellation, in minor units; it comes when its last part does."""

    amount: int
    when: When
    held_until: int | None
    """When parts that wait for remaining goods come at the latest, in microseconds."""
    parts: tuple[Part, ...]
    reason: str | None = None
    """Why nothing comes back: `not_paid`, or `nothing_owed`."""


class ToCome(Struct, frozen=True, gc=False):
    """What a cancellation still waits for: units that are stopped, and units to come back."""

    stopped: tuple[Item, ...]
    out: tuple[ReturnedItem, ...]


def comes_back(
    order: Order, event: ItemCancelRequested, to_come: ToCome, policy: Policy
) -> ComesBack:
    """The money of `event`, the order's last one, with what is still to come."""
    if order.placed.paid == 0:
        return ComesBack(0, "now", None, (), "not_paid")
    before = Order(order.placed, order.events[:-1])
    # Only what stays: were crossed units confirmed, those of another cancellation would cross.
    confirmed = evolve(order, _confirmed(event, to_come.stopped)) if to_come.stopped else order
    returned = evolve(confirmed, _returned(event, to_come.out)) if to_come.out else confirmed
    listed = [one.money(event.recorded_at, policy).refunds for one in (before, confirmed, returned)]
    soon = _more(listed[0], listed[1])
    parts = [Part(amount, _when(refund), refund.reason) for refund, amount in soon]
    for refund, amount in _more(listed[1], listed[2]):
        when = _when(refund)
        parts.append(Part(amount, when if when == STAGES[-1] else "after_return", refund.reason))
    _settle(parts, _sum(listed[2]) - _sum(listed[0]))
    if not parts:
        return ComesBack(0, "now", None, (), "nothing_owed")
    last = max([part.when for part in parts], key=STAGES.index)
    held_until = max([refund.held_until or 0 for refund, _ in soon], default=0) or None
    return ComesBack(sum([part.amount for part in parts]), last, held_until, tuple(parts))


def _more(earlier: Iterable[Refund], later: Iterable[Refund]) -> list[tuple[Refund, int]]:
    """What is owed later and was not before; a cent that only moves between refunds is not."""
    before = {one.refund_id: one for one in earlier}
    found = []
    for refund in later:
        known = before.get(refund.refund_id)
        if known is None:
            found.append((refund, refund.amount))
        elif _units_of(refund) > _units_of(known) or refund.fee > known.fee:
            found.append((refund, refund.amount - known.amount))
    return [(refund, amount) for refund, amount in found if amount > 0]


def _settle(parts: list[Part], total: int) -> None:
    """Let parts add up to what all refunds grow by: a cent moves when one comes before another."""
    left = total - sum([part.amount for part in parts])
    if left and parts:
        place = max(range(len(parts)), key=lambda one: parts[one].amount)
        parts[place] = replace(parts[place], amount=parts[place].amount + left)


def _sum(refunds: Iterable[Refund]) -> int:
    return sum([refund.amount for refund in refunds])


def _units_of(refund: Refund) -> int:
    return sum([covered.quantity for covered in refund.covers])


def _when(refund: Refund) -> When:
    if refund.state != "held":
        return "now"
    return "after_decision" if refund.held_until is None else "after_remaining_shipped"


def _confirmed(event: ItemCancelRequested, items: tuple[Item, ...]) -> Event:
    return CancellationConfirmed(
        occurred_at=event.recorded_at,
        recorded_at=event.recorded_at,
        source=_PREVIEW,
        message_id="confirmed",
        cancellation_id=event.cancellation_id,
        confirmed_by="warehouse",
        items=items,
    )


def _returned(event: ItemCancelRequested, items: tuple[ReturnedItem, ...]) -> Event:
    return ReturnedToWarehouse(
        occurred_at=event.recorded_at,
        recorded_at=event.recorded_at,
        source=_PREVIEW,
        message_id="returned",
        return_id=_PREVIEW,
        items=items,
    )
