"""The consumer of what comes from outside, on a real Kafka: at least once, under stable ids."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event as Flag
from threading import Thread

import pytest

from application.event_store import EventStore, StoreUnavailable
from consumers import dead_letters, partitions
from consumers.dead_limit import DeadLimit
from consumers.epcis import translate
from consumers.ingest import Ingest
from consumers.intake import Intake
from consumers.kafka import KafkaSettings, KafkaUnavailable, Producer, Sender
from consumers.outside.memory import Remembered
from consumers.outside.translating import Translating, Translation, translated_again
from consumers.topics import OUTSIDE, Topics
from tests.support.capturing import (
    MUG,
    PARCEL,
    RULES,
    document,
    packs,
    returns,
    ships,
    single,
    tracking,
    voids,
)
from tests.support.saying import record
from tests.support.streams import emptied
from tests.support.topics_out import Read, read

SECONDS = 90
TRACE = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        with opened.connection() as conn:
            conn.execute("DELETE FROM countermand.translations")
        yield opened


@pytest.fixture
def outside(kafka: KafkaSettings) -> KafkaSettings:
    """The same Kafka, as the translator hears it."""
    topics = kafka.topics._replace(channels=OUTSIDE)
    return replace(kafka, topics=topics, group=f"{kafka.group}-translate")


def loop_of(
    store: EventStore, kafka: KafkaSettings, intake: Intake | None = None
) -> tuple[Ingest, Translation]:
    translation = Translation(store, intake or Intake(store), kafka, RULES)
    return Ingest(store, translation, kafka, DeadLimit(0.5, 10)), translation


def turn_until(done: Callable[[], object], loop: Ingest) -> None:
    deadline = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < deadline, loop.counts
        loop.turn(0.1)


def translate_all(
    store: EventStore, outside: KafkaSettings, intake: Intake | None = None
) -> Counter[str]:
    """Drive a process of its own until all that is there was read; return what it counted."""
    loop, translation = loop_of(store, outside, intake)
    try:
        turn_until(lambda: loop.counts["batches"] and not lag(store, outside), loop)
        return translation.counts
    finally:
        loop._leave()
        translation.close()


def send(kafka: KafkaSettings, channel: str, *values: bytes) -> None:
    with Producer(kafka) as producer:
        for value in values:
            producer.send(channel, b"leipzig", value, headers=[TRACE], partition=0)
        producer.flush()


def lag(store: EventStore, outside: KafkaSettings) -> int:
    return sum(one.lag for one in partitions.look(store, outside, DeadLimit()))


def warehouse(kafka: KafkaSettings) -> list[Read]:
    return read(kafka, "warehouse")


def test_documents_go_to_the_warehouse_keyed_by_order(
    store: EventStore, kafka: KafkaSettings, outside: KafkaSettings
) -> None:
    shipped, bad, back = ships("O1"), ships("O2", eventTime="?"), returns("O3")
    told = document(shipped, bad, back)
    send(kafka, "epcis", told, b"<EPCISDocument/>", told)
    statuses = [tracking("Exception_003"), tracking("AttemptFail_003")]
    send(kafka, "carrier", *(json.dumps(one).encode() for one in statuses))
    counts = translate_all(store, outside)

    expected = translate(told, RULES.epcis, Remembered()).messages
    found = warehouse(kafka)
    ours = [one for one in found if one.said["source"] == "/epcis"]
    assert Counter((one.key, one.value) for one in ours) == Counter(
        {(message.order_id.encode(), message.value): 2 for message in expected}
    )
    assert [(one.key, one.said["type"]) for one in found if one not in ours] == [
        (b"O1", "DeliveryRejected")
    ]
    assert {one.headers for one in found} == {
        (("content-type", b"application/cloudevents+json; charset=utf-8"), TRACE)
    }
    letters = {(one.offset, one.rule, one.field): one for one in dead_letters.listed(store)}
    at = "epcisBody.eventList[1].eventTime"
    assert letters.keys() == {
        (0, "not_a_time", at),
        (1, "not_json", "value"),
        (2, "not_a_time", at),
    }
    letter = letters[0, "not_a_time", at]
    assert json.loads(letter.value or b"") == bad
    assert (letter.topic, letter.key) == (f"{kafka.topics.prefix}epcis", b"leipzig")
    assert letters[1, "not_json", "value"].value == b"<EPCISDocument/>"
    assert counts == Counter(
        {
            "ShippedFromWarehouse": 2,
            "ReturnedToWarehouse": 2,
            "DeliveryRejected": 1,
            "ignored": 1,
            "dead": 3,
        }
    )


def test_what_fails_after_sending_is_sent_again_as_the_same_bytes(
    store: EventStore, kafka: KafkaSettings, outside: KafkaSettings
) -> None:
    failures = iter([True, True])

    def fail() -> None:
        if next(failures, False):
            raise StoreUnavailable("pulled out")

    send(kafka, "epcis", document(ships("O1"), ships("O2", eventTime="?")))
    translate_all(store, outside, Intake(store, inside=fail))

    sent = warehouse(kafka)
    assert len(sent) == 3
    assert len({one.value for one in sent}) == 1
    assert len(dead_letters.listed(store)) == 1


def test_what_one_process_heard_another_one_knows(
    store: EventStore, kafka: KafkaSettings, outside: KafkaSettings
) -> None:
    """The contents of a parcel, its shipment, and that it was voided, one capture at a time."""
    captures = [packs(PARCEL, single(MUG, 1, 2)), ships(epcList=[PARCEL]), voids(epcList=[PARCEL])]
    for number, one in enumerate([*captures, captures[2]], 1):
        send(kafka, "epcis", json.dumps(one).encode())
        translate_all(store, outside)
        assert len(warehouse(kafka)) == max(0, number - 1)

    said = [one.said for one in warehouse(kafka)]
    memory = Remembered()
    expected = [
        json.loads(message.value)
        for one in [*captures, captures[2]]
        for message in translate(document(one), RULES.epcis, memory).messages
    ]
    assert said == expected
    assert [one["type"] for one in said] == ["ShippedFromWarehouse", *["FactCorrected"] * 2]


def test_a_partition_full_of_bad_documents_stops(
    store: EventStore, kafka: KafkaSettings, outside: KafkaSettings
) -> None:
    loop, translation = loop_of(store, outside)
    send(kafka, "epcis", *[b"{}"] * 12)

    turn_until(lambda: loop.stopped, loop)
    loop._leave()
    translation.close()

    (letters,) = {len(dead_letters.listed(store))}
    assert 10 <= letters <= 12


def test_while_nothing_can_be_sent_nothing_is_dead(
    store: EventStore, kafka: KafkaSettings, outside: KafkaSettings
) -> None:
    translation = Translation(store, Intake(store), outside, RULES)
    told = record(document(ships()), channel="epcis", topic="t.epcis", partition=0, offset=0)
    translation._sender = Sender(outside)
    translation._sender.close()

    with pytest.raises(KafkaUnavailable):
        translation.record([told], translation.hear([told]))
    assert dead_letters.listed(store) == []

    taken = translation.record([told], translation.hear([told]))
    translation.close()
    assert (taken.outcomes, len(warehouse(kafka))) == (["recorded"], 1)


def test_a_letter_is_translated_again_when_the_rules_are_mended(store: EventStore) -> None:
    bad = record(
        json.dumps(ships(epcList=["urn:example:mug:7"])).encode(),
        channel="epcis",
        topic="c.epcis",
        partition=0,
        offset=7,
    )
    nobody = KafkaSettings("127.0.0.1:1", Topics("c.", OUTSIDE))
    translation = Translation(store, Intake(store), nobody, RULES)
    translation.record([bad], translation.hear([bad]))
    (letter,) = dead_letters.listed(store)
    epcis = RULES.epcis
    mended = RULES.model_copy(
        update={
            "epcis": epcis.model_copy(
                update={"line_id": (epcis.line_id[0].model_copy(update={"kind": None}),)}
            )
        }
    )

    again = dead_letters.heard_again(letter, "epcis")
    assert translated_again(store, Intake(store), RULES, again) == "dead"
    assert translated_again(store, Intake(store), mended, again) == "parked"
    assert translated_again(store, Intake(store), mended, again) == "repeated"
    assert letter.order_id == "O1"


def test_a_process_waits_for_topics_and_ends_when_told(
    store: EventStore, kafka: KafkaSettings
) -> None:
    nowhere = replace(kafka, topics=Topics("nowhere."))
    stop = Flag()
    translating = Translating(store, Intake(store), nowhere, RULES)
    thread = Thread(target=translating.run, args=(stop,))
    thread.start()
    stop.set()
    thread.join(SECONDS)

    assert not thread.is_alive()
