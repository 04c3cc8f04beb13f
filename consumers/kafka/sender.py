"""Whole batches of messages to Kafka: all of them acknowledged, or an error and nothing after it.

kafka-python sends, idempotent and one batch of a partition at a time; the batches are packed by us.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any, Self

from kafka import KafkaProducer
from kafka.errors import (
    AuthorizationError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
from kafka.partitioner.default import murmur2
from kafka.producer.producer_batch import ProducerBatch
from kafka.record.memory_records import MemoryRecordsBuilder
from kafka.structs import TopicPartition
from typing_extensions import override

from consumers.kafka.errors import not_allowed, plain_errors
from consumers.kafka.opening import opened
from consumers.kafka.terms import KafkaRefused, KafkaSettings, KafkaUnavailable
from consumers.outgoing import Outgoing
from consumers.packing import Packed, pack
from consumers.topics import LARGEST

FORMAT = 2

_TOLD: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "linger_ms": 0,
    "max_request_size": 2 * LARGEST,
    "request_timeout_ms": 10_000,
    "delivery_timeout_ms": 600_000,  # never before our patience ends: no batch is left out
    "reconnect_backoff_max_ms": 1_000,
    "bootstrap_timeout_ms": 5_000,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}


class _Batch(ProducerBatch):  # type: ignore[misc]
    """A batch that we packed. It says that it is one record, so that nobody takes it apart."""

    @property
    @override
    def record_count(self) -> int:
        return 1


@lru_cache(100_000)
def _hash(key: bytes) -> int:
    """As every Kafka client's: an order's messages on all topics have partitions of one number."""
    return int(murmur2(key)) & 0x7FFFFFFF


class Sender:
    """Sends batch after batch, for one thread. After an error only a new one helps."""

    def __init__(self, settings: KafkaSettings, patience: float = 15.0) -> None:
        """`patience`: seconds within which the brokers have to take a batch."""
        self._patience = patience
        with plain_errors():
            self._producer = opened(
                KafkaProducer,
                **{**settings.common(), **_TOLD, "max_block_ms": int(patience * 1_000)},
            )
        _check_client(self._producer)
        self._topics = settings.topics
        self._partitions: dict[str, int] = {}

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Return when the brokers have all of them; those of one key keep their order.

        Raises KafkaUnavailable, or KafkaRefused when only an operator can help. Then some may have
        been written; of a partition none that comes after one that was not.
        """
        try:
            self._partitions.clear()  # there may be more of them by now
            waiting = [self._hand_over(packed) for packed in pack(messages, self._partition_of)]
            until = time.monotonic() + self._patience
            for batch in waiting:
                self._wait_for(batch, until)
        except BaseException:
            self.close()  # else it would go on trying, beside the next one
            raise

    def _partition_of(self, channel: str, key: bytes | None) -> int:
        number = self._partitions.get(channel)
        if number is None:
            number = self._partitions[channel] = self._number_of(channel)
        return _hash(key or b"") % number

    def _number_of(self, channel: str) -> int:
        with plain_errors():
            return len(self._producer.partitions_for(self._topics.prefix + channel))

    def _hand_over(self, packed: Packed) -> _Batch:
        """Put a batch where the client's own thread takes it from."""
        place = TopicPartition(self._topics.prefix + packed.channel, packed.partition)
        batch = _Batch(place, _records(packed))
        batch.produce_future.add_callback(self._stop_at_failure)
        accumulator = self._producer._accumulator  # noqa: SLF001 - there is no other way in
        with accumulator._tp_lock(place):  # noqa: SLF001
            accumulator._batches[place].append(batch)  # noqa: SLF001
            accumulator._incomplete.add(batch)  # noqa: SLF001
        self._producer._sender.wakeup()  # noqa: SLF001
        return batch

    def _stop_at_failure(self, told: tuple[Any, ...]) -> None:
        """On the client's thread, before it goes on: what comes later must not be written first."""
        if told[2] is not None:
            self._producer._sender.force_close()  # noqa: SLF001

    def _wait_for(self, batch: _Batch, until: float) -> None:
        thread = self._producer._sender  # noqa: SLF001
        while not batch.produce_future.wait(min(1.0, max(0.0, until - time.monotonic()))):
            if time.monotonic() > until or not thread.is_alive():
                raise KafkaUnavailable(
                    f"Kafka has not taken a batch for {batch.topic_partition.topic}"
                )
        failed = batch.produce_future.value[2]
        if failed is not None:
            raise _plain(failed(0), batch.topic_partition.topic)

    def close(self) -> None:
        """Send nothing more, and wait for nothing."""
        with suppress(Exception):
            self._producer._sender.force_close()  # noqa: SLF001 - `close` would wait, then leave it
            self._producer._sender.join(2)  # noqa: SLF001
            self._producer.close(timeout=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _records(packed: Packed) -> MemoryRecordsBuilder:
    """What the client fills record by record, filled at once."""
    records = MemoryRecordsBuilder(FORMAT, 0, len(packed.body))
    builder = records._builder  # noqa: SLF001
    builder._buffer += packed.body  # noqa: SLF001
    builder._first_timestamp = builder._max_timestamp = time.time_ns() // 1_000_000  # noqa: SLF001
    builder._num_records, builder._last_offset = packed.records, packed.records - 1  # noqa: SLF001
    records._next_offset = packed.records  # noqa: SLF001
    return records


def _plain(error: Exception, topic: str) -> KafkaRefused | KafkaUnavailable:
    if isinstance(error, AuthorizationError):
        return not_allowed(error)
    if isinstance(error, MessageSizeTooLargeError | RecordListTooLargeError):
        return KafkaRefused(
            f"topic {topic} does not take a message as large as ours:"
            f" set its max.message.bytes to {LARGEST}, or more"
        )
    return KafkaUnavailable(f"Kafka did not take a batch for {topic}: {error!r}")


def _check_client(producer: KafkaProducer) -> None:
    known = hasattr(producer, "_accumulator") and hasattr(producer._accumulator, "_incomplete")  # noqa: SLF001
    if not known:
        raise KafkaRefused("this kafka-python is not known: install kafka-python>=3.0.12,<3.1")
