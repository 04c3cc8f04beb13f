"""Several writers at once: a reader that goes on from its last position misses nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from psycopg import Connection

from application.event_store import Append, EventStore, Recorded, Statement, Step, stream_id
from domain.events import Delivered

FACT = Delivered(occurred_at=1, recorded_at=2, source="w", message_id="m", shipment_id="S")
WRITERS = 4
BATCHES = 60


def _write(url: str, writer: int) -> None:
    with EventStore.open(url) as store:
        for batch in range(BATCHES):
            # Of many sizes, so that late numbers would be committed before early ones.
            streams = (stream_id(f"{writer}/{batch}/{n}") for n in range(1 + batch % 7 * writer))
            store.append([Append(stream, 1, [FACT]) for stream in streams])


def _tail(store: EventStore, writers: list[Future[None]]) -> Iterator[Recorded]:
    position = 0
    while True:
        done = all(writer.done() for writer in writers)
        page = store.read(position, 50)
        yield from page
        if page:
            position = page[-1].position
        elif done:
            return


def test_a_tailing_reader_misses_nothing_of_four_writers(
    store: EventStore, postgres_url: str
) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(_write, postgres_url, writer) for writer in range(WRITERS)]

        seen = list(_tail(store, writers))

        for writer in writers:
            writer.result()
    assert seen == store.read(0, 100_000)
    assert len(seen) == sum(1 + b % 7 * w for b in range(BATCHES) for w in range(WRITERS))


def test_writers_and_vacuum_do_not_wait_for_each_other(
    store: EventStore, postgres_url: str
) -> None:
    with store.connection() as conn, conn.transaction():
        conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        conn.execute("LOCK TABLE countermand.orders_events IN SHARE UPDATE EXCLUSIVE MODE")

        with EventStore.open(postgres_url, lock_timeout=1) as writer:
            assert writer.append([Append(stream_id("A"), 1, [FACT])]) == 1


def test_a_verification_sees_what_was_committed_while_it_waited(
    store: EventStore, postgres_url: str
) -> None:
    """Or an order could be placed just when its first message is parked as unknown."""
    seen: list[tuple[Any, ...]] = []
    count = Statement("SELECT count(*) FROM countermand.orders_events", (), seen.extend)
    with (
        EventStore.open(postgres_url, lock_timeout=90) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        with store.connection() as conn, conn.transaction():
            conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            conn.execute("LOCK TABLE countermand.orders_writer IN EXCLUSIVE MODE")
            parking = pool.submit(other.append, [], [Step("kafka/x/0", None, 1)], [count])
            _wait_for_a_waiter(conn)
            conn.execute(
                "INSERT INTO countermand.orders_events VALUES (%s, 1, 'Delivered.v1', '{}')",
                (stream_id("A"),),
            )
        parking.result(timeout=90)

    assert seen == [(1,)]


def _wait_for_a_waiter(conn: Connection[Any]) -> None:
    waiting = (
        "SELECT count(*) FROM pg_locks"
        " WHERE relation = 'countermand.orders_writer'::regclass AND NOT granted"
    )
    end = time.monotonic() + 90
    while conn.execute(waiting).fetchone() == (0,):
        assert time.monotonic() < end, "nobody waits for the log"
