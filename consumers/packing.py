"""Messages into record batches as Kafka's log holds them (format 2); `record_batches` reads them.

The client packs record by record, with a lock, a future and a log line for each, which was measured
to cost ten times as much. What is packed here it sends, in order and once for each partition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from consumers.outgoing import Headers, Outgoing

LONGEST = 120_000
"""Bytes of records in a batch, at most; a longer message is a batch of its own."""


class Packed(NamedTuple):
    """Records of one partition, in order: the body of a batch, and how many there are."""

    channel: str
    partition: int
    records: int
    body: bytes


class _Open:
    """A batch that is being filled."""

    __slots__ = ("records", "size")

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.size = 0

    def closed(self, channel: str, partition: int) -> Packed:
        packed = Packed(channel, partition, len(self.records), b"".join(self.records))
        self.records, self.size = [], 0
        return packed


def pack(
    messages: Iterable[Outgoing], partition_of: Callable[[str, bytes | None], int]
) -> list[Packed]:
    """Pack messages into batches; those of one partition keep their order."""
    filling: dict[tuple[str, int], _Open] = {}
    done: list[Packed] = []
    for channel, key, value, headers in messages:
        partition = partition_of(channel, key)
        batch = filling.get((channel, partition))
        if batch is None:
            batch = filling[channel, partition] = _Open()
        record = _record(len(batch.records), key, value, headers)
        if batch.records and batch.size + len(record) > LONGEST:
            done.append(batch.closed(channel, partition))
            record = _record(0, key, value, headers)
        batch.records.append(record)
        batch.size += len(record)
    return done + [batch.closed(*place) for place, batch in filling.items()]


def _record(number: int, key: bytes | None, value: bytes | None, headers: Headers) -> bytes:
    """Write one record; `number` is its place in the batch. Its time is the batch's."""
    body = b"".join(
        (
            b"\0\0",  # no attributes, no time of its own
            _varint(number),
            _NULL if key is None else _varint(len(key)) + key,
            _NULL if value is None else _varint(len(value)) + value,
            _tail(headers),
        )
    )
    return _varint(len(body)) + body


@lru_cache(256)
def _tail(headers: Headers) -> bytes:
    written = [_varint(len(headers))]
    for name, value in headers:
        encoded = name.encode()
        written += (_varint(len(encoded)), encoded)
        written += (_NULL,) if value is None else (_varint(len(value)), value)
    return b"".join(written)


def _varint(number: int) -> bytes:
    return _SHORT[number] if number < len(_SHORT) else _encoded(number)


def _encoded(number: int) -> bytes:
    """Write a length, or a place, from 0 on: zigzag, seven bits a byte, the lowest first."""
    rest, out = number << 1, bytearray()
    while rest > 0x7F:  # noqa: PLR2004 - the high bit says that more follows
        out.append(0x80 | (rest & 0x7F))
        rest >>= 7
    out.append(rest)
    return bytes(out)


_NULL = b"\x01"  # a length of -1
_SHORT = tuple(map(_encoded, range(4_096)))
