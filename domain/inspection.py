"""Looks through an order for what does not fit together. Facts count all the same."""

from __future__ import annotations

from collections.abc import Iterator

from domain.discrepancies import Discrepancy
from domain.events import (
    CancellationConfirmed,
    CancellationRefused,
    CancellationWithdrawn,
    Event,
    ItemCancelRequested,
    MessageSetAside,
    OrderPlaced,
    ReturnedToWarehouse,
    ShippedFromWarehouse,
)
from domain.goods import Goods, LineGoods
from domain.placing import total

_DETAILS = {
    "over_shipped": "more units left than were ordered",
    "shipment_inferred": "units came back or were lost that nobody reported as shipped",
    "rejection_inferred": "units came back that nobody reported as rejected",
    "shipped_after_confirmation": "units were shipped although they were confirmed as stopped",
    "more_back_than_crossed": (
        "units came back that were neither cancelled nor refused: no money by itself"
    ),
    "crossed_units_damaged": "units came back damaged",
    "crossed_units_lost": "units were lost on the way",
    "wanted_units_lost": "units that the buyer wants were lost on the way",
}


def inspect(placed: OrderPlaced, events: tuple[Event, ...], where: Goods) -> list[Discrepancy]:
    """Everything about goods and messages that does not fit; money has its own list."""
    found = list(where.effective.discrepancies)
    if placed.paid > total(placed):
        found.append(Discrepancy.of(placed, "paid_more_than_total", "more was paid than it costs"))
    for line in where.lines.values():
        counts = line.counts
        if (
            counts.returned_good
            or counts.returned_bad
            or counts.lost
            or counts.confirmed
            or line.ledger.over_shipped
        ):
            found += _about_line(line)
    if where.effective.facts:
        found += _about_facts(where)
    if where.confirmed:
        found += _about_confirmations(events, where)
    for event in events:
        if type(event) is MessageSetAside:
            found += _about_letter(event, where)
    return found


def _about_line(goods: LineGoods) -> Iterator[Discrepancy]:
    counts, ledger, line_id = goods.counts, goods.ledger, goods.line.line_id
    came_back = counts.returned_good + counts.returned_bad
    unconfirmed_crossing = counts.cancelled - counts.confirmed
    odd = (
        ("over_shipped", ledger.over_shipped),
        ("shipment_inferred", came_back + counts.lost - counts.shipped),
        ("rejection_inferred", ledger.back_good + ledger.back_bad - counts.rejected),
        (
            "shipped_after_confirmation",
            ledger.crossed0 - unconfirmed_crossing if counts.confirmed else 0,
        ),
        ("more_back_than_crossed", came_back - ledger.back_good - ledger.back_bad),
        ("crossed_units_damaged", ledger.back_bad),
        ("crossed_units_lost", ledger.back_lost),
        ("wanted_units_lost", counts.lost - ledger.back_lost),
    )
    for rule, units in odd:
        if units > 0:
            yield Discrepancy(rule, f"{units} units: {_DETAILS[rule]}", line_id)


def _about_facts(where: Goods) -> Iterator[Discrepancy]:
    known = where.lines
    shipments: set[str] = set()
    returns: set[str] = set()
    for _, fact in where.effective.facts:
        for item in getattr(fact, "items", None) or ():
            if item.line_id not in known:
                detail = f"the order has no line {item.line_id}: it is left out"
                yield Discrepancy.of(fact, "unknown_line", detail, item.line_id)
        if type(fact) is ShippedFromWarehouse:
            if fact.shipment_id in shipments:
                detail = f"shipment {fact.shipment_id} was reported before: it adds"
                yield Discrepancy.of(fact, "shipment_id_used_again", detail)
            shipments.add(fact.shipment_id)
        elif type(fact) is ReturnedToWarehouse:
            if fact.return_id in returns:
                detail = f"return {fact.return_id} was reported before: it adds"
                yield Discrepancy.of(fact, "return_id_used_again", detail)
            returns.add(fact.return_id)
    yield from _about_parcels(where)


def _about_parcels(where: Goods) -> Iterator[Discrepancy]:
    for parcel in where.parcels.values():
        if not (parcel.is_rejected or parcel.is_lost):
            continue
        for line_id in sorted(parcel.lines()):
            if parcel.rejected_too_many(line_id):
                detail = f"more was rejected than parcel {parcel.shipment_id} holds"
                yield Discrepancy("rejected_more_than_parcel", detail, line_id)
            if parcel.lost_too_many(line_id):
                detail = f"more was lost than parcel {parcel.shipment_id} holds"
                yield Discrepancy("lost_more_than_parcel", detail, line_id)


def _about_confirmations(events: tuple[Event, ...], where: Goods) -> Iterator[Discrepancy]:
    accepted = {e.cancellation_id: e for e in events if isinstance(e, ItemCancelRequested)}
    refused = {e.cancellation_id for e in events if isinstance(e, CancellationRefused)}
    withdrawn = {e.cancellation_id for e in events if isinstance(e, CancellationWithdrawn)}
    for _, fact in where.effective.facts:
        if type(fact) is not CancellationConfirmed:
            continue
        cancellation_id = fact.cancellation_id
        if cancellation_id in withdrawn:
            detail = f"{cancellation_id} was withdrawn: its units are still to ship"
            yield Discrepancy.of(fact, "confirmed_after_withdrawal", detail)
        elif cancellation_id in accepted:
            yield from _confirmed_too_many(fact, accepted[cancellation_id], where)
        elif cancellation_id in refused:
            detail = f"{cancellation_id} was refused: nothing was to be stopped"
            yield Discrepancy.of(fact, "confirmed_refused_cancellation", detail)


def _confirmed_too_many(
    fact: CancellationConfirmed, cancellation: ItemCancelRequested, where: Goods
) -> Iterator[Discrepancy]:
    cancelled = {item.line_id: item.quantity for item in cancellation.items}
    units = where.confirmed[fact.cancellation_id]
    for item in fact.items or ():
        if units.get(item.line_id, 0) > cancelled.get(item.line_id, 0):
            detail = f"more units were confirmed than {fact.cancellation_id} cancels"
            yield Discrepancy.of(fact, "confirmed_more_than_cancelled", detail, item.line_id)


def _about_letter(letter: MessageSetAside, where: Goods) -> Iterator[Discrepancy]:
    if (letter.source, letter.message_id) not in where.effective.resolved_letters:
        what = f"a {letter.type} message" if letter.type else "a message"
        detail = f"{what} is a dead letter: {letter.detail}"
        yield Discrepancy.of(letter, letter.rule, detail)
