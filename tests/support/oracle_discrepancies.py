"""What does not fit together in an order, each kind by a short name."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.oracle_ledger import Cancellation, Ledger, named, parcels_of, units_told
from tests.support.oracle_messages import (
    NEVER_SENT,
    WAREHOUSE_FACTS,
    Fact,
    Heard,
    Key,
    add_up,
    standing_corrections,
    target_of,
    what_corrections_say,
)
from tests.support.oracle_money import (
    Purse,
    Refund,
    asked_units,
    list_unasked,
    unknown_issued,
)
from tests.support.oracle_order import (
    Order,
    facts_of,
    issued_amounts,
    ledgers_of,
    parts_of,
    purse_of,
)


def discrepancies_of(order: Order, now: int, max_hold: int) -> set[str]:
    facts = facts_of(order)
    found = {*of_letters_and_corrections(order), *of_shared_ids(facts), *of_unknown_lines(order)}
    found |= {*of_confirmed_goods(order)}
    for line_id, ledger in ledgers_of(order).items():
        found |= {*of_goods(ledger), *of_parcels(facts, line_id)}
    for fact in facts:
        if fact.type == "CancellationConfirmed":
            found |= {*of_confirmation(order, fact)}
    return found | {*of_money(order, purse_of(order, now, max_hold))}


def of_goods(ledger: Ledger) -> Iterator[str]:
    counts = ledger.counts
    returned = counts.returned_good + counts.returned_bad
    if ledger.left > counts.ordered:
        yield "over_shipped"
    if ledger.left > counts.shipped:
        yield "inferred_shipment"
    if min(returned, ledger.crossed) > counts.rejected:
        yield "inferred_rejection"
    if returned > ledger.crossed:
        yield "back_more_than_crossed"
    if returned + counts.accepted > ledger.left:
        yield "returned_after_delivery"
    if ledger.back_bad:
        yield "damaged"
    if ledger.back_lost:
        yield "lost"
    if counts.lost > ledger.back_lost:
        yield "lost_wanted"


def of_parcels(facts: list[Fact], line_id: str) -> Iterator[str]:
    for shipment_id, parcel in parcels_of(facts, line_id).items():
        for kind in ("DeliveryRejected", "LostInTransit"):
            told = named(facts, kind, "shipment_id", shipment_id)
            if units_told(told, line_id) > parcel.held:
                yield "more_than_the_parcel_holds"


def of_confirmed_goods(order: Order) -> Iterator[str]:
    """A warehouse stopped goods and shipped them all the same."""
    parts = parts_of(order)
    for line_id, ledger in ledgers_of(order).items():
        stopped = sum(part.confirmed for part in parts[line_id].values())
        if stopped < ledger.counts.confirmed:
            yield "confirmed_then_shipped"


def of_confirmation(order: Order, fact: Fact) -> Iterator[str]:
    cancellation_id = fact.data["cancellation_id"]
    mine = [each for each in order.cancellations if each.cancellation_id == cancellation_id]
    if not mine and cancellation_id in order.requests:
        yield "confirmed_though_refused"
    for each in mine:
        if each.withdrawn_seq is not None:
            yield "confirmed_after_withdrawal"
        elif _is_more_than(each, facts_of(order)):
            yield "confirmed_too_much"


def _is_more_than(cancellation: Cancellation, facts: list[Fact]) -> bool:
    name = cancellation.cancellation_id
    told = [
        fact
        for fact in named(facts, "CancellationConfirmed", "cancellation_id", name)
        if fact.data.get("items")
    ]
    lines = {item["line_id"] for fact in told for item in fact.data["items"]}
    return any(units_told(told, line) > cancellation.units.get(line, 0) for line in lines)


def of_unknown_lines(order: Order) -> Iterator[str]:
    for fact in facts_of(order):
        if set(add_up(fact.data.get("items") or [])) - set(order.lines):
            yield "unknown_line"


def of_shared_ids(facts: list[Fact]) -> Iterator[str]:
    for kind, field in (
        ("ShippedFromWarehouse", "shipment_id"),
        ("ReturnedToWarehouse", "return_id"),
    ):
        ids = [fact.data[field] for fact in facts if fact.type == kind]
        if len(ids) > len(set(ids)):
            yield f"{field}_again"


def of_letters_and_corrections(order: Order) -> Iterator[str]:
    corrections = [each for each in order.heard if each.type == "FactCorrected"]
    recorded = {each.key: each for each in order.heard}
    letters = {letter.key: letter for letter in order.letters}
    for key, said in {**letters, **recorded}.items():
        kind = kind_of(said, recorded)
        standing = standing_corrections(key, kind, corrections) if kind else []
        if len(standing) > 1:
            yield "corrected_twice"
        if count_aimed_at(key, kind, corrections) > len(standing):
            yield "correction_without_effect"
        if key in letters and not standing:
            yield "conflicting_message"
    if any(each.key[0] != target_of(each)[0] for each in corrections):
        yield "correction_without_effect"


def count_aimed_at(key: Key, kind: str | None, corrections: list[Heard]) -> int:
    """Corrections of this message, without those that should not have been sent themselves."""
    aimed = [each for each in corrections if target_of(each) == key]
    if kind is None:
        return len(aimed)
    return sum(what_corrections_say(each.key, kind, corrections) != NEVER_SENT for each in aimed)


def kind_of(heard: Heard, recorded: dict[Key, Heard]) -> str | None:
    """The type of the fact that is said or, by a chain of corrections, corrected here."""
    seen: set[Key] = set()
    while heard.type == "FactCorrected" and heard.key not in seen:
        seen.add(heard.key)
        if target_of(heard) not in recorded:
            return None
        heard = recorded[target_of(heard)]
    return heard.type if heard.type in WAREHOUSE_FACTS else None


def of_money(order: Order, purse: Purse) -> Iterator[str]:
    reports = [each.message["data"] for each in order.heard if each.type == "RefundIssued"]
    shown = [*order.asked, *list_unasked(purse)]
    listed = {refund.refund_id: refund.amount for refund in shown}
    if len(reports) > len({data["refund_id"] for data in reports}):
        yield "refund_issued_twice"
    issued = issued_amounts(order)
    if any(listed.get(refund_id, amount) != amount for refund_id, amount in issued.items()):
        yield "refund_amount_differs"
    if unknown_issued(purse, listed):
        yield "unknown_refund"
    if order.terms.paid > order.terms.total:
        yield "overpaid"
    if any(asked_units(order.asked, line_id) > n for line_id, n in entitled_units(purse).items()):
        yield "at_large"
    if exceeds_paid(purse):
        yield "exceeds_paid"


def entitled_units(purse: Purse) -> dict[str, int]:
    return {
        line_id: sum(cause.units.get(line_id, 0) for cause in purse.entitled)
        for line_id in purse.quantities
    }


def exceeds_paid(purse: Purse) -> bool:
    """A refund that could be paid stays held, and no unknown refund is the reason."""
    return bool(postponed(purse))


def postponed(purse: Purse) -> list[Refund]:
    """Refunds that could be paid, and would exceed what was paid."""
    refunds = list_unasked(purse)
    unknown = set(unknown_issued(purse, [refund.refund_id for refund in refunds]))
    if unknown - purse.placed_elsewhere:
        return []
    return [each for each in refunds if each.state == "held" and each.held_until is None]
