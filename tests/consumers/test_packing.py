"""What is packed is what Kafka's log holds: our own reader reads it, the client packs the same."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatchBuilder

from consumers.outgoing import Outgoing
from consumers.packing import LONGEST, Packed, pack
from consumers.record_batches import HEADER, Source, batches, records
from tests.support.kafka import record_batch

HEADERS = (("content-type", b"application/cloudevents+json"), ("empty", b""), ("null", None))
some_bytes = st.binary(max_size=300) | st.integers(0, 70_000).map(bytes)
messages = st.builds(
    Outgoing,
    st.sampled_from(["orders", "buyer-notices"]),
    st.none() | st.binary(max_size=3),
    st.none() | some_bytes,
    st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=9)), max_size=3).map(
        tuple
    ),
)


def partition_of(_: str, key: bytes | None) -> int:
    return len(key or b"") % 2


def unpacked(packed: Packed) -> list[Outgoing]:
    batch = record_batch(packed.body, number=packed.records)
    (read,) = batches(batch)
    found, bad = records(read, Source(packed.channel, packed.partition, None))
    assert bad is None
    assert [one.offset for one in found] == list(range(packed.records))
    return [Outgoing(packed.channel, one.key, one.value, tuple(one.headers)) for one in found]


@given(st.lists(messages, max_size=40))
def test_what_is_packed_is_read_back_in_the_order_of_each_partition(said: list[Outgoing]) -> None:
    packed = pack(said, partition_of)

    def place(one: Outgoing) -> tuple[str, int]:
        return one.channel, partition_of(one.channel, one.key)

    read = sorted((one for batch in packed for one in unpacked(batch)), key=place)
    assert read == sorted(said, key=place)
    assert all((batch.channel, batch.partition) == place(unpacked(batch)[0]) for batch in packed)


def test_a_batch_has_the_bytes_that_the_client_would_have_packed() -> None:
    said = [Outgoing("orders", b"key-%d" % n, b"v" * 5 * n, HEADERS) for n in range(200)]
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10**9)
    for number, (_, key, value, headers) in enumerate(said):
        builder.append(number, 1_000, key, value, list(headers))

    (packed,) = pack(said, lambda *_: 0)

    assert packed.body == bytes(builder.build())[HEADER.size :]


def test_batches_are_full_but_not_too_large_and_a_long_message_is_one_of_its_own() -> None:
    sizes = [50_000, 50_000, 50_000, 900_000, 10, 10]
    said = [Outgoing("orders", b"k", bytes(size)) for size in sizes]

    packed = pack(said, lambda *_: 0)

    assert [batch.records for batch in packed] == [2, 1, 1, 2]
    assert [len(batch.body) > LONGEST for batch in packed] == [False, False, True, False]


def test_batches_of_one_partition_come_one_after_the_other() -> None:
    said = [Outgoing("orders", b"k" * (n % 2), bytes(50_000) + b"%d" % n) for n in range(9)]

    packed = [batch for batch in pack(said, partition_of) if batch.partition == 1]

    read = [one for batch in packed for one in unpacked(batch)]
    assert read == [one for one, _ in groupby(said) if one.key]
