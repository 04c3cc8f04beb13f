"""The words of the store: what is appended, what is read back, what may go wrong.

No SQL but the one compare-and-set that everybody shares, and nothing of the library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor

from domain.events import Event

COMPARE = (
    b"UPDATE countermand.orders_tracking SET notification_id = %s"
    b" WHERE application_name = %s AND notification_id = %s RETURNING true"
)
FIRST = (
    b"INSERT INTO countermand.orders_tracking (notification_id, application_name)"
    b" VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING true"
)


class Recorded(NamedTuple):
    """An event as the log has it. `position` grows in commit order; gaps mean nothing."""

    position: int
    stream_id: UUID
    version: int
    event: Event


class Append(NamedTuple):
    """Events to write to a stream; the first gets `first_version`, 1 for a new stream."""

    stream_id: UUID
    first_version: int
    events: Sequence[Event]


class Step(NamedTuple):
    """A position, compared and set. `expected` None: nothing was ever stored under that name."""

    name: str
    expected: int | None
    new: int


class Statement(NamedTuple):
    """SQL of the caller inside the store's transaction, after the events are written.

    `verify` is given all rows of the statement and may raise `Conflict`; then nothing is written.
    """

    sql: str
    params: Sequence[Any] | Mapping[str, Any] = ()
    verify: Callable[[list[tuple[Any, ...]]], None] | None = None


class Conflict(Exception):
    """Somebody else was faster. Nothing was written by this call.

    After `StoreUnavailable` it may be our own earlier try whose answer was lost: then all of it
    is written. Either way: read again what it was based on, and go on from there.
    """


class VersionTaken(Conflict):
    """A stream already has an event of that version."""


class StalePosition(Conflict):
    """A position is not the expected one: another worker has moved it."""

    def __init__(self, step: Step) -> None:
        super().__init__(f"position {step.name} is not {step.expected}: another worker moved it")
        self.step = step


class StoreUnavailable(Exception):
    """The database cannot answer now. Retry later; a retried append may raise `Conflict`."""


class UnsafeSettings(Exception):
    """The database or the environment is set in a way that loses data. Says what to change."""


def ask_for(conn: Connection[Any], step: Step) -> Cursor[Any]:
    """Send the compare-and-set; `confirm` reads its answer. In a pipeline this does not wait."""
    if step.expected is None:
        return conn.execute(FIRST, (step.new, step.name), prepare=True)
    return conn.execute(COMPARE, (step.new, step.name, step.expected), prepare=True)


def confirm(step: Step, answer: Cursor[Any]) -> None:
    """Raise `StalePosition` unless the compare-and-set found what it expected."""
    if answer.fetchone() is None:
        raise StalePosition(step)


def set_positions(cursor: Cursor[Any], steps: Sequence[Step]) -> None:
    """Compare and set positions inside the caller's transaction, or raise `StalePosition`."""
    conn = cursor.connection
    # Sorted by name: two writers take the rows in one order and cannot lock each other out.
    asked = [(step, ask_for(conn, step)) for step in sorted(steps)]
    for step, answer in asked:
        confirm(step, answer)
