"""Dead letters on their topic: the record as it came, why it was not taken, and none left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from application.event_store import EventStore
from consumers import dead_letters, publish_letters
from consumers.cloudevents import Incoming
from consumers.dead_letters import DeadLetter, Letter
from consumers.intake import Intake
from consumers.kafka import KafkaSettings
from consumers.outgoing import Outgoing
from consumers.publish import Publisher
from consumers.publish_letters import HEADERS, KEY, WHOLE, message
from tests.support.following import LATER, running, until
from tests.support.saying import encoded, placed
from tests.support.streams import emptied
from tests.support.topics_out import Read, read

SECONDS = 90
ODD = (
    ("ce_rule", b"theirs"),
    ("original:x", b"\xff\x00"),
    ("again", b"1"),
    ("again", b"2"),
    ("nothing", None),
)
WHERE: dict[str, Any] = {"topic": "shop.storefront", "partition": 3, "offset": 41}


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        yield opened


@pytest.fixture
def publisher(module_postgres_url: str, store: EventStore, kafka: KafkaSettings) -> Publisher:
    return Publisher(module_postgres_url, store, kafka, lambda: LATER)


def letter(**changed: Any) -> Letter:  # noqa: ANN401
    whole = Letter(
        dead_letter_id=7,
        received_at=LATER,
        topic=None,
        partition=None,
        offset=None,
        key=None,
        value=b"{",
        headers=[],
        rule="not_json",
        field="value",
        detail="is no JSON",
        order_id=None,
        source=None,
        message_id=None,
        type=None,
        state="open",
        state_at=None,
        attempts=0,
    )
    return whole._replace(**changed)


def published(kafka: KafkaSettings) -> list[Read]:
    return read(kafka, "dead-letters")


def size(one: Outgoing) -> int:
    headers = sum(len(name.encode()) + len(value or b"") + 10 for name, value in one.headers)
    return len(one.key or b"") + len(one.value or b"") + headers


def test_a_letter_has_the_bytes_the_headers_the_place_and_the_reason(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    bad = Incoming(b'{"specversion"', ODD, b"A-1", "storefront", **WHERE)
    assert Intake(store).take([bad]).outcomes == ["dead"]

    publisher.catch_up(SECONDS)

    (found,) = published(kafka)
    assert (found.key, found.value) == (b"A-1", b'{"specversion"')
    told = dict(found.headers)
    assert told.pop("ce_detail").startswith(b"is no JSON")
    assert len(told.pop("ce_id")) == 36
    assert told.pop("ce_time")
    assert told == {
        "ce_specversion": b"1.0",
        "ce_source": b"/countermand",
        "ce_type": b"DeadLetter",
        "ce_subject": b"A-1",
        "ce_dataschema": b"urn:countermand:dead-letters:DeadLetter/v1",
        "ce_rule": b"not_json",
        "ce_field": b"value",
        "ce_originaltopic": b"shop.storefront",
        "ce_originalpartition": b"3",
        "ce_originaloffset": b"41",
        "content-type": b"application/octet-stream",
        "original:ce_rule": b"theirs",
        "original:original:x": b"\xff\x00",
        "original:again": b"2",
        "original-null:nothing": b"",
    }
    assert [value for name, value in found.headers if name == "original:again"] == [b"1", b"2"]


def test_a_letter_without_key_or_value_is_a_message_all_the_same(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    Intake(store).take([Incoming(None, **WHERE), Incoming(b"", channel="storefront")])

    publisher.catch_up(SECONDS)

    found = sorted(published(kafka), key=lambda one: one.value is None)
    assert [(one.key, one.value) for one in found] == [(None, b""), (None, None)]
    assert [dict(one.headers)["ce_rule"] for one in found] == [b"not_json", b"tombstone"]


def test_a_letter_is_published_once_and_its_order_goes_on(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    good, bad = Incoming(encoded(placed("A"))), Incoming(b"{", key=b"A")
    Intake(store).take([good, bad, bad])
    publisher.catch_up(SECONDS)
    publisher.catch_up(SECONDS)

    assert len(published(kafka)) == 1
    assert [one.said["type"] for one in read(kafka, "orders")] == ["OrderPlaced", "MessageSetAside"]


def test_letters_whose_transaction_ends_late_are_not_left_out(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher, module_postgres_url: str
) -> None:
    """The first number is drawn, the second is committed and published, then the first is."""
    slow = dead_letters.keep([DeadLetter(Incoming(b"slow"), "not_json", "value", "")], LATER)
    quick = dead_letters.keep([DeadLetter(Incoming(b"quick"), "not_json", "value", "")], LATER)
    with psycopg.connect(module_postgres_url) as conn:
        conn.execute(slow.sql.encode(), slow.params)
        store.append([], [], [quick])
        publisher.catch_up(SECONDS)
        assert [one.value for one in published(kafka)] == [b"quick"]
        conn.commit()

    publisher.catch_up(SECONDS)

    assert [one.value for one in sorted(published(kafka))] == [b"quick", b"slow"]
    numbers = {one.value: one.dead_letter_id for one in dead_letters.listed(store)}
    assert numbers[b"slow"] < numbers[b"quick"]


def test_a_letter_is_sent_again_under_its_id_when_it_was_not_marked(
    store: EventStore, kafka: KafkaSettings, module_postgres_url: str
) -> None:
    class Died(Exception):
        """The end of a process, in one."""

    def die(point: str) -> None:
        if point == "letters sent":
            raise Died

    Intake(store).take([Incoming(b"{", **WHERE)])
    with pytest.raises(Died):
        Publisher(module_postgres_url, store, kafka, lambda: LATER, at=die).catch_up(SECONDS)
    Publisher(module_postgres_url, store, kafka, lambda: LATER).catch_up(SECONDS)

    first, again = published(kafka)
    assert first == again


def test_many_large_letters_go_a_few_at_a_time_and_all_arrive(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    Intake(store).take([Incoming(b"[" + b" " * 900_000 + b"%d" % n) for n in range(12)])
    with store.connection() as conn:
        at_once = publish_letters.unpublished(conn)
    assert 1 < len(at_once) < 12

    publisher.catch_up(SECONDS)

    assert len({one.value for one in published(kafka)}) == 12
    with store.connection() as conn:
        assert publish_letters.count(conn) == 0


def test_letters_come_while_no_event_does(
    store: EventStore, kafka: KafkaSettings, publisher: Publisher
) -> None:
    def all_sent() -> bool:
        with store.connection() as conn:
            return publish_letters.count(conn) == 0

    with running(publisher):
        Intake(store).take([Incoming(b"{")])
        until(all_sent, SECONDS)
    assert len(published(kafka)) == 1


def test_the_id_of_a_letter_comes_from_its_place_or_its_bytes_and_rule() -> None:
    """As the table tells letters apart: the row's number is another one after a restore."""
    at = letter(topic="t", partition=0, offset=5)
    ids = [
        dict(message(one, digest).headers)["ce_id"]
        for one, digest in [
            (at, b"1"),
            (at._replace(dead_letter_id=9, rule="other"), b"1"),
            (at._replace(offset=6), b"1"),
            (at, b"2"),
            (letter(), b"1"),
            (letter(dead_letter_id=9), b"1"),
            (letter(rule="other"), b"1"),
        ]
    ]
    assert ids[0] == ids[1]
    assert ids[4] == ids[5]
    assert len(set(ids)) == 5


def test_a_letter_too_large_for_a_topic_is_cut_and_says_how_much_there_was() -> None:
    headers = [(f"h{n}", b"v" * 1_000) for n in range(1_000)]
    large = letter(value=b"v" * 5_000_000, key=b"k" * 100_000, headers=headers)

    cut = message(large, b"1")

    told = dict(cut.headers)
    assert cut.value == b"v" * WHOLE
    assert cut.key == b"k" * KEY
    assert told["ce_originalsize"] == b"5000000"
    assert told["ce_originalkeysize"] == b"100000"
    assert told["ce_originalheaders"] == b"1000"
    assert size(cut) < WHOLE + KEY + HEADERS + 20_000


def test_a_whole_letter_says_nothing_of_being_cut() -> None:
    told = dict(message(letter(value=b"v" * WHOLE, headers=list(ODD)), b"1").headers)
    assert not {"ce_originalsize", "ce_originalkeysize", "ce_originalheaders"} & told.keys()


def test_a_letter_s_context_travels_on() -> None:
    parent = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    told = dict(message(letter(headers=[("traceparent", parent)]), b"1").headers)
    assert (told["traceparent"], told["original:traceparent"]) == (parent, parent)
