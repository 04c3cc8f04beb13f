"""Our words about Kafka, free of its client: settings, and what can go wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from consumers.topics import Place, Topics

FETCH_BYTES = 8_000_000
PARTITION_FETCH_BYTES = 150_000
"""Small: a batch holds something of every partition, so that few messages are ahead of their order
and have to be parked. Longer messages still come."""

WHOLE_CHUNKS = 1_000_000
"""Records in one poll: all that was fetched. Of a partition that is paused in the middle of a chunk
kafka-python 3.0.12 may read nothing any more."""


class KafkaUnavailable(Exception):
    """The brokers do not answer, or the client gave up. Try again with a new member."""


class KafkaRefused(Exception):
    """The brokers refuse, or topics are not as they must be. Says what to change."""


class OutOfRange(Exception):
    """A position is outside of what its partition holds. `places` names them."""

    def __init__(self, places: Collection[Place]) -> None:
        super().__init__(f"positions out of range: {sorted(places)}")
        self.places = list(places)


@dataclass(frozen=True)
class KafkaSettings:
    """How to talk to Kafka. `client` goes to every client as it is, TLS and SASL for example."""

    bootstrap: str
    topics: Topics
    group: str = "countermand-ingest"
    session_timeout: float = 10.0
    """Seconds."""
    max_records: int = 2_000
    client: Mapping[str, Any] = field(default_factory=dict)

    def common(self) -> dict[str, Any]:
        """What every client is told."""
        return {"bootstrap_servers": self.bootstrap.split(","), **self.client}

    def grouped(self) -> dict[str, Any]:
        """What a member of the group is told beside it."""
        timeout_ms = int(self.session_timeout * 1000)
        return {
            "group_id": self.group,
            "session_timeout_ms": timeout_ms,
            "heartbeat_interval_ms": min(3_000, timeout_ms // 4),
        }

    def consumer(self) -> dict[str, Any]:
        """What every consumer is told: nothing happens by itself, and nothing is guessed."""
        return {
            **self.common(),
            "auto_offset_reset": "none",  # our positions are in the database
            "enable_auto_commit": False,
            "isolation_level": "read_committed",
            "allow_auto_create_topics": False,
            "exclude_internal_topics": True,
            "max_poll_records": WHOLE_CHUNKS,
            "fetch_max_bytes": FETCH_BYTES,
            "max_partition_fetch_bytes": PARTITION_FETCH_BYTES,
            "fetch_max_wait_ms": 200,
            "reconnect_backoff_max_ms": 2_000,
            "bootstrap_timeout_ms": 5_000,  # a stop must not wait for brokers that are away
            "enable_incremental_fetch_sessions": False,  # they stalled consumers more than once
            "metrics_enabled": False,
        }


def check_topics(partitions: Mapping[str, int], *, by_order: bool = True) -> None:
    """Refuse topics that are missing, or, keyed by order, differ in their number of partitions."""
    missing = [topic for topic, number in partitions.items() if not number]
    if missing:
        raise KafkaRefused(
            f"topics are missing: {', '.join(missing)}. Make them: countermand topics create"
        )
    if by_order and len(set(partitions.values())) > 1:
        raise KafkaRefused(
            f"the inbound topics must have the same number of partitions, not {dict(partitions)}:"
            " an order's messages must meet in one process"
        )


def check_wanted(partitions: Mapping[str, int], wanted: int) -> None:
    """Refuse inbound topics that are there with another number of partitions than `wanted`."""
    for topic, number in partitions.items():
        if number != wanted:
            raise KafkaRefused(
                f"topic {topic} has {number} partitions, not {wanted}. Ask for as many as there"
                " are: with more, messages of one order would come by two of them"
            )
