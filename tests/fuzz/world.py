"""Real orders with something to answer for every call: shops, a warehouse, money, what went wrong.

Orders, lines, prices, buyers and cancellations are those of a real shop (tests/data). Added here:
three sellers instead of one, releases to the warehouse, damaged and lost goods, refunds that were
paid or not, and messages that nobody can take.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from application.event_store import EventStore
from application.late_cancellations import Rules
from application.processing import processes
from consumers.cloudevents import Incoming
from consumers.intake import Intake, clock
from domain.late_cancellation import Terms
from domain.refunds import Policy
from projections.views import views_follower
from tests.support.command import ONLINE_RETAIL
from tests.support.following import running, until
from tests.support.saying import Said, encoded, say

POLICY = Policy()
SELLERS = 3
WAREHOUSES = ("w1", "w2")
_BATCH = 300
_DEAD = 40


def messages() -> Iterator[Said | bytes]:
    """What comes in, in this order."""
    packed = (ONLINE_RETAIL / "messages.jsonl.gz").read_bytes()
    for line in gzip.decompress(packed).splitlines():
        yield from _with_more(json.loads(line))
    yield from (b"no JSON at all, for the %dth time" % number for number in range(_DEAD))
    for number in range(_DEAD):
        yield {**say("OrderPlaced", f"D-{number}"), "data": {"order_id": f"D-{number}"}}


def _with_more(said: Said) -> Iterator[Said]:
    order_id = said["subject"]
    number = int(order_id) if order_id.isdecimal() else 0
    data = said["data"]
    if said["type"] == "OrderPlaced":
        data["seller_id"] = f"retail-{number % SELLERS}"
        yield said
        if number % 4 >= 2 and number // 4 % 2:
            yield say("ReleasedToWarehouse", order_id, warehouse_id=WAREHOUSES[number % 2])
        return
    if said["type"] == "ReturnedToWarehouse" and number // 4 % 2:
        for item in data["items"]:
            item["condition"] = "damaged"
    yield said
    if said["type"] == "DeliveryRejected" and number % 4 == 1 and number // 4 % 2:
        yield say("LostInTransit", order_id, shipment_id=data["shipment_id"])


def fill(url: str, store: EventStore) -> None:
    """Take it all in by the way in; let the process managers and the views see it; pay."""
    _take(store, list(messages()))
    _follow(url, store)
    _take(store, list(_paid(store)))
    _follow(url, store)


def _take(store: EventStore, said: list[Said | bytes]) -> None:
    intake = Intake(store, policy=POLICY, now=clock)
    for start in range(0, len(said), _BATCH):
        part = said[start : start + _BATCH]
        intake.take([Incoming(one if isinstance(one, bytes) else encoded(one)) for one in part])


def _follow(url: str, store: EventStore) -> None:
    runner = processes(url, store, Rules(POLICY, Terms()), clock)
    with running(runner):
        until(
            lambda: store.positions("follower/process").get("follower/process", 0) >= store.head()
        )
    views_follower(url, store, POLICY, clock).catch_up()


def _paid(store: EventStore) -> Iterator[Said]:
    """What a payment provider says: of three refunds, one is paid, one fails, one waits."""
    with store.connection() as conn:
        rows = conn.execute(
            b"SELECT body FROM countermand.refunds WHERE state = 'requested' ORDER BY refund_id"
        ).fetchall()
    for number, (body,) in enumerate(rows):
        refund: dict[str, Any] = msgspec.json.decode(body)
        named = {"refund_id": refund["refund_id"]}
        if number % 3 == 0:
            money = {"amount": refund["amount"], "currency": refund["currency"]}
            yield say("RefundIssued", refund["order_id"], **named, **money)
        elif number % 3 == 1:
            yield say("RefundFailed", refund["order_id"], **named, reason="account_closed")
