"""The orders that are asked for: some with a whole story, some that are placed and nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import psycopg

from application.event_store import EventStore
from application.late_cancellations import Rules
from application.processing import processes
from consumers.cloudevents import Incoming
from consumers.intake import Intake, clock
from domain.refunds import Policy
from projections.views import views_follower
from runtime import simulate

_AT_ONCE = 1_000
_MESSAGES_PER_ORDER = 5
FRESH_LINES = (3, 2)
"""Units of the lines of an order that is placed and nothing more."""


class Order(NamedTuple):
    """An order, and whose it is."""

    order_id: str
    buyer_id: str
    seller_id: str


class World(NamedTuple):
    """What is there."""

    told: list[Order]
    """Orders that something has happened to."""
    fresh: list[Order]
    """Orders that are placed, and can be cancelled."""


def fill(url: str, told: int, fresh: int) -> World:
    """Tell about so many orders what the plausible world tells, and place so many others."""
    now = [Order(f"F-{n:06}", f"b{n % 500}", f"s{n % 20}") for n in range(fresh)]
    with EventStore.open(url) as store:
        intake = Intake(store, now=clock)
        lines = islice(simulate.messages(simulate.PLAUSIBLE), told * _MESSAGES_PER_ORDER)
        for batch in _batches(Incoming(one.value) for one in lines):
            intake.take(batch)
        for batch in _batches(Incoming(_placed(one)) for one in now):
            intake.take(batch)
        processes(url, store, Rules(), clock).catch_up()
        views_follower(url, store, Policy(), clock).catch_up()
    return World(_told(url), now)


def _batches(records: Iterator[Incoming]) -> Iterator[list[Incoming]]:
    while batch := list(islice(records, _AT_ONCE)):
        yield batch


def _told(url: str) -> list[Order]:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(b"VACUUM ANALYZE")
        rows = conn.execute(
            "SELECT order_id, buyer_id, seller_id FROM countermand.order_information"
            " WHERE order_id NOT LIKE 'F-%' ORDER BY order_id"
        ).fetchall()
    return [Order(*row) for row in rows]


def _placed(order: Order) -> bytes:
    goods: list[dict[str, Any]] = [
        {
            "line_id": str(n),
            "sku": f"SKU-{n}",
            "title": f"Enamel mug, 0.35 l, no. {n}",
            "quantity": units,
            "unit_price": "11.90",
        }
        for n, units in enumerate(FRESH_LINES, 1)
    ]
    data = {**order._asdict(), "currency": "EUR", "lines": goods, "shipping_fee": "4.90"}
    said = {
        "specversion": "1.0",
        "id": f"m-{order.order_id}",
        "source": "/bench",
        "type": "OrderPlaced",
        "subject": order.order_id,
        "time": "2026-11-24T12:00:00Z",
        "data": data,
    }
    return json.dumps(said).encode()
