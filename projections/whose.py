"""Whose an order is: one cheap question, before anything of the order is loaded."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import msgspec
from psycopg import Connection

from application import reading
from application.event_columns import pack_ids
from application.event_store import EventStore, process_stream_id, stream_id
from application.stored_events import Decoders
from domain.events import Event
from domain.process_events import ProcessEvent

# The view answers in the same time for all; whose an order is never changes. One that it does not
# show yet is looked up in the log, whose first event names both. There a quote within a text is
# escaped, so the bytes of a name and its value stand nowhere else.
_SEEN = b"""(
SELECT coalesce(
    (SELECT buyer_id = coalesce(%(buyer)s::text, buyer_id)
        AND seller_id = coalesce(%(seller)s::text, seller_id)
        FROM countermand.order_information WHERE order_id = %(order)s),
    EXISTS (SELECT FROM countermand.orders_events
        WHERE originator_id = %(stream)s AND originator_version = 1
        AND position(%(buyer_said)b::bytea IN state) > 0
        AND position(%(seller_said)b::bytea IN state) > 0))
)"""
_IS_SEEN = b"SELECT " + _SEEN
# Whose it is does not speak of the rows: it is answered once, and then they are looked at or not.
_ALL = (
    b"WITH seen AS MATERIALIZED (SELECT " + _SEEN + b" AS it)"
    b" SELECT originator_id, originator_version, topic, state FROM countermand.orders_events"
    b" WHERE originator_id = ANY(%(streams)b::uuid[]) AND (SELECT it FROM seen)"
    b" UNION ALL SELECT NULL, 0, note_ref, convert_to(note, 'UTF8') FROM countermand.notes"
    b" WHERE order_id = %(order)s AND (SELECT it FROM seen)"
    b" ORDER BY originator_id, originator_version"
)
_DECODERS = Decoders()


def is_seen(
    conn: Connection[Any],
    order_id: str,
    *,
    buyer_id: str | None = None,
    seller_id: str | None = None,
) -> bool:
    """Whether the order was placed, by that buyer and at that seller (none: by and at anybody).

    True as soon as it is in the log, however far behind the views are.
    """
    asked = _asked(order_id, buyer_id, seller_id)
    row: Any = conn.execute(_IS_SEEN, asked, prepare=True, binary=True).fetchone()
    return bool(row[0])


class Found(NamedTuple):
    """All that is kept of an order."""

    events: list[Event]
    did: list[ProcessEvent]
    """What its process did."""
    notes: dict[str, str]
    """What persons wrote, by the names under which it is kept."""


def found(
    store: EventStore,
    order_id: str,
    *,
    buyer_id: str | None = None,
    seller_id: str | None = None,
) -> Found:
    """What is kept of an order, if it is theirs, as `is_seen` says; else nothing.

    By one statement, in which whose it is comes first: nothing is read of one that is not theirs.
    """
    ours, its = stream_id(order_id), process_stream_id(order_id)
    asked = {**_asked(order_id, buyer_id, seller_id), "streams": pack_ids({ours, its})}
    with store.connection() as conn:
        rows = conn.execute(_ALL, asked, prepare=True, binary=True).fetchall()
    told = [row for row in rows if row[0] is not None]
    streams = reading.streams({ours, its}, told, _DECODERS)
    did = cast("list[ProcessEvent]", [event for _, event in streams[its]])
    notes = {ref: bytes(text).decode() for stream, _, ref, text in rows if stream is None}
    return Found([event for _, event in streams[ours]], did, notes)


def _asked(order_id: str, buyer_id: str | None, seller_id: str | None) -> dict[str, Any]:
    return {
        "order": order_id,
        "stream": stream_id(order_id),
        "buyer": buyer_id,
        "seller": seller_id,
        "buyer_said": _said("buyer_id", buyer_id),
        "seller_said": _said("seller_id", seller_id),
    }


def _said(name: str, value: str | None) -> bytes:
    """How an event's bytes say it; nothing for none, which stands in all of them."""
    return b"" if value is None else f'"{name}":'.encode() + msgspec.json.encode(value)
