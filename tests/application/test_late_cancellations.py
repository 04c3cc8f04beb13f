"""Process managers are woken by facts and deadlines, and write what came of it exactly once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from application.event_store import Append, EventStore, StalePosition, process_stream_id
from application.late_cancellations import AGAIN, POSITION, Pace, Rules
from domain.events import StopRefused
from domain.process_events import SOURCE, WaitChanged
from domain.refunds import Policy
from tests.support.chasing import (
    DAY,
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
from tests.support.recorded import START, Story, orders, record


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_cancellation_that_the_warehouse_has_is_stopped_and_awaited(
    postgres_url: str, store: EventStore, clock: Clock
) -> None:
    record(store, waiting("A-1"))

    reached = owner(postgres_url, store, clock).catch_up()

    assert names(led_to(store)) == ["StopRequested", "WaitStarted"]
    assert row(store) == (3, 2, clock.now + DAY, 1, 0, None)
    assert reached == store.head() == store.positions(POSITION)[POSITION]


def test_a_second_run_does_nothing(postgres_url: str, store: EventStore, clock: Clock) -> None:
    record(store, *orders(20))
    owner(postgres_url, store, clock).catch_up()
    head = store.head()

    owner(postgres_url, store, clock).catch_up()
    with store.connection() as conn:  # as a restored older backup would have it
        conn.execute("UPDATE countermand.orders_tracking SET notification_id = 0")
    owner(postgres_url, store, clock).catch_up()

    assert store.head() == head


def test_one_event_at_a_time_leads_to_the_same(store: EventStore, clock: Clock) -> None:
    stories = [waiting("A-1"), cancelled("A-2"), Story("A-3").placed(1)]
    record(store, *stories)

    follow_all(runner(store, clock, pace=Pace(events=1)))

    assert names(led_to(store, "A-1")) == ["StopRequested", "WaitStarted"]
    assert names(led_to(store, "A-2")) == [
        "RefundRequested",
        "CancellationSucceeded",
        "WaitStarted",
    ]
    assert led_to(store, "A-3") == []


def test_an_order_that_just_ships_gets_no_row(store: EventStore, clock: Clock) -> None:
    record(store, Story("A-1").placed(2).released().shipped(L1=2))

    follow_all(runner(store, clock))

    with store.connection() as conn:
        assert conn.execute("SELECT count(*) FROM countermand.processes").fetchone() == (0,)


def test_any_later_fact_about_an_order_with_a_process_wakes_it(
    store: EventStore, clock: Clock
) -> None:
    story = waiting("A-1")
    record(store, story)
    one = runner(store, clock)
    follow_all(one)

    tell(store, story.shipped(L1=3), 4)()
    follow_all(one)

    assert names(led_to(store))[2:] == ["RefusalRequested", "WaitEnded", "WaitStarted"]


def test_a_fact_that_calls_itself_ours_wakes_a_process_all_the_same(
    store: EventStore, clock: Clock
) -> None:
    story = waiting("A-1")
    record(store, story)
    one = runner(store, clock)
    follow_all(one)

    story.shipped(L1=3)
    story.told[-1] = replace(story.told[-1], source=SOURCE)
    tell(store, story, 4)()
    follow_all(one)

    assert "RefusalRequested" in names(led_to(store))


def test_an_event_between_load_and_append_is_decided_about_too(
    store: EventStore, clock: Clock
) -> None:
    story = cancelled("A-1")
    record(store, story)

    follow_all(runner(store, clock, Overtaken(store, tell(store, story.shipped(L1=1), 3))))

    assert names(led_to(store)) == ["RefusalRequested", "WaitStarted"], "no refund: it has shipped"
    assert row(store)[:2] == (3, 2)


def test_another_runners_steps_between_load_and_append_are_not_repeated(
    store: EventStore, clock: Clock
) -> None:
    record(store, waiting("A-1"))
    first = runner(store, clock)
    second = runner(store, clock, Overtaken(store, lambda: follow_all(first)))

    with pytest.raises(StalePosition):
        second.follow()
    second.begin()
    follow_all(second)

    assert names(led_to(store)) == ["StopRequested", "WaitStarted"]


def test_where_others_write_all_the_time_a_batch_gets_smaller_and_gets_through(
    store: EventStore, clock: Clock
) -> None:
    contested, *others = stories = [cancelled(f"A-{n}") for n in range(9)]
    record(store, *stories)
    happens = []
    for version in range(3, 8):
        contested.tell(StopRefused, cancellation_id="C1", reason="too_late")
        happens.append(tell(store, contested, version, 1))
    log = Overtaken(store, *happens)

    follow_all(runner(store, clock, log))

    wanted = ["RefundRequested", "CancellationSucceeded", "WaitStarted"]
    assert [names(led_to(store, story.order_id)) for story in (contested, *others)] == [wanted] * 9
    assert row(store, "A-0")[0] == 8, "behind all that the others wrote"


def test_a_fault_of_one_order_is_set_aside_and_the_others_go_on(
    store: EventStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    record(store, waiting("A-1"), waiting("A-2"))
    spoil(store, "A-1")

    follow_all(runner(store, clock))

    assert names(led_to(store, "A-2")) == ["StopRequested", "WaitStarted"]
    assert row(store, "A-1") == (3, 1, clock.now, 0, 0, "KeyError: 'never begun'")
    assert "could not be worked out" in caplog.text


def test_what_was_set_aside_is_tried_again_later(store: EventStore, clock: Clock) -> None:
    record(store, waiting("A-1"))
    spoil(store, "A-1")
    one = runner(store, clock)
    follow_all(one)
    with store.connection() as conn:
        conn.execute("DELETE FROM countermand.orders_events WHERE topic = 'WaitChanged.v1'")
        conn.execute("UPDATE countermand.processes SET process_version = 0")
    assert one.fire() == 0

    clock.pass_by(AGAIN)
    fire_all(one)

    assert names(led_to(store)) == ["StopRequested", "WaitStarted"]
    assert row(store) == (3, 2, clock.now + DAY, 1, 0, None)


def spoil(store: EventStore, order_id: str) -> None:
    """Write what no process can be folded from."""
    bad = WaitChanged(
        occurred_at=START,
        recorded_at=START,
        source="/test",
        message_id="bad",
        order_id=order_id,
        order_version=1,
        wait="never begun",
        reason="nothing",
    )
    store.append([Append(process_stream_id(order_id), 1, [bad])])


def test_a_clock_that_goes_wrong_does_not_let_times_run_backwards(store: EventStore) -> None:
    story = waiting("A-1")
    record(store, story)

    follow_all(runner(store, Clock(START - DAY)))

    latest = story.told[-1].recorded_at
    assert {event.recorded_at for event in led_to(store)} == {latest}
    assert row(store)[2] == latest + DAY


def test_with_other_terms_open_waits_are_looked_at_again(
    postgres_url: str, store: EventStore, clock: Clock
) -> None:
    record(store, Story("A-1").placed(3, 2).cancelled(L1=2))
    owner(postgres_url, store, clock).catch_up()
    requested = store.head()

    shorter = Rules(Policy(maximum_hold=DAY))
    clock.pass_by(2 * DAY)
    owner(postgres_url, store, clock, shorter).catch_up()

    assert names(led_to(store))[-2:] == ["RefundRequested", "WaitStarted"]
    assert store.head() == requested + 2
