"""Which warehouse has had which line of an order."""

from __future__ import annotations

from domain.events import ReleasedToWarehouse, ShippedFromWarehouse
from domain.goods import Goods


class Warehouses:
    """The warehouses of an order, by the releases and shipments that count.

    An empty name: nobody said which one.
    """

    def __init__(self, where: Goods) -> None:
        self._whole = ""
        self._released: dict[str, str] = {}
        self._shipped: dict[str, str] = {}
        for _, fact in where.effective.facts:
            if isinstance(fact, ReleasedToWarehouse):
                self._whole = fact.warehouse_id if fact.items is None else self._whole
                for item in fact.items or ():
                    self._released[item.line_id] = fact.warehouse_id
            elif isinstance(fact, ShippedFromWarehouse) and fact.warehouse_id:
                for item in fact.items:
                    self._shipped[item.line_id] = fact.warehouse_id

    def asked(self, line_id: str) -> str:
        """The one that was given the line, the last one by name first; else who shipped it."""
        return self._released.get(line_id) or self._whole or self._shipped.get(line_id, "")

    def shipped(self, line_id: str) -> str:
        """The one that shipped the line last; else the one that was given it."""
        return self._shipped.get(line_id) or self.asked(line_id)
