"""The one way in, for Kafka, files and HTTP: hear a batch, decide it, write it, all or nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from application.collecting import no_collection
from application.event_store import Conflict, EventStore, StalePosition, Statement, Step
from application.orders import Orders
from consumers import other_keys
from consumers.bad_message import internal_error
from consumers.batch import Batch, Outcome, Record, Released, Said
from consumers.cloudevents import BadMessage, Incoming, hear
from consumers.record_batches import Unreadable
from domain.order import DEFAULT_POLICY, Problem
from domain.refunds import Policy

log = logging.getLogger(__name__)

TRIES = 20
"""How often a batch is done again when other writers are faster, before giving up."""


class Contended(Exception):
    """Other writers were faster every time. Nothing was written; try again later."""


class Taken(NamedTuple):
    """What became of a batch, record by record."""

    outcomes: list[Outcome]
    problems: list[Problem | None]
    released: list[Released]
    """Parked messages that were decided because their order came, in arrival order."""
    position: int | None
    """Of the last event that this batch wrote; None: it wrote none."""
    events: int


def clock() -> int:
    """Our clock, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class Intake:
    """Takes batches, for one thread. Several may work on one database, in any processes."""

    def __init__(
        self,
        store: EventStore,
        *,
        cached_orders: int = 50_000,
        policy: Policy = DEFAULT_POLICY,
        now: Callable[[], int] = clock,
        inside: Callable[[], None] | None = None,
    ) -> None:
        """`inside`, for fault tests, is called in every transaction, before it commits."""
        self.orders = Orders(store, cached_orders, policy)
        self._store = store
        self._now = now
        self._note_key = note_key(store)
        self._inside = [Statement("SELECT 1", (), lambda _: inside())] if inside else []

    @no_collection()
    def hear(self, records: Iterable[Record]) -> list[Said]:
        """Read records; a bad one gives what is wrong with it. Nothing is written."""
        now, key = self._now(), self._note_key
        said: list[Said] = []
        for record in records:
            try:
                said.append(hear(record, now, key) if type(record) is Incoming else _unread(record))  # type: ignore[arg-type]
            except BadMessage as bad:
                said.append(bad)
            except Exception as error:  # a bug of ours must not stop the partition
                log.exception("a record could not be read")
                said.append(internal_error(error))
        return said

    def take(self, records: Sequence[Record], steps: Sequence[Step] = ()) -> Taken:
        """Hear, decide and write a batch and its positions in one transaction.

        Raises StalePosition (nothing was written: read the positions again), StoreUnavailable
        (it may have been written: the same), or Contended.
        """
        return self.record(records, self.hear(records), steps)

    @no_collection()
    def record(
        self, records: Sequence[Record], said: Sequence[Said], steps: Sequence[Step] = ()
    ) -> Taken:
        """Decide and write records that were heard. As `take`."""
        for _ in range(TRIES):
            batch = Batch(self._store, self.orders, self._now(), self._note_key)
            try:
                return self._write(batch, records, said, steps)
            except StalePosition:
                self.orders.forget(batch.order_ids)
                raise
            except Conflict as conflict:
                self.orders.forget(batch.order_ids)
                log.info("a batch is done again: %s", conflict)
            except BaseException:
                self.orders.forget(batch.order_ids)
                raise
        raise Contended(f"a batch was overtaken {TRIES} times; try again")

    def _write(
        self, batch: Batch, records: Sequence[Record], said: Sequence[Said], steps: Sequence[Step]
    ) -> Taken:
        batch.decide(records, said)
        appends = self.orders.appends()
        also = [*batch.statements(), *other_keys.count(records, said), *self._inside]
        position = None
        if appends or steps or also:
            position = self._store.append(appends, steps, also)
        self.orders.kept()
        batch.settle()
        events = sum([len(append.events) for append in appends])
        return Taken(batch.outcomes, batch.problems, batch.released, position, events)


def note_key(store: EventStore) -> bytes:
    """Return the key that names notes. It is made with the database and never changes."""
    with store.connection() as conn:
        row: Any = conn.execute(
            "SELECT value FROM countermand.secrets WHERE name = 'note-key'"
        ).fetchone()
    return bytes(row[0])


def _unread(record: Unreadable) -> BadMessage:
    offsets = f"offsets {record.offset} to {record.last}"
    return BadMessage("value", record.rule, f"{record.detail} ({offsets})")
