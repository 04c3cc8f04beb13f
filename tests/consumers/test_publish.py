"""The relay on real parts: what is in the log is in the topics, whatever comes between."""

from __future__ import annotations

import gc
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

import psycopg
import pytest

from application.event_store import Append, EventStore, StalePosition, process_stream_id, stream_id
from consumers.kafka import KafkaRefused, KafkaSettings, Sender
from consumers.publish import POSITION, Publisher, Relay
from consumers.topics import Topics
from domain.items import Item
from domain.process_events import SOURCE, StopRequested
from tests.support.following import LATER, in_another_process, running, terminate, until
from tests.support.kafka import Broker, with_topics
from tests.support.publishing import publish_and_die
from tests.support.recorded import START, Story, orders, record
from tests.support.streams import emptied
from tests.support.topics_out import firsts, read, said

SECONDS = 90
# kafka-python leaves sockets that did not connect to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


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


def whole(stories: Sequence[Story]) -> dict[str, list[int]]:
    return {story.order_id: list(range(1, len(story.told) + 1)) for story in stories}


def repeats(kafka: KafkaSettings) -> int:
    """How many messages on `orders` came before; each is the same, to the byte."""
    values = [one.value for one in read(kafka, "orders")]
    assert len(set(values)) == len(firsts(said(kafka, "orders")))
    return len(values) - len(set(values))


def test_every_event_of_every_order_is_published_once_in_its_order(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    stories = orders(40)
    record(store, *stories)

    position = publisher.catch_up(SECONDS)

    assert position == store.head() == store.positions(POSITION)[POSITION]
    assert sequences(kafka) == whole(stories)
    assert repeats(kafka) == 0
    keys = {one.key for one in read(kafka, "orders")}
    assert keys == {story.order_id.encode() for story in stories}


def test_what_a_process_asks_goes_to_whom_it_asks(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    record(store, Story("A").placed(3).cancelled(L1=2))
    asked = StopRequested(
        occurred_at=START,
        recorded_at=START,
        source=SOURCE,
        message_id="stop:C1:1",
        order_id="A",
        order_version=2,
        cancellation_id="C1",
        items=(Item("L1", 2),),
    )
    store.append([Append(process_stream_id("A"), 1, [asked])])

    publisher.catch_up(SECONDS)

    (stop,) = said(kafka, "warehouse-requests")
    items = [{"line_id": "L1", "quantity": 2}]
    assert stop["data"] == {"order_id": "A", "cancellation_id": "C1", "items": items}
    (notice,) = said(kafka, "buyer-notices")
    assert (notice["type"], notice["data"]["buyer_id"]) == ("CancellationAccepted", "mira")
    assert sequences(kafka) == {"A": [1, 2]}


def test_a_relay_that_did_not_see_the_order_placed_knows_its_currency(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher, module_postgres_url: str
) -> None:
    story = Story("A").placed(3).cancelled(L1=2)
    record(store, story, upto=1)
    publisher.catch_up(SECONDS)
    story.told = story.told[1:]
    other = Publisher(module_postgres_url, store, kafka, lambda: LATER)
    store.append([Append(stream_id("A"), 2, story.told)])

    other.catch_up(SECONDS)

    assert sequences(kafka) == {"A": [1, 2]}


def test_new_events_are_published_while_it_runs(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    with running(publisher):
        record(store, *orders(5))
        until_published(store)
        record(store, *orders(5, first=6))
        until_published(store)
    assert sequences(kafka) == whole(orders(10))
    assert repeats(kafka) == 0


def test_of_two_relays_one_publishes_and_the_other_takes_over(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher, module_postgres_url: str
) -> None:
    other = Publisher(module_postgres_url, store, kafka, lambda: LATER, poll=0.05)
    with running(publisher, other) as (stop, _):
        record(store, *orders(10))
        until_published(store)
        stop.set()
        record(store, *orders(10, first=11))
        until_published(store)
    assert sequences(kafka) == whole(orders(20))
    assert repeats(kafka) == 0


def test_a_relay_that_was_overtaken_repeats_and_is_turned_away(
    store: EventStore, kafka: KafkaSettings, module_postgres_url: str
) -> None:
    """Two that do not know of each other: the worst that a frozen one can do when it wakes up."""
    record(store, *orders(20))
    with psycopg.connect(module_postgres_url, autocommit=True) as conn, Sender(kafka) as sender:
        other = Relay(store, conn, sender, lambda: LATER)

        def overtake(point: str) -> None:
            if point == "sent":
                record(store, *orders(20, first=21))
                while other.step():
                    pass

        with Sender(kafka) as ours, psycopg.connect(module_postgres_url, autocommit=True) as mine:
            frozen = Relay(store, mine, ours, lambda: LATER, overtake)
            with pytest.raises(StalePosition):
                frozen.step()

    assert store.positions(POSITION)[POSITION] == store.head()
    assert sequences(kafka) == whole(orders(40))
    assert repeats(kafka) > 0


def test_a_relay_that_lost_its_database_in_the_middle_goes_on_by_itself(
    store: EventStore, kafka: KafkaSettings, module_postgres_url: str
) -> None:
    cut: list[int] = []

    def cut_once(point: str) -> None:
        if point == "sent" and not cut:
            name = "application_name = 'countermand follower/publish'"
            cut.append(terminate(module_postgres_url, name))

    publisher = Publisher(module_postgres_url, store, kafka, lambda: LATER, at=cut_once)
    record(store, *orders(20))
    with running(publisher):
        until_published(store)
    assert cut == [1]
    assert sequences(kafka) == whole(orders(20))
    assert repeats(kafka) > 0


def test_a_relay_that_dies_before_its_position_is_stored_repeats_under_the_same_ids(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher, module_postgres_url: str
) -> None:
    record(store, *orders(20))
    die = partial(publish_and_die, bootstrap=kafka.bootstrap, prefix=kafka.topics.prefix)

    assert in_another_process(die, module_postgres_url) == 9

    assert store.positions(POSITION) == {POSITION: 0}
    sent = read(kafka, "orders")
    assert sent
    publisher.catch_up(SECONDS)
    assert sequences(kafka) == whole(orders(20))
    assert repeats(kafka) == len(sent)


def test_while_the_broker_is_away_nothing_is_lost_and_then_all_comes_in_order(
    store: EventStore, own_broker: Broker, module_postgres_url: str
) -> None:
    kafka = with_topics(own_broker.bootstrap, partitions=2)
    reached: list[str] = []
    publisher = Publisher(
        module_postgres_url, store, kafka, lambda: LATER, at=reached.append, patience=1.0
    )
    with running(publisher):
        record(store, *orders(10))
        until_published(store)
        own_broker.stop()
        record(store, *orders(10, first=11))
        until(lambda: reached.count("beginning") > 1, SECONDS)  # it gave up, and begins anew
        record(store, *orders(10, first=21))
        own_broker.start()
        until_published(store)
    assert sequences(kafka) == whole(orders(30))
    repeats(kafka)


def test_missing_topics_end_it_with_what_to_do(
    store: EventStore, kafka: KafkaSettings, module_postgres_url: str
) -> None:
    nowhere = KafkaSettings(kafka.bootstrap, Topics("nowhere."))
    publisher = Publisher(module_postgres_url, store, nowhere, lambda: LATER)
    with pytest.raises(KafkaRefused, match="countermand topics create"):
        publisher.run(threading.Event())


def until_published(store: EventStore) -> None:
    until(lambda: store.positions(POSITION).get(POSITION, 0) >= store.head(), SECONDS)
