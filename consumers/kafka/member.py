"""One consumer of the inbound topics; where it reads is for the caller to say."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from kafka import KafkaConsumer
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import AuthorizationError, NoOffsetForPartitionError, OffsetOutOfRangeError
from kafka.structs import OffsetAndMetadata, TopicPartition
from typing_extensions import override

from consumers.cloudevents import Incoming
from consumers.kafka.errors import not_allowed, plain_errors
from consumers.kafka.opening import opened
from consumers.kafka.terms import (
    KafkaRefused,
    KafkaSettings,
    KafkaUnavailable,
    OutOfRange,
    check_topics,
)
from consumers.kafka.unpacking import Records
from consumers.record_batches import Unreadable
from consumers.topics import Place

log = logging.getLogger(__name__)

ANSWER_MS = 10_000
"""How long a question to the broker may take."""
SHORT = 0.05


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


class Member:
    """One consumer of the inbound topics: of the group, or of the given places only.

    New partitions are paused until `start` says where to read. While one of them was given no
    offset, by `start` or `hold`, nothing comes of any.
    """

    def __init__(self, settings: KafkaSettings, places: Collection[Place] | None = None) -> None:
        self._settings = settings
        with plain_errors():
            self._consumer = opened(KafkaConsumer, **_told(settings, grouped=places is None))
        _check_client(self._consumer)
        self._consumer._fetcher.PartitionRecords = partial(Records, settings.topics)  # noqa: SLF001
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
            time.sleep(min(timeout, SHORT))  # it does not wait, and we would spin
            return {}  # until the new partitions are started, which is for us to do
        except OffsetOutOfRangeError as error:
            raise OutOfRange([Place(*one) for one in error.args[0]]) from error
        except AuthorizationError as error:
            raise not_allowed(error) from error
        except Exception as error:
            raise KafkaUnavailable(f"the Kafka client failed: {error!r}") from error
        return {Place(*one): found for one, found in polled.items()}

    def mine(self) -> set[Place]:
        return {Place(*one) for one in self._consumer.assignment()}

    def start(self, offsets: Mapping[Place, int]) -> None:
        """Read these partitions from these offsets on, those that are still ours."""
        for place, offset in offsets.items():
            one = TopicPartition(*place)
            with suppress(ValueError, KeyError):  # taken away meanwhile
                self._consumer.seek(one, offset)
                self._consumer.resume(one)

    def hold(self, offsets: Mapping[Place, int]) -> None:
        """Read nothing of these partitions. Without an offset one would hold all others up."""
        for place, offset in offsets.items():
            one = TopicPartition(*place)
            with suppress(ValueError, KeyError):
                self._consumer.pause(one)
                self._consumer.seek(one, offset)

    def pause(self, places: Collection[Place]) -> None:
        for place in places:
            with suppress(KeyError):  # taken away meanwhile
                self._consumer.pause(TopicPartition(*place))

    def resume(self, places: Collection[Place]) -> None:
        """Read on where `pause` stopped. What was fetched meanwhile is still there."""
        for place in places:
            with suppress(KeyError):  # taken away meanwhile
                self._consumer.resume(TopicPartition(*place))

    def has_more(self, place: Place) -> bool:
        """Say whether the brokers have records of it that were not polled, or nobody knows yet."""
        reads = self.read_to(place)
        with suppress(Exception):
            end = self._consumer.highwater(TopicPartition(*place))
            return reads is not None and (end is None or end > reads)
        return False

    def read_to(self, place: Place) -> int | None:
        """Return the offset that is read next: behind records that are not for us, too."""
        with suppress(Exception):
            state = self._consumer._subscription.assignment[TopicPartition(*place)]  # noqa: SLF001
            return None if state.position is None else int(state.position.offset)
        return None

    def beginnings(self, places: Collection[Place]) -> dict[Place, int]:
        return self._offsets(self._consumer.beginning_offsets, places)

    def ends(self, places: Collection[Place]) -> dict[Place, int]:
        return self._offsets(self._consumer.end_offsets, places)

    def _offsets(self, ask: Callable[..., Any], places: Collection[Place]) -> dict[Place, int]:
        with plain_errors():
            found = ask([TopicPartition(*place) for place in places], timeout_ms=ANSWER_MS)
        return {Place(*one): int(offset) for one, offset in found.items()}

    def first_since(self, places: Collection[Place], moment: int) -> dict[Place, int]:
        """Return each place's first offset from a moment on (ms); none where nothing came since."""
        asked = {TopicPartition(*place): moment for place in places}
        with plain_errors():
            found = self._consumer.offsets_for_times(asked, timeout_ms=ANSWER_MS) if asked else {}
        return {Place(*one): int(at.offset) for one, at in found.items() if at is not None}

    def places(self) -> list[Place]:
        """All partitions of the inbound topics. Raises KafkaRefused when they are not as needed."""
        with plain_errors():
            found = {
                topic: self._consumer.partitions_for_topic(topic)
                for topic in self._settings.topics.inbound()
            }
        numbers = {topic: len(parts or ()) for topic, parts in found.items()}
        check_topics(numbers, by_order=self._settings.topics.are_by_order)
        return [Place(topic, part) for topic, parts in found.items() for part in sorted(parts)]

    def partitions(self, topic: str) -> list[Place]:
        """All partitions of a topic, any one; none where there is no such topic."""
        with plain_errors():
            found = self._consumer.partitions_for_topic(topic)
        return [Place(topic, partition) for partition in sorted(found or ())]

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
        with suppress(Exception):
            self._consumer.commit_async(offsets)

    def close(self, timeout: float = 5.0) -> None:
        """Leave the group. Nothing is written by it."""
        with suppress(Exception):
            self._consumer.close(autocommit=False, timeout_ms=int(timeout * 1000))


def _told(settings: KafkaSettings, *, grouped: bool) -> dict[str, Any]:
    if not grouped:
        return {**settings.consumer(), "group_id": None}
    # The one that gives the same partition of every topic to the same member.
    assignor = {"partition_assignment_strategy": [RangePartitionAssignor]}
    return {**settings.consumer(), **settings.grouped(), **assignor}


def _check_client(consumer: KafkaConsumer) -> None:
    if not hasattr(consumer._fetcher, "PartitionRecords"):  # noqa: SLF001
        raise KafkaRefused("this kafka-python is not known: install kafka-python>=3.0.12,<3.1")
