"""What ought to be awaited for an order: a pure function of the order, whatever was done so far."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from domain.events import CaseDecided, RefundFailed, RefundRequested, StopRefused
from domain.items import CaseKind, Item
from domain.late_cancellation import Process, Terms
from domain.picture import Picture
from domain.process_events import WaitsFor
from domain.refunds import Refund
from domain.refusing import units_to_refuse


class Want(Struct, frozen=True, gc=False):
    """Something that ought to be awaited."""

    wait: str
    waits_for: WaitsFor
    reason: str
    patience: int
    """How long, in microseconds."""
    items: tuple[Item, ...] = ()
    overdue: str = ""
    """Why it becomes a case when that long has passed; empty: it is one from the start."""


_CASES: dict[CaseKind, tuple[str, str]] = {
    "damaged": ("damaged", "returned_damaged"),
    "lost": ("lost", "lost_on_the_way"),
    "at_large": ("large", "refunded_goods_at_large"),
    "returned": ("returned", "returned_though_wanted"),
    "wanted_lost": ("wanted_lost", "wanted_goods_lost"),
}


def wanted(picture: Picture, process: Process | None, terms: Terms) -> dict[str, Want]:
    """Everything that ought to be awaited now, by name."""
    found = (
        *_stops(picture, terms),
        *_refusals(picture, terms),
        *_returns(picture, terms),
        *_payments(picture, process, terms),
        *_cases(picture, terms),
    )
    return {want.wait: want for want in found}


def _stops(picture: Picture, terms: Terms) -> Iterator[Want]:
    """Cancelled units that a warehouse has, until it stops or ships them."""
    if not any(line.ledger.requested for line in picture.where.lines.values()):
        return
    late = {
        fact.cancellation_id
        for _, fact in picture.where.effective.facts
        if type(fact) is StopRefused
    }
    for place, cancellation in picture.where.cancellations:
        cancellation_id = cancellation.cancellation_id
        items = requested(picture, place)
        if not items:
            continue
        again = _not_stopped(picture, place, items)
        reason = "warehouse_too_late" if again or cancellation_id in late else "warehouse_to_stop"
        wait = f"stop:{cancellation_id}#{again + 1}" if again else f"stop:{cancellation_id}"
        yield Want(wait, "warehouse", reason, terms.stop, items, "warehouse_silent")


def requested(picture: Picture, place: int) -> tuple[Item, ...]:
    """Units of the cancellation at `place` that a warehouse has, and should stop."""
    found: list[Item] = []
    for line_id, line in picture.where.lines.items():
        for units in line.cancelled_by:
            waiting = units.quantity - units.crossed - units.succeeded
            if units.place == place and waiting:
                found.append(Item(line_id, waiting))
    return tuple(found)


def _not_stopped(picture: Picture, place: int, items: tuple[Item, ...]) -> int:
    """How often a seller said since then that these could not be stopped."""
    lines = {item.line_id for item in items}
    return sum(
        type(event) is CaseDecided and event.outcome == "not_stopped" and event.line_id in lines
        for event in picture.order.events[place:]
    )


def _refusals(picture: Picture, terms: Terms) -> Iterator[Want]:
    """Parcels on their way with units that are not wanted, until they are refused or taken."""
    left = {line_id: units.get("unrefused", 0) for line_id, units in picture.units.items()}
    if not any(left.values()):
        return
    known: set[str] = set()
    for shipment_id, items in units_to_refuse(picture.where).items():
        known.update(item.line_id for item in items)
        open_items = tuple(item for item in items if left.get(item.line_id))
        if open_items:
            wait = f"refuse:{shipment_id}"
            reason = "buyer_to_refuse"
            yield Want(wait, "buyer", reason, terms.refusal, open_items, "parcel_unaccounted")
    for line_id, units in left.items():
        if units and line_id not in known:  # in no parcel that a buyer could be told of
            wait, items = f"unaccounted:{line_id}", (Item(line_id, units),)
            yield Want(wait, "seller", "parcel_unaccounted", terms.case, items)


def _returns(picture: Picture, terms: Terms) -> Iterator[Want]:
    """Refused units, until they are counted back."""
    for line_id, units in picture.units.items():
        missing = units.get("missing", 0)
        if not missing:
            continue
        ledger = picture.where.lines[line_id].ledger
        reason, patience = "goods_on_their_way_back", terms.back
        if ledger.back:
            reason, patience = "rest_on_its_way_back", terms.rest
        items = (Item(line_id, missing),)
        yield Want(f"return:{line_id}", "return", reason, patience, items, "return_missing")


def _payments(picture: Picture, process: Process | None, terms: Terms) -> Iterator[Want]:
    """Refunds that the payment provider was asked for, until they are paid."""
    for refund, _ in unpaid(picture, process):
        reason = "payment_failing" if refund.state == "failed" else "payment_pending"
        wait, items = f"pay:{refund.refund_id}", _covered(refund)
        yield Want(wait, "payment", reason, terms.payment, items, "payment_unsettled")


def unpaid(picture: Picture, process: Process | None) -> Iterator[tuple[Refund, int]]:
    """Refunds that the provider was asked for and has not paid, with when it was asked last."""
    for refund in picture.money.refunds:
        if refund.state in ("requested", "failed"):
            asked = _asked_at(picture, process, refund.refund_id)
            if asked is not None:
                yield refund, asked


def _asked_at(picture: Picture, process: Process | None, refund_id: str) -> int | None:
    """When the provider was last asked for a refund; none: it was not."""
    if process is not None and refund_id in process.retried:
        return process.retried[refund_id][1]
    for event in picture.order.events:
        if type(event) is RefundRequested and event.refund_id == refund_id:
            return event.recorded_at
    return None


def failed_since(picture: Picture, refund_id: str, moment: int) -> int | None:
    """When the provider first said after `moment` that it could not pay; none: it did not."""
    for event in picture.order.events:
        if (
            type(event) is RefundFailed
            and event.refund_id == refund_id
            and event.recorded_at >= moment
        ):
            return event.recorded_at
    return None


def _covered(refund: Refund) -> tuple[Item, ...]:
    return tuple(Item(units.line_id, units.quantity) for units in refund.covers)


def _cases(picture: Picture, terms: Terms) -> Iterator[Want]:
    """What only a seller can decide."""
    for line_id, units in picture.units.items():
        for kind, (name, reason) in _CASES.items():
            if units.get(kind):
                items = (Item(line_id, units[kind]),)
                yield Want(f"{name}:{line_id}", "seller", reason, terms.case, items)
    if picture.odd:
        yield Want("odd", "seller", picture.odd[0], terms.case)
