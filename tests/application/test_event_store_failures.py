"""What breaks: encoding, connections, answers. A batch is in whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from application.event_store import (
    Append,
    EventStore,
    StalePosition,
    Statement,
    Step,
    StoreUnavailable,
    VersionTaken,
    stream_id,
)
from application.migrations import migrate
from domain.events import Delivered
from runtime import embedded
from tests.support.cut_line import CutLine
from tests.support.postgres import in_memory

FACT = Delivered(occurred_at=1, recorded_at=2, source="w", message_id="m", shipment_id="S")
A = stream_id("A")
STEP = Step("kafka/x/0", None, 7)


@pytest.fixture
def line(postgres_url: str) -> Iterator[CutLine]:
    with TemporaryDirectory(prefix="cm-") as folder:
        line = CutLine(postgres_url, Path(folder))
        yield line
        line.close()


@pytest.mark.parametrize(
    "bad",
    [
        Append(A, 2, [replace(FACT, shipment_id="\ud800")]),  # a lone surrogate
        Append(A, 2, [replace(FACT, occurred_at=object())]),
        Append(A, 2, [object()]),  # type: ignore[list-item]
        Append(A, 0, [FACT]),
        Append(A, 2**31, [FACT]),
    ],
    ids=["surrogate", "not a number", "not an event", "version 0", "version too great"],
)
def test_what_cannot_be_encoded_leaves_the_position_too(store: EventStore, bad: Append) -> None:
    """The library commits the position and loses the events (reliability.md 0.3)."""
    with pytest.raises((ValueError, TypeError, KeyError)):
        store.append([Append(A, 1, [FACT]), bad], [STEP])

    assert (store.positions(), store.head()) == ({}, 0)


def test_a_callers_value_that_cannot_be_sent_rolls_everything_back(store: EventStore) -> None:
    """Psycopg finds a NUL in a text when the positions and the events are on their way."""
    note = Statement("INSERT INTO countermand.notes VALUES (%s, 'A', 'x', 1)", ("a\0b",))

    with pytest.raises(psycopg.DataError):
        store.append([Append(A, 1, [FACT])], [STEP], [note])

    assert (store.positions(), store.head()) == ({}, 0)
    store.append([Append(A, 1, [FACT])], [STEP], [])  # the connection is as good as new
    assert (store.positions(), store.head() > 0) == ({"kafka/x/0": 7}, True)


def test_a_character_that_text_columns_refuse_is_stored_in_an_event(store: EventStore) -> None:
    strange = replace(FACT, shipment_id="\0 \U0001f600 é")

    store.append([Append(A, 1, [strange])])

    assert store.load([A]) == {A: [(1, strange)]}


def test_a_commit_whose_answer_is_lost_is_a_conflict_when_it_is_tried_again(
    line: CutLine, store: EventStore
) -> None:
    batch = ([Append(A, 1, [FACT])], [STEP])
    with EventStore.open(line.url) as far:
        line.cut_at = b"COMMIT\0"
        with pytest.raises(StoreUnavailable):
            far.append(*batch)
        line.cut_at = None

        with pytest.raises(StalePosition):
            far.append(*batch)

        assert far.positions() == {"kafka/x/0": 7}
    assert store.load([A]) == {A: [(1, FACT)]}


def test_a_request_whose_answer_is_lost_is_a_conflict_too(line: CutLine) -> None:
    with EventStore.open(line.url) as far:
        line.cut_at = b"COMMIT\0"
        with pytest.raises(StoreUnavailable):
            far.append([Append(A, 1, [FACT])])
        line.cut_at = None

        with pytest.raises(VersionTaken):
            far.append([Append(A, 1, [FACT])])


def test_a_line_that_breaks_before_the_commit_leaves_nothing(
    line: CutLine, store: EventStore
) -> None:
    with EventStore.open(line.url) as far:
        line.cut_at = b"INSERT 0 1"
        with pytest.raises(StoreUnavailable):
            far.append([Append(A, 1, [FACT])], [STEP])
        line.cut_at = None

        assert (far.positions(), far.head()) == ({}, 0)
        far.append([Append(A, 1, [FACT])], [STEP])

    assert store.load([A]) == {A: [(1, FACT)]}


def test_reading_survives_connections_that_died_meanwhile(
    store: EventStore, postgres_server: str
) -> None:
    store.append([Append(A, 1, [FACT])])
    with psycopg.connect(postgres_server, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'countermand'"
        )

    assert store.load([A]) == {A: [(1, FACT)]}


def test_a_held_lock_is_not_waited_for_longer_than_told(
    store: EventStore, postgres_url: str
) -> None:
    with (
        EventStore.open(postgres_url, lock_timeout=1) as late,
        store.connection() as conn,
        conn.transaction(),
    ):
        conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        conn.execute("LOCK TABLE countermand.orders_writer IN EXCLUSIVE MODE")

        with pytest.raises(StoreUnavailable, match="lock timeout"):
            late.append([Append(A, 1, [FACT])], [STEP])

    assert (store.positions(), store.head()) == ({}, 0)


def test_a_writer_that_freezes_is_thrown_out_after_5_seconds(store: EventStore) -> None:
    with store.connection() as conn:
        row = conn.execute("SHOW idle_in_transaction_session_timeout").fetchone()

    assert row == ("5s",)


def test_a_database_that_is_away_is_said_so() -> None:
    with pytest.raises(StoreUnavailable, match="does not answer"):
        EventStore.open("postgresql://postgres@127.0.0.1:1/x", connect_timeout=1)


def test_an_interrupted_append_is_rolled_back(store: EventStore) -> None:
    def interrupt(_: list[tuple[Any, ...]]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.append([Append(A, 1, [FACT])], [STEP], [Statement("SELECT 1", (), interrupt)])

    assert (store.positions(), store.head()) == ({}, 0)


def test_a_store_finds_its_database_again() -> None:
    with TemporaryDirectory(prefix="cm-", dir=in_memory()) as folder:
        server = embedded.start(Path(folder))
        migrate(server.url)
        with EventStore.open(server.url) as store:
            store.append([Append(A, 1, [FACT])], [STEP])

            server.stop()
            with pytest.raises(StoreUnavailable):
                store.append([Append(A, 2, [FACT])], [Step("kafka/x/0", 7, 8)])
            with pytest.raises(StoreUnavailable):
                store.read(0, 10)

            with embedded.start(Path(folder)):
                assert [one.version for one in store.read(0, 10)] == [1]
                store.append([Append(A, 2, [FACT])], [Step("kafka/x/0", 7, 8)])
                assert store.positions() == {"kafka/x/0": 8}


def test_a_percent_sign_needs_no_escape_where_there_are_no_parameters(store: EventStore) -> None:
    store.append([], [], [Statement("INSERT INTO countermand.notes VALUES ('n', 'A', '5 %', 1)")])

    with store.connection() as conn:
        assert conn.execute("SELECT note FROM countermand.notes").fetchall() == [("5 %",)]
