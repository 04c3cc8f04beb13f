"""Rows of the log to events: the queries, and the loops that decode their answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from application.recording import Recorded
from application.stored_events import Decoders, UnreadableEvent
from domain.events import Event

PAGE = b"""
SELECT notification_id, originator_id, originator_version, topic, state
FROM countermand.orders_events WHERE notification_id > %s AND notification_id <= %s
ORDER BY notification_id LIMIT %s
"""
STREAMS = b"""
SELECT originator_id, originator_version, topic, state FROM countermand.orders_events
WHERE originator_id = ANY(%b::uuid[]) AND notification_id <= %s
ORDER BY originator_id, originator_version
"""
HEAD = b"SELECT max(notification_id) FROM countermand.orders_events"
POSITIONS = b"""
SELECT application_name, notification_id FROM countermand.orders_tracking
WHERE application_name <> '__migration__' AND starts_with(application_name, %s)
ORDER BY application_name
"""
EVERYTHING = 2**63 - 1

_recorded = partial(tuple.__new__, Recorded)  # without the named tuple's own Python constructor

Streams = dict[UUID, list[tuple[int, Event]]]


def page(rows: Sequence[tuple[Any, ...]], decoders: Decoders) -> list[Recorded]:
    """Rows of `PAGE`. Raises `UnreadableEvent` with the position of the first bad one."""
    events: list[Recorded] = []
    position = 0
    try:
        for position, stream, version, name, state in rows:
            events.append(_recorded((position, stream, version, decoders[name](state))))
    except msgspec.MsgspecError as error:
        raise UnreadableEvent(f"the event at position {position}: {error}") from error
    return events


def streams(asked: Iterable[UUID], rows: Sequence[tuple[Any, ...]], decoders: Decoders) -> Streams:
    """Rows of `STREAMS` by stream; one that was asked for and has no rows has no events."""
    found: Streams = {one: [] for one in asked}
    events = {one.int: events for one, events in found.items()}  # a number is found faster
    stream, version = None, 0
    try:
        for stream, version, name, state in rows:
            events[stream.int].append((version, decoders[name](state)))
    except msgspec.MsgspecError as error:
        raise UnreadableEvent(f"version {version} of stream {stream}: {error}") from error
    return found
