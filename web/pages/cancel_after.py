"""How an order stands while one chooses what to cancel, and how it would stand afterwards."""

from __future__ import annotations

from typing import NamedTuple

from consumers.fields import Item as AskedItem
from domain.events import CancellationRefused
from domain.items import Item
from domain.preview import cancelled
from domain.state import Order
from domain.wording import named
from web.asking import as_items
from web.pages import order_goods, order_money, order_parcels
from web.pages.reader import Reader
from web.parts import Parts


class Standing(NamedTuple):
    """The goods and the money of an order at one moment, real or not."""

    groups: list[order_goods.Group]
    sums: order_money.Sums
    parcels: list[order_parcels.Shipment]
    kept: str
    """What the buyer keeps, in words; empty: nothing."""
    kept_units: int

    @property
    def units(self) -> int:
        return sum(group.units for group in self.groups)

    @property
    def marks(self) -> list[tuple[str, int]]:
        return [(group.shape, group.units) for group in self.groups]

    def refuse(self, ids: list[str]) -> list[order_parcels.Shipment]:
        """The parcels of those ids that are to be refused."""
        return [one for one in self.parcels if one.to_refuse and one.shipment_id in ids]


def standing(parts: Parts, order: Order, reader: Reader) -> Standing:
    """How it stands."""
    now = max(parts.clock(), order.events[-1].recorded_at)
    found = order_money.Found.of(order, now, parts.policy)
    where = found.where
    titles = order.placed.titles
    kept = [
        Item(line_id, line.ledger.remaining)
        for line_id, line in where.lines.items()
        if line.ledger.remaining
    ]
    return Standing(
        order_goods.groups(order, where, reader),
        order_money.backs(found, parts.policy, reader)[1],
        order_parcels.shipments(order, where, reader),
        named(kept, titles) if kept else "",
        sum(one.quantity for one in kept),
    )


def afterwards(
    parts: Parts, order: Order, items: list[AskedItem] | None, reader: Reader
) -> Standing:
    """How it would stand; where it would be refused by now, how it stands."""
    then = cancelled(order, as_items(items), max(parts.clock(), order.events[-1].recorded_at))
    return standing(parts, order if isinstance(then, CancellationRefused) else then, reader)
