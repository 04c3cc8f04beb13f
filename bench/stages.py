"""Where the client's time goes: each stage of a message's way, alone, in memory.

CPU time of one thread, the least of many short passes, each over other orders (five messages each),
so that a busy machine changes little and no cache knows the answer before. What the database and
the brokers do is not in it.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from functools import partial
from itertools import chain
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
from domain.order import Order, evolve
from domain.refunds import Policy
from projections import cancelled_orders, refunds
from projections import order_information as orders
from projections.few import few_rows
from projections.shown import Shown
from projections.table import Row

ORDERS = 200
"""Orders in a pass."""
PASSES = 25
NOW = 10**16
POLICY = Policy()
R = TypeVar("R")


class Nothing:
    """A store in which every order is new."""

    def load(self, streams: Collection[UUID]) -> dict[UUID, list[tuple[int, Event]]]:
        return {stream: [] for stream in streams}


class Stages:
    """Times stages; the figures are microseconds a message."""

    def __init__(self) -> None:
        self.found: dict[str, float] = {}

    def timed(self, name: str, messages: int, work: Callable[[], R]) -> R:
        """Do it and return what it gave; the fastest time counts."""
        began = time.thread_time()
        result = work()
        used = (time.thread_time() - began) / messages * 1e6
        self.found[name] = min(used, self.found.get(name, used))
        return result

    def run(self, records: list[Incoming]) -> None:
        """Take messages in, then show them."""
        timed = partial(self.timed, messages=len(records))
        said = timed("hear", work=lambda: [hear(one, NOW, b"k" * 32) for one in records])
        appends = timed("decide", work=lambda: _decided(said))
        timed("encode", work=lambda: Columns.of(appends).packed())
        stored = [(NAMES[type(event)], encode(event)) for one in appends for event in one.events]
        decoders = Decoders()
        timed("decode", work=lambda: [decoders[name](state) for name, state in stored])
        folded = timed("fold", work=lambda: [_folded(one) for one in appends])
        infos = timed(
            "derive", work=lambda: [order_information(one, NOW, POLICY) for one in folded]
        )
        timed(
            "rows and JSON",
            work=lambda: [_rows(*one) for one in zip(folded, infos, strict=True)],
        )


def passes(number: int) -> list[list[Incoming]]:
    """So many passes' messages, in the order of a topic: many orders are in flight at once."""
    lives: dict[bytes, list[bytes]] = defaultdict(list)
    for message in told.messages(ORDERS * 5 * (number + 2)):
        lives[message.key].append(message.value)
    whole = [life for life in lives.values() if len(life) == 5]  # noqa: PLR2004
    starts = range(0, ORDERS * number, ORDERS)
    return [_in_turn(whole[start : start + ORDERS]) for start in starts]


def _in_turn(lives: list[list[bytes]]) -> list[Incoming]:
    return [Incoming(value) for values in zip(*lives, strict=True) for value in values]


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


def _rows(order: Order, info: OrderInformation) -> list[Row | None]:
    shown = Shown.of(info)
    few = few_rows(order, info, (), POLICY)
    return [
        orders.row(shown, NOW, 1),
        cancelled_orders.row(info),
        *refunds.rows(shown, refunds.tries(info, order.events, ())),
        *chain.from_iterable(few),
    ]


def main(words: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench stages", description=__doc__)
    parser.add_argument("--passes", type=int, default=PASSES, help="%(default)s")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    options = parser.parse_args(words)
    gc.disable()
    stages = Stages()
    for records in passes(options.passes):
        stages.run(records)
    if options.json:
        print(json.dumps(stages.found))
        return 0
    print("microseconds of CPU a message, in memory")
    for name, used in stages.found.items():
        print(f"{name:16}{used:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
