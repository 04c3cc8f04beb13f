"""The one transaction of an append: what is sent, in which order, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection, Cursor, errors

from application.event_columns import BinaryArray
from application.recording import (
    Conflict,
    StalePosition,
    Statement,
    Step,
    StoreUnavailable,
    VersionTaken,
    ask_for,
    confirm,
)

CHANNEL = "countermand_log"
"""Notified, with the last position, when events are committed. A hint, nothing to rely on."""

# What is verified under the lock must see what was committed before it: never a snapshot.
_BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED"
# Positions are given in commit order, so a reader that goes on from one misses nothing.
_LOCK = b"LOCK TABLE countermand.orders_writer IN EXCLUSIVE MODE"
_INSERT = (
    b"INSERT INTO countermand.orders_events (originator_id, originator_version, topic, state)"
    b" SELECT * FROM unnest(%b::uuid[], %b::int[], %b::text[], %b::bytea[])"
)
# Under the lock nobody else draws numbers, so the last one is ours.
_LAST = b"""
SELECT last, pg_notify('countermand_log', last::text)
FROM currval('countermand.orders_events_notification_id_seq') AS last
"""


def transact(
    conn: Connection[Any],
    events: tuple[BinaryArray, ...],
    steps: Sequence[Step],
    also: Sequence[Statement],
) -> int | None:
    """Write all of it in two waits: everything up to the answers, then the commit.

    Whatever raises leaves the transaction open, for the caller to give the connection back with
    that error, which rolls it back.
    """
    asked: list[tuple[Step, Cursor[Any]]] = []
    failure: Exception | None = None
    position: int | None = None
    try:
        with conn.pipeline():
            try:
                position = _send(conn, events, steps, also, asked)
            except Exception as error:  # noqa: BLE001  a pipeline that sees it logs it
                failure = error
    except errors.PipelineAborted:  # of what was sent behind the failure: it says nothing new
        if failure is None:
            raise
    if failure is not None:
        # Who is stale often writes versions that are taken, too: the position is what to say.
        raise _first_stale(asked) or failure
    return position


def _first_stale(asked: list[tuple[Step, Cursor[Any]]]) -> StalePosition | None:
    return next((StalePosition(step) for step, answer in asked if answer.rowcount == 0), None)


def _send(
    conn: Connection[Any],
    events: tuple[BinaryArray, ...],
    steps: Sequence[Step],
    also: Sequence[Statement],
    asked: list[tuple[Step, Cursor[Any]]],
) -> int | None:
    conn.execute(_BEGIN)
    # Sorted by name: two writers take the rows in one order and cannot lock each other out.
    asked += [(step, ask_for(conn, step)) for step in sorted(steps)]
    if events or any(statement.verify for statement in also):
        conn.execute(_LOCK)  # also without events: what is verified must stay true
    if events:
        conn.execute(_INSERT, events, prepare=True)
    answers = [(one, conn.execute(one.sql.encode(), one.params or None)) for one in also]
    last = conn.execute(_LAST, prepare=True) if events else None
    for step, answer in asked:
        confirm(step, answer)
    for statement, rows in answers:
        if statement.verify:
            statement.verify(rows.fetchall())
    position = last.fetchone() if last else None
    conn.execute(b"COMMIT")
    return position[0] if position else None


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn psycopg's errors into the store's, where one says what to do next."""
    try:
        yield
    except errors.UniqueViolation as error:
        if error.diag.constraint_name != "orders_events_pkey":
            raise
        raise VersionTaken(str(error.diag.message_detail)) from error
    except (errors.DeadlockDetected, errors.SerializationFailure) as error:
        raise Conflict(str(error)) from error
    except (
        psycopg.OperationalError,
        psycopg.InterfaceError,
        errors.IdleInTransactionSessionTimeout,
        errors.ReadOnlySqlTransaction,
    ) as error:
        raise StoreUnavailable(f"the database does not answer: {error}") from error
