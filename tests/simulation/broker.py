"""A broker in memory: partitions, records kept in order, sends whose answer is lost."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

from consumers.topics import Place


class SendUnknown(Exception):
    """A send was not acknowledged: it may have happened."""


class Broker:
    """Topics of a few partitions each. Records of one key are in one partition, in order.

    `fails` says, before ("send") and after ("sent") each record is kept, whether the answer to
    whoever sends it is an error.
    """

    def __init__(self, partitions: int = 2) -> None:
        self.partitions = partitions
        self.kept: dict[tuple[str, int], list[bytes]] = {}
        self.fails: Callable[[str], bool] = lambda _: False

    def keep(self, topic: str, key: bytes, value: bytes) -> None:
        """Keep a record behind the last one of its partition."""
        self.kept.setdefault((topic, crc32(key) % self.partitions), []).append(value)

    def send(self, topic: str, key: bytes, value: bytes) -> None:
        """Keep a record, or raise SendUnknown."""
        if self.fails("send"):
            raise SendUnknown("nothing was kept")
        self.keep(topic, key, value)
        if self.fails("sent"):
            raise SendUnknown("it was kept, and the answer was lost")

    def fetch(self, place: Place, offset: int, limit: int) -> list[tuple[int, bytes]]:
        """Up to `limit` records from `offset` on, with their offsets."""
        found = self.kept.get((place.topic, place.partition), [])
        return list(enumerate(found[offset : offset + limit], offset))

    def records(self, topic: str) -> list[bytes]:
        """Everything a topic has, partition by partition."""
        places = sorted(place for place in self.kept if place[0] == topic)
        return [value for place in places for value in self.kept[place]]
