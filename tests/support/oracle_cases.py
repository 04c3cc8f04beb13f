"""What there is for a seller to decide, and what a decision says: the oracle's reading."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.oracle_discrepancies import entitled_units, of_confirmation, postponed
from tests.support.oracle_ledger import UNWANTED, Decided, Ledger
from tests.support.oracle_messages import Fact, Json
from tests.support.oracle_money import asked_units, list_unasked, unknown_issued
from tests.support.oracle_order import (
    Order,
    active,
    as_of,
    facts_of,
    ledgers_of,
    parts_of,
    purse_of,
)
from tests.support.oracle_page import not_refused_yet

KINDS = (*UNWANTED, "at_large", "returned", "wanted_lost")
CLOSED_BY_A_SELLER_ALONE = {"damaged", "lost", "at_large", "returned", "wanted_lost"}


def has_case(order: Order, now: int, max_hold: int) -> bool:
    """Whether a person has to look at the order before it is closed."""
    if undecided_oddities(order, now, max_hold):
        return True
    return any(
        CLOSED_BY_A_SELLER_ALONE & set(open_units(order, line_id, now, max_hold))
        for line_id in order.lines
    )


def open_units(order: Order, line_id: str, now: int, max_hold: int) -> dict[str, int]:
    """Units of a line by what is to be decided about them, less what was decided."""
    ledger = ledgers_of(order)[line_id]
    units = _units(order, line_id, ledger, now, max_hold)
    mine = [each for each in order.decisions if each.line_id == line_id]
    paid = {kind: sum(each.refunds(kind) for each in mine) for kind in KINDS}
    closed = {kind: sum(each.settles.get(kind, 0) for each in mine) for kind in KINDS}
    closed["at_large"] -= paid["at_large"]  # those are out with the seller's consent
    is_left = {kind: max(0, units[kind] - closed[kind]) for kind in KINDS}
    for family in (UNWANTED, ("returned", "wanted_lost")):
        elsewhere = sum(min(paid[kind], max(0, closed[kind] - units[kind])) for kind in family)
        for kind in family:  # a unit that was paid for is nobody's case in any other state
            same = min(elsewhere, is_left[kind])
            is_left[kind] -= same
            elsewhere -= same
    return {kind: number for kind, number in is_left.items() if number}


def _units(order: Order, line_id: str, ledger: Ledger, now: int, max_hold: int) -> dict[str, int]:
    counts = ledger.counts
    to_refuse = not_refused_yet(facts_of(order), line_id, ledger)
    purse = purse_of(order, now, max_hold)
    paid_for = asked_units(order.asked, line_id) - entitled_units(purse)[line_id]
    awaited = ledger.crossed - ledger.back_good + ledger.requested
    returned = counts.returned_good + counts.returned_bad
    return {
        "damaged": ledger.back_bad,
        "lost": ledger.back_lost,
        "missing": ledger.refuse_delivery - to_refuse,
        "unrefused": to_refuse,
        "at_large": paid_for - awaited,
        "returned": max(0, returned - ledger.crossed - max(0, ledger.left - counts.ordered)),
        "wanted_lost": counts.lost - ledger.back_lost,
    }


def undecided_oddities(order: Order, now: int, max_hold: int) -> list[tuple[str, str]]:
    """What does not fit, is about no units, and was not there when a seller looked."""
    found = list(oddities(order, now, max_hold))
    for each in order.decisions:
        if each.odd and found:
            seen = set(oddities(as_of(order, each.seq - 1), each.recorded_at, max_hold))
            found = [one for one in found if one not in seen]
    return found


def oddities(order: Order, now: int, max_hold: int) -> Iterator[tuple[str, str]]:
    """Each by its rule and by what it is about."""
    for fact in facts_of(order):
        if fact.type == "CancellationConfirmed":
            for rule in of_confirmation(order, fact):
                if rule == "confirmed_after_withdrawal" and _yet_to_ship(order, fact):
                    yield rule, str(fact.key)
    purse = purse_of(order, now, max_hold)
    listed = [refund.refund_id for refund in list_unasked(purse)]
    for refund_id in unknown_issued(purse, listed):
        yield "unknown_refund", refund_id
    for refund in postponed(purse):
        yield "exceeds_paid", f"{refund.refund_id}: {refund.amount}"


def _yet_to_ship(order: Order, confirmation: Fact) -> bool:
    """Whether any line of the cancellation that was taken back has units to ship."""
    ledgers = ledgers_of(order)
    return any(
        ledgers[line_id].to_ship
        for each in order.cancellations
        if each.cancellation_id == confirmation.data["cancellation_id"]
        for line_id in each.units
    )


def settle(order: Order, said: Json, now: int, max_hold: int) -> tuple[str | None, dict[str, int]]:
    """The rule that refuses a decision about money, or what the units are that it is about."""
    if said.get("amount") is not None and said["amount"] > order.terms.paid:
        return "more_than_paid", {}
    units = open_units(order, said["line_id"], now, max_hold)
    if not units:
        looked_at = undecided_oddities(order, now, max_hold)
        return (None, {"odd": 1}) if looked_at else ("nothing_to_decide", {})
    if said["quantity"] > sum(units.values()):
        return "more_than_open", {}
    return None, _first(units, said["quantity"], list(KINDS))


def stop(order: Order, said: Json) -> tuple[str | None, dict[str, int]]:
    """The rule that refuses an answer in the warehouse's stead, or whose units were stopped."""
    line_id = said["line_id"]
    requested = ledgers_of(order)[line_id].requested
    if not requested:
        return "nothing_to_decide", {}
    if said["quantity"] > requested:
        return "more_than_open", {}
    if said["outcome"] == "not_stopped":
        return None, {}
    parts = parts_of(order)[line_id]
    waiting = {
        each.cancellation_id: each.units.get(line_id, 0)
        - parts[each.cancellation_id].crossed
        - parts[each.cancellation_id].succeeded
        for each in active(order)
    }
    return None, _first(waiting, said["quantity"], list(waiting))


def _first(units: dict[str, int], quantity: int, names: list[str]) -> dict[str, int]:
    taken = {}
    for name in names:
        number = min(quantity, units.get(name, 0))
        quantity -= number
        if number:
            taken[name] = number
    return taken


def decided(
    order: Order, said: Json, settles: dict[str, int], confirms: dict[str, int], recorded_at: int
) -> Decided:
    """The decision as the order remembers it, at its next version."""
    return Decided(
        said["decision_id"],
        order.version + 1,
        recorded_at,
        said["line_id"],
        said["outcome"],
        said.get("amount"),
        settles,
        confirms,
    )
