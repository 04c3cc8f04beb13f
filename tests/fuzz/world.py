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
_MANAGERS, _VIEWS = "follower/process", "follower/views"
_PATIENCE = 120
"""Seconds."""
_BATCH = 300
_DEAD = 40
_DAYS = 8
"""As many days have the same orders again."""
_NAMES = ("order_id", "cancellation_id", "shipment_id", "return_id")


def messages() -> Iterator[Said | bytes]:
    """What comes in, in this order."""
    packed = (ONLINE_RETAIL / "messages.jsonl.gz").read_bytes()
    for line in gzip.decompress(packed).splitlines():
        yield from _with_more(json.loads(line))
    yield from (b"no JSON at all, for the %dth time" % number for number in range(_DEAD))
    for number in range(_DEAD):
        yield {**say("OrderPlaced", f"D-{number}"), "data": {"order_id": f"D-{number}"}}


def another_day(day: int) -> Iterator[Said | bytes]:
    """An eighth of the same messages, by new names: there is something to cancel again."""
    for place, said in enumerate(messages()):
        if isinstance(said, bytes):
            if place % _DAYS == day % _DAYS:
                yield b"%s, on day %d" % (said, day)
        elif _number(said["subject"]) // 8 % _DAYS == day % _DAYS:
            yield _renamed(said, day)


def _renamed(said: Said, day: int) -> Said:
    data = said["data"]
    data |= {name: f"{data[name]}.{day}" for name in _NAMES if name in data}
    return said | {"id": f"{said['id']}.{day}", "subject": data["order_id"]}


def _number(order_id: str) -> int:
    return int("".join(one for one in order_id if one.isdecimal()) or 0)


def _with_more(said: Said) -> Iterator[Said]:
    order_id = said["subject"]
    number = _number(order_id)
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
    take(store, list(messages()))
    _follow(url, store)
    take(store, list(_paid(store)))
    _follow(url, store)


def take(store: EventStore, said: list[Said | bytes]) -> None:
    """Take messages in, by the way that records from Kafka come."""
    intake = Intake(store, policy=POLICY, now=clock)
    for start in range(0, len(said), _BATCH):
        part = said[start : start + _BATCH]
        intake.take([Incoming(one if isinstance(one, bytes) else encoded(one)) for one in part])


def _follow(url: str, store: EventStore) -> None:
    with running(processes(url, store, Rules(POLICY, Terms()), clock)):
        until_reached(store, _MANAGERS)
    views_follower(url, store, POLICY, clock).catch_up()


def until_all_followed(store: EventStore) -> None:
    """Wait for the process managers and the views of a service that runs."""
    for name in (_MANAGERS, _VIEWS):
        until_reached(store, name)


def until_reached(store: EventStore, follower: str) -> None:
    """Wait until a follower has read the whole log, and what it wrote itself."""
    until(lambda: store.positions(follower).get(follower, 0) >= store.head(), _PATIENCE)


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
