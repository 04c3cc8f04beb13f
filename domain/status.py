"""The one word for an order: the first that holds, in a fixed sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from domain.goods import Goods
from domain.refunds import Money

Status = Literal[
    "refuse_delivery",
    "returning",
    "cancellation_requested",
    "refund_due",
    "refunded",
    "cancelled",
    "closed",
    "partly_cancelled",
    "shipped",
    "partly_shipped",
    "coming_soon",
    "not_yet_shipped",
]


def status(  # noqa: PLR0911  # one return a status: it reads like the contract's list
    where: Goods, money: Money, has_case: Callable[[], bool]
) -> Status:
    """The status of an order, most urgent first. `has_case`: a person has to look at it.

    It is asked only where it makes a difference: most orders are on their way.
    """
    lines = where.lines.values()
    states = {refund.state for refund in money.refunds}
    if any(line.to_refuse for line in lines):
        return "refuse_delivery"
    if any(line.ledger.refuse_delivery for line in lines):
        return "returning"
    if any(line.ledger.requested for line in lines):
        return "cancellation_requested"
    if states & {"due", "requested", "failed"}:
        return "refund_due"
    if where.all_cancelled():
        return "refunded" if "issued" in states and "held" not in states else "cancelled"
    if "held" not in states and _all_taken(where) and not has_case():
        return "closed"
    return _on_its_way_out(where)


def _all_taken(where: Goods) -> bool:
    return where.to_ship() == 0 and all(
        line.counts.accepted >= line.ledger.kept for line in where.lines.values()
    )


def _on_its_way_out(where: Goods) -> Status:
    lines = where.lines.values()
    if any(line.ledger.cancelled for line in lines):
        return "partly_cancelled"
    if where.to_ship() == 0:
        return "shipped"
    if any(line.ledger.left for line in lines):
        return "partly_shipped"
    if all(line.line.coming_soon for line in lines if line.ledger.to_ship):
        return "coming_soon"
    return "not_yet_shipped"
