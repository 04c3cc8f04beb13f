"""Trace contexts (W3C): taken from the record that caused an event, given to what it is told by.

A record carries one in the headers `traceparent` and `tracestate`, or as the CloudEvents extension
attributes of these names. One that is not well formed is left alone: it is nobody's fault to mend.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Cursor

from application.event_store import Recorded, Statement, stream_id
from consumers.envelope import Incoming
from consumers.outgoing import Headers
from domain.process_events import SOURCE, ProcessEvent

PARENT, STATE = "traceparent", "tracestate"
_PARENTS = {PARENT: 0, "ce_traceparent": 1}
_STATES = {STATE: 0, "ce_tracestate": 1}
_MENTIONED = b'"traceparent"'
# Version, trace, span, flags; no version ff, and neither of the ids may be all zeros.
_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII
)
_STATE = re.compile(r"[\x20-\x7e]{1,512}", re.ASCII)


class Trace(NamedTuple):
    """A trace context, well formed."""

    parent: str
    state: str | None

    @property
    def headers(self) -> Headers:
        parent = (PARENT, self.parent.encode())
        return (parent,) if self.state is None else (parent, (STATE, self.state.encode()))


class _Mentioned(msgspec.Struct):
    """The extension attributes of a structured event."""

    traceparent: str | None = None
    tracestate: str | None = None


_mentioned = msgspec.json.Decoder(_Mentioned)


def trace_of(record: Incoming) -> Trace | None:
    """The trace context of a record; none in most, which has to cost nothing."""
    headers, value = record.headers, record.value
    if headers:
        for name, _ in headers:
            if name in _PARENTS:
                return _from_headers(headers)
    if value is not None and value.rfind(_MENTIONED) >= 0:  # of all ways to look, the fastest
        return _from_value(value)
    return None


def _from_headers(headers: Sequence[tuple[str, bytes | None]]) -> Trace | None:
    """A header of the transport is nearer to us than an attribute of the event."""
    parents: dict[int, bytes] = {}
    states: dict[int, bytes] = {}
    for name, value in headers:
        if value is not None and name in _PARENTS:
            parents.setdefault(_PARENTS[name], value)
        elif value is not None and name in _STATES:
            states.setdefault(_STATES[name], value)
    for place in sorted(parents):
        found = _well_formed(_text(parents[place]), _text(states.get(place, b"")))
        if found is not None:
            return found
    return None


def _text(value: bytes) -> str:
    return value[:1_024].decode("latin-1")


def _from_value(value: bytes) -> Trace | None:
    try:
        said = _mentioned.decode(value)
    except msgspec.MsgspecError:
        return None
    return _well_formed(said.traceparent, said.tracestate)


def _well_formed(parent: str | None, state: str | None) -> Trace | None:
    if parent is None or _PARENT.fullmatch(parent) is None:
        return None
    return Trace(parent, state if state is not None and _STATE.fullmatch(state) else None)


def as_json(trace: Trace | None) -> dict[str, str]:
    """Write a context as a part of a JSON object; `headers_of` reads it."""
    if trace is None:
        return {}
    return {PARENT: trace.parent} | ({} if trace.state is None else {STATE: trace.state})


def headers_of(told: Mapping[str, Any]) -> Headers:
    return tuple((name, told[name].encode()) for name in (PARENT, STATE) if name in told)


Row = tuple[UUID, int, Trace]
"""The stream and version of an event, and the context of the message that caused it."""


def rows_of(order_id: str, version: int, events: int, trace: Trace) -> list[Row]:
    """Rows for the newest `events` of an order that is at `version`."""
    stream = stream_id(order_id)
    return [(stream, version - late, trace) for late in range(events)]


def keep(rows: Sequence[Row]) -> Statement:
    """Keep these contexts beside their events."""
    streams = [stream for stream, _, _ in rows]
    versions = [version for _, version, _ in rows]
    parents = [trace.parent for _, _, trace in rows]
    states = [trace.state for _, _, trace in rows]
    return Statement(
        "INSERT INTO countermand.traces (stream_id, version, traceparent, tracestate)"
        " SELECT * FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[])",
        (streams, versions, parents, states),
    )


_ANY = b"SELECT EXISTS (SELECT FROM countermand.traces)"
# What a process wrote into the order's stream comes of the newest event that is not its own.
_FOUND = b"""
SELECT asked.stream, asked.version, asked.ours, traces.traceparent, traces.tracestate
FROM unnest(%s::uuid[], %s::int[], %s::bool[]) AS asked (stream, version, ours)
CROSS JOIN LATERAL (
    SELECT CASE WHEN NOT asked.ours THEN asked.version ELSE (
        SELECT originator_version FROM countermand.orders_events
        WHERE originator_id = asked.stream AND originator_version <= asked.version
          AND position(convert_to(%s, 'UTF8') IN state) = 0
        ORDER BY originator_version DESC LIMIT 1
    ) END AS version
) AS cause
JOIN countermand.traces ON traces.stream_id = asked.stream AND traces.version = cause.version
"""
_OURS = f'"source":"{SOURCE}"'
_Asked = tuple[UUID, int, bool]


def of_events(cursor: Cursor[Any], batch: Sequence[Recorded]) -> list[Headers]:
    """Return the headers that travel on with what each of these events is told by."""
    if not batch or cursor.execute(_ANY).fetchone() != (True,):
        return [()] * len(batch)
    asked = [_asked(one) for one in batch]
    found = _found(cursor, set(asked))
    return [found.get(one, ()) for one in asked]


def _asked(one: Recorded) -> _Asked:
    """Whose context it is: the event's own; of a process's, that of its order as it was then."""
    event = one.event
    if isinstance(event, ProcessEvent):
        return stream_id(event.order_id), event.order_version, True
    return one.stream_id, one.version, event.source == SOURCE


def _found(cursor: Cursor[Any], asked: Collection[_Asked]) -> dict[_Asked, Headers]:
    columns = [list(column) for column in zip(*asked, strict=True)]
    rows = cursor.execute(_FOUND, (*columns, _OURS)).fetchall()
    return {
        (stream, version, ours): Trace(parent, state).headers
        for stream, version, ours, parent, state in rows
    }
