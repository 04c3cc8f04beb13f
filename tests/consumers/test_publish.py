"""The relay on real parts: what is in the log is in the topics, whatever comes between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from application.event_store import EventStore
from consumers.kafka import KafkaSettings
from consumers.publish import POSITION, Publisher
from tests.support.following import LATER
from tests.support.recorded import Story, orders, record
from tests.support.streams import emptied
from tests.support.topics_out import firsts, read, said

SECONDS = 40


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        yield opened


@pytest.fixture
def publisher(module_postgres_url: str, store: EventStore, kafka: KafkaSettings) -> Publisher:
    return Publisher(module_postgres_url, store, kafka, lambda: LATER)


def sequences(kafka: KafkaSettings) -> dict[str, list[int]]:
    """The versions on `orders`, order by order, repeats left out."""
    found = defaultdict(list)
    for one in firsts(said(kafka, "orders")):
        found[one["subject"]].append(int(one["sequence"]))
    return dict(found)


def whole(stories: list[Story]) -> dict[str, list[int]]:
    return {story.order_id: list(range(1, len(story.told) + 1)) for story in stories}


def test_every_event_of_every_order_is_published_once_in_its_order(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    stories = orders(40)
    record(store, *stories)

    position = publisher.catch_up(SECONDS)

    assert position == store.head() == store.positions(POSITION)[POSITION]
    assert sequences(kafka) == whole(stories)
    messages = said(kafka, "orders")
    assert len({one["id"] for one in messages}) == len(messages)
    assert {one.key for one in read(kafka, "orders")} == {s.order_id.encode() for s in stories}
