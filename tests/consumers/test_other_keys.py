"""A record key that is not the order's id is counted, and the message taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from application.event_store import EventStore
from consumers import other_keys
from consumers.cloudevents import Incoming
from consumers.intake import Intake
from tests.support.saying import Said, channel_of, encoded, placed, shipped
from tests.support.streams import emptied, kinds


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        yield opened


def keyed(message: Said | bytes, key: bytes | None, offset: int) -> Incoming:
    value = message if isinstance(message, bytes) else encoded(message)
    channel = None if isinstance(message, bytes) else channel_of(message["type"])
    topic = None if channel is None else f"countermand.{channel}"
    return Incoming(value, (), key, channel, topic, 0, offset)


def test_records_under_another_key_are_taken_and_counted_by_topic(store: EventStore) -> None:
    intake = Intake(store)
    taken = intake.take(
        [
            keyed(placed("A"), b"A", 0),
            keyed(shipped("A", 1), b"B", 0),
            keyed(shipped("A", 2), None, 1),
            keyed(placed("B"), b"a", 1),
        ]
    )
    again = intake.take([keyed(shipped("A", 2), b"\xff", 2)])

    assert taken.outcomes == ["recorded"] * 4
    assert again.outcomes == ["recorded"]
    assert other_keys.counted(store) == {"countermand.storefront": 1, "countermand.warehouse": 3}
    assert len(kinds(store, "A")) == 4


def test_what_has_no_topic_or_cannot_be_read_has_no_key_to_speak_of(store: EventStore) -> None:
    bad = Incoming(b"no json", (), b"A", "warehouse", "countermand.warehouse", 0, 0)
    taken = Intake(store).take([Incoming(encoded(placed("A"))), bad])

    assert taken.outcomes == ["recorded", "dead"]
    assert other_keys.counted(store) == {}
