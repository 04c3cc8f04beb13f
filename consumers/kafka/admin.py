"""Topics: made where they are missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from consumers.kafka.errors import plain_errors
from consumers.kafka.opening import opened
from consumers.kafka.terms import KafkaRefused, KafkaSettings, check_topics, check_wanted
from consumers.topics import LARGEST


@contextmanager
def _admin(settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    with plain_errors():
        admin = opened(KafkaAdminClient, **settings.common())
        try:
            yield admin
        finally:
            admin.close()


def create_topics(
    settings: KafkaSettings, partitions: int, replication: int, also: Iterable[str] = ()
) -> dict[str, bool]:
    """Make all topics that are missing, and `also` others; True for those that were made.

    Raises KafkaRefused when an inbound topic is there with another number of partitions.
    """
    wanted = {"num_partitions": partitions, "replication_factor": replication}
    large = {"configs": {"max.message.bytes": str(LARGEST)}}
    ours = set(settings.topics.outbound())
    made = {}
    with _admin(settings) as admin:
        for topic in [*settings.topics.all(), *also]:
            told = wanted | large if topic in ours else wanted
            try:
                admin.create_topics({topic: told}, wait_for_metadata=True)
                made[topic] = True
            except TopicAlreadyExistsError:
                made[topic] = False
        found = _described(admin, settings.topics.inbound())
    inbound = {topic: found.get(topic, 0) for topic in settings.topics.inbound()}
    check_topics(inbound)
    check_wanted(inbound, partitions)
    return made


def check_said(settings: KafkaSettings) -> None:
    """Raise KafkaRefused when a topic that we say something on is missing."""
    topics = settings.topics.outbound()
    with _admin(settings) as admin:
        found = _described(admin, topics)
    missing = [topic for topic in topics if topic not in found]
    if missing:
        raise KafkaRefused(
            f"topics are missing: {', '.join(missing)}. Make them: countermand topics create"
        )


def _described(admin: KafkaAdminClient, topics: list[str]) -> dict[str, int]:
    """Those of the topics that are there, with their numbers of partitions."""
    found: list[dict[str, Any]] = admin.describe_topics(topics)
    return {one["name"]: len(one["partitions"]) for one in found if not one["error_code"]}
