"""What process managers did is shown live as it is rebuilt, and a replay finds nothing else."""

from __future__ import annotations

from application.event_store import Append, EventStore, stream_id
from projections.rebuild import rebuild
from projections.tables import LIVE
from tests.support.following import (
    LATER,
    POLICY,
    all_rows,
    differences,
    follower,
    rows,
    running,
    until_followed,
)
from tests.support.processes_told import DAY, orders_in_trouble, run_processes
from tests.support.recorded import START, Story, orders, record

SOON = START + 60_000_000


def ship_all_the_same(store: EventStore, story: Story) -> None:
    """Ship an order whose refund was asked for, by an event that the story does not tell."""
    stream = stream_id(story.order_id)
    version = len(store.load([stream])[stream]) + 1
    story.shipped(L1=2)
    store.append([Append(stream, version, story.told[-1:])])


def counts(store: EventStore) -> dict[str, int]:
    return {table.name: len(rows(store, table.name)) for table in LIVE}


def test_rows_of_processes_are_the_same_live_and_rebuilt(
    postgres_url: str, store: EventStore
) -> None:
    stories = orders_in_trouble()
    record(store, *orders(10), *stories)
    with running(follower(postgres_url, store)):
        run_processes(store, SOON)
        until_followed(store)
        ship_all_the_same(store, stories[4])
        for day in range(1, 60, 4):
            run_processes(store, SOON + day * DAY)
        until_followed(store)
    live = all_rows(store)
    assert differences(store) == []

    rebuilt = rebuild(postgres_url, store, POLICY, lambda: LATER)

    assert all_rows(store) == live
    assert (rebuilt.orders, rebuilt.events) == (15, store.head())
    assert differences(store) == []
    found = counts(store)
    assert all(found.values()), found
