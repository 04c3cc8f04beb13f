"""Which parcels a buyer should refuse at the door."""

from __future__ import annotations

from collections.abc import Collection

from domain.goods import Goods
from domain.items import Item
from domain.parcels import Parcel


def parcels_to_refuse(where: Goods, among: Collection[str] | None = None) -> tuple[str, ...]:
    """Parcels not delivered that hold units of a line with units to refuse, not rejected yet.

    `among`: only because of these lines; none: of any.
    """
    return tuple(units_to_refuse(where, among))


def units_to_refuse(
    where: Goods, among: Collection[str] | None = None
) -> dict[str, tuple[Item, ...]]:
    """The parcels to refuse, with the units in each that are not wanted, at most."""
    to_refuse = {
        line_id: line.to_refuse
        for line_id, line in where.lines.items()
        if line.to_refuse and (among is None or line_id in among)
    }
    found: dict[str, tuple[Item, ...]] = {}
    # By id, so that the order in which they were heard of does not show.
    for shipment_id in sorted(where.parcels) if to_refuse else ():
        parcel = where.parcels[shipment_id]
        items = () if parcel.delivered else _to_refuse_in(parcel, to_refuse)
        if items:
            found[shipment_id] = items
    return found


def _to_refuse_in(parcel: Parcel, to_refuse: dict[str, int]) -> tuple[Item, ...]:
    units = {
        line_id: min(to_refuse.get(line_id, 0), held - parcel.spoken_for(line_id))
        for line_id, held in parcel.holds.items()
    }
    return tuple(Item(line_id, number) for line_id, number in units.items() if number > 0)
