"""What was fetched into records, by our own reader of record batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kafka.consumer.fetcher import Fetcher
from kafka.structs import TopicPartition
from typing_extensions import override

from consumers.cloudevents import Incoming
from consumers.record_batches import (
    CONTROL,
    TRANSACTIONAL,
    Batch,
    Source,
    Unreadable,
    batches,
    records,
)
from consumers.topics import Topics

ABORT = b"\x00\x00"


class Records(Fetcher.PartitionRecords):  # type: ignore[misc]
    """Unpacks what was fetched into our records; what cannot be unpacked is a record, too."""

    leader_epoch: int
    next_fetch_offset: int

    def __init__(self, topics: Topics, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        self._topics = topics
        super().__init__(*args, **kwargs)

    @override
    def _unpack_records(
        self, tp: TopicPartition, fetched: Any, *_: Any
    ) -> Iterator[Incoming | Unreadable]:
        source = Source(tp.topic, tp.partition, self._topics.channel(tp.topic))
        for batch in batches(fetched._buffer):  # noqa: SLF001 - the bytes as they came
            self.leader_epoch = max(batch.epoch, self.leader_epoch)
            self.bytes_read += len(batch.raw)
            if not self._left_out(batch, source):
                yield from self._unpack(batch, source)
            self.next_fetch_offset = max(batch.last + 1, self.next_fetch_offset)
        self.drain()

    def _unpack(self, batch: Batch, source: Source) -> Iterator[Incoming | Unreadable]:
        read, bad = records(batch, source, self.fetch_offset)
        for record in read:
            self.next_fetch_offset = record.offset + 1  # type: ignore[operator]
            yield record
        if bad is not None:
            self.next_fetch_offset = bad.last + 1
            yield bad

    def _left_out(self, batch: Batch, source: Source) -> bool:
        """Say whether these are marks of transactions, or records of one that was aborted."""
        if batch.producer_id >= 0:
            self._consume_aborted_transactions_up_to(batch.last)
        if batch.attributes & CONTROL:
            read, bad = records(batch, source)
            if bad is not None:
                return False  # damage may have made it look like a mark: it becomes a letter
            if read and (read[0].key or b"")[2:4] == ABORT:
                self.aborted_producer_ids.discard(batch.producer_id)
            return True
        return bool(
            batch.attributes & TRANSACTIONAL and batch.producer_id in self.aborted_producer_ids
        )
