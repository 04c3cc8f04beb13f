"""The messages of a bench: told once to a file and to topics, the same for every contender."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from consumers.kafka import KafkaSettings, Producer, create_topics
from consumers.topics import Topics
from runtime import simulate
from runtime.simulate import Outgoing

PARTITIONS = 4
PREFIX = "bench."


def messages(count: int, seed: int = 1) -> Iterator[Outgoing]:
    """So many messages of the plainest world: five an order, with a crossing in each."""
    return islice(simulate.messages(replace(simulate.BENCH, seed=seed)), count)


def tell(count: int, file: Path, bootstrap: str | None) -> None:
    """Write them to a file, and to the product's topics with 4 partitions each."""
    if bootstrap is None:
        with file.open("wb") as lines:
            simulate.write_file(messages(count), lines)
        return
    settings = KafkaSettings(bootstrap, Topics(PREFIX))
    create_topics(settings, PARTITIONS, replication=1)
    with file.open("wb") as lines, Producer(settings) as producer:
        for number, one in enumerate(messages(count), 1):
            lines.write(one.value + b"\n")
            producer.send(one.topic, one.key, one.value)
            if number % 20_000 == 0:
                producer.flush()
        producer.flush()
