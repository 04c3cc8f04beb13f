"""Positions are compared and set: a stale worker writes nothing, so an effect happens once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from eventsourcing.persistence import Tracking

from application.event_store import (
    Append,
    EventStore,
    OrderEvent,
    StalePosition,
    Statement,
    Step,
    set_positions,
    stream_id,
)
from domain.events import Delivered

FACT = Delivered(occurred_at=1, recorded_at=2, source="w", message_id="m", shipment_id="S")
A = stream_id("A")


def test_a_first_position_is_stored_with_its_events(store: EventStore) -> None:
    store.append([Append(A, 1, [FACT])], [Step("kafka/x/0", None, 99)])

    assert (store.positions(), store.head()) == ({"kafka/x/0": 99}, 1)


def test_a_position_moves_on_from_the_one_expected(store: EventStore) -> None:
    store.append([], [Step("kafka/x/0", None, 99)])

    assert store.append([], [Step("kafka/x/0", 99, 109)]) is None

    assert store.positions() == {"kafka/x/0": 109}


@pytest.mark.parametrize("expected", [None, 98, 100, 105])
def test_a_stale_worker_writes_nothing_even_if_its_position_would_grow(
    store: EventStore, expected: int | None
) -> None:
    store.append([], [Step("kafka/x/0", None, 99)])

    with pytest.raises(StalePosition, match="kafka/x/0"):
        store.append([Append(A, 1, [FACT])], [Step("kafka/x/0", expected, 110)])

    assert (store.positions(), store.head()) == ({"kafka/x/0": 99}, 0)


def test_an_expected_position_must_have_been_stored(store: EventStore) -> None:
    with pytest.raises(StalePosition):
        store.append([], [Step("kafka/x/0", 5, 6)])


def test_one_stale_partition_rolls_back_the_whole_batch(store: EventStore) -> None:
    store.append([], [Step("kafka/x/0", None, 1), Step("kafka/x/1", None, 2)])

    with pytest.raises(StalePosition) as caught:
        store.append(
            [Append(A, 1, [FACT])],
            [Step("kafka/x/2", None, 8), Step("kafka/x/1", 1, 9), Step("kafka/x/0", 1, 9)],
        )

    assert caught.value.step == Step("kafka/x/1", 1, 9)
    assert (store.positions(), store.head()) == ({"kafka/x/0": 1, "kafka/x/1": 2}, 0)


def test_positions_are_found_by_their_prefix(store: EventStore) -> None:
    store.append([], [Step("kafka/x/0", None, 1), Step("follower/views", None, 2)])

    assert store.positions("kafka/") == {"kafka/x/0": 1}


def test_of_two_racing_workers_one_wins_every_time(store: EventStore, postgres_url: str) -> None:
    store.append([], [Step("a", None, 0), Step("b", None, 0)])
    meet = Barrier(2)

    def race(worker: int) -> int:
        won = 0
        steps = ("a", "b") if worker else ("b", "a")  # asked for in another order: no deadlock
        with EventStore.open(postgres_url) as mine:
            for turn in range(30):
                meet.wait(timeout=90)
                try:
                    event = Append(stream_id(f"{turn}"), worker + 1, [FACT])
                    mine.append([event], [Step(name, turn, turn + 1) for name in steps])
                    won += 1
                except StalePosition:
                    pass
        return won

    with ThreadPoolExecutor(2) as pool:
        wins = list(pool.map(race, range(2)))

    assert sum(wins) == 30
    assert store.positions() == {"a": 30, "b": 30}
    assert len(store.read(0, 100)) == 30


def test_a_first_position_has_one_winner_too(store: EventStore, postgres_url: str) -> None:
    meet = Barrier(4)

    def race(worker: int) -> bool:
        with EventStore.open(postgres_url) as mine:
            meet.wait(timeout=90)
            try:
                mine.append([], [Step("kafka/x/0", None, worker)])
            except StalePosition:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        wins = list(pool.map(race, range(4)))

    assert sum(wins) == 1
    assert store.positions() == {"kafka/x/0": wins.index(True)}


def test_a_views_rows_and_position_are_one_transaction(store: EventStore) -> None:
    _write_note(store, "n1", Step("follower/views", None, 5))

    with pytest.raises(StalePosition):
        _write_note(store, "n2", Step("follower/views", 4, 6))

    with store.connection() as conn:
        assert conn.execute("SELECT note_ref FROM countermand.notes").fetchall() == [("n1",)]
    assert store.positions() == {"follower/views": 5}


def _write_note(store: EventStore, note: str, step: Step) -> None:
    with store.connection() as conn, conn.transaction():
        conn.execute("INSERT INTO countermand.notes VALUES (%s, 'A', 'x', 1)", (note,))
        set_positions(conn.cursor(), [step])


def test_the_librarys_own_tracking_is_refused(store: EventStore) -> None:
    """It only asks that a position grows: reliability.md 0.1 lost 14,375 messages to that."""
    with pytest.raises(TypeError, match="steps"):
        store._log.events.put([OrderEvent(A, 1, FACT)], tracking=Tracking("kafka/x/0", 1))


def test_rows_alone_do_not_wait_for_the_logs_lock(store: EventStore, postgres_url: str) -> None:
    row = Statement("INSERT INTO countermand.notes VALUES ('n1', 'A', 'x', 1)")
    with (
        EventStore.open(postgres_url, lock_timeout=1) as follower,
        store.connection() as writer,
        writer.transaction(),
    ):
        writer.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        writer.execute("LOCK TABLE countermand.orders_writer IN EXCLUSIVE MODE")

        follower.append([], [Step("follower/views", None, 5)], [row])

    assert store.positions() == {"follower/views": 5}
