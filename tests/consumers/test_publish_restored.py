"""An older database is restored: what it lost is heard and said again, under the same ids."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from application.event_store import EventStore
from application.late_cancellations import Rules
from application.processing import processes
from consumers import partitions
from consumers.dead_limit import DeadLimit
from consumers.ingest import Ingest
from consumers.intake import Intake, clock
from consumers.kafka import KafkaSettings, Producer
from consumers.publish import Publisher
from tests.support.postgres import copied
from tests.support.saying import Said, cancel, channel_of, encoded, placed, say, shipped
from tests.support.topics_out import firsts, said

SECONDS = 90
CHANNELS = ("orders", "warehouse-requests", "payment-requests", "buyer-notices")
DAY = 86_400_000_000
Clock = Callable[[], int]


def send(kafka: KafkaSettings, *messages: Said) -> None:
    with Producer(kafka) as producer:
        for one in messages:
            producer.send(channel_of(one["type"]), one["subject"].encode(), encoded(one))
        producer.flush()


def beginning(order_id: str) -> list[Said]:
    return [placed(order_id, 3), say("ReleasedToWarehouse", order_id, warehouse_id="w1")]


def rest(order_id: str) -> list[Said]:
    """The warehouse is asked to stop; the buyer is, to refuse; then money is due."""
    return [
        cancel(order_id, items=[{"line_id": "L1", "quantity": 1}]),
        shipped(order_id, 3),
        say("DeliveryRejected", order_id, shipment_id="S1"),
        say(
            "ReturnedToWarehouse",
            order_id,
            return_id="R1",
            shipment_id="S1",
            items=[{"line_id": "L1", "quantity": 3}],
        ),
    ]


def work(url: str, kafka: KafkaSettings, now: Clock) -> None:
    """Hear what is in the topics, run the process managers, publish: all there is."""
    with EventStore.open(url) as store:
        ingest = Ingest(store, Intake(store, now=now), kafka)
        deadline = time.monotonic() + SECONDS
        while sum(one.lag for one in partitions.look(store, kafka, DeadLimit())):
            assert time.monotonic() < deadline
            ingest.turn(0.1)
        ingest._leave()
        processes(url, store, Rules(), now).catch_up(SECONDS)
        Publisher(url, store, kafka, now).catch_up(SECONDS)


def later() -> int:
    return clock() + DAY


def everything(kafka: KafkaSettings) -> list[dict[str, Any]]:
    return [one for channel in CHANNELS for one in said(kafka, channel)]


def content(one: dict[str, Any]) -> dict[str, Any]:
    """A message, without when we worked it out."""
    data = {name: value for name, value in one["data"].items() if name != "recorded_at"}
    when = {} if data.get("cause", {}).get("source", "").startswith("/ware") else {"time": ""}
    return one | {"data": data} | when


def test_what_an_older_database_lost_is_said_again_under_the_same_ids(
    kafka: KafkaSettings, postgres_url: str
) -> None:
    orders = [f"O{n}" for n in range(6)]
    for order in orders:
        send(kafka, *beginning(order))
    work(postgres_url, kafka, clock)
    with copied(postgres_url) as backup:
        for number, order in enumerate(orders):
            send(kafka, *rest(order)[: (1, 2, 4)[number % 3]])
        work(postgres_url, kafka, clock)
        before = everything(kafka)

        work(backup, kafka, later)

    after = everything(kafka)
    assert [*map(content, firsts(after))] == [*map(content, before)]
    assert len(firsts(before)) == len(before)
    again = [one for one in after if one not in before]
    known = {one["id"]: content(one) for one in before}
    assert [known[one["id"]] for one in again] == [content(one) for one in again]
    assert {one["type"] for one in again} >= {
        "ItemCancelRequested",
        "StopRequested",
        "RefusalRequested",
        "RefundRequested",
    }
