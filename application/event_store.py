"""The event store: the one file that imports `eventsourcing`.

Its application, tables, recorder and positions are used, with our stored names and our insert:
events of many orders and the positions of all inputs, compared and set, in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, Self, cast
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import ApplicationRecorder, Mapper, StoredEvent, Transcoder
from eventsourcing.postgres import PostgresFactory, PostgresProcessRecorder
from eventsourcing.utils import Environment, EnvType
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, tuple_row
from typing_extensions import override

from application import event_columns, reading, self_check
from application.event_columns import Columns, pack_ids
from application.reading import Streams
from application.recording import (
    Append,
    Conflict,
    Recorded,
    StalePosition,
    Statement,
    Step,
    StoreUnavailable,
    UnsafeSettings,
    VersionTaken,
    set_positions,
)
from application.stored_events import NAMES, Decoders, UnknownStoredName, UnreadableEvent, encode
from application.transaction import CHANNEL, plain_errors, transact
from application.waiting import WaitingConnection, WaitingCursor, is_in_loop
from domain.events import Event

__all__ = [
    "CHANNEL",
    "Append",
    "Conflict",
    "EventStore",
    "Recorded",
    "StalePosition",
    "Statement",
    "Step",
    "StoreUnavailable",
    "UnknownStoredName",
    "UnreadableEvent",
    "UnsafeSettings",
    "VersionTaken",
    "process_stream_id",
    "set_positions",
    "stream_id",
]
_ORDERS = UUID("6d0d4d2e-6a5e-5f0b-9d6b-0c1f3f1d7a11")
_PROCESSES = UUID("0b6f2a57-3c1e-5d0a-8b8f-5e2f6f0c9d42")
_AT_ONCE = 0.001
"""Seconds that an event loop waits for a connection; with none at all the pool gives nothing."""


@lru_cache(maxsize=100_000)
def stream_id(order_id: str) -> UUID:
    """The stream of an order; the same for ever, so that two writers of one order meet."""
    return uuid5(_ORDERS, order_id)


@lru_cache(maxsize=100_000)
def process_stream_id(order_id: str) -> UUID:
    """The stream of an order's process manager, beside the order's own."""
    return uuid5(_PROCESSES, order_id)


class OrderEvent(NamedTuple):
    """An event as the library wants one: with the stream that it belongs to."""

    originator_id: UUID
    originator_version: int
    event: Event


class StoredNameMapper(Mapper[UUID]):
    """The library's mapper, with our names and typed JSON instead of Python paths and tags."""

    def __init__(self, transcoder: Transcoder, **_: object) -> None:
        super().__init__(transcoder)
        self.decoders = Decoders()

    @override
    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        stream, version, event = cast("OrderEvent", domain_event)
        return StoredEvent(stream, version, NAMES[type(event)], encode(event))

    @override
    def to_domain_event(self, stored_event: StoredEvent) -> OrderEvent:
        event = self.decoders[stored_event.topic](stored_event.state)
        stream = cast("UUID", stored_event.originator_id)
        return OrderEvent(stream, stored_event.originator_version, event)


class BatchRecorder(PostgresProcessRecorder):
    """The library's recorder with another insert: arrays, and positions compared and set."""

    @override
    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        if kwargs.get("tracking") is not None:
            raise TypeError("the library's tracking lets a stale batch through: give `steps`")
        columns = Columns()
        for one in stored_events:
            stream = cast("UUID", one.originator_id)
            columns.add(stream, one.originator_version, one.topic, one.state)
        self.write(columns, kwargs.get("steps", ()), kwargs.get("also", ()))

    def write(
        self, columns: Columns, steps: Sequence[Step], also: Sequence[Statement]
    ) -> int | None:
        """One transaction; see `transaction.transact`. Returns the last event's position."""
        arrays = columns.packed()
        with self.connection() as conn:
            return transact(conn, arrays, steps, also)

    def rows(self, sql: bytes, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Every row of a query, in the binary protocol."""
        with self.connection() as conn, conn.cursor(binary=True) as cursor:
            return cursor.execute(sql, params, prepare=True).fetchall()

    @contextmanager
    def connection(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """A pooled connection in autocommit mode. Rolled back when the body raises."""
        in_loop = is_in_loop()
        try:
            # An event loop takes what is idle, and waits for nobody who would have to go on in it.
            wait = _AT_ONCE if in_loop else None
            with plain_errors(), self.datastore.pool.connection(wait) as pooled:
                conn = cast("Connection[tuple[Any, ...]]", pooled)
                conn.row_factory = tuple_row
                try:
                    yield conn
                finally:
                    pooled.row_factory = dict_row  # the library's own queries want these
        except StoreUnavailable:
            if not in_loop:
                # The other connections are dead, too: not one try for each.
                self.datastore.pool.check()
            raise


class UrlFactory(PostgresFactory):
    """The library's factory, with every parameter of the database URL, TLS ones included."""

    def __init__(self, env: Environment) -> None:
        super().__init__(env)
        timeout = int(env["CONNECT_TIMEOUT"])
        pool = self.datastore.pool
        pool.conninfo = env["DATABASE_URL"]
        pool.connection_class = WaitingConnection
        pool.kwargs = {
            "row_factory": dict_row,
            "cursor_factory": WaitingCursor,
            "connect_timeout": timeout,
            "application_name": "countermand",
            "options": env["OPTIONS"],
            "keepalives_idle": 10,
            "tcp_user_timeout": 15_000,  # milliseconds; a dead network is not waited for
            "context": event_columns.context(),
        }
        pool.reconnect_timeout = timeout  # then the next caller tries anew, without long pauses


class OrderLog(Application[UUID]):
    """The library's application. Its own environment variables are refused, not read."""

    name = "orders"

    @override
    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        return Environment(name, env)

    @override
    def construct_recorder(self) -> ApplicationRecorder:
        return self.factory.process_recorder()


def _order_log(database_url: str, pool_size: int, lock_timeout: int, timeout: int) -> OrderLog:
    options = conninfo_to_dict(database_url).get("options", "")
    return OrderLog(
        {
            "PERSISTENCE_MODULE": f"{__name__}:{UrlFactory.__name__}",
            "MAPPER_TOPIC": f"{__name__}:{StoredNameMapper.__name__}",
            "PROCESS_RECORDER_TOPIC": f"{__name__}:{BatchRecorder.__name__}",
            "CREATE_TABLE": "n",
            "DATABASE_URL": database_url,
            "OPTIONS": f"{options} -c lock_timeout={lock_timeout}s",
            "CONNECT_TIMEOUT": str(timeout),
            "POSTGRES_SCHEMA": "countermand",
            **dict.fromkeys(("POSTGRES_DBNAME", "POSTGRES_HOST", "POSTGRES_USER"), "in the URL"),
            "POSTGRES_PASSWORD": "",
            "POSTGRES_CONNECT_TIMEOUT": str(timeout),
            # A writer that freezes while it holds the log's lock is thrown out after so long.
            "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": "5",
            "POSTGRES_POOL_SIZE": "1",
            "POSTGRES_MAX_OVERFLOW": str(pool_size - 1),
        }
    )


NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class EventStore:
    """The log of all orders, and the positions of everything that reads or feeds it.

    Every method may raise `StoreUnavailable`. Safe to share between threads.
    """

    def __init__(self, log: OrderLog) -> None:
        self._log, self._recorder = log, cast("BatchRecorder", log.recorder)
        self._decoders = cast("StoredNameMapper", log.mapper).decoders

    @classmethod
    def open(
        cls,
        database_url: str,
        *,
        pool_size: int = 5,
        lock_timeout: int = 10,
        connect_timeout: int = 3,
        environ: Mapping[str, str] = NO_VARIABLES,
    ) -> Self:
        """Check the database and the settings, then connect. Timeouts are in seconds.

        `environ` has the process's variables, some of which the library would obey.
        Raises `UnsafeSettings` when something is set that is known to lose data.
        """
        with plain_errors():
            self_check.check(database_url, environ, connect_timeout)
        return cls(_order_log(database_url, pool_size, lock_timeout, connect_timeout))

    def append(
        self,
        appends: Sequence[Append],
        steps: Sequence[Step] = (),
        also: Sequence[Statement] = (),
    ) -> int | None:
        """Write events, positions and the caller's rows in one transaction, or nothing.

        Returns the position of the last event, None without events. Raises `Conflict`; after
        `StoreUnavailable` the write may have happened: a retry then raises `Conflict`.
        The log is locked while it commits if there are events or a statement verifies.
        """
        return self._recorder.write(Columns.of(appends), steps, also)

    def load(self, stream_ids: Collection[UUID], upto: int | None = None) -> Streams:
        """Versions and events of each stream, all in one query; an unknown stream has none.

        `upto` is the highest position to see.
        """
        asked, limit = set(stream_ids), reading.EVERYTHING if upto is None else upto
        rows = self._rows(reading.STREAMS, (pack_ids(asked), limit))
        return reading.streams(asked, rows, self._decoders)

    def read(self, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` events behind position `after`, in the order of the log.

        Whoever goes on from the last position misses nothing: positions are given in commit order.
        """
        return self._page(after, reading.EVERYTHING, limit)

    def scan(
        self, after: int = 0, upto: int | None = None, page: int = 10_000
    ) -> Iterator[list[Recorded]]:
        """The log in pages, in order; `upto` None: up to where it ends now. Bounded memory."""
        upto = self.head() if upto is None else upto
        while events := self._page(after, upto, page):
            after = events[-1].position
            yield events

    def _page(self, after: int, upto: int, limit: int) -> list[Recorded]:
        return reading.page(self._rows(reading.PAGE, (after, upto, limit)), self._decoders)

    def _rows(self, sql: bytes, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Every row, in the binary protocol; asked for a second time if the server went away."""
        try:
            return self._recorder.rows(sql, params)
        except StoreUnavailable:
            return self._recorder.rows(sql, params)

    def head(self) -> int:
        """The position of the last event; 0 in an empty log."""
        return self._rows(reading.HEAD, ())[0][0] or 0

    def positions(self, prefix: str = "") -> dict[str, int]:
        """Stored positions by name, of the names that begin with `prefix`."""
        return dict(self._rows(reading.POSITIONS, (prefix,)))

    @contextmanager
    def connection(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """A pooled connection in autocommit mode, for a room's own SQL.

        Begin with `with conn.transaction():`. A transaction that idles for 5 s is thrown out,
        and a lock is waited for `lock_timeout` seconds; use SET LOCAL to change that.
        """
        with self._recorder.connection() as conn:
            yield conn

    def close(self) -> None:
        """Give all connections back. The store cannot be used after it."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
