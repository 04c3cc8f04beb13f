"""Record batches as Kafka's log holds them, read so that no bad one can stop the rest.

The client raises on the first bad record and then hangs (reliability: `poll` spins after an error
while unpacking), and its errors do not carry the bytes. Here a batch gives the records that can be
read, and one `Unreadable` with the batch's bytes for those that cannot.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from crc32c import crc32c

from consumers import codecs
from consumers.cloudevents import Incoming

HEADER = struct.Struct(">qiibIhiqqqhii")
OVERHEAD = 12  # the offset and the length, which the length does not count
CRC_FROM = 21
CODEC, APPEND_TIME, TRANSACTIONAL, CONTROL = 0x07, 0x08, 0x10, 0x20
MAGIC = 2
VARINT_BITS = 63
BATCH_RULES = frozenset(
    {"message_format", "corrupt_record", "unsupported_codec", "batch_too_large"}
)
"""The rules that a whole batch may break; its dead letter holds the batch, not a record."""


class Source(NamedTuple):
    """Where records come from; each record carries it."""

    topic: str
    partition: int
    channel: str | None


class Unreadable(NamedTuple):
    """Offsets `offset` to `last` cannot be read; `value` is the whole batch as the log holds it."""

    source: Source
    offset: int
    last: int
    timestamp: int
    value: bytes
    rule: str
    detail: str

    def as_record(self) -> Incoming:
        """Return a record that stands for all of it in the dead letters."""
        topic, partition, channel = self.source
        return Incoming(
            self.value, (), None, channel, topic, partition, self.offset, self.timestamp
        )


class Batch(NamedTuple):
    """A batch's header, and the bytes that it was read from."""

    raw: bytes
    offset: int
    epoch: int
    magic: int
    crc: int
    attributes: int
    last: int
    first_timestamp: int
    max_timestamp: int
    producer_id: int
    records: int


class Bad(Exception):
    """Why a batch cannot be read."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule, self.detail = rule, detail


def batches(buffer: bytes | memoryview) -> Iterator[Batch]:
    """Cut what a broker answered into batches. A last one that is not whole is left out."""
    view, at = memoryview(buffer), 0
    while at + OVERHEAD <= len(view):
        (length,) = struct.unpack_from(">i", view, at + 8)
        end = at + OVERHEAD + length
        if length < 0 or end > len(view):
            return
        yield _header(bytes(view[at:end]))
        at = end


def _header(raw: bytes) -> Batch:
    if len(raw) < HEADER.size or raw[16] != MAGIC:
        (offset,) = struct.unpack_from(">q", raw)
        magic = raw[16] if len(raw) > 16 else 0  # noqa: PLR2004 - where every format has it
        return Batch(raw, offset, -1, magic, 0, 0, offset, 0, 0, -1, 0)
    offset, _, epoch, magic, crc, bits, last, first, latest, producer, _, _, count = (
        HEADER.unpack_from(raw)
    )
    return Batch(
        raw, offset, epoch, magic, crc, bits, offset + last, first, latest, producer, count
    )


def records(
    batch: Batch, source: Source, first: int = 0
) -> tuple[list[Incoming], Unreadable | None]:
    """Read the batch's records from offset `first` on, as far as they can be read."""
    read: list[Incoming] = []
    bad: Bad | None = None
    try:
        _read(batch, source, _body(batch), read)
    except Bad as why:
        bad = why
    except Exception as error:  # noqa: BLE001 - garbage makes codecs raise anything
        bad = Bad("corrupt_record", f"the record batch is damaged: {error}"[:300])
    wanted = read if first <= batch.offset else [one for one in read if _offset(one) >= first]
    if bad is None:
        return wanted, None
    start = max(_offset(read[-1]) + 1 if read else batch.offset, first)
    last = max(batch.last, start)
    told = Unreadable(source, start, last, batch.first_timestamp, batch.raw, bad.rule, bad.detail)
    return wanted, told


def _offset(record: Incoming) -> int:
    return record.offset or 0


def _body(batch: Batch) -> bytes:
    if batch.magic != MAGIC:
        raise Bad("message_format", f"record batches of format {batch.magic} are not read")
    if crc32c(memoryview(batch.raw)[CRC_FROM:]) != batch.crc:
        raise Bad("corrupt_record", "the record batch does not match its checksum")
    try:
        return codecs.opened(batch.attributes & CODEC, batch.raw[HEADER.size :])
    except codecs.Unknown as unknown:
        raise Bad("unsupported_codec", str(unknown)) from unknown
    except codecs.TooLarge as large:
        raise Bad("batch_too_large", str(large)) from large


def _read(batch: Batch, source: Source, body: bytes, into: list[Incoming]) -> None:
    """Append the records one by one, so that those before a damaged one are kept.

    One long loop: this runs for every record that we hear.
    """
    at, base, stamp = 0, batch.offset, batch.first_timestamp
    appended = batch.max_timestamp if batch.attributes & APPEND_TIME else None
    topic, partition, channel = source
    known_tail, headers = b"\x00", NO_HEADERS
    new, kind, append = tuple.__new__, Incoming, into.append
    for _ in range(batch.records):
        size, at = _varint(body, at)
        end = at + size
        if size < 0 or end > len(body):
            raise ValueError("a record reaches beyond its batch")
        late, at = _varint(body, at + 1)  # one byte of attributes, unused
        number, at = _varint(body, at)
        key, at = _bytes(body, at)
        value, at = _bytes(body, at)
        tail = body[at:end]
        if tail != known_tail:  # most producers send the same headers again and again
            known_tail, headers = tail, _headers(tail)
        time = appended if appended is not None else stamp + late
        append(new(kind, (value, headers, key, channel, topic, partition, base + number, time)))
        at = end


NO_HEADERS: tuple[tuple[str, bytes | None], ...] = ()


def _headers(tail: bytes) -> tuple[tuple[str, bytes | None], ...]:
    """Read headers. A name that is not UTF-8 is kept, marked: brokers do not look at it."""
    count, at = _varint(tail, 0)
    if count < 0:
        raise ValueError("a negative number of headers")
    found = []
    for _ in range(count):
        name, at = _bytes(tail, at)
        if name is None:
            raise ValueError("a header without a name")
        value, at = _bytes(tail, at)
        found.append((name.decode("utf-8", "backslashreplace"), value))
    if at != len(tail):
        raise ValueError("a record is shorter than it says")
    return tuple(found)


def _bytes(body: bytes, at: int) -> tuple[bytes | None, int]:
    size = body[at]
    if size < 0x80:  # noqa: PLR2004 - one byte, zigzag
        size, at = (size >> 1) ^ -(size & 1), at + 1
    else:
        size, at = _varint(body, at)
    if size < 0:
        return None, at
    end = at + size
    if end > len(body):
        raise ValueError("a field reaches beyond its record")
    return body[at:end], end


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """Read a zigzag number of variable length; return it and where the next one begins."""
    byte = body[at]
    at += 1
    number, shift = byte & 0x7F, 7
    while byte >= 0x80:  # noqa: PLR2004 - the high bit says that more follows
        if shift > VARINT_BITS:
            raise ValueError("a number is too long")
        byte = body[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
    return (number >> 1) ^ -(number & 1), at
