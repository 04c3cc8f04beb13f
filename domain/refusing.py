"""Which parcels a buyer should refuse at the door."""

from __future__ import annotations

from collections.abc import Collection

from domain.goods import Goods


def parcels_to_refuse(where: Goods, among: Collection[str] | None = None) -> tuple[str, ...]:
    """Parcels not delivered that hold units of a line with units to refuse, not rejected yet.

    `among`: only because of these lines; none: of any.
    """
    lines = {
        line_id
        for line_id, line in where.lines.items()
        if line.to_refuse and (among is None or line_id in among)
    }
    if not lines:
        return ()
    # By id, so that the order in which they were heard of does not show.
    return tuple(
        sorted(
            parcel.shipment_id
            for parcel in where.parcels.values()
            if not parcel.delivered
            and any(
                line_id in lines and units > parcel.spoken_for(line_id)
                for line_id, units in parcel.holds.items()
            )
        )
    )
