"""Whole batches on a real broker: all of them in order, or an error and nothing behind it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient

from consumers.kafka import KafkaRefused, KafkaSettings, KafkaUnavailable, Producer, Sender
from consumers.outgoing import Outgoing
from tests.support.following import until
from tests.support.kafka import with_topics
from tests.support.topics_out import read

HEADERS = (("content-type", b"application/cloudevents+json"), ("empty", b""))


@pytest.fixture
def kafka(kafka_bootstrap: str) -> KafkaSettings:
    return with_topics(kafka_bootstrap, partitions=3)


@pytest.fixture
def sender(kafka: KafkaSettings) -> Iterator[Sender]:
    with Sender(kafka) as one:
        yield one


def messages(number: int, size: int = 10) -> list[Outgoing]:
    return [
        Outgoing("orders", b"order-%d" % (n % 7), b"%08d" % n + bytes(size), HEADERS)
        for n in range(number)
    ]


def test_messages_of_one_key_keep_their_order_over_many_batches(
    kafka: KafkaSettings, sender: Sender
) -> None:
    said = messages(3_000, size=400)
    sender.send(said[:2_000])
    sender.send(said[2_000:])

    found = defaultdict(list)
    for one in read(kafka, "orders"):
        assert one.headers == HEADERS
        found[one.key].append(one.value)

    expected = defaultdict(list)
    for _, key, value, _ in said:
        expected[key].append(value)
    assert found == expected


def test_a_key_has_the_partition_that_every_client_gives_it(
    kafka: KafkaSettings, sender: Sender
) -> None:
    keys = [b"order-%d" % n for n in range(50)]
    sender.send([Outgoing("orders", key, b"ours") for key in keys])
    with Producer(kafka) as producer:
        for key in keys:
            producer.send("orders", key, b"theirs")
        producer.flush()

    places = defaultdict(set)
    for one in read(kafka, "orders"):
        places[one.key].add(one.partition)
    assert {len(partitions) for partitions in places.values()} == {1}
    assert {one for partitions in places.values() for one in partitions} == {0, 1, 2}


def test_a_message_that_a_topic_does_not_take_stops_all_that_comes_behind_it(
    kafka: KafkaSettings, sender: Sender
) -> None:
    topic = kafka.topics.prefix + "narrow"
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    small = {"max.message.bytes": "200000"}
    admin.create_topics(
        {topic: {"num_partitions": 1, "replication_factor": 1, "configs": small}},
        wait_for_metadata=True,
    )
    admin.close()
    sizes = [50_000, 50_000, 300_000, 50_000, 50_000, 50_000]
    said = [Outgoing("narrow", b"A", b"%d" % n + bytes(size)) for n, size in enumerate(sizes)]

    with pytest.raises(KafkaRefused, match=rf"{topic}.*max\.message\.bytes to 2000000"):
        sender.send(said)

    assert [(one.value or b"")[:1] for one in read(kafka, "narrow")] == [b"0", b"1"]


def test_our_topics_take_the_longest_message(kafka: KafkaSettings, sender: Sender) -> None:
    sender.send([Outgoing("dead-letters", None, bytes(1_900_000)), *messages(3)])

    assert [len(one.value or b"") for one in read(kafka, "dead-letters")] == [1_900_000]


def test_a_topic_that_is_not_there_is_not_waited_for_for_ever(kafka: KafkaSettings) -> None:
    with Sender(kafka, patience=0.5) as sender, pytest.raises(KafkaUnavailable):
        sender.send([Outgoing("nowhere", b"A", b"")])


def test_a_closed_sender_sends_nothing_and_leaves_no_thread(kafka: KafkaSettings) -> None:
    before = set(threading.enumerate())
    sender = Sender(kafka)
    sender.send(messages(10))
    sender.close()

    until(lambda: set(threading.enumerate()) <= before)
    with pytest.raises(KafkaUnavailable):
        sender.send(messages(10))
    assert len(read(kafka, "orders")) == 10
