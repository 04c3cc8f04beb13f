"""What tests of the views share: waiting for a position, looking at rows, dying on purpose."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Protocol

import psycopg
from psycopg import Cursor
from typing_extensions import override

from application.event_store import EventStore, Recorded
from application.follow import Follower, Pace
from audit.replay import Difference, Replay
from domain.refunds import Policy
from projections import rebuild
from projections.tables import LIVE
from projections.views import Views, views_follower
from tests.support.recorded import START

SECONDS = 90
"""The longest that anything is waited for: this machine may be slow, and busy."""
POSITION = "follower/views"
LATER = START + 3_600_000_000
"""A clock: an hour after the made-up world began."""
POLICY = Policy()


def follower(url: str, store: EventStore, clock: Callable[[], int] = lambda: LATER) -> Follower:
    return views_follower(url, store, POLICY, clock, Pace(poll=0.05))


def position(store: EventStore) -> int:
    return store.positions(POSITION).get(POSITION, 0)


def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Wait until `condition` holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


def until_followed(store: EventStore) -> None:
    until(lambda: position(store) >= store.head())


def rows(store: EventStore, table: str) -> list[tuple[Any, ...]]:
    """All rows of a view, without when and where they were written."""
    names = {
        "order_information": "order_id, status, version, turns_due_at, body",
        "cancelled_orders": "order_id, buyer_id, last_cancelled_at",
        "refunds": "order_id, refund_id, state, body",
        "late_cancellations": "order_id, number, seller_id, due, ended_at, body",
        "exposure": "order_id, seller_id, currency, since, amount, paid, body",
        "warehouse_stops": "*",
        "warehouse_slips": "*",
    }
    sql = f"SELECT {names[table]} FROM countermand.{table} ORDER BY 1, 2, 3"  # noqa: S608  # our names
    with store.connection() as conn:
        return conn.execute(sql.encode()).fetchall()


def all_rows(store: EventStore) -> list[tuple[Any, ...]]:
    return [row for table in LIVE for row in rows(store, table.name)]


def differences(store: EventStore) -> list[Difference]:
    return list(Replay(store, POLICY).differences())


class Runs(Protocol):
    """Whatever runs until it is told to stop."""

    def run(self, stop: threading.Event) -> None: ...


@contextmanager
def running(*followers: Runs) -> Iterator[list[threading.Event]]:
    """Run followers as threads; set one's flag to stop it."""
    flags = [threading.Event() for _ in followers]
    threads = [
        threading.Thread(target=follower.run, args=(flag,))
        for follower, flag in zip(followers, flags, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield flags
    finally:
        for flag in flags:
            flag.set()
        for thread in threads:
            thread.join(SECONDS)


class Signed(Views):
    """Says who has applied each batch."""

    def __init__(self, store: EventStore, signature: str, book: list[str]) -> None:
        super().__init__(store, POLICY)
        self._signature = signature
        self._book = book

    @override
    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded], now: int) -> None:
        super().apply(cursor, batch, now)
        self._book.append(self._signature)


def signed(url: str, store: EventStore, signature: str, book: list[str]) -> Follower:
    return Follower(url, store, Signed(store, signature, book), lambda: LATER, Pace(poll=0.05))


class _Dying(Views):
    """Ends its process when the rows are written, and nothing is committed yet."""

    @override
    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded], now: int) -> None:
        super().apply(cursor, batch, now)
        os._exit(9)


def follow_and_die(url: str) -> None:
    with EventStore.open(url) as store:
        Follower(url, store, _Dying(store, POLICY), lambda: LATER).catch_up()


def rebuild_and_die(url: str) -> None:
    with EventStore.open(url) as store:
        rebuild.rebuild(url, store, POLICY, lambda: LATER, lambda *_: os._exit(9))


def in_another_process(work: Callable[[str], None], url: str) -> int | None:
    """Run `work` in a process of its own; its exit code.

    The server misses one that died some time after, and holds its locks so long: it is waited for.
    """
    process = get_context("spawn").Process(target=work, args=(url,))
    with psycopg.connect(url, autocommit=True) as conn:
        before = _clients(conn)
        process.start()
        process.join(SECONDS)
        until(lambda: _clients(conn) <= before)
    return process.exitcode


def _clients(conn: psycopg.Connection[Any]) -> set[int]:
    """The server's processes for whoever is connected to this database."""
    found = conn.execute(
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend'"
    )
    return {pid for (pid,) in found.fetchall()}


def terminate(url: str, which: str) -> int:
    """Cut the connections of this database that `which` (SQL) is true of; how many there were."""
    with psycopg.connect(url, autocommit=True) as conn:
        found = conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608  # the test's own
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            f" AND ({which})".encode()
        )
        return len(found.fetchall())
