"""The whole log, order by order: what rebuilding and replaying read.

Whole streams of orders come one after the other, so that nobody has to hold more than one at a
time. PostgreSQL sorts; its sort goes to disk when the log is larger than memory. The streams of
their process managers lie elsewhere in the log, and are asked for beside, some at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple, cast
from uuid import UUID

from psycopg import Connection, Cursor

from application.event_columns import pack_ids
from application.event_store import process_stream_id
from application.stored_events import Decoders
from domain.events import Event
from domain.late_cancellation import INTERESTING
from domain.process_events import PROCESS_NAMES, ProcessEvent

_COPY = """
COPY (
    SELECT uuid_send(originator_id), originator_version::int8, topic, state, notification_id
    FROM countermand.orders_events
    WHERE notification_id <= {upto} AND originator_id BETWEEN '{first}' AND '{last}'
    AND topic <> ALL ('{{{processes}}}')
    ORDER BY originator_id, originator_version
) TO STDOUT (FORMAT BINARY)
"""
_DONE = b"""
SELECT originator_id, originator_version, topic, state, notification_id
FROM countermand.orders_events
WHERE originator_id = ANY(%b::uuid[]) AND notification_id <= %b
ORDER BY originator_id, originator_version
"""
_TYPES = ["bytea", "int8", "text", "bytea", "int8"]
_ALL_IDS = 2**128


class Stream(NamedTuple):
    """One order's events up to a position; `position` is the last one's."""

    stream: bytes
    events: list[Event]
    version: int
    position: int


class Done(NamedTuple):
    """What one order's process did up to a position; `position` is the last event's, 0: none."""

    events: tuple[ProcessEvent, ...] = ()
    version: int = 0
    position: int = 0


NOTHING_DONE = Done()


class Share(NamedTuple):
    """The `number`-th of `of` equal parts of all streams, from 0. Ids are spread evenly."""

    number: int = 0
    of: int = 1

    def ids(self) -> tuple[UUID, UUID]:
        """The first and the last id of this part."""
        first = _ALL_IDS * self.number // self.of
        return UUID(int=first), UUID(int=_ALL_IDS * (self.number + 1) // self.of - 1)


def streams(conn: Connection[Any], upto: int, share: Share | None = None) -> Iterator[Stream]:
    """Every order's stream with an event at or before position `upto`, whole up to there.

    `conn` is busy until the last one is read. Raises UnreadableEvent for what cannot be decoded.
    """
    first, last = (share or Share()).ids()
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        processes = ",".join(PROCESS_NAMES)
        sql = _COPY.format(upto=int(upto), first=first, last=last, processes=processes)
        yield from _grouped(cursor, sql)


def may_have_process(events: Iterable[Event]) -> bool:
    """Whether an order with these events may have a process; one that just ships has none."""
    return any(type(event) in INTERESTING for event in events)


def processes(conn: Connection[Any], order_ids: Collection[str], upto: int) -> dict[str, Done]:
    """What the processes of these orders did up to position `upto`; most orders have none.

    `conn` knows how to send ids (`event_columns.context`). Raises UnreadableEvent.
    """
    by_stream = {process_stream_id(order_id): order_id for order_id in order_ids}
    decoders = Decoders()
    found: dict[str, Done] = {}
    rows = conn.execute(_DONE, (pack_ids(by_stream), upto), prepare=True, binary=True)
    for stream, version, name, state, position in rows:
        order_id = by_stream[stream]
        before = found.get(order_id, NOTHING_DONE)
        event = cast("ProcessEvent", decoders[name](state))
        last = max(before.position, position)
        found[order_id] = Done((*before.events, event), version, last)
    return found


def _grouped(cursor: Cursor[Any], sql: str) -> Iterator[Stream]:
    decoders = Decoders()
    current, version, position = b"", 0, 0
    events: list[Event] = []
    with cursor.copy(sql.encode()) as copy:
        copy.set_types(_TYPES)
        for stream, number, name, state, place in copy.rows():
            if stream != current:
                if events:
                    yield Stream(current, events, version, position)
                current, events, position = stream, [], 0
            events.append(decoders[name](state))
            version = number
            position = max(position, place)
    if events:
        yield Stream(current, events, version, position)
