"""Timeline: the whole story of one order, read from the log itself, and what is awaited now.

Beside `history`, which has the order's own events only, as the contract has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from msgspec import to_builtins

from application.event_store import EventStore, process_stream_id, stream_id
from domain.awaited import Awaited, awaited
from domain.events import Event
from domain.process_events import ProcessEvent
from domain.timeline import Entry, timeline
from projections.shown import moment, moment_or_none


def of_order(store: EventStore, order_id: str, now: int) -> dict[str, Any] | None:
    """`{"order_id", "entries": [...], "awaited": [...]}` at `now`; None: no such order.

    Each entry is an event of the `order`, or something that its `process` did; what was done comes
    right behind its cause.
    """
    ours, its = stream_id(order_id), process_stream_id(order_id)
    recorded = store.load([ours, its])
    events = [event for _, event in recorded[ours]]
    if not events:
        return None
    did = cast("list[ProcessEvent]", [event for _, event in recorded[its]])
    return {
        "order_id": order_id,
        "entries": [_entry(entry) for entry in timeline(events, did)],
        "awaited": awaited_now(events, did, now),
    }


def awaited_now(
    events: Sequence[Event], did: Sequence[ProcessEvent], now: int
) -> list[dict[str, Any]]:
    """What is awaited at `now`, as `of_order` has it, by the events of both streams."""
    return [_awaited(wait, now) for wait in awaited(events, did) if wait.ended_at is None]


def _entry(entry: Entry) -> dict[str, Any]:
    event = entry.event
    return {
        "recorded_at": moment(event.recorded_at),
        "occurred_at": moment(event.occurred_at),
        "of": "process" if entry.is_process else "order",
        "version": entry.version,
        "type": type(event).__name__,
        "sentence": entry.sentence,
    }


def _awaited(wait: Awaited, now: int) -> dict[str, Any]:
    return {
        "waits_for": wait.waits_for,
        "reason": wait.reason,
        "items": [to_builtins(item) for item in wait.items],
        "since": moment(wait.since),
        "until": moment_or_none(wait.until),
        "overdue": wait.until is not None and wait.until <= now,
    }
