"""Which topics there are."""

from __future__ import annotations

from collections.abc import Collection

from kafka import KafkaAdminClient

from consumers.kafka.errors import plain_errors
from consumers.kafka.opening import opened
from consumers.kafka.terms import KafkaSettings


def existing(settings: KafkaSettings, topics: Collection[str]) -> list[str]:
    """Return those of these topics that are there, in their order. Raises KafkaUnavailable."""
    with plain_errors():
        admin = opened(KafkaAdminClient, **settings.common())
        try:
            found = admin.describe_topics(list(topics))
        finally:
            admin.close()
    there = {one["name"] for one in found if not one["error_code"]}
    return [topic for topic in topics if topic in there]
