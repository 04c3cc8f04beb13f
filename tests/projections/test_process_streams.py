"""The streams of process managers lie in the same log, and are no orders."""

from __future__ import annotations

import pytest

from application.event_store import EventStore
from audit.as_of import as_of
from audit.replay import Replay
from projections import order_information
from projections.history import history
from projections.rebuild import rebuild
from tests.support.following import (
    LATER,
    POLICY,
    all_rows,
    differences,
    follower,
    position,
)
from tests.support.processes_told import Managed
from tests.support.recorded import Story, orders, record, refused_at_the_door


@pytest.fixture
def managed(store: EventStore) -> Managed:
    """Five orders, and a sixth with a process; all of it recorded."""
    story = Story("A-1").placed(3, 2).released().cancelled(L1=2)
    record(store, *orders(5), story)
    process = Managed(story).stop_requested(L1=2)
    process.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=2)
    process.record(store)
    return process


def test_an_orders_version_counts_its_own_events_only(
    postgres_url: str, store: EventStore, managed: Managed
) -> None:
    reached = follower(postgres_url, store).catch_up()

    assert reached == position(store) == store.head()
    with store.connection() as conn:
        order = order_information.one(conn, "A-1")
        number = sum(1 for _ in order_information.all_orders(conn))
    assert order is not None
    assert (order["version"], number) == (len(managed.story.told), 6)


def test_a_batch_of_a_process_alone_moves_the_position(
    postgres_url: str, store: EventStore, managed: Managed
) -> None:
    follower(postgres_url, store).catch_up()

    reached = managed.ends("stop:C1").record(store)

    assert follower(postgres_url, store).catch_up() == reached == position(store)
    assert differences(store) == []


@pytest.mark.usefixtures("managed")
def test_a_rebuild_with_processes_makes_the_same_rows_again(
    postgres_url: str, store: EventStore
) -> None:
    follower(postgres_url, store).catch_up()
    before = all_rows(store)

    rebuilt = rebuild(postgres_url, store, POLICY, lambda: LATER)

    assert all_rows(store) == before
    assert rebuilt.orders == 6
    assert position(store) == store.head()
    assert differences(store) == []


@pytest.mark.usefixtures("managed")
def test_a_replay_takes_a_process_for_no_order(postgres_url: str, store: EventStore) -> None:
    follower(postgres_url, store).catch_up()

    replay = Replay(store, POLICY)

    assert (list(replay.differences()), replay.orders) == ([], 6)


def test_processes_that_come_during_a_replay_are_no_orders(
    postgres_url: str, store: EventStore
) -> None:
    story = refused_at_the_door("A-1")
    record(store, story)
    follow = follower(postgres_url, store)
    follow.catch_up()
    replay = Replay(store, POLICY, lambda *_: come())

    def come() -> None:
        Managed(story).waits("refuse:S1", "buyer", "buyer_to_refuse", L1=1).record(store)
        record(store, *orders(1, first=7))
        follow.catch_up()

    assert list(replay.differences()) == []


def test_history_and_as_of_tell_the_order_alone(store: EventStore, managed: Managed) -> None:
    told = history(store, "A-1")
    known = as_of(store, "A-1", LATER, POLICY)

    assert told is not None
    assert known is not None
    assert len(told["events"]) == known["version"] == len(managed.story.told)
