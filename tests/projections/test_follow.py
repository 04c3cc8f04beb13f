"""A follower applies every event once, whoever dies, and one at a time owns the views."""

from __future__ import annotations

import psycopg
import pytest

from application.event_store import Append, EventStore, stream_id
from application.follow import Pace, Turn, try_lock
from projections import order_information, refunds
from projections.tables import LIVE
from projections.views import Views
from tests.support.following import (
    LATER,
    POLICY,
    all_rows,
    differences,
    follow_and_die,
    follower,
    in_another_process,
    position,
    rows,
    running,
    signed,
    terminate,
    until,
    until_followed,
)
from tests.support.recorded import Story, orders, record, refused_at_the_door

DAY = 24 * 60 * 60 * 1_000_000
FROZEN_AFTER = "idle_session_timeout"


def test_rows_are_a_fold_of_the_log(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(25))

    reached = follower(postgres_url, store).catch_up()

    assert reached == position(store) == store.head()
    assert len(rows(store, "order_information")) == 25
    assert differences(store) == []


def test_options_in_the_url_hold_beside_those_of_a_follower(
    postgres_url: str, store: EventStore
) -> None:
    url = f"{postgres_url}&options=-c%20timezone%3DAsia/Kolkata"

    with follower(url, store)._connect() as conn:
        said = [conn.execute(f"SHOW {name}").fetchone() for name in ("timezone", FROZEN_AFTER)]

    assert said == [("Asia/Kolkata",), ("20s",)]


def test_rows_are_the_same_in_one_batch_or_event_by_event(
    postgres_url: str, store: EventStore
) -> None:
    stories = orders(10)
    follow = follower(postgres_url, store)
    for version in range(1, 6):
        record_version(store, stories, version)
        follow.catch_up()  # forgets all orders between the batches, too
    step_by_step = all_rows(store)

    with store.connection() as conn:
        for table in LIVE:
            conn.execute(f"TRUNCATE countermand.{table.name}".encode())
        conn.execute("DELETE FROM countermand.orders_tracking WHERE application_name LIKE 'f%'")
    follow.catch_up()

    assert all_rows(store) == step_by_step
    assert differences(store) == []


def record_version(store: EventStore, stories: list[Story], version: int) -> None:
    store.append(
        [
            Append(stream_id(story.order_id), version, [story.told[version - 1]])
            for story in stories
            if len(story.told) >= version
        ]
    )


def test_a_cancellation_taken_back_takes_its_rows_away(
    postgres_url: str, store: EventStore
) -> None:
    story = Story("A-1").placed(3).cancelled(L1=2)
    record(store, story)
    follow = follower(postgres_url, store)
    follow.catch_up()
    assert [len(rows(store, name)) for name in ("cancelled_orders", "refunds")] == [1, 1]

    record_version(store, [story.withdrawn()], 3)
    follow.catch_up()

    assert [len(rows(store, name)) for name in ("cancelled_orders", "refunds")] == [0, 0]
    assert differences(store) == []


def test_a_follower_killed_before_its_commit_has_written_nothing(
    postgres_url: str, store: EventStore
) -> None:
    record(store, *orders(10))

    code = in_another_process(follow_and_die, postgres_url)

    assert (code, position(store), all_rows(store)) == (9, 0, [])
    follower(postgres_url, store).catch_up()
    assert position(store) == store.head()
    assert differences(store) == []


def test_a_second_follower_waits_and_takes_over_when_the_first_stops(
    postgres_url: str, store: EventStore
) -> None:
    book: list[str] = []
    first, second = (signed(postgres_url, store, name, book) for name in ("first", "second"))
    with running(first) as [stop_first]:
        record(store, *orders(5))
        until_followed(store)
        with running(second):
            record(store, *orders(5, first=6))
            until_followed(store)
            assert set(book) == {"first"}
            until(lambda: connections(postgres_url) == 2)

            stop_first.set()
            until(lambda: connections(postgres_url) == 1)  # a step of it may be under way
            record(store, *orders(5, first=11))
            until_followed(store)

    assert book[-1] == "second"
    assert differences(store) == []


def test_a_follower_whose_connection_is_cut_loses_the_views_and_nothing_else(
    postgres_url: str, store: EventStore
) -> None:
    book: list[str] = []
    first, second = (signed(postgres_url, store, name, book) for name in ("first", "second"))
    with running(first):
        record(store, *orders(5))
        until_followed(store)
        with running(second):
            until(lambda: connections(postgres_url) == 2)
            for round_ in range(1, 6):
                assert terminate(postgres_url, owner(postgres_url)) == 1
                record(store, *orders(5, first=5 * round_ + 1))
                until_followed(store)

    assert len(rows(store, "order_information")) == 30
    assert set(book) == {"first", "second"}
    assert differences(store) == []


def connections(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'countermand follower/views'"
        ).fetchone()
        return int(row[0]) if row else 0


def owner(url: str) -> str:
    """SQL that is true of the connection that owns the views."""
    until(lambda: connections(url) > 0)
    return (
        "pid IN (SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database())"
    )


def test_events_that_nobody_told_of_are_found_all_the_same(
    postgres_url: str, store: EventStore
) -> None:
    record(store, *orders(3))
    with running(follower(postgres_url, store)):
        until_followed(store)
        with store.connection() as conn:
            conn.execute(  # a copy of the log under other orders, without a NOTIFY
                "INSERT INTO countermand.orders_events"
                " (originator_id, originator_version, topic, state)"
                " SELECT gen_random_uuid(), 1, topic, replace("
                " convert_from(state, 'UTF8'), 'A-0', 'B-0')::bytea"
                " FROM countermand.orders_events WHERE originator_version = 1"
            )
        until_followed(store)

    assert len(rows(store, "order_information")) == 6


def test_a_follower_without_its_listening_connection_still_follows(
    postgres_url: str, store: EventStore
) -> None:
    with running(follower(postgres_url, store)):
        for first in (1, 6, 11):
            until(lambda: terminate(postgres_url, "query LIKE 'LISTEN%'"))
            record(store, *orders(5, first=first))
            until_followed(store)

    assert len(rows(store, "order_information")) == 15


def test_a_held_refund_turns_due_with_time_alone(postgres_url: str, store: EventStore) -> None:
    clock = [LATER]
    record(store, Story("A-1").placed(3).cancelled(L1=2))
    follow = follower(postgres_url, store, lambda: clock[0])
    follow.catch_up()
    with store.connection() as conn:
        (held,) = refunds.listed(conn, state="held")["refunds"]
        assert held["held_until"] == "2027-02-14T08:00:02Z"
        assert refunds.listed(conn, state="due")["refunds"] == []

    clock[0] += 30 * DAY
    follow.catch_up()

    with store.connection() as conn:
        assert refunds.listed(conn, state="held")["refunds"] == []
        (due,) = refunds.listed(conn, state="due")["refunds"]
        order = order_information.one(conn, "A-1")
    assert due["refund_id"] == held["refund_id"]
    assert order is not None
    assert (order["status"], order["version"]) == ("refund_due", 2)
    assert differences(store) == []


def test_a_running_follower_notices_that_time_has_passed(
    postgres_url: str, store: EventStore
) -> None:
    clock = [LATER]
    record(store, *(Story(f"A-{n}").placed(3).cancelled(L1=2) for n in range(1200)))
    with running(follower(postgres_url, store, lambda: clock[0])):
        until_followed(store)
        clock[0] += 31 * DAY
        until(lambda: {state for _, _, state, _ in rows(store, "refunds")} == {"due"})

    assert differences(store) == []


def test_time_passes_for_a_follower_that_never_rests(postgres_url: str, store: EventStore) -> None:
    clock = [LATER]
    record(store, Story("A-1").placed(3).cancelled(L1=2), *orders(5))
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        views = Views(store, POLICY)
        views.prepare(conn)
        turn = Turn(store, conn, views, lambda: clock[0], Pace(batch=3, poll=0))
        for _ in range(3):
            assert turn.step() == 3
        clock[0] += 31 * DAY

        assert turn.step() > 3  # the events of a batch, and what time has changed

    assert [state for order_id, _, state, _ in rows(store, "refunds") if order_id == "A-1"] == [
        "due"
    ]
    assert turn.position < store.head()


def test_catching_up_waits_for_the_owner(postgres_url: str, store: EventStore) -> None:
    with running(follower(postgres_url, store)):
        record(store, refused_at_the_door("A-1"))

        assert follower(postgres_url, store).catch_up() == store.head()
    assert len(rows(store, "order_information")) == 1


def test_catching_up_ends_in_time_when_the_owner_stands_still(
    postgres_url: str, store: EventStore
) -> None:
    record(store, refused_at_the_door("A-1"))
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        assert try_lock(conn, "follower/views")

        with pytest.raises(TimeoutError, match="position 0, and has not reached 5 in time"):
            follower(postgres_url, store).catch_up(timeout=0.2)
