"""Messages of an order that is not known yet: parked, and released in arrival order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typing_extensions import override

from application.event_store import EventStore, Statement, Step
from consumers import dead_letters, parking
from consumers.batch import Released
from consumers.cloudevents import Incoming
from consumers.intake import Intake
from domain.events import MessageSetAside
from tests.support.saying import cancel, delivered, encoded, placed, record, shipped
from tests.support.streams import causes, emptied, events_of, kinds


@pytest.fixture
def store(module_postgres_url: str) -> Iterator[EventStore]:
    with emptied(module_postgres_url) as opened:
        yield opened


@pytest.fixture
def intake(store: EventStore) -> Intake:
    return Intake(store)


def in_table(store: EventStore) -> list[tuple[Any, ...]]:
    with store.connection() as conn:
        return conn.execute(
            "SELECT order_id, message_id FROM countermand.parked ORDER BY parked_id"
        ).fetchall()


def test_a_message_of_an_unknown_order_waits(store: EventStore, intake: Intake) -> None:
    message = shipped("A", 1)
    taken = intake.take([record(message)])
    assert taken.outcomes == ["parked"]
    assert (taken.position, taken.events) == (None, 0)
    assert in_table(store) == [("A", message["id"])]
    assert events_of(store, "A") == []


def test_a_request_waits_like_a_fact(store: EventStore, intake: Intake) -> None:
    assert intake.take([record(cancel("A"))]).outcomes == ["parked"]
    intake.take([record(placed("A"))])
    assert kinds(store, "A") == ["OrderPlaced", "ItemCancelRequested"]


def test_parked_messages_are_released_in_arrival_order_across_batches_and_restarts(
    store: EventStore,
) -> None:
    waiting = [shipped("A", 1, shipment_id=f"S{n}") for n in range(5)]
    for message in waiting[:2]:
        Intake(store).take([record(message)])
    Intake(store).take([record(waiting[2])])
    order, later = placed("A"), delivered("A")
    last = [*waiting[3:], order, later]
    taken = Intake(store).take([record(said) for said in last])
    assert taken.outcomes == ["parked", "parked", "recorded", "recorded"]
    ids = [message["id"] for message in waiting]
    assert taken.released == [Released("A", "/warehouse", one, "recorded") for one in ids]
    assert causes(store, "A") == [order["id"], *ids, later["id"]]
    assert in_table(store) == []


def test_a_message_parked_and_released_in_one_batch_never_meets_the_table(
    store: EventStore, intake: Intake
) -> None:
    message, order = shipped("A", 1), placed("A")
    before = _ever_parked(store)
    taken = intake.take([record(message), record(order)])
    assert taken.outcomes == ["parked", "recorded"]
    assert causes(store, "A") == [order["id"], message["id"]]
    assert _ever_parked(store) == before


def _ever_parked(store: EventStore) -> list[tuple[Any, ...]]:
    with store.connection() as conn:
        return conn.execute(
            "SELECT last_value, is_called FROM countermand.parked_parked_id_seq"
        ).fetchall()


def test_a_parked_message_again_is_a_repetition(store: EventStore, intake: Intake) -> None:
    message = record(shipped("A", 1))
    assert intake.take([message, message]).outcomes == ["parked", "repeated"]
    assert intake.take([message]).outcomes == ["repeated"]
    assert Intake(store).take([message]).outcomes == ["repeated"]
    assert len(in_table(store)) == 1


def test_a_parked_message_again_with_its_order_is_a_repetition(
    store: EventStore, intake: Intake
) -> None:
    message = record(shipped("A", 1))
    intake.take([message])
    assert intake.take([message, record(placed("A")), message]).outcomes == [
        "repeated",
        "recorded",
        "repeated",
    ]
    assert kinds(store, "A") == ["OrderPlaced", "ShippedFromWarehouse"]


def test_a_parked_id_with_other_content_is_a_dead_letter_when_the_order_comes(
    store: EventStore, intake: Intake
) -> None:
    first = shipped("A", 1)
    other = shipped("A", 2) | {"id": first["id"]}
    assert intake.take([record(first), record(other)]).outcomes == ["parked", "parked"]
    taken = intake.take([record(placed("A"))])
    assert [one.outcome for one in taken.released] == ["recorded", "dead"]
    assert kinds(store, "A") == ["OrderPlaced", "ShippedFromWarehouse", "MessageSetAside"]
    (letter,) = dead_letters.listed(store)
    assert (letter.rule, letter.order_id, letter.message_id) == ("id_in_use", "A", first["id"])


def test_a_parked_record_keeps_where_it_came_from(store: EventStore, intake: Intake) -> None:
    first = shipped("A", 1)
    other = shipped("A", 2) | {"id": first["id"]}
    topic = "countermand.warehouse"
    for said in (first, other):
        intake.take([Incoming(encoded(said), (), b"A", "warehouse", topic, 3, 7, 99)])
    intake.take([record(placed("A"))])
    (letter,) = dead_letters.listed(store)
    assert (letter.topic, letter.partition, letter.offset) == ("countermand.warehouse", 3, 7)


def test_a_note_waits_with_its_message(store: EventStore, intake: Intake) -> None:
    intake.take([record(cancel("A", note="for Ines"))])
    intake.take([record(placed("A"))])
    with store.connection() as conn:
        assert conn.execute("SELECT order_id, note FROM countermand.notes").fetchall() == [
            ("A", "for Ines")
        ]


def test_an_order_that_is_a_dead_letter_lets_its_messages_wait(
    store: EventStore, intake: Intake
) -> None:
    impossible = placed("A", discount="99.00")
    taken = intake.take([record(shipped("A", 1)), record(impossible)])
    assert taken.outcomes == ["parked", "dead"]
    assert len(in_table(store)) == 1
    intake.take([record(placed("A"))])
    assert kinds(store, "A") == ["OrderPlaced", "MessageSetAside", "ShippedFromWarehouse"]


def test_the_position_moves_with_what_was_parked(store: EventStore, intake: Intake) -> None:
    intake.take([record(shipped("A", 1))], [Step("kafka/t/0", None, 0)])
    assert store.positions("kafka/") == {"kafka/t/0": 0}


def _raced(store: EventStore, rival: Callable[[], object]) -> Intake:
    """An intake that is overtaken once, between looking and writing."""

    class Overtaken(EventStore):
        def __init__(self) -> None:
            self.__dict__.update(store.__dict__)
            self.first = True

        @override
        def append(self, *args: Any) -> int | None:
            if self.first:
                self.first = False
                rival()
            return super().append(*args)

    return Intake(Overtaken())


def test_a_message_that_is_parked_while_its_order_comes_is_decided(store: EventStore) -> None:
    order, message = record(placed("A")), record(shipped("A", 1))
    raced = _raced(store, lambda: Intake(store).take([order]))
    assert raced.take([message]).outcomes == ["recorded"]
    assert in_table(store) == []
    assert kinds(store, "A") == ["OrderPlaced", "ShippedFromWarehouse"]


def test_an_order_that_comes_while_a_message_is_parked_releases_it(store: EventStore) -> None:
    order, message = record(placed("A")), record(shipped("A", 1))
    raced = _raced(store, lambda: Intake(store).take([message]))
    assert [one.outcome for one in raced.take([order]).released] == ["recorded"]
    assert in_table(store) == []
    assert kinds(store, "A") == ["OrderPlaced", "ShippedFromWarehouse"]


def test_a_dead_letter_that_comes_while_its_order_comes_is_shown(store: EventStore) -> None:
    order, bad = record(placed("A")), record(shipped("A", 0))
    raced = _raced(store, lambda: Intake(store).take([bad]))
    raced.take([order])
    assert kinds(store, "A") == ["OrderPlaced", "MessageSetAside"]


def test_an_order_that_comes_while_its_dead_letter_is_kept_shows_it(store: EventStore) -> None:
    order, bad = record(placed("A")), record(shipped("A", 0))
    raced = _raced(store, lambda: Intake(store).take([order]))
    raced.take([bad])
    (_, shown) = events_of(store, "A")
    assert isinstance(shown, MessageSetAside)


def test_two_that_park_and_place_at_once_lose_nothing(store: EventStore) -> None:
    orders = [f"O{n}" for n in range(300)]
    placing = [record(placed(order)) for order in orders]
    telling = [record(shipped(order, 1)) for order in orders]

    def take(records: list[Incoming], by: int) -> None:
        intake = Intake(store)
        for start in range(0, len(records), by):
            intake.take(records[start : start + by])

    both = [threading.Thread(target=take, args=one) for one in ((placing, 7), (telling, 5))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert in_table(store) == []
    assert {order: len(kinds(store, order)) for order in orders} == dict.fromkeys(orders, 2)


def test_proofs_hold_the_log_locked() -> None:
    """Without a check the store would not lock, and the proof would be worth nothing."""
    proofs: list[Statement] = [parking.still_unknown([]), parking.nobody_waits(["A"])]
    assert all(proof.verify for proof in proofs)
