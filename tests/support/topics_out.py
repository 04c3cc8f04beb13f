"""What is in the topics that we say things on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from consumers.kafka import KafkaSettings


class Read(NamedTuple):
    """A record of a topic."""

    channel: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def said(self) -> dict[str, Any]:
        """The structured CloudEvent that it holds."""
        said: dict[str, Any] = json.loads(self.value or b"")
        return said


def read(kafka: KafkaSettings, *channels: str) -> list[Read]:
    """Every record of these topics, each partition in its order."""
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap, enable_auto_commit=False)
    try:
        return [one for channel in channels for one in _read(consumer, kafka, channel)]
    finally:
        consumer.close()


def _read(consumer: KafkaConsumer, kafka: KafkaSettings, channel: str) -> list[Read]:
    topic = kafka.topics.prefix + channel
    places = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = consumer.end_offsets(places)
    found: list[Read] = []
    while any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=200).values():
            found += [
                Read(channel, one.partition, one.key, one.value, tuple(one.headers))
                for one in records
            ]
    return found


def said(kafka: KafkaSettings, channel: str) -> list[dict[str, Any]]:
    return [one.said for one in read(kafka, channel)]


def firsts(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each message once, where it came first: what a reader keeps who drops repeats by their id."""
    found: dict[str, dict[str, Any]] = {}
    for one in messages:
        found.setdefault(one["id"], one)
    return list(found.values())
