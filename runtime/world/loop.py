"""The loop that every program of the world runs: hear, do what is due, write it down, send.

It may end at any moment. What was heard but not written down is heard again; what was written down
but not sent is sent then, the same bytes, and perhaps a second time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from consumers.cloudevents import Incoming
from consumers.kafka import KafkaSettings, Member, Producer
from consumers.record_batches import Unreadable
from consumers.topics import Place
from runtime.world.book import Book
from runtime.world.buyers import Buyers
from runtime.world.carrier import Carrier
from runtime.world.habits import World
from runtime.world.payments import Payments
from runtime.world.program import Program
from runtime.world.warehouse import Warehouse
from runtime.world.wire import heard

PROGRAMS: dict[str, type[Program]] = {
    kind.name: kind for kind in (Buyers, Warehouse, Carrier, Payments)
}
LONGEST_WAIT = 0.2
"""Seconds between two looks at what there is to do."""
MOST = 500
"""Messages and notes in one step, about."""

_LOG = logging.getLogger(__name__)


class Began(NamedTuple):
    """When a world began, and where its topics ended then: nothing older is about it."""

    world: World
    at: int
    ends: dict[str, list[int]]
    """By topic without its prefix: the end of each partition."""


class Step(NamedTuple):
    """What one step did."""

    heard: int
    sent: int


class Loop:
    """One program on Kafka, with its book."""

    def __init__(
        self, program: Program, kafka: KafkaSettings, began: Began, clock: Callable[[], int]
    ) -> None:
        self._program = program
        self._book = program.book
        self._kafka = kafka
        self._clock = clock
        self._offsets = self._where_to_read(began)
        with self._book.step():
            program.begin(began.at)

    def _where_to_read(self, began: Began) -> dict[Place, int]:
        prefix = self._kafka.topics.prefix
        offsets = {
            Place(prefix + channel, partition): end
            for channel in self._program.hears
            for partition, end in enumerate(began.ends[channel])
        }
        return offsets | {Place(*place): at for place, at in self._book.places().items()}

    def run(self, stop: threading.Event) -> None:
        """Go on until `stop`. Raises KafkaUnavailable: then only a new start helps."""
        member = Member(self._kafka, self._offsets)
        try:
            with Producer(self._kafka) as producer:
                member.start(self._offsets)
                while not stop.is_set():
                    self._step(member, producer)
        finally:
            member.close()

    def _step(self, member: Member, producer: Producer) -> None:
        records = member.poll(self._pause())
        program = self._program
        program.now = self._clock()
        with self._book.step():
            for place, found in records.items():
                for record in found:
                    self._take(record)
                following = member.read_to(place)
                if following is not None:
                    self._book.read_to(place.topic, place.partition, following)
            program.do_what_is_due(MOST)
        self._send(producer)

    def _pause(self) -> float:
        """Until there is something to do, at most a little while."""
        at = self._book.next_at()
        if at is None:
            return LONGEST_WAIT
        return min(LONGEST_WAIT, max(0.0, (at - self._clock()) / 1e6))

    def _take(self, record: Incoming | Unreadable) -> None:
        """Hear a record. One that is no message is left to those who know what to do with it."""
        if isinstance(record, Unreadable):
            return
        channel = str(record.topic).removeprefix(self._kafka.topics.prefix)
        try:
            message = heard(channel, record.value, record.headers)
        except (KeyError, msgspec.DecodeError):
            _LOG.warning("not a message: %s/%s/%s", record.topic, record.partition, record.offset)
            return
        self._program.take(message)

    def _send(self, producer: Producer) -> None:
        unsent = self._book.unsent(self._program.now, 4 * MOST)
        if not unsent:
            return
        for _, message in unsent:
            producer.send(message.channel, message.order_id.encode(), message.value)
        producer.flush()
        self._book.sent([number for number, _ in unsent])


def run(name: str, folder: Path, kafka: KafkaSettings, stop: threading.Event) -> None:
    """Run one program, with its book in the world's folder."""
    began = msgspec.json.decode((folder / "world.json").read_bytes(), type=Began)
    with Book(folder / f"{name}.book") as book:
        program = PROGRAMS[name](began.world, book)
        Loop(program, kafka, began, lambda: time.time_ns() // 1000).run(stop)
