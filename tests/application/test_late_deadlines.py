"""Deadlines: found by an index, claimed by lease, fired once, by the clock that is passed in."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import Any

import pytest
from typing_extensions import override

from application.deadlines import DUE, LEASE, Row, SqlDeadlines, counted
from application.event_store import EventStore, stream_id
from application.late_cancellations import LateCancellations
from application.owner import try_lock
from application.processing import processes
from application.recording import Conflict, Statement
from domain.late_cancellation import MINUTE
from domain.process_events import DeadlinePassed, RefundRetried
from tests.support.chasing import (
    DAY,
    PACE,
    RULES,
    Clock,
    Overtaken,
    cancelled,
    fire_all,
    follow_all,
    led_to,
    names,
    owner,
    row,
    runner,
    tell,
    waiting,
)
from tests.support.following import in_another_process, running, until
from tests.support.recorded import START, record

MANY = 60


@pytest.fixture
def clock() -> Clock:
    return Clock()


def wait_for_warehouse(store: EventStore, clock: Clock, number: int = 1) -> list[str]:
    """Orders that wait, each until a day from now."""
    stories = [waiting(f"A-{n}") for n in range(1, number + 1)]
    record(store, *stories)
    follow_all(runner(store, clock))
    return [story.order_id for story in stories]


def passed(store: EventStore) -> list[str]:
    """The orders of all deadlines that fired, each as often as it did."""
    found = [one.event for page in store.scan() for one in page]
    return [event.order_id for event in found if isinstance(event, DeadlinePassed)]


def test_a_silent_warehouse_becomes_a_case_when_its_time_is_up(
    store: EventStore, clock: Clock
) -> None:
    wait_for_warehouse(store, clock)
    one = runner(store, clock)

    clock.pass_by(DAY - 1)
    assert one.fire() == 0
    clock.pass_by(1)
    fire_all(one)

    assert names(led_to(store)) == ["StopRequested", "WaitStarted", "DeadlinePassed"]
    assert row(store) == (3, 3, clock.now + 7 * DAY, 1, 0, None)


def test_a_case_that_nobody_decides_is_overdue_and_has_no_more_deadline(
    store: EventStore, clock: Clock
) -> None:
    wait_for_warehouse(store, clock)
    one = runner(store, clock)

    for days in (1, 7, 100):
        clock.pass_by(days * DAY)
        fire_all(one)

    assert passed(store) == ["A-1", "A-1"]
    assert row(store) == (3, 4, None, 1, 1, None)
    assert counted(store)[:3] == (1, 1, None)


def test_a_refund_is_asked_for_again_with_growing_pauses(store: EventStore, clock: Clock) -> None:
    record(store, cancelled("A-1"))
    one = runner(store, clock)
    follow_all(one)
    began = clock.now

    while clock.now < began + DAY:
        clock.pass_by(MINUTE)
        fire_all(one)

    asked = [event for event in led_to(store) if isinstance(event, RefundRetried)]
    times = [began, *(event.recorded_at for event in asked)]
    pauses = [(later - earlier) // MINUTE for earlier, later in pairwise(times)]
    assert pauses == [5, 20, 80, 320]
    assert {event.refund_id for event in asked} == {asked[0].refund_id}


def test_a_fact_in_time_takes_the_deadline_away(store: EventStore, clock: Clock) -> None:
    story = waiting("A-1")
    record(store, story)
    one = runner(store, clock)
    follow_all(one)

    tell(store, story.shipped(L1=3, L2=2).rejected().returned(L1=3, L2=2), 4)()
    follow_all(one)
    clock.pass_by(2 * DAY)
    fire_all(one)

    assert passed(store) == []


def test_a_deadline_fires_once_however_many_processes_fire(
    postgres_url: str, store: EventStore, clock: Clock
) -> None:
    order_ids = wait_for_warehouse(store, clock, MANY)
    clock.pass_by(DAY)
    few = PACE._replace(deadlines=7)

    with running(*(processes(postgres_url, store, RULES, clock, few) for _ in range(4))):
        until(lambda: len(passed(store)) >= MANY)

    assert sorted(passed(store)) == sorted(order_ids)


def test_two_that_hold_the_same_claim_fire_it_once(store: EventStore, clock: Clock) -> None:
    """As when one is frozen for longer than its lease."""
    wait_for_warehouse(store, clock)
    clock.pass_by(DAY)
    late = Clock(clock.now + LEASE)
    frozen = runner(store, clock, Overtaken(store, lambda: fire_all(runner(store, late))))

    frozen.fire()

    assert passed(store) == ["A-1"]


def test_a_fact_that_comes_while_a_deadline_fires_is_seen(store: EventStore, clock: Clock) -> None:
    """Whoever looks at older events than somebody else did looks again."""
    story = waiting("A-1")
    record(store, story)
    follow_all(runner(store, clock))
    clock.pass_by(DAY)
    following = runner(store, clock)

    def comes_and_is_looked_at() -> None:
        tell(store, story.shipped(L1=3), 4)()
        follow_all(following)

    runner(store, clock, Overtaken(store, comes_and_is_looked_at)).fire()

    told = names(led_to(store))
    assert told == ["StopRequested", "WaitStarted", "RefusalRequested", "WaitEnded", "WaitStarted"]


def test_who_has_seen_less_writes_no_row(store: EventStore, clock: Clock) -> None:
    wait_for_warehouse(store, clock)
    deadlines = SqlDeadlines(store, *RULES)
    newest = Row(stream_id("A-1"), "A-1", 3, 2, clock.now)

    for stale in (newest._replace(order_version=2), newest._replace(process_version=1)):
        with pytest.raises(Conflict):
            store.append([], [], [deadlines.statement([stale])])
    store.append([], [], [deadlines.statement([newest])])

    assert row(store)[2] == clock.now


def test_the_deadlines_of_one_who_dies_are_fired_when_the_lease_has_run_out(
    postgres_url: str, store: EventStore
) -> None:
    clock = Clock(LATER - DAY)
    order_ids = wait_for_warehouse(store, clock, 3)
    clock.pass_by(DAY)

    assert in_another_process(fire_and_die, postgres_url) == 9

    one = runner(store, clock)
    assert (one.fire(), passed(store)) == (0, [])
    clock.pass_by(LEASE)
    fire_all(one)
    assert sorted(passed(store)) == order_ids


def test_a_runner_that_dies_before_its_commit_has_done_nothing(
    postgres_url: str, store: EventStore
) -> None:
    record(store, waiting("A-1"), cancelled("A-2"))
    head = store.head()

    assert in_another_process(follow_and_die, postgres_url) == 9

    assert store.head() == head
    follow_all(runner(store, Clock(LATER)))
    assert [names(led_to(store, one)) for one in ("A-1", "A-2")] == [
        ["StopRequested", "WaitStarted"],
        ["RefundRequested", "CancellationSucceeded", "WaitStarted"],
    ]


LATER = START + 10 * DAY


class _Dying(SqlDeadlines):
    """Ends its process when everything is written, and nothing is committed yet."""

    @override
    def statement(self, rows: Any) -> Statement:
        return super().statement(rows)._replace(verify=lambda _: os._exit(9))


def follow_and_die(url: str) -> None:
    with EventStore.open(url) as store:
        one = LateCancellations(store, _Dying(store, *RULES), RULES, Clock(LATER))
        one.begin()
        one.follow()


def fire_and_die(url: str) -> None:
    with EventStore.open(url) as store:
        LateCancellations(store, _Dying(store, *RULES), RULES, Clock(LATER)).fire()


def test_one_process_follows_and_the_other_takes_over_when_it_stops(
    postgres_url: str, store: EventStore, clock: Clock
) -> None:
    first, second = (owner(postgres_url, store, clock) for _ in range(2))
    with running(first, second) as [stop_first, _]:
        record(store, *(waiting(f"A-{n}") for n in range(20)))
        until(lambda: store.positions(first.name).get(first.name) == store.head())
        stop_first.set()
        record(store, *(waiting(f"B-{n}") for n in range(20)))
        until(lambda: store.positions(first.name)[first.name] == store.head())

    for order_id in [f"{letter}-{n}" for letter in "AB" for n in range(20)]:
        assert names(led_to(store, order_id)) == ["StopRequested", "WaitStarted"]


def test_who_waits_to_follow_fires_deadlines_meanwhile(
    postgres_url: str, store: EventStore, clock: Clock
) -> None:
    wait_for_warehouse(store, clock)
    clock.pass_by(DAY)
    one = owner(postgres_url, store, clock)

    with one._connect() as conn:
        assert try_lock(conn, one.name)
        with running(owner(postgres_url, store, clock)):
            until(lambda: passed(store) == ["A-1"])


def test_the_next_deadline_is_found_by_the_index_however_many_there_are(
    store: EventStore, clock: Clock
) -> None:
    with store.connection() as conn:
        conn.execute(
            "INSERT INTO countermand.processes SELECT gen_random_uuid(), 'A-' || n, 3, 2,"
            " %s + n, 0, 1, 0, 0 FROM generate_series(1, 50000) AS n",
            (clock.now,),
        )
        conn.execute("VACUUM ANALYZE countermand.processes")
        asked = (clock.now + 2 * DAY, clock.now + DAY, clock.now + DAY, 1)
        found = conn.execute(b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + DUE, asked).fetchone()

    assert found is not None
    (plan,) = found[0]
    assert "processes_due_idx" in str(plan)
    pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    assert pages <= 20
