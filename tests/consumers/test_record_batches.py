"""Record batches: what can be read is read, what cannot is told with its bytes, nothing raises."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.record.memory_records import MemoryRecordsBuilder

from consumers.cloudevents import Incoming
from consumers.record_batches import Source, Unreadable, batches, records
from tests.support.kafka import record, record_batch, varint, with_checksum

SOURCE = Source("countermand.warehouse", 3, "warehouse")


def read(buffer: bytes, first: int = 0) -> list[Incoming | Unreadable]:
    found: list[Incoming | Unreadable] = []
    for batch in batches(buffer):
        good, bad = records(batch, SOURCE, first)
        found += [*good, *([bad] if bad else [])]
    return found


def by_client(values: list[bytes | None], codec: int) -> bytes:
    builder = MemoryRecordsBuilder(2, codec, 10_000_000, offset=0)
    for number, value in enumerate(values):
        headers = [("content-type", b"application/json"), (f"n{number % 3}", None)]
        assert builder.append(1_000 + number, b"k%d" % number, value, headers)
    builder.close()
    return bytes(builder.buffer())


@pytest.mark.parametrize("codec", [0, 1, 2, 3, 4], ids=["none", "gzip", "snappy", "lz4", "zstd"])
def test_batches_of_every_codec_are_read(codec: int) -> None:
    values = [b"v" * number if number % 5 else None for number in range(300)]
    headers = [(("content-type", b"application/json"), (f"n{n % 3}", None)) for n in range(300)]
    assert read(by_client(values, codec)) == [
        Incoming(value, headers[n], b"k%d" % n, "warehouse", SOURCE.topic, 3, n, 1_000 + n)
        for n, value in enumerate(values)
    ]


def test_reading_starts_in_the_middle_of_a_batch() -> None:
    batch = by_client([b"a", b"b", b"c"], 1)
    assert [one.value for one in read(batch, first=1)] == [b"b", b"c"]


def test_a_batch_that_is_cut_off_is_left_for_the_next_fetch() -> None:
    batch = record_batch(record(b"a"))
    assert [one.value for one in read(batch + batch[:-1])] == [b"a"]


def test_an_unknown_codec_is_told_with_the_batch() -> None:
    batch = record_batch(record(b"a"), codec=5, offset=7, number=3)
    (bad,) = read(batch)
    assert isinstance(bad, Unreadable)
    assert (bad.offset, bad.last, bad.rule, bad.value) == (7, 9, "unsupported_codec", batch)


@pytest.mark.parametrize("codec", [1, 2, 3, 4], ids=["gzip", "snappy", "lz4", "zstd"])
def test_a_compressed_body_that_is_garbage_is_told(codec: int) -> None:
    batch = record_batch(b"\x82SNAPPY\x00" + b"garbage" * 9, codec=codec)
    (bad,) = read(batch)
    assert isinstance(bad, Unreadable)
    assert (bad.rule, bad.value) == ("corrupt_record", batch)


def test_records_before_a_damaged_one_are_kept() -> None:
    body = record(b"a") + record(b"b", 1) + b"\x7fgarbage"
    good, other, bad = read(record_batch(body, number=4, offset=10))
    assert (good.value, other.value) == (b"a", b"b")
    assert isinstance(bad, Unreadable)
    assert (bad.offset, bad.last, bad.rule) == (12, 13, "corrupt_record")


def test_a_wrong_checksum_is_told() -> None:
    batch = bytearray(record_batch(record(b"a")))
    batch[-1] ^= 1
    (bad,) = read(bytes(batch))
    assert isinstance(bad, Unreadable)
    assert bad.rule == "corrupt_record"


def test_an_old_format_is_told() -> None:
    batch = bytearray(record_batch(record(b"a")))
    batch[16] = 1
    (bad,) = read(bytes(batch))
    assert isinstance(bad, Unreadable)
    assert bad.rule == "message_format"


def test_a_header_that_is_no_utf8_is_kept_marked() -> None:
    (good,) = read(record_batch(record(b"a", headers=((b"\xff", b"x"),))))
    assert isinstance(good, Incoming)
    assert good.headers == (("\\xff", b"x"),)


def test_a_small_bomb_does_not_fill_the_memory() -> None:
    bomb = record_batch(gzip.compress(bytes(500_000_000), compresslevel=1), codec=1)
    tracemalloc.start()
    (bad,) = read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(bad, Unreadable)
    assert bad.rule == "batch_too_large"
    assert peak < 200_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        varint(-5),
        varint(1_000_000),
        b"\xff" * 20,
        varint(6) + b"\x00\x00\x00" + varint(-1) + varint(1_000) + varint(0),
        varint(6) + b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(-4),
        varint(7) + b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(1) + varint(-1),
        varint(9) + b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(0) + b"more",
    ],
    ids=["none", "negative", "long", "endless", "value", "headers", "nameless", "rest"],
)
def test_a_damaged_record_is_told(body: bytes) -> None:
    (bad,) = read(record_batch(body))
    assert isinstance(bad, Unreadable)
    assert bad.rule == "corrupt_record"


@given(st.integers(0, 400), st.integers(1, 255), st.sampled_from([0, 1, 2, 3, 4]))
def test_whatever_byte_is_damaged_nothing_raises_and_offsets_are_all_told(
    place: int, change: int, codec: int
) -> None:
    batch = bytearray(by_client([b"a" * 40, b"b" * 40, b"c" * 40], codec))
    place = 21 + place % (len(batch) - 21)
    batch[place] ^= change
    for found in (read(bytes(batch)), read(with_checksum(bytes(batch)))):
        assert found
        for one in found:
            assert isinstance(one, Incoming | Unreadable)
