"""Replay finds whatever differs between the log and the views, and names the order and event."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from application.event_store import EventStore
from audit.replay import Difference, Replay
from tests.support.following import (
    LATER,
    POLICY,
    differences,
    follower,
    running,
    until_followed,
)
from tests.support.recorded import Story, orders, record, refused_at_the_door

PLANTED = [
    ("order_information", "buyer_id = 'x'", ["buyer_id"]),
    ("order_information", "seller_id = 'x'", ["seller_id"]),
    ("order_information", "status = 'closed'", ["status"]),
    ("order_information", "version = 7", ["version"]),
    ("order_information", "placed_at = placed_at + 1", ["placed_at"]),
    ("order_information", "last_cancelled_at = NULL", ["last_cancelled_at"]),
    ("order_information", "turns_due_at = 5", ["turns_due_at"]),
    ("order_information", "position = position - 1", ["position"]),
    ("order_information", "position = position + 1000", ["position"]),
    ("order_information", f"body = {'$$'}nonsense{'$$'}", ["body"]),
    ("cancelled_orders", "buyer_id = 'x'", ["buyer_id"]),
    ("cancelled_orders", "last_cancelled_at = 5", ["last_cancelled_at"]),
    ("refunds", "seller_id = 'x'", ["seller_id"]),
    ("refunds", "state = 'issued'", ["state"]),
    ("refunds", "since = since + 1", ["since"]),
    ("refunds", "refund_id = 'r-' || right(refund_id, 3)", ["r-"]),
    ("refunds", "body = '{}'", ["body"]),
]


def change(store: EventStore, sql: str) -> None:
    with store.connection() as conn:
        conn.execute(sql.encode())


def test_good_views_have_no_differences(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(25))
    follower(postgres_url, store).catch_up()
    told: list[tuple[int, int]] = []

    replay = Replay(store, POLICY, lambda *step: told.append(step))

    assert list(replay.differences()) == []
    assert (replay.orders, replay.events) == (25, store.head())
    assert told[-1] == (store.head(), store.head())


@pytest.mark.parametrize(("view", "planted", "fields"), PLANTED)
def test_a_planted_difference_is_found(
    postgres_url: str, store: EventStore, view: str, planted: str, fields: list[str]
) -> None:
    record(store, refused_at_the_door("A-1"), Story("A-2").placed(1))
    follower(postgres_url, store).catch_up()

    change(store, f"UPDATE countermand.{view} SET {planted} WHERE order_id = 'A-1'")  # noqa: S608

    found = differences(store)
    assert {(one.order_id, one.view) for one in found} == {("A-1", view)}
    assert all(any(field in one.field for one in found) for field in fields)


def test_a_difference_names_the_value_and_the_event_behind_it(
    postgres_url: str, store: EventStore
) -> None:
    record(store, refused_at_the_door("A-1"))
    follower(postgres_url, store).catch_up()

    change(
        store,
        "UPDATE countermand.order_information SET body = convert_to(replace("
        "convert_from(body, 'UTF8'), '\"rejected\":2', '\"rejected\":9'), 'UTF8')",
    )

    assert differences(store) == [
        Difference(
            order_id="A-1",
            view="order_information",
            field=f"body.lines[{line}].rejected",
            expected=2,
            found=9,
            version=4,
            event="DeliveryRejected",
        )
        for line in (0, 1)
    ]


def test_a_row_written_at_another_time_is_found(postgres_url: str, store: EventStore) -> None:
    record(store, Story("A-1").placed(3).cancelled(L1=2))
    follower(postgres_url, store).catch_up()

    change(store, "UPDATE countermand.order_information SET derived_at = 2 * derived_at")

    assert {one.field for one in differences(store)} >= {"status", "turns_due_at", "body.status"}


@pytest.mark.parametrize("view", ["order_information", "cancelled_orders", "refunds"])
def test_a_missing_row_is_found(postgres_url: str, store: EventStore, view: str) -> None:
    record(store, Story("A-1").placed(3).cancelled(L1=2), Story("A-2").placed(1))
    follower(postgres_url, store).catch_up()

    change(store, f"DELETE FROM countermand.{view} WHERE order_id = 'A-1'")  # noqa: S608

    assert {(one.order_id, one.view) for one in differences(store)} == {("A-1", view)}


@pytest.mark.parametrize("view", ["order_information", "cancelled_orders", "refunds"])
def test_a_row_of_an_order_that_never_was_is_found(
    postgres_url: str, store: EventStore, view: str
) -> None:
    record(store, Story("A-1").placed(3).cancelled(L1=2), Story("A-2").placed(1))
    follower(postgres_url, store).catch_up()

    change(
        store,
        f"CREATE TEMP TABLE t AS SELECT * FROM countermand.{view} WHERE order_id = 'A-1';"  # noqa: S608
        f"UPDATE t SET order_id = 'B-1'; INSERT INTO countermand.{view} SELECT * FROM t;"
        "DROP TABLE t",
    )

    assert differences(store) == [Difference("B-1", view, "row", None, "a row", None, None)]


def test_one_row_too_few_and_one_too_many_are_both_found(
    postgres_url: str, store: EventStore
) -> None:
    record(store, Story("A-1").placed(3), Story("A-2").placed(1))
    follower(postgres_url, store).catch_up()

    change(
        store, "UPDATE countermand.order_information SET order_id = 'B-1' WHERE order_id = 'A-1'"
    )

    assert [(one.order_id, one.expected, one.found) for one in differences(store)] == [
        ("A-1", "a row", None),
        ("B-1", None, "a row"),
    ]


def test_a_refund_too_many_is_found(postgres_url: str, store: EventStore) -> None:
    record(store, Story("A-1").placed(3).cancelled(L1=2))
    follower(postgres_url, store).catch_up()

    change(
        store,
        "INSERT INTO countermand.refunds SELECT order_id, 'r-2', seller_id, state, since, body"
        " FROM countermand.refunds",
    )

    assert {one.field.split(".")[0] for one in differences(store)} == {"r-2"}


def test_a_changed_event_is_found(postgres_url: str, store: EventStore) -> None:
    record(store, Story("A-1").placed(3).cancelled(L1=2).released())
    follower(postgres_url, store).catch_up()

    change(
        store,
        "UPDATE countermand.orders_events SET state = convert_to(replace("
        "convert_from(state, 'UTF8'), '\"quantity\":2', '\"quantity\":1'), 'UTF8')"
        " WHERE originator_version = 2",
    )

    found = {(one.field, one.expected, one.found, one.event) for one in differences(store)}
    assert ("body.lines[0].remaining", 2, 1, "ItemCancelRequested") in found


def test_a_log_with_a_hole_is_told_as_such(postgres_url: str, store: EventStore) -> None:
    record(store, refused_at_the_door("A-1"), Story("A-2").placed(1))
    follower(postgres_url, store).catch_up()

    change(store, "DELETE FROM countermand.orders_events WHERE originator_version = 3")

    assert [(one.view, one.field, one.expected, one.found) for one in differences(store)] == [
        ("log", "versions", 5, 4)
    ]


def test_a_stream_without_its_beginning_is_told_as_such(
    postgres_url: str, store: EventStore
) -> None:
    record(store, refused_at_the_door("A-1"))
    follower(postgres_url, store).catch_up()

    change(store, "DELETE FROM countermand.orders_events WHERE originator_version = 1")

    first, *_ = differences(store)
    assert (first.view, first.field, first.found) == (
        "log",
        "first event",
        "ItemCancelRequested",
    )


def test_events_and_orders_that_come_during_a_replay_are_no_differences(
    postgres_url: str, store: EventStore
) -> None:
    record(store, *orders(50), upto=2)
    enough = threading.Event()

    def keep_recording() -> None:
        first = 1000
        while not enough.is_set():
            record(store, *orders(5, first=first))
            first += 5

    writer = threading.Thread(target=keep_recording)
    with running(follower(postgres_url, store)):
        until_followed(store)
        writer.start()
        found = [one for _ in range(10) for one in Replay(store, POLICY).differences()]
        enough.set()
        writer.join()

    assert found == []


def test_replay_shares_no_code_with_the_views() -> None:
    for name in ("replay", "expected", "found"):
        source = Path(f"audit/{name}.py").read_text(encoding="utf-8")
        assert "projections" not in source.split('"""', 2)[2]


def test_what_the_follower_is_behind_is_not_compared(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(5))
    follower(postgres_url, store, lambda: LATER).catch_up()
    record(store, *orders(5, first=6))

    replay = Replay(store, POLICY)

    assert list(replay.differences()) == []
    assert replay.orders == 5
