"""Filling empty tables of views with the whole log: fold order by order, derive once, COPY.

More than one process shares the work: the orders are cut into equal parts by their streams' ids.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import reduce
from itertools import islice
from multiprocessing import get_context
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from application.collecting import no_collection
from application.event_columns import context
from application.streams import NOTHING_DONE, Share, Stream, may_have_process, processes, streams
from domain.events import Event
from domain.information import OrderInformation, order_information
from domain.order import Order, fold
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from projections import cancelled_orders, refunds
from projections import order_information as orders
from projections.columns import teach
from projections.few import NONE, few_rows
from projections.shown import Shown
from projections.table import Row
from projections.tables import Tables

Progress = Callable[[int, int], None]

_AT_ONCE = 1_000
"""Orders in one transaction."""
_SMALL = 50_000
"""Up to this position another process would take longer to start than to help."""
_MOST_PROCESSES = 4
_ALIVE = 0.2
"""Seconds between two looks at how far the processes are."""


class Task(NamedTuple):
    """What to load: from where, into which tables, up to which position, derived when."""

    database_url: str
    tables: Tables
    upto: int
    policy: Policy
    now: int


class Loaded(NamedTuple):
    """How much was loaded."""

    orders: int = 0
    events: int = 0

    def plus(self, other: Loaded) -> Loaded:
        """Both together."""
        return Loaded(self.orders + other.orders, self.events + other.events)


def load(task: Task, progress: Progress, processes: int | None = None) -> Loaded:
    """Load everything. `progress` is told of events done and (about) in all.

    Raises what the database raises; then the tables hold a part.
    """
    if processes is None:
        many = min(os.cpu_count() or 1, _MOST_PROCESSES)
        processes = 1 if task.upto <= _SMALL else many
    if processes == 1:
        with no_collection():
            return _total(_load(task, Share()), progress, task.upto)
    return _load_together(task, progress, processes)


def _total(parts: Iterable[Loaded], progress: Progress, upto: int) -> Loaded:
    total = Loaded()
    for part in parts:
        total = total.plus(part)
        _tell(progress, total.events, upto)
    return total


def _load_together(task: Task, progress: Progress, processes: int) -> Loaded:
    # Spawned, not forked: a child must not inherit connections or threads.
    context = get_context("spawn")
    done = context.Value("q", 0)
    with ProcessPoolExecutor(processes - 1, context, _start, (done,)) as pool:
        others = [
            pool.submit(_load_share, task, Share(number, processes))
            for number in range(1, processes)
        ]
        # A share is this process's own: it need not start first.
        total = Loaded()
        with no_collection():
            for part in _load(task, Share(0, processes)):
                total = total.plus(part)
                _tell(progress, total.events + done.value, task.upto)
        running = set(others)
        while running:
            _, running = wait(running, timeout=_ALIVE)
            _tell(progress, total.events + done.value, task.upto)
        return reduce(Loaded.plus, (other.result() for other in others), total)


def _tell(progress: Progress, events: int, upto: int) -> None:
    progress(events, max(events, upto))


_done: Any = None


def _start(done: Any) -> None:  # noqa: ANN401  # multiprocessing has no name for its values
    global _done  # noqa: PLW0603  # how a process of a pool is given what cannot be sent
    _done = done


def _load_share(task: Task, share: Share) -> Loaded:
    total = Loaded()
    with no_collection():
        for part in _load(task, share):
            total = total.plus(part)
            with _done.get_lock():
                _done.value += part.events
    return total


def _load(task: Task, share: Share) -> Iterator[Loaded]:
    with connect(task.database_url) as reading, connect(task.database_url) as writing:
        found = streams(reading, task.upto, share)
        while chunk := list(islice(found, _AT_ONCE)):
            worked = _worked_out(writing, chunk, task)
            _write(writing, task.tables, Rows.of(worked, task.now, task.policy))
            yield Loaded(len(chunk), sum(one.order.version + len(one.did) for one in worked))


class Rows(NamedTuple):
    """Ready rows of some orders, table by table."""

    orders: list[Row]
    cancelled: list[Row]
    refunds: list[Row]
    late: list[Row]
    exposure: list[Row]
    stops: list[Row]
    slips: list[Row]

    @classmethod
    def of(cls, found: Iterable[Worked], now: int, policy: Policy) -> Rows:
        """Make the rows of orders as they stood at `now`."""
        rows = cls([], [], [], [], [], [], [])
        for order, info, did, position in found:
            shown = Shown.of(info)
            rows.orders.append(orders.row(shown, now, position))
            cancelled = cancelled_orders.row(info)
            if cancelled is not None:
                rows.cancelled.append(cancelled)
            rows.refunds.extend(refunds.rows(shown, refunds.tries(info, order.events, did)))
            few = few_rows(order, info, did, policy)
            if few is not NONE:
                for of_table, more in zip(rows[-len(few) :], few, strict=True):
                    of_table.extend(more)
        return rows


class Worked(NamedTuple):
    """An order worked out, with what its process did, and the position of the last event."""

    order: Order
    info: OrderInformation
    did: Sequence[ProcessEvent]
    position: int


def _worked_out(conn: Connection[Any], chunk: Sequence[Stream], task: Task) -> list[Worked]:
    folds = [folded(stream.events) for stream in chunk]
    unsteady = [order.order_id for order in folds if may_have_process(order.events)]
    done = processes(conn, unsteady, task.upto)
    worked: list[Worked] = []
    for order, stream in zip(folds, chunk, strict=True):
        did = done.get(order.order_id, NOTHING_DONE)
        info = order_information(order, task.now, task.policy)
        worked.append(Worked(order, info, did.events, max(stream.position, did.position)))
    return worked


def _write(conn: Connection[Any], tables: Tables, rows: Rows) -> None:
    with conn.transaction(), conn.cursor() as cursor:
        for table, of_table in zip(tables, rows, strict=True):
            table.copy(cursor, of_table)


def folded(events: Iterable[Event]) -> Order:
    """The order that these events, all of its stream from the first on, lead to."""
    order = fold(events)
    if order is None:
        raise ValueError("a stream has at least one event")
    return order


@contextmanager
def connect(database_url: str) -> Iterator[Connection[Any]]:
    """A connection of its own, in autocommit mode, that may work and wait for long."""
    with psycopg.connect(
        database_url, autocommit=True, connect_timeout=3, context=context()
    ) as conn:
        teach(conn)
        yield conn
