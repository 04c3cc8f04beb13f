"""The engine of `countermand simulate`: an open stream of plausible messages of a small world.

It stands outside: it speaks the public contract and knows nothing of the service. The same world
gives the same bytes, for ever.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Protocol

from runtime.simulated_damage import DAMAGES
from runtime.simulated_life import life
from runtime.simulated_order import HOUR
from runtime.simulated_sending import Sending, sendings
from runtime.simulated_world import (
    BENCH,
    DUPLICATE,
    FAULTS,
    LATE,
    PLAUSIBLE,
    Outgoing,
    Topic,
    World,
)

__all__ = [
    "BENCH",
    "DAMAGES",
    "FAULTS",
    "PLAUSIBLE",
    "Counts",
    "OrdersInFlight",
    "Outgoing",
    "Topic",
    "World",
    "messages",
    "send_all",
    "write_file",
]


class Send(Protocol):
    """Hands one message to a broker; may return before it is there."""

    def __call__(self, topic: Topic, key: bytes, value: bytes) -> object: ...


@dataclass
class Counts:
    """What was sent; `by_type` counts damaged copies under the type that was meant."""

    sent: int = 0
    by_type: dict[str, int] = field(default_factory=dict)
    broken: int = 0
    duplicates: int = 0
    late: int = 0

    def add(self, message: Outgoing) -> None:
        self.sent += 1
        self.by_type[message.type] = self.by_type.get(message.type, 0) + 1
        if message.trouble:
            self.broken += message.broken
            self.duplicates += message.trouble == DUPLICATE
            self.late += message.trouble == LATE


def messages(world: World) -> Iterator[Outgoing]:
    return iter(OrdersInFlight(world))


class OrdersInFlight:
    """The orders whose lives overlap; when one has ended, the next one begins in its place."""

    def __init__(self, world: World) -> None:
        if unknown := set(world.damages) - set(DAMAGES):
            raise ValueError(f"damages does not know {', '.join(sorted(unknown))}")
        self._world = world
        self._kept: list[tuple[int, int, int, list[Sending], int]] = []

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Outgoing]:
        kept = self._kept = self._first_orders()
        heapq.heapify(kept)
        while kept:
            _, number, place, sent, ends_at = kept[0]
            yield sent[place][2]
            place += 1
            if place < len(sent):
                heapq.heapreplace(kept, (sent[place][0], number, place, sent, ends_at))
            elif self._exists(number + self._world.in_flight):
                following = self._begin(number + self._world.in_flight, ends_at)
                heapq.heapreplace(kept, following)
            else:
                heapq.heappop(kept)

    def _first_orders(self) -> list[tuple[int, int, int, list[Sending], int]]:
        in_flight = self._world.in_flight
        numbers = range(in_flight)
        return [
            self._begin(number, number * 24 * HOUR // in_flight)
            for number in numbers
            if self._exists(number)
        ]

    def _exists(self, number: int) -> bool:
        return self._world.orders is None or number < self._world.orders

    def _begin(self, number: int, placed_at: int) -> tuple[int, int, int, list[Sending], int]:
        order = life(self._world, number, placed_at)
        sent = sendings(order)
        return sent[0][0], number, 0, sent, order.told[-1].at + 1


def write_file(stream: Iterable[Outgoing], target: str | PathLike[str] | BinaryIO) -> Counts:
    """JSON lines. A file has no topics, so what is only on the wrong topic is left out."""
    if isinstance(target, str | PathLike):
        with Path(target).open("wb") as file:
            return write_file(stream, file)
    counts = Counts()
    for message in stream:
        if message.trouble != "wrong_topic":
            target.write(message.value + b"\n")
            counts.add(message)
    target.flush()
    return counts


def send_all(
    stream: Iterable[Outgoing],
    send: Send,
    flush: Callable[[], object] | None = None,
    flush_every: int = 10_000,
) -> Counts:
    """Through a port of the caller's; `flush` is called after every so many, and at the end."""
    counts = Counts()
    for message in stream:
        send(message.topic, message.key, message.value)
        counts.add(message)
        if flush is not None and counts.sent % flush_every == 0:
            flush()
    if flush is not None:
        flush()
    return counts
