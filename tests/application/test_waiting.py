"""Reads in an event loop: left where they wait, and refused where they would hold the loop up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from application.event_store import EventStore, StoreUnavailable
from application.waiting import TooMuch, be_little, in_loop, is_in_loop

_LOCK = 77


@pytest.fixture
def held(postgres_url: str) -> Iterator[Callable[[], None]]:
    """A lock that somebody else holds; called, it is let go."""
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))

        def let_go() -> None:
            conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))

        yield let_go


def taking(store: EventStore) -> str:
    """Take the lock and give it back; the thread that did."""
    with store.connection() as conn:
        conn.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", (_LOCK, _LOCK))
    return threading.current_thread().name


def test_the_loop_goes_on_while_an_answer_is_waited_for(
    store: EventStore, held: Callable[[], None]
) -> None:
    async def both() -> str:
        waiting = asyncio.create_task(in_loop(taking, store))
        await asyncio.sleep(0)  # it has asked
        held()  # in this very thread: who blocked it would wait for ever
        return await waiting

    assert asyncio.run(both()) == threading.current_thread().name


def test_who_reads_in_a_loop_knows_it_and_a_thread_does_not() -> None:
    async def known() -> tuple[bool, bool, bool]:
        return (
            is_in_loop(),
            await in_loop(is_in_loop),
            await in_loop(lambda: _in_a_thread(is_in_loop)),
        )

    assert asyncio.run(known()) == (False, True, False)


def _in_a_thread(function: Callable[[], bool]) -> bool:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_what_the_database_says_against_it_is_raised_where_it_was_asked(store: EventStore) -> None:
    def ask() -> str:
        with store.connection() as conn:
            try:
                conn.execute("SELECT 1 / 0")
            except psycopg.errors.DivisionByZero:
                return str(conn.execute("SELECT 'and then'").fetchall()[0][0])
        return "nothing was wrong"

    assert asyncio.run(in_loop(ask)) == "and then"


def test_who_is_cancelled_leaves_no_connection_that_still_works_for_it(
    postgres_url: str, held: Callable[[], None]
) -> None:
    with EventStore.open(postgres_url, pool_size=1) as store:

        async def given_up() -> None:
            waiting = asyncio.create_task(in_loop(taking, store))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

        asyncio.run(given_up())
        held()

        assert taking(store) == threading.current_thread().name


def test_no_loop_waits_for_a_connection_that_somebody_else_has(postgres_url: str) -> None:
    with EventStore.open(postgres_url, pool_size=1) as store, ExitStack() as stack:
        stack.enter_context(store.connection())

        with pytest.raises(StoreUnavailable):
            asyncio.run(in_loop(store.head))

        stack.close()
        assert asyncio.run(in_loop(store.head)) == 0


@pytest.mark.parametrize(("rows", "is_refused"), [(200, False), (201, True)])
def test_many_rows_are_worked_on_in_a_thread(
    store: EventStore, rows: int, *, is_refused: bool
) -> None:
    def ask() -> int:
        with store.connection() as conn:
            return len(conn.execute("SELECT generate_series(1, %s)", (rows,)).fetchall())

    assert ask() == rows
    if is_refused:
        with pytest.raises(TooMuch, match="201 rows"):
            asyncio.run(in_loop(ask))
    else:
        assert asyncio.run(in_loop(ask)) == rows


def test_a_large_body_is_worked_on_in_a_thread() -> None:
    be_little(50_001)
    asyncio.run(in_loop(be_little, 50_000))
    with pytest.raises(TooMuch, match="50001 bytes"):
        asyncio.run(in_loop(be_little, 50_001))


def test_many_read_at_once(store: EventStore) -> None:
    async def many() -> list[Any]:
        asked = [in_loop(store.positions, "nobody/") for _ in range(50)]
        return await asyncio.gather(*asked, return_exceptions=True)

    found = asyncio.run(many())

    assert {} in found
    assert {type(one) for one in found} <= {dict, StoreUnavailable}
