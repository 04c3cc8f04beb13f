"""Topics: made where they are missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from consumers.kafka.errors import plain_errors
from consumers.kafka.terms import KafkaSettings, check_topics, check_wanted


@contextmanager
def _admin(settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    with plain_errors():
        admin = KafkaAdminClient(**settings.common())
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
    made = {}
    with _admin(settings) as admin:
        for topic in [*settings.topics.all(), *also]:
            try:
                admin.create_topics({topic: wanted}, wait_for_metadata=True)
                made[topic] = True
            except TopicAlreadyExistsError:
                made[topic] = False
        found = {one["name"]: len(one["partitions"]) for one in _described(admin, settings)}
    inbound = {topic: found.get(topic, 0) for topic in settings.topics.inbound()}
    check_topics(inbound)
    check_wanted(inbound, partitions)
    return made


def _described(admin: KafkaAdminClient, settings: KafkaSettings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.describe_topics(settings.topics.inbound())
    return [one for one in found if not one["error_code"]]
