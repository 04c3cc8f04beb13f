"""Conformance: how each warehouse keeps its word. Rows of orders, summed when somebody asks.

An answer takes from when our request to stop was recorded until the warehouse's own first word
about that cancellation was, by our clock: our own delays and the network's are in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from psycopg import Connection

from domain.slips import Slips
from domain.stops import Stop
from projections.pages import USUAL, checked_limit, key_of, page
from projections.table import Row, Table

STOPS = Table(
    "warehouse_stops",
    {
        "order_id": "text",
        "cancellation_id": "text",
        "warehouse_id": "text",
        "asked_at": "bigint",
        "answered_at": "bigint",
        "answer": "text",
        "is_late": "bigint",
        "units": "bigint",
        "crossed": "bigint",
    },
    key=("order_id", "cancellation_id", "warehouse_id"),
)

SLIPS = Table(
    "warehouse_slips",
    {
        "order_id": "text",
        "warehouse_id": "text",
        "over_shipped": "bigint",
        "short_returns": "bigint",
        "shipped_after_confirmation": "bigint",
    },
    key=("order_id", "warehouse_id"),
)

_SUMS = """
SELECT warehouse_id, coalesce(asked, 0), coalesce(answered, 0), coalesce(confirmed, 0),
    coalesce(refused, 0), coalesce(silent, 0), coalesce(waiting, 0), coalesce(late, 0),
    coalesce(units, 0), coalesce(crossed, 0), median, p90, longest,
    coalesce(over_shipped, 0), coalesce(short_returns, 0), coalesce(broken_word, 0)
FROM (
    SELECT warehouse_id, count(*) AS asked, count(answered_at) AS answered,
        count(*) FILTER (WHERE answer = 'confirmed') AS confirmed,
        count(*) FILTER (WHERE answer = 'refused') AS refused,
        count(*) FILTER (WHERE answer = 'silent') AS silent,
        count(*) FILTER (WHERE answer = 'waiting') AS waiting,
        sum(is_late)::bigint AS late,
        sum(units)::bigint AS units, sum(crossed)::bigint AS crossed,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY answered_at - asked_at) AS median,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY answered_at - asked_at) AS p90,
        max(answered_at - asked_at)::double precision AS longest
    FROM countermand.warehouse_stops WHERE {beyond} GROUP BY warehouse_id
) AS stops
FULL JOIN (
    SELECT warehouse_id, sum(over_shipped)::bigint AS over_shipped,
        sum(short_returns)::bigint AS short_returns,
        sum(shipped_after_confirmation)::bigint AS broken_word
    FROM countermand.warehouse_slips WHERE {beyond} GROUP BY warehouse_id
) AS slips USING (warehouse_id)
ORDER BY warehouse_id LIMIT %(limit)s
"""

_NAMES = (
    "stops_asked",
    "answered",
    "confirmed",
    "refused",
    "silent",
    "waiting",
    "answered_late",
    "units_to_stop",
    "units_crossed",
)
_WRONG = ("over_shipped_units", "short_return_units", "units_shipped_after_confirmation")

_Name = Annotated[str, msgspec.Meta(max_length=64)]
"""A warehouse in a cursor; empty: that of goods for which none was named."""


def stop_rows(order_id: str, stops: Sequence[Stop]) -> list[Row]:
    """The rows of what warehouses were asked to stop of an order."""
    return [
        (
            order_id,
            stop.cancellation_id,
            stop.warehouse_id,
            stop.asked_at,
            stop.answered_at,
            stop.answer,
            int(stop.is_late),
            stop.units,
            stop.crossed,
        )
        for stop in stops
    ]


def slip_rows(order_id: str, slips: Sequence[Slips]) -> list[Row]:
    """The rows of what went wrong with an order."""
    return [
        (
            order_id,
            one.warehouse_id,
            one.over_shipped,
            one.short_returns,
            one.shipped_after_confirmation,
        )
        for one in slips
    ]


def listed(
    conn: Connection[Any],
    *,
    warehouse_id: str | None = None,
    limit: int = USUAL,
    cursor: str | None = None,
) -> dict[str, Any]:
    """A page of warehouses by their ids: `{"warehouses": [...], "next": cursor or None}`.

    Raises BadPage for a limit beyond 1 to 200, or a cursor of another list.
    """
    listing = ("conformance", warehouse_id)
    key = key_of(listing, cursor, tuple[_Name])
    beyond = ["warehouse_id > %(after)s"] * bool(key)
    beyond += ["warehouse_id = %(one)s"] * (warehouse_id is not None)
    sql = _SUMS.format(beyond=" AND ".join(beyond) or "true")
    asked = {
        "after": key[0] if key else "",
        "one": warehouse_id,
        "limit": checked_limit(limit) + 1,
    }
    found = conn.execute(sql.encode(), asked).fetchall()
    shown, following = page(listing, found, limit, lambda one: one[:1])
    return {"warehouses": [_shown(row) for row in shown], "next": following}


def _shown(row: Row) -> dict[str, Any]:
    name, *counts = row[: 1 + len(_NAMES)]
    median, p90, longest, *wrong = row[1 + len(_NAMES) :]
    sums = dict(zip(_NAMES, counts, strict=True))
    units, crossed = sums["units_to_stop"], sums["units_crossed"]
    return {
        "warehouse_id": name or None,
        **sums,
        "share_crossed": round(crossed / units, 4) if units else None,
        "answer_seconds": {
            "median": _seconds(median),
            "p90": _seconds(p90),
            "max": _seconds(longest),
        },
        **dict(zip(_WRONG, wrong, strict=True)),
    }


def _seconds(micros: float | None) -> float | None:
    return None if micros is None else round(micros / 1e6, 3)
