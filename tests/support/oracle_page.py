"""What the Order Information page says of an order: its lines and its one status."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.oracle_ledger import Ledger, parcels_of
from tests.support.oracle_messages import Fact, Json
from tests.support.oracle_money import Refund
from tests.support.oracle_order import Order, facts_of, ledgers_of


def line_of(line_id: str, ledger: Ledger) -> Json:
    counts = ledger.counts
    return {
        "line_id": line_id,
        "ordered": counts.ordered,
        "cancelled": ledger.cancelled,
        "requested": ledger.requested,
        "refuse_delivery": ledger.refuse_delivery,
        "remaining": ledger.remaining,
        "to_ship": ledger.to_ship,
        "shipped": counts.shipped,
        "delivered": counts.accepted,
        "rejected": counts.rejected,
        "returned": counts.returned_good + counts.returned_bad,
        "cancellable": ledger.cancellable,
    }


def status_of(order: Order, refunds: list[Refund], has_case: Callable[[], bool]) -> str:
    """The first that holds."""
    ledgers = ledgers_of(order)
    return (
        _while_goods_or_money_move(order, ledgers, refunds)
        or _when_all_is_cancelled(ledgers, refunds)
        or _of_what_remains(order, ledgers, refunds, has_case)
    )


def _while_goods_or_money_move(
    order: Order, ledgers: dict[str, Ledger], refunds: list[Refund]
) -> str | None:
    facts = facts_of(order)
    at_large = {line_id: not_refused_yet(facts, line_id, each) for line_id, each in ledgers.items()}
    if any(at_large.values()):
        return "refuse_delivery"
    if any(each.refuse_delivery for each in ledgers.values()):
        return "returning"
    if any(each.requested for each in ledgers.values()):
        return "cancellation_requested"
    if any(refund.state in ("due", "requested", "failed") for refund in refunds):
        return "refund_due"
    return None


def not_refused_yet(facts: list[Fact], line_id: str, ledger: Ledger) -> int:
    """Crossed units of which nobody said that they were rejected, came back or were lost."""
    spoken_of = sum(
        max(parcel.rejected, parcel.lost + parcel.came_back)
        for parcel in parcels_of(facts, line_id).values()
    )
    return max(0, ledger.crossed - max(spoken_of, ledger.back))


def _when_all_is_cancelled(ledgers: dict[str, Ledger], refunds: list[Refund]) -> str | None:
    if any(each.cancelled < each.counts.ordered for each in ledgers.values()):
        return None
    states = {refund.state for refund in refunds}
    return "refunded" if "issued" in states and "held" not in states else "cancelled"


def _of_what_remains(
    order: Order, ledgers: dict[str, Ledger], refunds: list[Refund], has_case: Callable[[], bool]
) -> str:
    nothing_to_ship = not any(each.to_ship for each in ledgers.values())
    all_delivered = all(each.kept <= each.counts.accepted for each in ledgers.values())
    nothing_held = not any(refund.state == "held" for refund in refunds)
    if nothing_to_ship and all_delivered and nothing_held and not has_case():
        return "closed"
    if any(each.cancelled for each in ledgers.values()):
        return "partly_cancelled"
    if nothing_to_ship:
        return "shipped"
    if any(each.kept for each in ledgers.values()):
        return "partly_shipped"
    waiting = [line for line_id, line in order.lines.items() if ledgers[line_id].to_ship]
    return "coming_soon" if all(line.get("coming_soon") for line in waiting) else "not_yet_shipped"
