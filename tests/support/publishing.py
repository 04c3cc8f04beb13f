"""A relay that dies on purpose, in a process of its own."""

from __future__ import annotations

import os

from application.event_store import EventStore
from consumers.kafka import KafkaSettings
from consumers.publish import Publisher
from consumers.topics import Topics
from tests.support.following import LATER


def publish_and_die(url: str, bootstrap: str, prefix: str) -> None:
    """Send a batch, and end before the position is stored."""
    kafka = KafkaSettings(bootstrap, Topics(prefix))
    with EventStore.open(url) as store:
        Publisher(url, store, kafka, lambda: LATER, at=_die_when_sent).catch_up()


def _die_when_sent(point: str) -> None:
    if point == "sent":
        os._exit(9)
