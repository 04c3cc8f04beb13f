"""Replay finds whatever differs between the log and the views, and names the order and event."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.event_store import EventStore
from audit.replay import Difference, Replay
from domain import events
from domain.items import Covered
from tests.support.following import (
    LATER,
    POLICY,
    differences,
    follower,
    running,
    until_followed,
)
from tests.support.processes_told import Managed
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
    ("refunds", "currency = 'JPY'", ["currency"]),
    ("refunds", "amount = amount + 1", ["amount"]),
    ("refunds", "refund_id = 'r-' || right(refund_id, 3)", ["r-"]),
    ("refunds", "body = '{}'", ["body"]),
]

PLANTED_BESIDE = [
    ("late_cancellations", "seller_id = 'x'", "seller_id"),
    ("late_cancellations", "due = due + 1", "due"),
    ("late_cancellations", "ended_at = 5", "ended_at"),
    ("late_cancellations", "number = 77", "row"),
    ("late_cancellations", "body = '{}'", "body"),
    ("exposure", "seller_id = 'x'", "seller_id"),
    ("exposure", "currency = 'JPY'", "currency"),
    ("exposure", "since = since + 1", "since"),
    ("exposure", "amount = amount + 1", "amount"),
    ("exposure", "paid = paid + 1", "paid"),
    ("exposure", "body = '{}'", "body"),
    ("warehouse_stops", "warehouse_id = 'x'", "asked_at"),
    ("warehouse_stops", "asked_at = 5", "asked_at"),
    ("warehouse_stops", "answered_at = 5", "answered_at"),
    ("warehouse_stops", "answer = 'confirmed'", "answer"),
    ("warehouse_stops", "is_late = 1", "is_late"),
    ("warehouse_stops", "units = units + 1", "units"),
    ("warehouse_stops", "crossed = crossed + 1", "crossed"),
    ("warehouse_slips", "warehouse_id = 'x'", "over_shipped"),
    ("warehouse_slips", "over_shipped = over_shipped + 1", "over_shipped"),
    ("warehouse_slips", "short_returns = 9", "short_returns"),
    ("warehouse_slips", "shipped_after_confirmation = 9", "shipped_after_confirmation"),
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


@pytest.fixture(scope="module")
def troubled(module_postgres_url: str) -> Iterator[EventStore]:
    """One order with a row in every view."""
    with EventStore.open(module_postgres_url) as opened:
        story = Story("A-1").placed(3, 2).released().cancelled(L1=2)
        process = Managed(story).stop_requested(L1=2)
        process.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=2)
        story.tell(
            events.RefundRequested,
            refund_id="r-1",
            amount=2380,
            covers=(Covered("L1", 2, 2380),),
        )
        record(opened, story.shipped(L1=3, L2=3))
        process.record(opened)
        follower(module_postgres_url, opened).catch_up()
        yield opened


@pytest.mark.parametrize(("view", "planted", "field"), PLANTED_BESIDE)
def test_a_planted_difference_in_what_few_orders_have_is_found(
    troubled: EventStore, view: str, planted: str, field: str
) -> None:
    assert differences(troubled) == []
    change(troubled, f"CREATE TABLE before AS SELECT * FROM countermand.{view}")  # noqa: S608
    try:
        change(troubled, f"UPDATE countermand.{view} SET {planted}")  # noqa: S608
        found = differences(troubled)
    finally:
        change(troubled, f"TRUNCATE countermand.{view}")
        change(troubled, f"INSERT INTO countermand.{view} SELECT * FROM before")  # noqa: S608
        change(troubled, "DROP TABLE before")

    assert {(one.order_id, one.view) for one in found} == {("A-1", view)}
    assert any(field in one.field for one in found) or field == "row"


def test_rows_beside_an_order_that_was_never_logged_are_found(
    postgres_url: str, store: EventStore
) -> None:
    story = Story("A-1").placed(3, 2).released().cancelled(L1=2)
    record(store, story)
    process = Managed(story).stop_requested(L1=2)
    process.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=2).record(store)
    follower(postgres_url, store).catch_up()

    change(store, "UPDATE countermand.late_cancellations SET order_id = 'ghost'")

    found = [(one.order_id, one.view, one.field) for one in differences(store)]
    assert ("ghost", "late_cancellations", "row") in found


def test_a_process_whose_stream_has_a_hole_is_told_as_such(
    postgres_url: str, store: EventStore
) -> None:
    story = Story("A-1").placed(3, 2).released().cancelled(L1=2)
    record(store, story)
    Managed(story).stop_requested(L1=2).stop_requested(L1=1).stop_requested(L2=1).record(store)
    follower(postgres_url, store).catch_up()

    change(
        store,
        "DELETE FROM countermand.orders_events"
        " WHERE topic = 'StopRequested.v1' AND originator_version = 2",
    )

    first, *_ = differences(store)
    assert (first.order_id, first.view, first.field, first.expected, first.found) == (
        "A-1",
        "log",
        "versions of the process",
        3,
        2,
    )


def test_what_was_done_about_an_order_that_is_not_there_is_told_as_such(
    postgres_url: str, store: EventStore
) -> None:
    record(store, Story("A-1").placed(3))
    Managed(Story("A-2").placed(3)).stop_requested(L1=2).record(store)
    follower(postgres_url, store).catch_up()

    assert [(one.order_id, one.view, one.found) for one in differences(store)] == [
        ("A-2", "log", "a row")
    ]


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
        "INSERT INTO countermand.refunds SELECT order_id, 'r-2', seller_id, state, since, body,"
        " currency, amount FROM countermand.refunds",
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
        try:
            found = [one for _ in range(10) for one in Replay(store, POLICY).differences()]
        finally:
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
