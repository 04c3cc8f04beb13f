"""What orders were placed with is read once, as far as there is room for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import Connection

from application.event_store import EventStore
from application.placed import PlacedOrders
from tests.support.recorded import Story, record


@pytest.fixture
def reads(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each connection that is borrowed."""
    borrowed: list[None] = []
    connection = store.connection

    @contextmanager
    def counting() -> Iterator[Connection[Any]]:
        borrowed.append(None)
        with connection() as conn:
            yield conn

    monkeypatch.setattr(store, "connection", counting)
    return borrowed


def test_orders_are_read_at_once_and_remembered(store: EventStore, reads: list[None]) -> None:
    record(store, Story("A-1").placed(2).cancelled("C1", L1=1), Story("A-2").placed(3, 1))
    placed = PlacedOrders(store)

    first = placed.of(["A-1", "A-2"])
    record(store, Story("A-3").placed(1))
    then = placed.of(["A-2", "A-1", "A-3"])
    again = placed.of(["A-3", "A-2"])

    assert {order_id: one.order_id for order_id, one in first.items()} == {
        "A-1": "A-1",
        "A-2": "A-2",
    }
    assert {order_id: len(one.lines) for order_id, one in then.items()} == {
        "A-1": 1,
        "A-2": 2,
        "A-3": 1,
    }
    assert again == {order_id: then[order_id] for order_id in ("A-3", "A-2")}
    assert len(reads) == 2


def test_an_order_that_nobody_placed_is_left_out_until_somebody_does(store: EventStore) -> None:
    placed = PlacedOrders(store)

    before = placed.of(["A-1"])
    record(store, Story("A-1").placed(2))

    assert (before, list(placed.of(["A-1"]))) == ({}, ["A-1"])


def test_what_was_asked_for_last_is_remembered_longest(
    store: EventStore, reads: list[None]
) -> None:
    record(store, *[Story(f"A-{n}").placed(1, 1) for n in (1, 2, 3)])
    placed = PlacedOrders(store, lines=4)
    for order_id in ("A-1", "A-2", "A-1", "A-3"):
        placed.of([order_id])
    cold = len(reads)

    placed.of(["A-1", "A-3"])
    hot = len(reads)
    forgotten = placed.of(["A-2"])

    assert (cold, hot, len(reads)) == (3, 3, 4)
    assert [len(one.lines) for one in forgotten.values()] == [2]
