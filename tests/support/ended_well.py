"""How the orders of a reacting world have ended, by the log alone; and what must hold of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.events import CaseDecided, Event, RefundIssued
from domain.late_cancellation import Process
from domain.money import to_text
from domain.order import Order

REASONS = {
    "warehouse_silent",
    "warehouse_too_late",
    "wanted_goods_lost",
    "lost_on_the_way",
    "payment_unsettled",
    "parcel_unaccounted",
    "refunded_goods_at_large",
}
"""Why a case may be left: what only a person can say. docs/world.md tells each."""


@dataclass
class Ends:
    """What became of everything."""

    orders: int = 0
    units: Counter[str] = field(default_factory=Counter)
    """Cancelled units by what became of them; `open`: nothing did, and nothing awaits them."""
    waiting: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Orders that wait, by reason."""
    refunds: set[str] = field(default_factory=set)
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Money reported as issued, once for each refund, by currency, in minor units."""

    @property
    def left_waiting(self) -> set[str]:
        return {order_id for some in self.waiting.values() for order_id in some}

    def money(self) -> dict[str, str]:
        return {currency: to_text(total, currency) for currency, total in sorted(self.sums.items())}

    def figures(self) -> dict[str, Any]:
        """What to report."""
        return {
            "orders": self.orders,
            "cancelled_units": dict(self.units),
            "left_waiting": len(self.left_waiting),
            "share": round(len(self.left_waiting) / max(1, self.orders), 4),
            "reasons": {reason: len(set(some)) for reason, some in sorted(self.waiting.items())},
            "refunds": len(self.refunds),
            "money": self.money(),
        }


def ends(orders: Iterable[Order], processes: Mapping[str, Process | None]) -> Ends:
    found = Ends()
    for order in orders:
        found.orders += 1
        process = processes.get(order.order_id)
        for wait in process.waits.values() if process else ():
            found.waiting[wait.reason].append(order.order_id)
        _count_units(found.units, order, process)
        _count_money(found, order)
    return found


def _count_units(units: Counter[str], order: Order, process: Process | None) -> None:
    """Add up what became of every unit that was cancelled, or refused, on any line."""
    decided = _decided(order.events)
    awaited: Counter[str] = Counter()
    for wait in process.waits.values() if process else ():
        awaited.update({item.line_id: item.quantity for item in wait.items})
    for line_id, line in order.goods().lines.items():
        ledger = line.ledger
        missing = ledger.requested + ledger.refuse_delivery
        by_decision = min(decided[line_id], missing)
        waits = min(awaited[line_id], missing - by_decision)
        units.update(
            stopped=ledger.succeeded,
            back=ledger.back,
            lapsed=ledger.lapsed,
            decided=by_decision,
            waiting=waits,
            open=missing - by_decision - waits,
        )


def _decided(events: Iterable[Event]) -> Counter[str]:
    """Units that a decision was made about while they were not back, by line."""
    found: Counter[str] = Counter()
    for event in events:
        if isinstance(event, CaseDecided):
            for settled in event.settles:
                if settled.kind in ("missing", "unrefused"):
                    found[event.line_id] += settled.quantity
    return found


def _count_money(found: Ends, order: Order) -> None:
    for event in order.events:
        if isinstance(event, RefundIssued) and event.refund_id not in found.refunds:
            found.refunds.add(event.refund_id)
            found.sums[event.currency] += event.amount


def judge(found: Ends, books: Mapping[str, Any], most_waiting: float) -> None:
    """Hold what must hold against the payment provider's `books`. Raises AssertionError."""
    assert found.units["open"] == 0, f"cancelled units are forgotten: {found.figures()}"
    assert books["paid_twice"] == []
    assert books["asked_differently"] == []
    assert found.money() == _trimmed(books["sums"]), "money differs from the provider's books"
    assert len(found.refunds) == books["paid"]
    assert set(found.waiting) <= REASONS, found.figures()
    assert len(found.left_waiting) <= most_waiting * found.orders, found.figures()


def _trimmed(sums: Mapping[str, str]) -> dict[str, str]:
    return {currency: total for currency, total in sums.items() if total.strip("0.")}
