"""The ingest loop when its parts themselves break: a damaged topic, a crashed database."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from application.event_store import EventStore, UnknownStoredName
from application.migrations import migrate
from consumers import dead_letters, partitions
from consumers.dead_limit import DeadLimit
from consumers.ingest import Ingest
from consumers.intake import Intake
from consumers.kafka import KafkaSettings, Producer
from consumers.topics import Topics
from runtime import embedded
from tests.support.kafka import Broker, record, record_batch, with_topics
from tests.support.saying import Said, cancel, channel_of, encoded, placed, shipped
from tests.support.streams import kinds

SECONDS = 90
# kafka-python leaves sockets that did not connect to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


def send(kafka: KafkaSettings, *messages: Said) -> None:
    with Producer(kafka) as producer:
        for said in messages:
            producer.send(channel_of(said["type"]), None, encoded(said), partition=0)
        producer.flush()


def turn_until_read(store: EventStore, kafka: KafkaSettings, ingest: Ingest) -> None:
    deadline = time.monotonic() + SECONDS
    while any(one.lag for one in partitions.look(store, kafka, DeadLimit())):
        assert time.monotonic() < deadline, ingest.counts
        ingest.turn(0.1)


def test_batches_that_only_a_damaged_disk_can_hold_stop_nobody_nor_does_a_restart(
    store: EventStore, own_broker: Broker
) -> None:
    """The broker would not take them, so they are put into its files while it is down."""
    kafka = with_topics(own_broker.bootstrap, partitions=1)
    send(kafka, placed("A"))
    ingest = Ingest(store, Intake(store), kafka)
    turn_until_read(store, kafka, ingest)
    own_broker.stop()
    files = own_broker.folder / "topics" / f"{kafka.topics.inbound()[0]}-0"
    unknown = record_batch(record(b"a") + record(b"b", 1), codec=5, number=2, offset=1)
    garbage = record_batch(b"garbage", codec=1, offset=3)
    with (files / "00000000000000000000.log").open("ab") as log:
        log.write(unknown + garbage)
    for _ in range(5):
        ingest.turn(0.1)
    own_broker.start()
    send(kafka, cancel("A"))
    turn_until_read(store, kafka, ingest)
    ingest._leave()
    assert kinds(store, "A") == ["OrderPlaced", "ItemCancelRequested"]
    found = dead_letters.listed(store)
    assert [(one.offset, one.rule, one.value) for one in found] == [
        (1, "unsupported_codec", unknown),
        (3, "corrupt_record", garbage),
    ]
    assert [bad.offset for bad in dead_letters.heard_again(found[0], "storefront")] == [1]


def test_an_event_of_a_newer_version_ends_us_and_no_message_is_set_aside(
    store: EventStore, kafka: KafkaSettings
) -> None:
    send(kafka, placed("A"))
    first = Ingest(store, Intake(store), kafka)
    turn_until_read(store, kafka, first)
    first._leave()
    with store.connection() as conn:
        conn.execute("UPDATE countermand.orders_events SET topic = 'OrderPlaced.v2'")
    send(kafka, placed("B"), cancel("A"))
    older = Ingest(store, Intake(store), kafka)
    with pytest.raises(UnknownStoredName, match=r"OrderPlaced\.v2"):
        turn_until_read(store, kafka, older)
    older._leave()
    assert dead_letters.listed(store) == []
    assert sum(one.lag for one in partitions.look(store, kafka, DeadLimit())) == 2


def test_brokers_that_are_not_there_are_waited_for(store: EventStore) -> None:
    nobody = KafkaSettings("127.0.0.1:1", Topics("nobody."))
    ingest = Ingest(store, Intake(store), nobody)
    ingest.turn(0.1)
    assert ingest._failures == 1


def test_a_database_that_crashes_in_the_middle_loses_nothing(kafka: KafkaSettings) -> None:
    folder = Path(mkdtemp(prefix="cm-crash-"))
    orders = [f"O{number}" for number in range(60)]
    with embedded.start(folder) as server:
        migrate(server.url)
        with EventStore.open(server.url) as store:
            ingest = Ingest(store, Intake(store), kafka)
            for number, order in enumerate(orders):
                send(kafka, placed(order), shipped(order, 1))
                if number % 30 == 10:
                    _crash(folder)
                    ingest.turn(0.1)
                    embedded.start(folder).stop()
                ingest.turn(0.1)
            turn_until_read(store, kafka, ingest)
            ingest._leave()
            assert ingest.counts["repeated"] == 0
            assert {order: len(kinds(store, order)) for order in orders} == dict.fromkeys(orders, 2)
    rmtree(folder)


def _crash(folder: Path) -> None:
    """End the server as a power cut would, and wait until it is gone."""
    (pid_file,) = folder.rglob("postmaster.pid")
    pid = int(pid_file.read_text().splitlines()[0])
    os.kill(pid, signal.SIGQUIT)
    deadline = time.monotonic() + SECONDS
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
