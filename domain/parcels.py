"""What is known of each parcel: what it holds, and what became of it."""

from __future__ import annotations

from domain.events import (
    DeliveryRejected,
    LostInTransit,
    ReturnedToWarehouse,
    ShippedFromWarehouse,
)
from domain.items import add_units


class Parcel:
    """One shipment, gathered from all facts about it in whatever order they came."""

    def __init__(self, shipment_id: str) -> None:
        self.shipment_id = shipment_id
        self.holds: dict[str, int] = {}
        self.shipments = 0
        self.delivered = False
        self.lost_whole = False
        self.rejected_whole = False
        self._rejected: dict[str, int] = {}
        self._lost: dict[str, int] = {}
        self._returned: dict[str, int] = {}

    def ship(self, fact: ShippedFromWarehouse) -> None:
        self.shipments += 1
        add_units(self.holds, fact.items)

    def deliver(self) -> None:
        self.delivered = True

    def reject(self, fact: DeliveryRejected) -> None:
        if fact.items is None:
            self.rejected_whole = True
        else:
            add_units(self._rejected, fact.items)

    def lose(self, fact: LostInTransit) -> None:
        if fact.items is None:
            self.lost_whole = True
        else:
            add_units(self._lost, fact.items)

    def take_back(self, fact: ReturnedToWarehouse) -> None:
        add_units(self._returned, fact.items)

    def lines(self) -> set[str]:
        """Every line that a fact about this parcel names."""
        return {*self.holds, *self._rejected, *self._lost, *self._returned}

    @property
    def is_lost(self) -> bool:
        """Whether any of it was reported lost."""
        return self.lost_whole or bool(self._lost)

    @property
    def is_rejected(self) -> bool:
        """Whether any of it was reported rejected."""
        return self.rejected_whole or bool(self._rejected)

    def rejected(self, line_id: str) -> int:
        """Units not taken: what was reported, at most what the parcel holds."""
        if self.rejected_whole:
            return self.holds.get(line_id, 0)
        if not self._rejected:
            return 0
        return min(self._rejected.get(line_id, 0), self.holds.get(line_id, 0))

    def rejected_too_many(self, line_id: str) -> bool:
        """Whether more was rejected than the parcel, once known, holds."""
        return self.shipments > 0 and self._rejected.get(line_id, 0) > self.holds.get(line_id, 0)

    def accepted(self, line_id: str) -> int:
        """Units taken at the door. An explicit rejection wins for its units."""
        if not self.delivered:
            return 0
        return self.holds.get(line_id, 0) - self.rejected(line_id)

    def lost(self, line_id: str) -> int:
        """Units lost for good: reported lost, and neither taken at the door nor back."""
        if not (self.lost_whole or self._lost):
            return 0
        back = self._returned.get(line_id, 0)
        said = self._lost.get(line_id, 0)
        if self.shipments:
            room = self.holds.get(line_id, 0) - self.accepted(line_id) - back
            return max(0, room if self.lost_whole else min(said, room))
        # Of a parcel that nobody reported as shipped the loss itself says what it held.
        return 0 if self.delivered else max(0, said - back)

    def returned(self, line_id: str) -> int:
        """Units that came back under this parcel's name."""
        return self._returned.get(line_id, 0)

    def spoken_for(self, line_id: str) -> int:
        """Units that nobody has to refuse any more: rejected, lost, or back already."""
        gone = self.lost(line_id) + self._returned.get(line_id, 0)
        return max(self.rejected(line_id), gone)

    def lost_too_many(self, line_id: str) -> bool:
        """Whether more was lost than the parcel, once known, holds."""
        return self.shipments > 0 and self._lost.get(line_id, 0) > self.holds.get(line_id, 0)
