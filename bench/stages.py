"""Where the client's time goes: each stage of a message's way, alone, in memory.

CPU time of one thread, the least of many short passes over whole orders (five messages each), so
that a busy machine changes little. What the database and the brokers do is not in it.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from itertools import islice
from typing import TypeVar, cast
from uuid import UUID

from application.event_columns import Columns
from application.event_store import Append, EventStore
from application.orders import Orders
from application.stored_events import NAMES, Decoders, encode
from bench import told
from consumers.cloudevents import Heard, Incoming, hear
from domain.events import Event
from domain.information import OrderInformation, order_information
from domain.inspection import inspect
from domain.order import Order, evolve
from domain.refunds import Policy
from projections import cancelled_orders, refunds
from projections import order_information as orders
from projections.shown import Shown
from projections.table import Row

ORDERS = 200
PASSES = 60
NOW = 10**16
POLICY = Policy()
R = TypeVar("R")


class Nothing:
    """A store in which every order is new."""

    def load(self, streams: Collection[UUID]) -> dict[UUID, list[tuple[int, Event]]]:
        return {stream: [] for stream in streams}


def _once(work: Callable[[], R]) -> tuple[float, R]:
    began = time.thread_time()
    result = work()
    return time.thread_time() - began, result


class Stages:
    """Times stages; the figures are microseconds a message."""

    def __init__(self, passes: int) -> None:
        self._passes = passes
        self.records = _whole_orders()
        self.found: dict[str, float] = {}

    def timed(self, name: str, work: Callable[[], R]) -> R:
        """Do it many times; what it gave the first time."""
        least, result = _once(work)
        for _ in range(self._passes):
            least = min(least, _once(work)[0])
        self.found[name] = least / len(self.records) * 1e6
        return result

    def run(self) -> None:
        """The way in, then the way to the views."""
        said = self.timed("hear", lambda: [hear(one, NOW, b"k" * 32) for one in self.records])
        appends = self.timed("decide", lambda: _decided(said))
        self.timed("encode", lambda: Columns.of(appends).packed())
        stored = [(NAMES[type(event)], encode(event)) for one in appends for event in one.events]
        decoders = Decoders()
        self.timed("decode", lambda: [decoders[name](state) for name, state in stored])
        folded = self.timed("fold", lambda: [_folded(one) for one in appends])
        self.views(folded)

    def views(self, folded: list[Order]) -> None:
        """What is done once for each order that a batch is about."""
        where = self.timed("derive: goods", lambda: [one.goods() for one in folded])
        pairs = list(zip(folded, where, strict=True))
        self.timed("derive: money", lambda: [one.money_for(at, NOW, POLICY) for one, at in pairs])
        self.timed(
            "derive: inspect", lambda: [list(inspect(o.placed, o.events, at)) for o, at in pairs]
        )
        infos = self.timed(
            "derive, all", lambda: [order_information(one, NOW, POLICY) for one in folded]
        )
        self.timed("rows and JSON", lambda: [_rows(info) for info in infos])


def _whole_orders() -> list[Incoming]:
    """Messages as a topic has them: many orders in flight at once."""
    lives: dict[bytes, list[bytes]] = defaultdict(list)
    for message in told.messages(ORDERS * 60):
        lives[message.key].append(message.value)
    whole = list(islice((life for life in lives.values() if len(life) == 5), ORDERS))  # noqa: PLR2004
    return [Incoming(message) for messages in zip(*whole, strict=True) for message in messages]


def _decided(said: list[Heard]) -> list[Append]:
    batch = Orders(cast("EventStore", Nothing()))
    batch.warm({one.order_id for one in said})
    for one in said:
        batch.decide(one.order_id, one.message)
    return batch.appends()


def _folded(one: Append) -> Order:
    order = None
    for event in one.events:
        order = evolve(order, event)
    return cast("Order", order)


def _rows(info: OrderInformation) -> list[Row | None]:
    shown = Shown.of(info)
    return [orders.row(shown, NOW, 1), cancelled_orders.row(info), *refunds.rows(shown)]


def main(words: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench stages", description=__doc__)
    parser.add_argument("--passes", type=int, default=PASSES, help="%(default)s")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    options = parser.parse_args(words)
    gc.disable()
    stages = Stages(options.passes)
    stages.run()
    if options.json:
        print(json.dumps(stages.found))
        return 0
    print("microseconds of CPU a message, in memory")
    for name, used in stages.found.items():
        print(f"{name:16}{used:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
