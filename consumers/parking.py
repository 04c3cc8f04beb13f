"""Messages whose order is not known yet: kept in arrival order, heard again when it comes.

Whether an order is known is looked at before the transaction and may be outdated by then, so each
batch proves its guess inside the transaction, where the log is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection

from application.event_store import Conflict, Statement
from consumers import traces
from consumers.cloudevents import Heard, Incoming, body, fingerprint

Rows = list[tuple[Any, ...]]


class Key(NamedTuple):
    """What makes two parked messages the same: identity and content."""

    order_id: str
    source: str
    message_id: str
    fingerprint: bytes


class Waiting(NamedTuple):
    """A parked message as the table has it; `record` gives the same message when heard."""

    parked_id: int
    key: Key
    record: Incoming

    @property
    def order_id(self) -> str:
        return self.key.order_id


class Parked(NamedTuple):
    """A message to be parked; `place` is its place in the batch."""

    key: Key
    said: Heard
    record: Incoming
    place: int | None


def parked(said: Heard, record: Incoming, place: int | None) -> Parked:
    key = Key(said.order_id, said.source, said.message_id, fingerprint(said))
    return Parked(key, said, record, place)


_WAITING = b"""
SELECT parked_id, order_id, source, message_id, fingerprint, channel, body, origin
FROM countermand.parked WHERE order_id = ANY(%s) ORDER BY parked_id
"""


def waiting(conn: Connection[Any], order_ids: Collection[str]) -> Callable[[], list[Waiting]]:
    """Ask what waits for these orders; the answer reads it, in arrival order."""
    cursor = conn.execute(_WAITING, (list(order_ids),), prepare=True)
    return lambda: [_waiting(*row) for row in cursor.fetchall()]


def _waiting(parked_id: int, *row: Any) -> Waiting:  # noqa: ANN401
    order_id, source, message_id, says, channel, value, origin = row
    place = origin or {}
    record = Incoming(
        value,
        traces.headers_of(place),
        channel=channel,
        topic=place.get("topic"),
        partition=place.get("partition"),
        offset=place.get("offset"),
        timestamp=place.get("timestamp"),
    )
    return Waiting(parked_id, Key(order_id, source, message_id, bytes(says)), record)


_PARK = """
INSERT INTO countermand.parked
    (order_id, source, message_id, fingerprint, type, channel, body, origin, received_at)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[],
                     %s::bytea[], %s::jsonb[], %s::bigint[])
ON CONFLICT DO NOTHING
RETURNING order_id, source, message_id, fingerprint
"""


def park(messages: Sequence[Parked], now: int, came: set[Key]) -> Statement:
    """Keep these messages; `came` is told which of them were not there before."""
    rows = [
        (
            *one.key,
            one.said.type,
            one.record.channel,
            body(one.said),
            _origin(one.record),
            now,
        )
        for one in messages
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]

    def tell(rows: Rows) -> None:
        came.clear()
        came.update(Key(row[0], row[1], row[2], bytes(row[3])) for row in rows)

    return Statement(_PARK, columns, tell)


def _origin(record: Incoming) -> str:
    """Where a message came from, and its trace context: all that its body does not say."""
    return msgspec.json.encode(
        {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp,
            **traces.as_json(traces.trace_of(record)),
        }
    ).decode()


def still_unknown(streams: Collection[UUID]) -> Statement:
    """Prove that nobody placed these orders since we looked."""

    def check(rows: Rows) -> None:
        if rows:
            raise Conflict("an order came while messages were being parked for it")

    return Statement(
        "SELECT 1 FROM countermand.orders_events"
        " WHERE originator_id = ANY(%s) AND originator_version = 1 LIMIT 1",
        (list(streams),),
        check,
    )


def release(messages: Sequence[Waiting]) -> Statement:
    """Take these messages out. Each can be taken once."""

    def check(rows: Rows) -> None:
        if len(rows) != len(messages):
            raise Conflict("parked messages were released by somebody else")

    return Statement(
        "DELETE FROM countermand.parked WHERE parked_id = ANY(%s) RETURNING parked_id",
        ([one.parked_id for one in messages],),
        check,
    )


def nobody_waits(order_ids: Collection[str]) -> Statement:
    """Prove that no message was parked for these new orders since we looked."""

    def check(rows: Rows) -> None:
        if rows:
            raise Conflict("a message was parked while its order came")

    return Statement(
        "SELECT 1 FROM countermand.parked WHERE order_id = ANY(%s) LIMIT 1",
        (list(order_ids),),
        check,
    )


class Listed(NamedTuple):
    """A parked message, for operators; `received_at` in microseconds since 1970 UTC."""

    parked_id: int
    order_id: str
    source: str
    message_id: str
    type: str
    channel: str | None
    topic: str | None
    partition: int | None
    offset: int | None
    received_at: int


_LISTED = b"""
SELECT parked_id, order_id, source, message_id, type, channel, origin ->> 'topic',
    (origin ->> 'partition')::int, (origin ->> 'offset')::bigint, received_at
FROM countermand.parked WHERE parked_id > %s ORDER BY parked_id LIMIT %s
"""


def listed(conn: Connection[Any], after: int, limit: int) -> list[Listed]:
    """Messages in the order in which they came, `limit` behind the number `after`."""
    return [Listed(*row) for row in conn.execute(_LISTED, (after, limit)).fetchall()]
