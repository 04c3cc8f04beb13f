"""A rebuild gives the same views, disturbs nobody, and swaps them all at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from itertools import count

import psycopg
import pytest

from application.event_store import EventStore
from application.owner import try_lock
from projections.beside import make
from projections.loading import Loaded, Progress, Task, connect, load
from projections.rebuild import RebuildRunning, rebuild
from projections.tables import LIVE
from tests.support.following import (
    LATER,
    POLICY,
    SECONDS,
    all_rows,
    differences,
    follower,
    in_another_process,
    position,
    rebuild_and_die,
    rows,
    running,
    until,
    until_followed,
)
from tests.support.recorded import Story, orders, record

_SHAPE = """
SELECT c.relname, c.relkind, pg_get_indexdef(c.oid), a.attname, a.attnotnull, a.attstorage
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'countermand'::regnamespace ORDER BY 1, a.attnum
"""


def clock() -> int:
    return LATER


def shape(store: EventStore) -> list[tuple[object, ...]]:
    with store.connection() as conn:
        return conn.execute(_SHAPE).fetchall()


def spoil(store: EventStore) -> None:
    with store.connection() as conn:
        conn.execute("UPDATE countermand.order_information SET status = 'nonsense'")
        conn.execute("DELETE FROM countermand.refunds")


@contextmanager
def meanwhile(work: Callable[[], None], enough: threading.Event) -> Iterator[None]:
    """Let `work` go on beside this; it ends when `enough` is set, however this ends."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def test_a_rebuild_makes_the_same_rows_again(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(25))
    follower(postgres_url, store).catch_up()
    before, tables = all_rows(store), shape(store)
    spoil(store)
    told: list[tuple[int, int]] = []

    rebuilt = rebuild(postgres_url, store, POLICY, clock, lambda *step: told.append(step))

    assert all_rows(store) == before
    assert shape(store) == tables
    assert (rebuilt.orders, rebuilt.events) == (25, store.head())
    assert told[-1] == (store.head(), store.head())
    assert differences(store) == []


def test_views_that_never_were_are_rebuilt_and_then_followed(
    postgres_url: str, store: EventStore
) -> None:
    record(store, *orders(5))

    rebuild(postgres_url, store, POLICY, clock)

    assert position(store) == store.head()
    record(store, *orders(5, first=6))
    follower(postgres_url, store).catch_up()
    assert len(rows(store, "order_information")) == 10
    assert differences(store) == []


def test_several_processes_load_every_order_once(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(40))
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        tables = make(conn, "shared")
        task = Task(postgres_url, tables, store.head(), POLICY, LATER)

        loaded = load(task, lambda *_: None, processes=2)

        assert loaded == Loaded(40, store.head())
        counts = [
            conn.execute(f"SELECT count(*) FROM countermand.{table.name}".encode()).fetchone()  # noqa: S608  # our own names
            for table in tables
        ]
    follower(postgres_url, store).catch_up()
    assert counts == [(len(rows(store, table.name)),) for table in LIVE]


def test_events_that_come_during_a_rebuild_are_in_the_views(
    postgres_url: str, store: EventStore
) -> None:
    record(store, *orders(20))
    numbers = count(21, 5)
    enough = threading.Event()

    def keep_recording() -> None:
        while not enough.is_set():
            record(store, *orders(5, first=next(numbers)))

    with running(follower(postgres_url, store)):
        with meanwhile(keep_recording, enough):
            for _ in range(3):
                rebuild(postgres_url, store, POLICY, clock)
        until_followed(store)

    assert len(rows(store, "order_information")) >= 20
    assert differences(store) == []


def test_a_killed_rebuild_leaves_the_live_views_whole(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(10))
    follower(postgres_url, store).catch_up()
    before, tables = all_rows(store), shape(store)

    code = in_another_process(rebuild_and_die, postgres_url)

    assert (code, all_rows(store), differences(store)) == (9, before, [])
    assert shape(store) != tables  # it left its tables behind
    rebuild(postgres_url, store, POLICY, clock)
    assert (all_rows(store), shape(store)) == (before, tables)


def test_a_reader_sees_whole_views_all_the_time(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(10))
    follower(postgres_url, store).catch_up()
    before = all_rows(store)
    seen: list[bool] = []
    enough = threading.Event()

    def keep_reading() -> None:
        while not enough.is_set():
            seen.append(all_rows(store) == before)

    def has_read(number: int) -> Callable[[], bool]:
        return lambda: len(seen) > number

    with meanwhile(keep_reading, enough):
        for number in range(5):
            until(has_read(number))
            rebuild(postgres_url, store, POLICY, clock)

    assert all(seen)


def test_a_second_rebuild_is_told_of_the_first(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(5))
    told: list[str] = []

    def try_too(*_: int) -> None:
        with pytest.raises(RebuildRunning) as caught:
            rebuild(postgres_url, store, POLICY, clock)
        told.append(str(caught.value))

    rebuild(postgres_url, store, POLICY, clock, try_too)

    assert told == ["another rebuild is at work; try again when it has ended"]


def nothing(*_: int) -> None:
    """Progress that nobody looks at."""


def stop(*_: int) -> None:
    raise InterruptedError


@pytest.mark.parametrize("tell", [nothing, stop], ids=["done", "failed"])
def test_the_next_rebuild_need_not_wait_until_the_connection_of_the_last_is_gone(
    postgres_url: str, store: EventStore, monkeypatch: pytest.MonkeyPatch, tell: Progress
) -> None:
    record(store, *orders(2))

    with connect(postgres_url) as lasting, connect(postgres_url) as another:
        monkeypatch.setattr("projections.rebuild.connect", lambda _: nullcontext(lasting))
        with suppress(InterruptedError):
            rebuild(postgres_url, store, POLICY, clock, tell)

        assert try_lock(another, "rebuild/views")


def test_a_swap_waits_for_a_long_reader(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(5))
    follower(postgres_url, store).catch_up()
    with psycopg.connect(postgres_url) as reader:
        reader.execute("SELECT * FROM countermand.order_information").fetchall()
        spoil_and_rebuild = threading.Thread(
            target=rebuild, args=(postgres_url, store, POLICY, clock)
        )
        spoil_and_rebuild.start()
        with running(follower(postgres_url, store)):
            record(store, *orders(5, first=6))
            until_followed(store)  # nobody else is held up for long
        reader.rollback()
        spoil_and_rebuild.join(SECONDS)

    assert not spoil_and_rebuild.is_alive()
    assert differences(store) == []


def test_who_may_read_the_views_may_read_them_after_a_rebuild(
    postgres_url: str, store: EventStore
) -> None:
    record(store, Story("A-1").placed(3))
    with store.connection() as conn:
        conn.execute("GRANT SELECT ON countermand.refunds TO pg_read_all_stats")
        conn.execute("GRANT SELECT, UPDATE ON countermand.order_information TO PUBLIC")

    rebuild(postgres_url, store, POLICY, clock)

    with store.connection() as conn:
        granted = conn.execute(
            "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges"
            " WHERE table_schema = 'countermand' AND grantee <> current_user ORDER BY 1, 2, 3"
        ).fetchall()
    assert granted == [
        ("order_information", "PUBLIC", "SELECT"),
        ("order_information", "PUBLIC", "UPDATE"),
        ("refunds", "pg_read_all_stats", "SELECT"),
    ]
