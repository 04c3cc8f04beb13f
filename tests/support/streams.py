"""What the log holds of an order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from application.event_store import EventStore, stream_id
from domain.events import Event


def events_of(store: EventStore, order_id: str) -> list[Event]:
    """Return an order's events; their versions have no gap."""
    stream = stream_id(order_id)
    found = store.load([stream])[stream]
    assert [version for version, _ in found] == list(range(1, len(found) + 1))
    return [event for _, event in found]


def kinds(store: EventStore, order_id: str) -> list[str]:
    return [type(event).__name__ for event in events_of(store, order_id)]


def causes(store: EventStore, order_id: str) -> list[str]:
    """Return the ids of the messages that an order's events came from, in the log's order."""
    return [event.message_id for event in events_of(store, order_id)]


TABLES = (
    *("orders_events", "orders_tracking"),
    *("parked", "dead_letters", "notes", "traces", "other_keys"),
)


@contextmanager
def emptied(database_url: str) -> Iterator[EventStore]:
    """Give a store on a shared database as if it were new: faster than a new one for each test."""
    with EventStore.open(database_url) as store:
        with store.connection() as conn:
            for table in TABLES:
                conn.execute(f"DELETE FROM countermand.{table}".encode())  # noqa: S608
        yield store
