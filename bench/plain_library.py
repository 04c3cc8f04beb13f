"""The plain library path: ordinary aggregates, `repository.get` and `save` for each message.

Stock eventsourcing on PostgreSQL as its pages show it, without views, checks or repeats.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict
from typing_extensions import override

from bench.figures import Figure
from bench.meter import Meter

NAME = "plain library"


class Order(Aggregate):
    """The ledger of an order, kept by events as the library declares them."""

    @event("Placed")
    def __init__(self, order_id: str, buyer_id: str, lines: list[dict[str, Any]]) -> None:
        self.order_id = order_id
        self.buyer_id = buyer_id
        self.ordered = {line["line_id"]: line["quantity"] for line in lines}
        self.cancelled: dict[str, int] = {}
        self.shipped: dict[str, int] = {}
        self.returned: dict[str, int] = {}
        self.told: dict[str, str] = {}

    @staticmethod
    @override
    def create_id(order_id: str) -> UUID:
        return uuid5(NAMESPACE_URL, order_id)

    @event("CancelRequested")
    def request_cancellation(self, cancellation_id: str, items: list[dict[str, Any]]) -> None:
        self.told[cancellation_id] = "cancelled"
        _add(self.cancelled, items)

    @event("Shipped")
    def ship(self, shipment_id: str, items: list[dict[str, Any]]) -> None:
        self.told[shipment_id] = "shipped"
        _add(self.shipped, items)

    @event("Rejected")
    def reject(self, shipment_id: str, kind: str) -> None:
        self.told[shipment_id] = kind

    @event("Returned")
    def take_back(self, return_id: str, items: list[dict[str, Any]]) -> None:
        self.told[return_id] = "returned"
        _add(self.returned, items)


def _add(counts: dict[str, int], items: Iterable[dict[str, Any]]) -> None:
    for item in items:
        counts[item["line_id"]] = counts.get(item["line_id"], 0) + item["quantity"]


def run(database_url: str, database_pid: int, file: Path, count: int) -> Figure:
    """Record so many messages of the file, one after the other."""
    parts = conninfo_to_dict(database_url)
    app = Application[UUID](env=_environment(parts))
    with file.open("rb") as lines:
        values = list(islice(lines, count))
    meter = Meter({"client": [os.getpid()], "database": [database_pid]})
    for value in values:
        _take(app, json.loads(value))
    lap = meter.lap()
    app.close()
    cpu = {part: used / count * 1e6 for part, used in lap.cpu.items()}
    return Figure(NAME, count, lap.seconds, cpu)


def _environment(parts: dict[str, Any]) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts.get("host", "")),
        "POSTGRES_PORT": str(parts.get("port", "")),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
    }


def _take(app: Application[UUID], message: dict[str, Any]) -> None:
    data = message["data"]
    if message["type"] == "OrderPlaced":
        app.save(Order(data["order_id"], data["buyer_id"], data["lines"]))
        return
    order: Order = app.repository.get(Order.create_id(data["order_id"]))
    match message["type"]:
        case "ItemCancelRequested":
            order.request_cancellation(data["cancellation_id"], data.get("items", []))
        case "ShippedFromWarehouse":
            order.ship(data["shipment_id"], data["items"])
        case "DeliveryRejected":
            order.reject(data["shipment_id"], data.get("kind", ""))
        case "ReturnedToWarehouse":
            order.take_back(data["return_id"], data["items"])
    app.save(order)
