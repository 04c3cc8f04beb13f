"""The one file that knows the Kafka client: a group member with the safe settings, admin, producer.

The client's traps are closed here: listeners do no I/O, errors while unpacking never reach its
`poll` (which would spin for ever), nothing is deserialized by it, nothing is committed by itself.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from typing_extensions import override

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.consumer.fetcher import Fetcher
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    TopicAlreadyExistsError,
)
from kafka.structs import OffsetAndMetadata, TopicPartition

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
from consumers.topics import Place, Topics

log = logging.getLogger(__name__)

ANSWER_MS = 10_000
"""How long a question to the broker may take."""
FETCH_BYTES = 8_000_000
PARTITION_FETCH_BYTES = 500_000
"""Small: every partition gets its turn, and little waits in memory. Longer messages still come."""
ABORT = b"\x00\x00"


class KafkaUnavailable(Exception):
    """The brokers do not answer, or the client gave up. Try again with a new member."""


class KafkaRefused(Exception):
    """The brokers refuse, or topics are not as they must be. Says what to change."""


class OutOfRange(Exception):
    """A position is outside of what its partition holds. `places` names them."""

    def __init__(self, places: Collection[Place]) -> None:
        super().__init__(f"positions out of range: {sorted(places)}")
        self.places = list(places)


@dataclass(frozen=True)
class KafkaSettings:
    """How to talk to Kafka. `client` goes to every client as it is, TLS and SASL for example."""

    bootstrap: str
    topics: Topics
    group: str = "countermand-ingest"
    session_timeout: float = 10.0
    """Seconds."""
    max_records: int = 2_000
    client: Mapping[str, Any] = field(default_factory=dict)

    def common(self) -> dict[str, Any]:
        return {"bootstrap_servers": self.bootstrap.split(","), **self.client}


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Runs on the client's own thread: pauses and notes, nothing else."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer
        self._lock = threading.Lock()
        self._came: set[Place] = set()
        self._lost = False

    @override
    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._consumer.pause(*assigned)
        with self._lock:
            self._came |= {Place(*one) for one in assigned}

    @override
    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        with self._lock:
            self._lost = True
            self._came -= {Place(*one) for one in revoked}

    @override
    def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        log.warning("the group went on without this member; its partitions are dropped")
        self.on_partitions_revoked(lost)

    def noted(self) -> tuple[set[Place], bool]:
        """Say which partitions came since the last call, and whether any were taken away."""
        with self._lock:
            came, lost = self._came, self._lost
            self._came, self._lost = set(), False
        return came, lost


class _Records(Fetcher.PartitionRecords):  # type: ignore[misc]
    """Unpacks what was fetched into our records; what cannot be unpacked is a record, too."""

    def __init__(self, topics: Topics, *args: Any, **kwargs: Any) -> None:
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
            read, _ = records(batch, source)
            if read and (read[0].key or b"")[2:4] == ABORT:
                self.aborted_producer_ids.discard(batch.producer_id)
            return True
        return bool(
            batch.attributes & TRANSACTIONAL and batch.producer_id in self.aborted_producer_ids
        )


class Member:
    """One consumer of the inbound topics: of the group, or of the given places only.

    New partitions are paused until `start` says where to read. While one of them was given no
    offset, by `start` or `hold`, nothing comes of any.
    """

    def __init__(self, settings: KafkaSettings, places: Collection[Place] | None = None) -> None:
        self._settings = settings
        with _plain_errors():
            self._consumer = KafkaConsumer(**_consumer_settings(settings, places is None))
        _check_client(self._consumer)
        self._consumer._fetcher.PartitionRecords = partial(_Records, settings.topics)  # noqa: SLF001
        self._listener = _Listener(self._consumer)
        if places is None:
            self._consumer.subscribe(settings.topics.inbound(), listener=self._listener)
        else:
            self._consumer.assign([TopicPartition(*place) for place in places])
            self._listener.on_partitions_assigned([TopicPartition(*place) for place in places])
        self.noted = self._listener.noted

    def poll(self, timeout: float) -> dict[Place, list[Incoming | Unreadable]]:
        """Return what is there, or what comes within `timeout` seconds.

        Raises OutOfRange, KafkaRefused, or KafkaUnavailable: then only a new member helps.
        """
        try:
            polled = self._consumer.poll(timeout_ms=int(timeout * 1000))
        except NoOffsetForPartitionError:
            return {}  # until the new partitions are started, which is for us to do
        except OffsetOutOfRangeError as error:
            raise OutOfRange([Place(*one) for one in error.args[0]]) from error
        except AuthorizationError as error:
            raise KafkaRefused(f"Kafka does not allow it: {error}. Check the user's ACLs") from error
        except Exception as error:
            raise KafkaUnavailable(f"the Kafka client failed: {error!r}") from error
        return {Place(*one): found for one, found in polled.items()}

    def mine(self) -> set[Place]:
        return {Place(*one) for one in self._consumer.assignment()}

    def start(self, offsets: Mapping[Place, int]) -> None:
        """Read these partitions from these offsets on, those that are still ours."""
        for place, offset in offsets.items():
            one = TopicPartition(*place)
            with contextlib.suppress(ValueError, KeyError):  # taken away meanwhile
                self._consumer.seek(one, offset)
                self._consumer.resume(one)

    def hold(self, offsets: Mapping[Place, int]) -> None:
        """Read nothing of these partitions. Without an offset one would hold all others up."""
        for place, offset in offsets.items():
            one = TopicPartition(*place)
            with contextlib.suppress(ValueError, KeyError):
                self._consumer.pause(one)
                self._consumer.seek(one, offset)

    def pause(self, places: Collection[Place]) -> None:
        for place in places:
            with contextlib.suppress(KeyError):  # taken away meanwhile
                self._consumer.pause(TopicPartition(*place))

    def read_to(self, place: Place) -> int | None:
        """Return the offset that is read next: behind records that are not for us, too."""
        with contextlib.suppress(Exception):
            state = self._consumer._subscription.assignment[TopicPartition(*place)]  # noqa: SLF001
            return None if state.position is None else int(state.position.offset)
        return None

    def beginnings(self, places: Collection[Place]) -> dict[Place, int]:
        return self._offsets(self._consumer.beginning_offsets, places)

    def ends(self, places: Collection[Place]) -> dict[Place, int]:
        return self._offsets(self._consumer.end_offsets, places)

    def _offsets(self, ask: Callable[..., Any], places: Collection[Place]) -> dict[Place, int]:
        with _plain_errors():
            found = ask([TopicPartition(*place) for place in places], timeout_ms=ANSWER_MS)
        return {Place(*one): int(offset) for one, offset in found.items()}

    def places(self) -> list[Place]:
        """All partitions of the inbound topics. Raises KafkaRefused when they are not as needed."""
        with _plain_errors():
            found = {
                topic: self._consumer.partitions_for_topic(topic)
                for topic in self._settings.topics.inbound()
            }
        _check_topics({topic: len(parts or ()) for topic, parts in found.items()})
        return [Place(topic, part) for topic, parts in found.items() for part in sorted(parts)]

    def topic_id(self, topic: str) -> int | None:
        """Kafka's own id of a topic, cut to 63 bits: another id is another topic."""
        found = self._consumer._cluster.topic_id(topic)  # noqa: SLF001
        return None if found is None else int(found.int >> 65)

    def tell(self, positions: Mapping[Place, int]) -> None:
        """Tell Kafka where we are, without waiting: for tools that show lag. Never read back."""
        offsets = {
            TopicPartition(*place): OffsetAndMetadata(last + 1, "", -1)
            for place, last in positions.items()
        }
        with contextlib.suppress(Exception):
            self._consumer.commit_async(offsets)

    def close(self, timeout: float = 5.0) -> None:
        """Leave the group. Nothing is written by it."""
        with contextlib.suppress(Exception):
            self._consumer.close(autocommit=False, timeout_ms=int(timeout * 1000))


def _consumer_settings(settings: KafkaSettings, grouped: bool) -> dict[str, Any]:
    timeout_ms = int(settings.session_timeout * 1000)
    group = {
        "group_id": settings.group,
        "partition_assignment_strategy": [RangePartitionAssignor],
        "session_timeout_ms": timeout_ms,
        "heartbeat_interval_ms": min(3_000, timeout_ms // 4),
    }
    return {
        **settings.common(),
        **(group if grouped else {"group_id": None}),
        "auto_offset_reset": "none",  # our positions are in the database
        "enable_auto_commit": False,
        "isolation_level": "read_committed",
        "allow_auto_create_topics": False,
        "exclude_internal_topics": True,
        "max_poll_records": settings.max_records,
        "fetch_max_bytes": FETCH_BYTES,
        "max_partition_fetch_bytes": PARTITION_FETCH_BYTES,
        "fetch_max_wait_ms": 200,
        "reconnect_backoff_max_ms": 2_000,
        "enable_incremental_fetch_sessions": False,  # they stalled consumers more than once
        "metrics_enabled": False,
    }


def _check_client(consumer: KafkaConsumer) -> None:
    if not hasattr(consumer._fetcher, "PartitionRecords"):  # noqa: SLF001
        raise KafkaRefused("this kafka-python is not the one we know: install kafka-python>=3.0.12,<3.1")


def _check_topics(partitions: Mapping[str, int]) -> None:
    missing = [topic for topic, number in partitions.items() if not number]
    if missing:
        raise KafkaRefused(
            f"topics are missing: {', '.join(missing)}. Make them: countermand topics create"
        )
    if len(set(partitions.values())) > 1:
        raise KafkaRefused(
            f"the inbound topics must have the same number of partitions, not {dict(partitions)}:"
            " an order's messages must meet in one process"
        )


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except AuthorizationError as error:
        raise KafkaRefused(f"Kafka does not allow it: {error}. Check the user's ACLs") from error
    except KafkaError as error:
        raise KafkaUnavailable(f"Kafka does not answer: {error!r}") from error


@contextlib.contextmanager
def _admin(settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    with _plain_errors():
        admin = KafkaAdminClient(**settings.common())
        try:
            yield admin
        finally:
            admin.close()


def create_topics(settings: KafkaSettings, partitions: int, replication: int) -> dict[str, bool]:
    """Make all topics that are missing; True for those that were made.

    Raises KafkaRefused when an inbound topic is there with another number of partitions.
    """
    wanted = {"num_partitions": partitions, "replication_factor": replication}
    made = {}
    with _admin(settings) as admin:
        for topic in settings.topics.all():
            try:
                admin.create_topics({topic: wanted}, wait_for_metadata=True)
                made[topic] = True
            except TopicAlreadyExistsError:
                made[topic] = False
        found = {one["name"]: len(one["partitions"]) for one in _described(admin, settings)}
    inbound = {topic: found.get(topic, 0) for topic in settings.topics.inbound()}
    _check_topics(inbound)
    for topic, number in inbound.items():
        if number != partitions:
            raise KafkaRefused(
                f"topic {topic} has {number} partitions, not {partitions}. Ask for as many as there"
                " are: with more, messages of one order would come by two of them"
            )
    return made


def _described(admin: KafkaAdminClient, settings: KafkaSettings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.describe_topics(settings.topics.inbound())
    return [one for one in found if not one["error_code"]]


class Producer:
    """Sends messages; idempotent, in order for each partition."""

    def __init__(self, settings: KafkaSettings, **also: Any) -> None:
        with _plain_errors():
            self._producer = KafkaProducer(
                **settings.common(), acks="all", linger_ms=20, batch_size=128_000, **also
            )
        self._topics = settings.topics
        self._sent: list[Any] = []

    def send(
        self,
        channel: str,
        key: bytes | None,
        value: bytes | None,
        headers: Collection[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        """Hand over a message for a topic, named without its prefix; `flush` makes sure of it."""
        topic = self._topics.prefix + channel
        with _plain_errors():
            self._sent.append(
                self._producer.send(topic, value, key, headers=list(headers), partition=partition)
            )

    def flush(self, timeout: float = 60.0) -> None:
        """Return when the brokers have everything. Raises KafkaUnavailable when they do not."""
        with _plain_errors():
            self._producer.flush(timeout=timeout)
            for one in self._sent:
                one.get(timeout=timeout)
        self._sent.clear()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._producer.close(timeout=5)

    def __enter__(self) -> Producer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
