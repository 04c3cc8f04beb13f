"""What ought to have been asked of others and told to the buyer, less what was.

Compares the order as it is with what its process has said, so that a repeat says nothing and a
restart says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.events import CancellationWithdrawn, Delivered
from domain.items import Item
from domain.late_cancellation import REFUSE_AGAIN, Process, Terms
from domain.picture import Picture
from domain.process_events import (
    SOURCE,
    CancellationLapsed,
    CancellationSucceeded,
    ExposureChanged,
    ProcessEvent,
    RefundHeld,
    RefundRetried,
    RefusalRequested,
    RefusalWithdrawn,
    StopRequested,
    StopWithdrawn,
)
from domain.refusing import units_to_refuse
from domain.waiting import failed_since, requested, unpaid


class Pen:
    """Writes events of a process: with its order, the moment, and an id from the cause."""

    def __init__(self, picture: Picture, process: Process, now: int) -> None:
        self.process = process
        self.now = now
        self._written: dict[str, int] = {}
        self._common: dict[str, Any] = {
            "occurred_at": now,
            "recorded_at": now,
            "source": SOURCE,
            "order_id": picture.order.order_id,
            "order_version": picture.order.version,
        }

    def common(self, name: str) -> dict[str, Any]:
        """The fields that every event has; the id is `name:n`, the `n`-th of that name."""
        number = self.process.sent.get(name, 0) + self._written.get(name, 0) + 1
        self._written[name] = self._written.get(name, 0) + 1
        return {**self._common, "message_id": f"{name}:{number}"}


def told(picture: Picture, pen: Pen, terms: Terms) -> Iterator[ProcessEvent]:
    """Everything that is still to be said."""
    yield from _stops(picture, pen)
    yield from _refusals(picture, pen)
    yield from _succeeded(picture, pen)
    yield from _lapsed(picture, pen)
    yield from _held(picture, pen)
    yield from _exposure(picture, pen)
    yield from _retries(picture, pen, terms)


def _stops(picture: Picture, pen: Pen) -> Iterator[ProcessEvent]:
    process = pen.process
    for place, cancellation in picture.where.cancellations:
        cancellation_id = cancellation.cancellation_id
        more = _more(requested(picture, place), process.stops.get(cancellation_id, {}))
        if more:
            yield StopRequested(
                **pen.common(f"stop:{cancellation_id}"),
                cancellation_id=cancellation_id,
                items=more,
            )
    for event in picture.order.events if process.stops else ():
        if isinstance(event, CancellationWithdrawn):
            asked = process.stops.get(event.cancellation_id)
            if asked and event.cancellation_id not in process.withdrawn:
                yield StopWithdrawn(
                    **pen.common(f"withdraw:{event.cancellation_id}"),
                    cancellation_id=event.cancellation_id,
                    items=_items(asked),
                )


def _refusals(picture: Picture, pen: Pen) -> Iterator[ProcessEvent]:
    now = units_to_refuse(picture.where)
    for shipment_id, items in now.items():
        if _more(items, pen.process.refusals.get(shipment_id, {})):
            yield RefusalRequested(
                **pen.common(f"refuse:{shipment_id}"), shipment_ids=(shipment_id,), items=items
            )
        elif again := _not_taken(picture, pen.process, shipment_id, items):
            name = f"{REFUSE_AGAIN}:{shipment_id}"
            yield RefusalRequested(**pen.common(name), shipment_ids=(shipment_id,), items=again)
    for shipment_id in pen.process.refusals:
        if shipment_id not in now and _is_on_its_way(picture, shipment_id):
            yield RefusalWithdrawn(**pen.common(f"take:{shipment_id}"), shipment_ids=(shipment_id,))


def _not_taken(
    picture: Picture, process: Process, shipment_id: str, items: tuple[Item, ...]
) -> tuple[Item, ...]:
    """Units that lapsed, as the buyer was told, until the parcel's delivery was taken back."""
    if not process.lapsed:
        return ()
    taken_back = sum(
        isinstance(event, Delivered) and event.shipment_id == shipment_id
        for event in picture.order.events
    )
    if process.sent.get(f"{REFUSE_AGAIN}:{shipment_id}", 0) >= taken_back:
        return ()  # told once for each
    lines = picture.where.lines
    undone = {line: n - lines[line].ledger.lapsed for line, n in process.lapsed.items()}
    return tuple(
        Item(one.line_id, min(one.quantity, undone.get(one.line_id, 0)))
        for one in items
        if undone.get(one.line_id, 0) > 0
    )


def _is_on_its_way(picture: Picture, shipment_id: str) -> bool:
    """Whether the buyer still has to do with a parcel."""
    parcel = picture.where.parcels.get(shipment_id)
    if parcel is None or parcel.delivered:
        return False
    return any(
        held > parcel.spoken_for(line_id) + _back_without_name(picture, line_id)
        for line_id, held in parcel.holds.items()
    )


def _back_without_name(picture: Picture, line_id: str) -> int:
    """Units that came back, and nobody said in which parcel."""
    line = picture.where.lines.get(line_id)
    if line is None:
        return 0
    named = sum(parcel.returned(line_id) for parcel in picture.where.parcels.values())
    return line.counts.returned_good + line.counts.returned_bad - named


def _succeeded(picture: Picture, pen: Pen) -> Iterator[ProcessEvent]:
    for place, cancellation in picture.where.cancellations:
        cancellation_id = cancellation.cancellation_id
        items = tuple(
            Item(line_id, units.succeeded)
            for line_id, line in picture.where.lines.items()
            for units in line.cancelled_by
            if units.place == place and units.succeeded
        )
        more = _more(items, pen.process.succeeded.get(cancellation_id, {}))
        if more:
            yield CancellationSucceeded(
                **pen.common(f"succeeded:{cancellation_id}"),
                cancellation_id=cancellation_id,
                items=more,
            )


def _lapsed(picture: Picture, pen: Pen) -> Iterator[ProcessEvent]:
    lapsed = tuple(
        Item(line_id, line.ledger.lapsed)
        for line_id, line in picture.where.lines.items()
        if line.ledger.lapsed
    )
    more = _more(lapsed, pen.process.lapsed)
    if more:
        yield CancellationLapsed(**pen.common("lapsed"), items=more)


def _held(picture: Picture, pen: Pen) -> Iterator[ProcessEvent]:
    for refund in picture.money.refunds:
        said = (refund.reason, refund.amount)
        if refund.state == "held" and pen.process.held.get(refund.refund_id) != said:
            yield RefundHeld(
                **pen.common(f"held:{refund.refund_id}"),
                refund_id=refund.refund_id,
                amount=refund.amount,
                currency=picture.order.placed.currency,
                reason=refund.reason,
                held_until=refund.held_until,
            )


def _exposure(picture: Picture, pen: Pen) -> Iterator[ProcessEvent]:
    if picture.money.at_large != pen.process.at_large:
        yield ExposureChanged(**pen.common("exposure"), items=picture.money.at_large)


def _retries(picture: Picture, pen: Pen, terms: Terms) -> Iterator[ProcessEvent]:
    for refund_id, moment in retries(picture, pen.process, terms).items():
        if moment > pen.now:
            continue
        refund = next(one for one in picture.money.refunds if one.refund_id == refund_id)
        attempt, _ = pen.process.retried.get(refund_id, (1, 0))
        yield RefundRetried(
            **pen.common(f"again:{refund_id}"),
            refund_id=refund_id,
            amount=refund.amount,
            currency=picture.order.placed.currency,
            attempt=attempt + 1,
        )


def retries(picture: Picture, process: Process | None, terms: Terms) -> dict[str, int]:
    """When to ask again for each refund that was asked for and is not paid; microseconds."""
    found: dict[str, int] = {}
    for refund, asked in unpaid(picture, process):
        attempt, _ = process.retried.get(refund.refund_id, (1, 0)) if process else (1, 0)
        failed = failed_since(picture, refund.refund_id, asked)
        found[refund.refund_id] = terms.asks_again_at(attempt, asked, failed)
    return found


def _more(items: tuple[Item, ...], told: Mapping[str, int]) -> tuple[Item, ...]:
    """The units that were not told of before."""
    return tuple(
        Item(item.line_id, item.quantity - told.get(item.line_id, 0))
        for item in items
        if item.quantity > told.get(item.line_id, 0)
    )


def _items(units: Mapping[str, int]) -> tuple[Item, ...]:
    return tuple(Item(line_id, number) for line_id, number in units.items())
