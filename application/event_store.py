"""The event store: the one file that imports `eventsourcing`.

Its application, tables, recorder and positions are used, with our stored names and our insert:
events of many orders and the positions of all inputs, compared and set, in one transaction.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid5

import msgspec
import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import (
    ApplicationRecorder,
    DomainEventProtocol,
    Mapper,
    StoredEvent,
    Transcoder,
)
from eventsourcing.postgres import PostgresFactory, PostgresProcessRecorder
from eventsourcing.utils import Environment, EnvType
from psycopg import Connection, Cursor, errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, tuple_row
from typing_extensions import override

from application import binary_arrays, self_check
from application.binary_arrays import ByteaArray, TextArray, UuidArray, pack, pack_ints, pack_length
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
    ask_for,
    confirm,
    set_positions,
)
from application.stored_events import (
    NAMES,
    Decoders,
    UnknownStoredName,
    UnreadableEvent,
    encode,
)
from domain.events import Event

__all__ = [
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
    "set_positions",
    "stream_id",
]
CHANNEL = "countermand_log"
_ORDERS = UUID("6d0d4d2e-6a5e-5f0b-9d6b-0c1f3f1d7a11")
_LOCK = b"LOCK TABLE countermand.orders_events IN EXCLUSIVE MODE"
_INSERT = (
    b"INSERT INTO countermand.orders_events (originator_id, originator_version, topic, state)"
    b" SELECT * FROM unnest(%b::uuid[], %b::int[], %b::text[], %b::bytea[])"
)
# Under the lock nobody else draws numbers, so ours are the last.
_LAST = b"""
SELECT last, pg_notify('countermand_log', last::text)
FROM currval('countermand.orders_events_notification_id_seq') AS last
"""


@lru_cache(maxsize=100_000)
def stream_id(order_id: str) -> UUID:
    """The stream of an order; the same for ever, so that two writers of one order meet."""
    return uuid5(_ORDERS, order_id)


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
        assert isinstance(domain_event, OrderEvent)
        stream, version, event = domain_event
        return StoredEvent(stream, version, NAMES[type(event)], encode(event))

    @override
    def to_domain_event(self, stored_event: StoredEvent) -> OrderEvent:
        event = self.decoders[stored_event.topic](stored_event.state)
        assert isinstance(stored_event.originator_id, UUID)
        return OrderEvent(stored_event.originator_id, stored_event.originator_version, event)


class Columns:
    """Stored events, column by column, in the form in which they are sent."""

    __slots__ = ("_ids", "_names", "_states", "_versions")

    def __init__(self) -> None:
        self._ids: list[bytes] = []
        self._versions: list[int] = []
        self._names: list[bytes] = []
        self._states: list[bytes] = []

    def add(self, stream: bytes, version: int, name: bytes, state: bytes) -> None:
        """`stream` and `name` with their lengths before them; see `binary_arrays.pack`."""
        self._ids.append(stream)
        self._versions.append(version)
        self._names.append(name)
        self._states.append(pack_length(len(state)))
        self._states.append(state)

    def __len__(self) -> int:
        return len(self._versions)

    def packed(self) -> tuple[binary_arrays.BinaryArray, ...]:
        count = len(self)
        return (
            pack(UuidArray, count, self._ids),
            pack_ints(self._versions),
            pack(TextArray, count, self._names),
            pack(ByteaArray, count, self._states),
        )


@lru_cache(maxsize=1000)
def _length_and_name(name: str) -> bytes:
    stored = name.encode()
    return pack_length(len(stored)) + stored


def _columns(appends: Sequence[Append]) -> Columns:
    columns = Columns()
    add = columns.add
    for stream, first, events in appends:
        key = b"\x00\x00\x00\x10" + stream.bytes
        for version, event in enumerate(events, first):
            add(key, version, _length_and_name(NAMES[type(event)]), encode(event))
    return columns


class BatchRecorder(PostgresProcessRecorder):
    """The library's recorder with another insert: arrays, and positions compared and set."""

    @override
    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        if kwargs.get("tracking") is not None:
            raise TypeError("the library's tracking lets a stale batch through: give `steps`")
        columns = Columns()
        for one in stored_events:
            assert isinstance(one.originator_id, UUID)
            key = b"\x00\x00\x00\x10" + one.originator_id.bytes
            columns.add(key, one.originator_version, _length_and_name(one.topic), one.state)
        self.write(columns, kwargs.get("steps", ()), kwargs.get("also", ()))

    def write(
        self, columns: Columns, steps: Sequence[Step], also: Sequence[Statement]
    ) -> int | None:
        """One transaction in two waits: everything up to the answers, then the commit."""
        failure: BaseException | None = None
        position: int | None = None
        arrays = columns.packed() if len(columns) else ()
        with self.connection() as conn, _plain_errors():
            with conn.pipeline():
                try:
                    # An error must leave through the transaction, or its first half is committed.
                    with conn.transaction():
                        position = _write(conn, arrays, steps, also)
                except Exception as error:  # noqa: BLE001  raised below; inside, a pipeline logs it
                    failure = error
            if failure is not None:
                raise failure
        return position

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """A pooled connection in autocommit mode."""
        with _plain_errors(), self.datastore.pool.connection() as conn:
            conn.row_factory = tuple_row
            try:
                yield conn
            finally:
                conn.row_factory = dict_row


def _write(
    conn: Connection[Any],
    arrays: tuple[binary_arrays.BinaryArray, ...],
    steps: Sequence[Step],
    also: Sequence[Statement],
) -> int | None:
    # Everything is sent before the first answer is read.
    asked = [(step, ask_for(conn, step)) for step in sorted(steps)]
    if arrays or any(statement.verify for statement in also):
        conn.execute(_LOCK, prepare=True)  # what is verified must stay true until the commit
    if arrays:
        conn.execute(_INSERT, arrays, prepare=True)
    answers = [(one, conn.execute(one.sql.encode(), one.params)) for one in also]
    last = conn.execute(_LAST, prepare=True) if arrays else None
    for step, answer in asked:
        confirm(step, answer)
    for statement, rows in answers:
        if statement.verify:
            statement.verify(rows.fetchall())
    return last.fetchone()[0] if last else None  # type: ignore[index]


@contextmanager
def _plain_errors() -> Iterator[None]:
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


class UrlFactory(PostgresFactory):
    """The library's factory, with every parameter of the database URL, TLS ones included."""

    def __init__(self, env: Environment) -> None:
        super().__init__(env)
        timeout = int(env["CONNECT_TIMEOUT"])
        lock_timeout = int(env["LOCK_TIMEOUT"])
        pool = self.datastore.pool
        pool.conninfo = env["DATABASE_URL"]
        pool.kwargs = {
            "row_factory": dict_row,
            "connect_timeout": timeout,
            "application_name": "countermand",
            "keepalives_idle": 10,
            "tcp_user_timeout": 15_000,
        }
        pool.reconnect_timeout = timeout  # then the next caller tries anew, without long pauses
        pool._configure = lambda conn: _configure(conn, lock_timeout)


def _configure(conn: Connection[Any], lock_timeout: int) -> None:
    """A frozen writer is thrown out after 5 s; nobody waits for a lock longer than is useful."""
    conn.autocommit = True
    conn.execute(
        b"SET idle_in_transaction_session_timeout = '5s';"
        b"SET default_transaction_isolation = 'read committed';"
        b"SET lock_timeout = '%ds'" % lock_timeout
    )
    binary_arrays.register(conn)


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
    parts = conninfo_to_dict(database_url)
    return OrderLog(
        {
            "PERSISTENCE_MODULE": f"{__name__}:{UrlFactory.__name__}",
            "MAPPER_TOPIC": f"{__name__}:{StoredNameMapper.__name__}",
            "PROCESS_RECORDER_TOPIC": f"{__name__}:{BatchRecorder.__name__}",
            "CREATE_TABLE": "n",
            "DATABASE_URL": database_url,
            "CONNECT_TIMEOUT": str(timeout),
            "LOCK_TIMEOUT": str(lock_timeout),
            "POSTGRES_SCHEMA": "countermand",
            "POSTGRES_DBNAME": str(parts.get("dbname", "")),
            "POSTGRES_HOST": str(parts.get("host", "")),
            "POSTGRES_USER": str(parts.get("user", "")),
            "POSTGRES_PASSWORD": "",  # the URL has it
            "POSTGRES_CONNECT_TIMEOUT": str(timeout),
            "POSTGRES_POOL_SIZE": "1",
            "POSTGRES_MAX_OVERFLOW": str(pool_size - 1),
        }
    )


_READ = b"""
SELECT notification_id, originator_id, originator_version, topic, state
FROM countermand.orders_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s
"""
_LOAD = b"""
SELECT originator_id, originator_version, topic, state FROM countermand.orders_events
WHERE originator_id = ANY(%s::uuid[]) AND notification_id <= %s
ORDER BY originator_id, originator_version
"""
_EVERYTHING = 2**63 - 1


class EventStore:
    """The log of all orders, and the positions of everything that reads or feeds it.

    Every method may raise `StoreUnavailable`. Safe to share between threads.
    """

    def __init__(self, log: OrderLog) -> None:
        assert isinstance(log.recorder, BatchRecorder)
        assert isinstance(log.mapper, StoredNameMapper)
        self._log = log
        self._recorder = log.recorder
        self._decoders = log.mapper.decoders

    @classmethod
    def open(
        cls,
        database_url: str,
        *,
        pool_size: int = 5,
        lock_timeout: int = 10,
        connect_timeout: int = 3,
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """Check the database and the settings, then connect. Timeouts are in seconds.

        Raises `UnsafeSettings` when something is set that is known to lose data.
        """
        with _plain_errors():
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
        return self._recorder.write(_columns(appends), steps, also)

    def load(
        self, stream_ids: Collection[UUID], upto: int | None = None
    ) -> dict[UUID, list[tuple[int, Event]]]:
        """Versions and events of each stream, all in one query; an unknown stream has none.

        `upto` is the highest position to see.
        """
        streams: dict[UUID, list[tuple[int, Event]]] = {one: [] for one in stream_ids}
        with self._cursor() as cursor:
            limit = _EVERYTHING if upto is None else upto
            cursor.execute(_LOAD, (list(streams), limit), prepare=True)
            for stream, version, name, state in cursor:
                streams[stream].append((version, self._decoders[name](state)))
        return streams

    def read(self, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` events behind position `after`, in the order of the log.

        Whoever goes on from the last position misses nothing: positions are given in commit order.
        """
        with self._cursor() as cursor:
            cursor.execute(_READ, (after, limit), prepare=True)
            return self._recorded(cursor.fetchall())

    def _recorded(self, rows: list[tuple[Any, ...]]) -> list[Recorded]:
        decoders = self._decoders
        return [
            Recorded(position, stream, version, decoders[name](state))
            for position, stream, version, name, state in rows
        ]

    def scan(
        self, after: int = 0, upto: int | None = None, page: int = 10_000
    ) -> Iterator[list[Recorded]]:
        """The log in pages, in order; `upto` None: up to where it ends now. Bounded memory."""
        upto = self.head() if upto is None else upto
        while after < upto:
            events = [one for one in self.read(after, page) if one.position <= upto]
            if not events:
                return
            after = events[-1].position
            yield events

    def head(self) -> int:
        """The position of the last event; 0 in an empty log."""
        with self._cursor() as cursor:
            cursor.execute("SELECT max(notification_id) FROM countermand.orders_events")
            row = cursor.fetchone()
            return row[0] if row and row[0] is not None else 0

    def positions(self, prefix: str = "") -> dict[str, int]:
        """Stored positions by name, of the names that begin with `prefix`."""
        with self._cursor() as cursor:
            cursor.execute(
                "SELECT application_name, notification_id FROM countermand.orders_tracking"
                " WHERE application_name <> '__migration__' AND starts_with(application_name, %s)"
                " ORDER BY application_name",
                (prefix,),
            )
            return dict(cursor.fetchall())

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """A pooled connection in autocommit mode, for a room's own SQL.

        Begin with `with conn.transaction():`. A transaction that idles for 5 s is thrown out,
        and a lock is waited for `lock_timeout` seconds; use SET LOCAL to change that.
        """
        with self._recorder.connection() as conn:
            yield conn

    @contextmanager
    def _cursor(self) -> Iterator[Cursor[Any]]:
        with self._recorder.connection() as conn, conn.cursor(binary=True) as cursor:
            yield cursor

    def close(self) -> None:
        """Give all connections back. The store cannot be used after it."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
