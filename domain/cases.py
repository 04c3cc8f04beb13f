"""What there is to decide about: units that no fact will speak for, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.discrepancies import Discrepancy
from domain.events import CancellationConfirmed, CaseDecided, ItemCancelRequested
from domain.goods import Goods, LineGoods
from domain.inspection import inspect
from domain.items import CaseKind
from domain.refunds import Money, Policy
from domain.state import Order

ODD_RULES = frozenset(
    {"confirmed_after_withdrawal", "exceeds_paid", "refund_currency_differs", "unknown_refund"}
)
"""Discrepancies that are about no units, and that a person has to look at."""

WAITS_FOR_SELLER: frozenset[CaseKind] = frozenset(
    {"damaged", "lost", "at_large", "returned", "wanted_lost"}
)
"""Kinds that are a case at once. The others may still be reported by somebody."""


def open_units(line: LineGoods, at_large: int) -> dict[CaseKind, int]:
    """Units of a line by what there is to decide about them, less what was decided.

    `at_large`: refunded units of the line that are out.
    """
    counts, ledger = line.counts, line.ledger
    not_good = ledger.crossed - ledger.back_good
    came_back = counts.returned_good + counts.returned_bad
    units: dict[CaseKind, int] = {
        "damaged": ledger.back_bad,
        "lost": ledger.back_lost,
        "missing": ledger.refuse_delivery - line.to_refuse,
        "unrefused": line.to_refuse,
        # Those that a warehouse may still stop are its to speak for.
        "at_large": at_large - not_good - ledger.requested,
        # Of more than had crossed, the over-shipped come first: nobody ordered or paid them.
        "returned": max(0, came_back - ledger.back_good - ledger.back_bad - ledger.over_shipped),
        "wanted_lost": counts.lost - ledger.back_lost,
    }
    if line.decisions:
        _take_decided(units, line)
    return {kind: number for kind, number in units.items() if number > 0}


def _take_decided(units: dict[CaseKind, int], line: LineGoods) -> None:
    refunded: dict[CaseKind, int] = dict.fromkeys(units, 0)
    denied: dict[CaseKind, int] = dict.fromkeys(units, 0)
    for decision in line.decisions:
        decided = refunded if decision.outcome == "refund" else denied
        for settled in decision.settles:
            if settled.kind in units:
                decided[settled.kind] += settled.quantity
    units["at_large"] -= denied["at_large"]  # refunded ones are not at large any more
    for kinds in _MAY_TURN_UP_AS:
        _take_settled(units, kinds, refunded, denied)


_MAY_TURN_UP_AS: tuple[tuple[CaseKind, ...], ...] = (
    ("damaged", "lost", "missing", "unrefused"),
    ("returned", "wanted_lost"),
)
"""Kinds in which one and the same unit may be seen, one after the other."""


def _take_settled(
    units: dict[CaseKind, int],
    kinds: tuple[CaseKind, ...],
    refunded: dict[CaseKind, int],
    denied: dict[CaseKind, int],
) -> None:
    """A refunded unit that turns up in another state is no new case; a denied one is."""
    moved = 0
    for kind in kinds:
        settled = refunded[kind] + denied[kind]
        moved += min(refunded[kind], max(0, settled - units[kind]))
        units[kind] = max(0, units[kind] - settled)
    for kind in kinds:
        taken = min(moved, units[kind])
        units[kind] -= taken
        moved -= taken


def odd(order: Order, where: Goods, found: Iterable[Discrepancy], policy: Policy) -> Sequence[str]:
    """The rules of what does not fit, is about no units, and no seller has looked at."""
    odd_ones = [
        one
        for one in found
        if one.rule in ODD_RULES
        and (one.rule != "confirmed_after_withdrawal" or _may_lie_around(order, where, one))
    ]
    if not odd_ones:
        return ()
    looked_at = _looked_at(order, policy)
    return [one.rule for one in odd_ones if one not in looked_at]


def _may_lie_around(order: Order, where: Goods, confirmation: Discrepancy) -> bool:
    """Whether units that were confirmed as stopped, and are wanted after all, have yet to ship.

    Once they have, the warehouse has put right what crossed.
    """
    confirmed = {
        event.cancellation_id
        for event in order.events
        if isinstance(event, CancellationConfirmed)
        and (event.source, event.message_id) == (confirmation.source, confirmation.message_id)
    }
    return any(
        where.lines[item.line_id].ledger.to_ship
        for event in order.events
        if isinstance(event, ItemCancelRequested) and event.cancellation_id in confirmed
        for item in event.items
    )


def _looked_at(order: Order, policy: Policy) -> set[Discrepancy]:
    """What did not fit when a seller decided about it: worked out again, for it is rare."""
    seen: set[Discrepancy] = set()
    for place, event in enumerate(order.events):
        if type(event) is CaseDecided and any(one.kind == "odd" for one in event.settles):
            then = Order(order.placed, order.events[:place])
            where = then.goods()
            money = then.money_for(where, event.recorded_at, policy)
            seen.update(discrepancies(then, where, money))
    return seen


def discrepancies(order: Order, where: Goods, money: Money) -> tuple[Discrepancy, ...]:
    """Everything that does not fit, of goods, messages and money."""
    return (*inspect(order.placed, order.events, where), *money.discrepancies)


def at_large_by_line(money: Money) -> dict[str, int]:
    """Refunded units that are out, by line."""
    return {item.line_id: item.quantity for item in money.at_large}


def has_case(
    order: Order, where: Goods, money: Money, found: Iterable[Discrepancy], policy: Policy
) -> bool:
    """Whether a person has to look at an order before it can be closed."""
    if odd(order, where, found, policy):
        return True
    large = at_large_by_line(money)
    return any(
        _may_have_case(line, large)
        and not WAITS_FOR_SELLER.isdisjoint(open_units(line, large.get(line.line.line_id, 0)))
        for line in where.lines.values()
    )


def _may_have_case(line: LineGoods, large: dict[str, int]) -> bool:
    """Most lines just ship: nothing came back, was lost, or is out."""
    counts = line.counts
    return bool(
        counts.returned_good or counts.returned_bad or counts.lost or large.get(line.line.line_id)
    )
