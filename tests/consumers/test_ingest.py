"""The ingest loop on real parts: everything once, whatever comes between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.structs import TopicPartition
from typing_extensions import override

from application.event_store import EventStore
from consumers import dead_letters, partitions
from consumers.dead_limit import DeadLimit
from consumers.ingest import Ingest
from consumers.intake import Intake
from consumers.kafka import KafkaRefused, KafkaSettings, Producer, create_topics
from consumers.topics import Place, Topics
from tests.support.kafka import produce, produce_batch, record, record_batch
from tests.support.saying import Said, cancel, channel_of, delivered, encoded, placed, shipped
from tests.support.streams import emptied, kinds

SECONDS = 90


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        yield opened


@pytest.fixture
def ingest(store: EventStore, kafka: KafkaSettings) -> Iterator[Ingest]:
    """A member of the test's own group; its turns are ours to take."""
    one = Ingest(store, Intake(store), kafka, DeadLimit(0.5, 10))
    yield one
    one._leave()


def send(kafka: KafkaSettings, *messages: Said, partition: int | None = None) -> None:
    """Produce messages to their topics, keyed by their order."""
    with Producer(kafka) as producer:
        for said in messages:
            key = said["subject"].encode()
            channel = channel_of(said["type"])
            producer.send(channel, key, encoded(said), partition=partition)
        producer.flush()


def turn_until(done: Callable[[], object], *ingests: Ingest) -> None:
    deadline = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < deadline, [one.counts for one in ingests]
        for one in ingests:
            one.turn(0.1)


def lags(store: EventStore, kafka: KafkaSettings) -> list[int]:
    return [one.lag for one in partitions.look(store, kafka, DeadLimit())]


def written(store: EventStore, kafka: KafkaSettings) -> int:
    return sum(one.end for one in partitions.look(store, kafka, DeadLimit()))


def life(order_id: str) -> list[Said]:
    return [
        placed(order_id, 3),
        cancel(order_id, items=[{"line_id": "L1", "quantity": 1}]),
        shipped(order_id, 2),
        delivered(order_id),
    ]


def lives(orders: Sequence[str]) -> list[Said]:
    return [said for order_id in orders for said in life(order_id)]


ORDERS = [f"O{n}" for n in range(40)]


def test_every_message_is_recorded_and_every_position_is_the_end(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    send(kafka, *lives(ORDERS))
    turn_until(lambda: ingest.counts.total() - ingest.counts["batches"] >= 160, ingest)
    assert {order: len(kinds(store, order)) for order in ORDERS} == dict.fromkeys(ORDERS, 4)
    assert lags(store, kafka) == [0] * 6


def test_a_restart_goes_on_behind_the_last_record(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    send(kafka, *lives(ORDERS[:20]))
    turn_until(lambda: sum(lags(store, kafka)) == 0, ingest)
    ingest._leave()
    send(kafka, *lives(ORDERS[20:]))
    again = Ingest(store, Intake(store), kafka)
    turn_until(lambda: sum(lags(store, kafka)) == 0, again)
    again._leave()
    assert again.counts["repeated"] == 0
    assert {order: len(kinds(store, order)) for order in ORDERS} == dict.fromkeys(ORDERS, 4)


def test_what_kafka_remembers_of_our_offsets_is_never_read_back(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    send(kafka, placed("A"), partition=0)
    turn_until(lambda: kinds(store, "A"), ingest)
    place = Place(kafka.topics.inbound()[0], 0)
    assert ingest._member is not None
    ingest._member.tell({place: 98})
    ingest._leave()
    send(kafka, cancel("A"), partition=0)
    again = Ingest(store, Intake(store), kafka)
    turn_until(lambda: len(kinds(store, "A")) == 2, again)
    again._leave()
    assert again.stopped == {}


def test_bad_records_of_every_kind_stop_nobody(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    topic = kafka.topics.inbound()[0]
    send(kafka, placed("A"), partition=0)
    produce(kafka, "storefront", b"{", None, b"[" * 5_000, b" " * 1_000_001, b"\xff\xfe")
    odd = record_batch(record(encoded(cancel("B")), headers=((b"ce_\xff", b"x"),)))
    assert produce_batch(kafka.bootstrap, topic, 0, odd) == 0
    send(kafka, shipped("A", 1) | {"type": "ItemCancelRequested"}, cancel("A"), partition=0)
    turn_until(lambda: len(kinds(store, "A")) >= 3, ingest)
    assert kinds(store, "A") == ["OrderPlaced", "MessageSetAside", "ItemCancelRequested"]
    letters = dead_letters.listed(store)
    assert [letter.offset for letter in letters] == [1, 2, 3, 4, 5, 7]
    assert [letter.rule for letter in letters[:5]] == [
        "not_json",
        "tombstone",
        letters[2].rule,
        "too_large",
        "byte_order_mark",
    ]


def test_a_partition_full_of_bad_records_stops_and_the_others_go_on(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    produce(kafka, "storefront", *[b"{%d" % number for number in range(300)], partition=0)
    send(kafka, placed("A"), partition=1)
    place = Place(kafka.topics.inbound()[0], 0)
    turn_until(lambda: place in ingest.stopped and kinds(store, "A"), ingest)
    send(kafka, cancel("A"), partition=1)
    turn_until(lambda: len(kinds(store, "A")) == 2, ingest)
    assert dead_letters.counted(store) == {"open": 10}
    assert "10 of the last 10 records are dead letters" in ingest.stopped[place]
    assert store.positions("kafka/")[place.position] == 9


def test_a_stopped_partition_stays_stopped_after_a_restart(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    produce(kafka, "storefront", *[b"{%d" % number for number in range(300)], partition=0)
    place = Place(kafka.topics.inbound()[0], 0)
    turn_until(lambda: place in ingest.stopped, ingest)
    ingest._leave()
    again = Ingest(store, Intake(store), kafka, DeadLimit(0.5, 10))
    turn_until(lambda: place in again.stopped, again)
    why = again.stopped[place]
    again._leave()
    assert again.counts["dead"] == 0
    (standing,) = [
        one for one in partitions.look(store, kafka, DeadLimit(0.5, 10)) if one.place == place
    ]
    assert standing.stopped == why


def test_a_partition_goes_on_when_its_dead_letters_are_dropped(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    produce(kafka, "storefront", *[b"{%d" % number for number in range(10)], partition=0)
    send(kafka, placed("A"), partition=0)
    turn_until(lambda: ingest.stopped, ingest)
    for letter in dead_letters.listed(store):
        dead_letters.drop(store, letter.dead_letter_id, 1)
    ingest._look_at = 0.0
    turn_until(lambda: kinds(store, "A"), ingest)
    assert ingest.stopped == {}


def test_a_stale_writer_is_turned_away_and_goes_on_from_the_real_position(
    store: EventStore, kafka: KafkaSettings
) -> None:
    """Two that read one partition without a group: the worst that a frozen member can do."""
    places = [Place(topic, 0) for topic in kafka.topics.inbound()]
    send(kafka, *lives(ORDERS[:1]), partition=0)
    one, other = (Ingest(store, Intake(store), kafka, places=places) for _ in range(2))
    for ingest in (one, other):  # both have read their positions before either writes
        ingest._member = ingest._join()
        ingest._notice(ingest._member)
        ingest._settle(ingest._member)
    send(kafka, *lives(ORDERS[1:]), partition=0)
    turn_until(lambda: sum(lags(store, kafka)) == 0, one, other)
    turn_until(lambda: not one._need and not other._need, one, other)
    assert one.counts["stale"] + other.counts["stale"] >= 1
    assert one.counts["repeated"] + other.counts["repeated"] == 0
    assert {order: len(kinds(store, order)) for order in ORDERS} == dict.fromkeys(ORDERS, 4)
    for ingest in (one, other):
        ingest._leave()


def test_while_the_database_is_away_nothing_is_read_and_nothing_lost(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest, postgres_server: str
) -> None:
    send(kafka, *lives(ORDERS[:5]))
    turn_until(lambda: sum(lags(store, kafka)) == 0, ingest)
    with store.connection() as conn:
        (name,) = conn.execute("SELECT current_database()").fetchall()[0]
    with psycopg.connect(postgres_server, autocommit=True) as conn:
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        send(kafka, *lives(ORDERS[5:]))
        turn_until(lambda: ingest._failures >= 2, ingest)
        assert ingest._at == {}
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
    turn_until(lambda: ingest._at and sum(lags(store, kafka)) == 0, ingest)
    assert {order: len(kinds(store, order)) for order in ORDERS} == dict.fromkeys(ORDERS, 4)
    assert ingest.counts["repeated"] == 0


def _anew(kafka: KafkaSettings) -> None:
    """Delete the topics and make them again."""
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.delete_topics(kafka.topics.all())
    admin.close()
    deadline = time.monotonic() + SECONDS
    while not all(create_topics(kafka, 2, 1).values()):
        assert time.monotonic() < deadline


@pytest.mark.parametrize("number", [1, 30], ids=["shorter", "longer"])
def test_a_topic_that_was_made_anew_stops_until_somebody_says_so(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest, number: int
) -> None:
    send(kafka, *[placed(order) for order in ORDERS[:10]], partition=0)
    turn_until(lambda: sum(lags(store, kafka)) == 0, ingest)
    ingest._leave()
    _anew(kafka)
    fresh = [f"N{n}" for n in range(number)]
    send(kafka, *[placed(order) for order in fresh], partition=0)
    turn_until(lambda: ingest.stopped, ingest)
    place = Place(kafka.topics.inbound()[0], 0)
    assert f"countermand topics restart {place.topic}" in ingest.stopped[place]
    for topic in kafka.topics.inbound():
        partitions.restart(store, topic)
    ingest._look_at = 0.0
    turn_until(lambda: not ingest.stopped and kinds(store, fresh[-1]), ingest)
    assert [kinds(store, order) for order in fresh] == [["OrderPlaced"]] * number


def test_records_that_retention_took_before_we_came_are_said(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    send(kafka, *[placed(order) for order in ORDERS[:10]], partition=0)
    place = Place(kafka.topics.inbound()[0], 0)
    turn_until(lambda: sum(lags(store, kafka)) == 0, ingest)
    ingest._leave()
    send(kafka, *[placed(order) for order in ORDERS[10:20]], partition=0)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.delete_records({TopicPartition(*place): 15})
    admin.close()
    turn_until(lambda: ingest.stopped, ingest)
    assert "offset 10 is to be read next, and the topic holds 15 to 20" in ingest.stopped[place]


def test_marks_of_transactions_leave_no_lag(
    store: EventStore, kafka: KafkaSettings, ingest: Ingest
) -> None:
    topic = kafka.topics.inbound()[0]
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=topic)
    producer.init_transactions()
    for order, end in (("A", producer.commit_transaction), ("B", producer.abort_transaction)):
        producer.begin_transaction()
        producer.send(topic, encoded(placed(order)), partition=0)
        producer.flush()
        end()
    producer.close()
    # A record and a mark each; the broker writes the marks after it has answered.
    turn_until(lambda: (written(store, kafka), sum(lags(store, kafka))) == (4, 0), ingest)
    assert (kinds(store, "A"), kinds(store, "B")) == (["OrderPlaced"], [])


def test_missing_topics_end_the_loop_with_what_to_do(
    store: EventStore, kafka: KafkaSettings
) -> None:
    nowhere = replace(kafka, topics=Topics("nowhere."))
    with pytest.raises(KafkaRefused, match="countermand topics create"):
        Ingest(store, Intake(store), nowhere).turn()


def test_a_batch_that_cannot_be_written_is_halved_until_the_bad_one_is_alone(
    store: EventStore, kafka: KafkaSettings
) -> None:
    class Picky(EventStore):
        """Fails for a reason that nobody has thought of."""

        def __init__(self) -> None:
            self.__dict__.update(store.__dict__)

        @override
        def append(self, *args: Any) -> int | None:
            if "S13" in repr(args[0]):
                raise ZeroDivisionError("a bug")
            return super().append(*args)

    messages = lives(ORDERS[:6])
    messages.insert(9, shipped("O1", 1, shipment_id="S13"))
    send(kafka, *messages, partition=0)
    picky = Picky()
    places = [Place(topic, 0) for topic in kafka.topics.inbound()]
    ingest = Ingest(picky, Intake(picky), kafka, places=places)
    turn_until(lambda: sum(lags(store, kafka)) == 0, ingest)
    ingest._leave()
    assert [letter.rule for letter in dead_letters.listed(store)] == ["internal_error"]
    assert {order: len(kinds(store, order)) for order in ORDERS[:6]} == dict.fromkeys(ORDERS[:6], 4)
