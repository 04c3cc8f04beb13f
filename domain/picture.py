"""What an order looks like to its process: goods, money and what there is to decide about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.cases import at_large_by_line, discrepancies, odd, open_units
from domain.goods import Goods, LineGoods
from domain.items import CaseKind
from domain.refunds import Money, Policy
from domain.state import Order


class Picture(NamedTuple):
    """An order at one moment, worked out once."""

    order: Order
    where: Goods
    money: Money
    odd: Sequence[str]
    """Rules of what does not fit, and is about no units."""
    units: Mapping[str, Mapping[CaseKind, int]]
    """What there is to decide about, by line."""

    @classmethod
    def of(cls, order: Order, now: int, policy: Policy) -> Picture:
        """Work it out at `now`, in microseconds."""
        return cls.with_goods(order, order.goods(), now, policy)

    @classmethod
    def with_goods(cls, order: Order, where: Goods, now: int, policy: Policy) -> Picture:
        """Work it out when it is known where the goods are."""
        money = order.money_for(where, now, policy)
        large = at_large_by_line(money)
        units = {
            line_id: open_units(line, large.get(line_id, 0))
            for line_id, line in where.lines.items()
            if _left(line) or line_id in large
        }
        return cls(
            order,
            where,
            money,
            odd(order, where, discrepancies(order, where, money), policy),
            units,
        )


def _left(line: LineGoods) -> bool:
    """Whether units left, or are said to have come back: else there is nothing to decide."""
    ledger, counts = line.ledger, line.counts
    return bool(ledger.crossed or counts.returned_good or counts.returned_bad or counts.lost)
