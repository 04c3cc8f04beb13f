"""The tables that are fed together, live or beside the live ones."""

from __future__ import annotations

from typing import NamedTuple

from projections import (
    cancelled_orders,
    conformance,
    exposure,
    late_cancellations,
    order_information,
    refunds,
)
from projections.table import Table


class Tables(NamedTuple):
    """They share one follower and one position, and are rebuilt and swapped together."""

    orders: Table = order_information.TABLE
    cancelled: Table = cancelled_orders.TABLE
    refunds: Table = refunds.TABLE
    late: Table = late_cancellations.TABLE
    exposure: Table = exposure.TABLE
    stops: Table = conformance.STOPS
    slips: Table = conformance.SLIPS

    def beside(self, suffix: str) -> Tables:
        """The same tables under other names."""
        return Tables(*(table._replace(name=f"{table.name}{suffix}") for table in self))


LIVE = Tables()
