"""The Kafka client with its traps closed: on a real broker."""

from __future__ import annotations

import gzip
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from kafka import KafkaProducer

from consumers.cloudevents import Incoming
from consumers.kafka import KafkaRefused, KafkaSettings, Member, OutOfRange, create_topics
from consumers.record_batches import Unreadable
from consumers.topics import Place, Topics
from tests.support.kafka import produce, produce_batch, record, record_batch

Records = list[Incoming | Unreadable]
SECONDS = 90


@pytest.fixture
def member(kafka: KafkaSettings) -> Iterator[Member]:
    """A member that reads the storefront's first partition from its beginning."""
    place = Place(kafka.topics.inbound()[0], 0)
    alone = Member(kafka, [place])
    alone.noted()
    alone.start({place: 0})
    yield alone
    alone.close()


def polled(member: Member, enough: Callable[[Records], bool]) -> Records:
    """Poll until there is enough."""
    found: Records = []
    deadline = time.monotonic() + SECONDS
    while not enough(found):
        assert time.monotonic() < deadline, found
        for some in member.poll(0.1).values():
            found += some
    return found


def values(found: Records) -> list[bytes | None]:
    return [one.value for one in found]


def test_records_come_with_their_place_and_their_right_to_speak(
    kafka: KafkaSettings, member: Member
) -> None:
    produce(kafka, "storefront", b"a", b"b")
    found = polled(member, lambda some: len(some) == 2)
    assert [type(one) for one in found] == [Incoming, Incoming]
    assert [(one[0], *one[2:7]) for one in found] == [
        (b"a", b"key", "storefront", kafka.topics.inbound()[0], 0, 0),
        (b"b", b"key", "storefront", kafka.topics.inbound()[0], 0, 1),
    ]


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_every_codec_is_read(kafka: KafkaSettings, member: Member, codec: str) -> None:
    producer = KafkaProducer(
        bootstrap_servers=kafka.bootstrap, compression_type=codec, linger_ms=50, batch_size=900_000
    )
    many = [b"%d " % number * 500 for number in range(1_200)]  # more than 1 MB when it is open
    for value in many:
        producer.send(kafka.topics.inbound()[0], value, partition=0)
    producer.flush()
    producer.close()
    assert values(polled(member, lambda some: len(some) == len(many))) == many


def test_what_the_broker_takes_and_nobody_can_read_hides_nobody(
    kafka: KafkaSettings, member: Member
) -> None:
    topic = kafka.topics.inbound()[0]
    bomb = record_batch(gzip.compress(record(bytes(100_000_000)), compresslevel=1), codec=1)
    odd = record_batch(record(b"odd", headers=((b"\xff", b"x"),)))
    for batch in (record_batch(record(b"first")), bomb, odd, record_batch(record(b"last"))):
        assert produce_batch(kafka.bootstrap, topic, 0, batch) == 0
    first, bad, other, last = polled(member, lambda some: len(some) == 4)
    assert (first.value, other.value, last.value) == (b"first", b"odd", b"last")
    assert isinstance(bad, Unreadable)
    assert (bad.offset, bad.last, bad.rule) == (1, 1, "batch_too_large")


def test_records_of_aborted_transactions_are_not_heard(
    kafka: KafkaSettings, member: Member
) -> None:
    topic = kafka.topics.inbound()[0]
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=topic)
    producer.init_transactions()
    for value, end in (
        (b"taken back", producer.abort_transaction),
        (b"kept", producer.commit_transaction),
        (b"taken back, too", producer.abort_transaction),
    ):
        producer.begin_transaction()
        producer.send(topic, value, partition=0)
        end()
    producer.close()
    produce(kafka, "storefront", b"plain")
    assert values(polled(member, lambda some: b"plain" in values(some))) == [
        b"kept",
        b"plain",
    ]


def test_new_partitions_wait_until_they_are_started(kafka: KafkaSettings) -> None:
    produce(kafka, "storefront", b"a", b"b", b"c")
    member = Member(kafka)
    try:
        came: set[Place] = set()
        deadline = time.monotonic() + SECONDS
        while len(came) < 6:
            assert time.monotonic() < deadline
            assert member.poll(0.1) == {}
            came |= member.noted()[0]
        place = Place(kafka.topics.inbound()[0], 0)
        assert member.poll(0.3) == {}
        member.hold(dict.fromkeys(came - {place}, 0))
        member.start({place: 1})
        assert values(polled(member, lambda some: len(some) == 2)) == [b"b", b"c"]
    finally:
        member.close()


def test_a_position_outside_of_the_topic_is_said(kafka: KafkaSettings) -> None:
    place = Place(kafka.topics.inbound()[0], 0)
    member = Member(kafka, [place])
    member.start({place: 1_000})
    with pytest.raises(OutOfRange) as out:
        polled(member, bool)
    assert out.value.places == [place]
    member.close()


def test_missing_topics_are_said_with_what_to_do(kafka: KafkaSettings) -> None:
    nowhere = KafkaSettings(kafka.bootstrap, Topics("nowhere."))
    member = Member(nowhere, ())
    with pytest.raises(KafkaRefused, match="countermand topics create"):
        member.places()
    member.close()


def test_topics_are_made_once(kafka: KafkaSettings) -> None:
    assert set(create_topics(kafka, 2, 1).values()) == {False}


def test_topics_are_not_split_anew_under_their_orders(kafka: KafkaSettings) -> None:
    with pytest.raises(KafkaRefused, match="has 2 partitions, not 3"):
        create_topics(kafka, 3, 1)
    assert _numbers(kafka) == {2}


def _numbers(kafka: KafkaSettings) -> set[int]:
    member = Member(kafka, ())
    found = Counter(place.topic for place in member.places())
    member.close()
    return set(found.values())


def test_the_client_is_set_up_safely(member: Member) -> None:
    config = member._consumer.config
    assert config["auto_offset_reset"] == "none"
    assert config["enable_auto_commit"] is False
    assert config["isolation_level"] == "read_committed"
    assert config["allow_auto_create_topics"] is False
    assert config["key_deserializer"] is None
    assert config["value_deserializer"] is None
