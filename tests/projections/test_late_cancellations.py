"""Late cancellations are listed by their deadlines, page by page, and told apart by state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from application.event_store import Append, EventStore, stream_id
from projections.late_cancellations import ALL_OPEN, Which, listed
from projections.pages import BadPage
from tests.support.following import differences, follower, rows
from tests.support.processes_told import HOUR, Managed
from tests.support.recorded import START, Story, record

NOW = START + HOUR


def waiting(
    order_id: str, *, hours: int | None = 24, seller_id: str = "fjell", at: int = START
) -> Managed:
    """An order that waits for its warehouse, for so many hours."""
    story = Story(order_id, seller_id=seller_id, at=at).placed(3, 2).released()
    process = Managed(story.cancelled("C1", L1=2)).stop_requested("C1", L1=2)
    return process.waits("stop:C1", "warehouse", "warehouse_to_stop", hours=hours, L1=2)


def recorded(url: str, store: EventStore, *processes: Managed) -> None:
    record(store, *(process.story for process in processes))
    for process in processes:
        process.record(store)
    follower(url, store).catch_up()


def cases(store: EventStore, which: Which = ALL_OPEN, now: int = NOW) -> list[dict[str, Any]]:
    with store.connection() as conn:
        found: list[dict[str, Any]] = listed(conn, now, which)["cases"]
        return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["order_id"] for one in found]


def test_a_wait_is_shown_as_the_contract_has_it(postgres_url: str, store: EventStore) -> None:
    recorded(postgres_url, store, waiting("A-1"))

    assert cases(store) == [
        {
            "order_id": "A-1",
            "buyer_id": "mira",
            "seller_id": "fjell",
            "wait": "stop:C1",
            "items": [{"line_id": "L1", "quantity": 2}],
            "waits_for": "warehouse",
            "since": "2027-01-15T08:00:05Z",
            "until": "2027-01-16T08:00:04Z",
            "reason": "warehouse_to_stop",
            "ended_at": None,
            "overdue": False,
            "steps": [
                {
                    "at": "2027-01-15T08:00:04Z",
                    "what": "The warehouse was asked to stop 2 x Enamel mug no. 1.",
                },
                {
                    "at": "2027-01-15T08:00:05Z",
                    "what": (
                        "The warehouse has to stop 2 x Enamel mug no. 1 by 2027-01-16 08:00 UTC."
                    ),
                },
            ],
        }
    ]


def test_nothing_that_is_late_is_an_empty_list(store: EventStore) -> None:
    with store.connection() as conn:
        for state in ("open", "overdue", "closed"):
            assert listed(conn, NOW, Which(state)) == {"cases": [], "next": None}


def test_open_waits_come_by_their_deadlines_the_overdue_first(
    postgres_url: str, store: EventStore
) -> None:
    late = waiting("A-1", hours=3)
    never, soon, overdue = (
        waiting(name, hours=hours) for name, hours in (("A-2", None), ("A-3", 2), ("A-4", 0))
    )
    recorded(postgres_url, store, late, never, soon, overdue)

    assert [(one["order_id"], one["overdue"]) for one in cases(store)] == [
        ("A-4", True),
        ("A-3", False),
        ("A-1", False),
        ("A-2", False),
    ]
    assert ids(cases(store, Which("overdue"))) == ["A-4"]


def test_a_deadline_is_overdue_when_it_passes_even_if_nobody_has_noticed(
    postgres_url: str, store: EventStore
) -> None:
    recorded(postgres_url, store, waiting("A-1", hours=24))

    assert cases(store, Which("overdue"), now=START + 23 * HOUR) == []
    (case,) = cases(store, Which("overdue"), now=START + 25 * HOUR)
    assert (case["waits_for"], case["overdue"]) == ("warehouse", True)


def test_a_case_that_nobody_decided_stays_overdue(postgres_url: str, store: EventStore) -> None:
    process = waiting("A-1").passes("stop:C1", "warehouse_silent")
    recorded(postgres_url, store, process)
    (fresh,) = cases(store, now=process.story.at)
    process.passes("stop:C1", "warehouse_silent", hours=None)
    process.record(store)
    follower(postgres_url, store).catch_up()

    (old,) = cases(store, Which("overdue"), now=process.story.at)

    assert (fresh["waits_for"], fresh["overdue"]) == ("seller", False)
    assert (old["waits_for"], old["overdue"]) == ("seller", True)
    assert old["until"] == fresh["until"]


def test_closed_waits_come_as_they_ended_and_leave_the_open_ones(
    postgres_url: str, store: EventStore
) -> None:
    first = waiting("A-1").ends("stop:C1")
    second = waiting("A-2", at=START + HOUR).ends("stop:C1")
    recorded(postgres_url, store, second, first, waiting("A-3"))

    assert ids(cases(store, Which("closed"))) == ["A-2", "A-1"]
    assert ids(cases(store)) == ["A-3"]
    assert [one["ended_at"] for one in cases(store, Which("closed"))] == [
        "2027-01-15T09:00:06Z",
        "2027-01-15T08:00:06Z",
    ]
    assert not any(one["overdue"] for one in cases(store, Which("closed"), now=START * 2))


def test_what_waits_again_is_listed_again(postgres_url: str, store: EventStore) -> None:
    process = waiting("A-1").ends("stop:C1")
    process.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=1)
    recorded(postgres_url, store, process)

    assert [len(cases(store, Which(state))) for state in ("open", "closed")] == [1, 1]
    assert differences(store) == []


def test_a_fact_about_the_order_alone_is_told_among_the_steps(
    postgres_url: str, store: EventStore
) -> None:
    process = waiting("A-1")
    recorded(postgres_url, store, process)
    follow = follower(postgres_url, store)

    process.story.withdrawn("C1")
    record_last(store, process)
    follow.catch_up()

    (case,) = cases(store)
    assert case["steps"][-1]["what"].startswith("Cancellation C1 was taken back")
    assert differences(store) == []


def record_last(store: EventStore, process: Managed) -> None:
    story = process.story
    append = Append(stream_id(story.order_id), len(story.told), story.told[-1:])
    store.append([append])


def test_a_seller_sees_only_its_own(postgres_url: str, store: EventStore) -> None:
    mine = waiting("A-1", seller_id="s1")
    ended = waiting("A-2", seller_id="s1").ends("stop:C1")
    recorded(postgres_url, store, mine, ended, waiting("A-3", seller_id="s2"))

    assert ids(cases(store, Which("open", "s1"))) == ["A-1"]
    assert ids(cases(store, Which("closed", "s1"))) == ["A-2"]
    assert cases(store, Which("closed", "s2")) == []


@pytest.mark.parametrize(
    "which", [Which("open"), Which("overdue", "s1"), Which("closed"), Which("closed", "s1")]
)
def test_a_walk_by_cursor_shows_every_wait_once(
    postgres_url: str, store: EventStore, which: Which
) -> None:
    ends = which.state == "closed"
    many = [waiting(f"A-{n:02}", hours=n % 3 - 3, seller_id="s1") for n in range(10)]
    recorded(postgres_url, store, *((one.ends("stop:C1") if ends else one) for one in many))

    seen = [one for page in walk(store, which, 3) for one in page]

    assert sorted(ids(seen)) == [f"A-{n:02}" for n in range(10)]
    assert seen == cases(store, which)


def walk(store: EventStore, which: Which, limit: int) -> Iterator[list[dict[str, Any]]]:
    cursor = None
    while True:
        with store.connection() as conn:
            page = listed(conn, NOW, which, limit=limit, cursor=cursor)
        yield page["cases"]
        cursor = page["next"]
        if cursor is None:
            return


def test_a_cursor_is_good_for_its_own_list_alone(postgres_url: str, store: EventStore) -> None:
    recorded(postgres_url, store, waiting("A-1"), waiting("A-2"))

    with store.connection() as conn:
        cursor = listed(conn, NOW, limit=1)["next"]
        for which in (Which("overdue"), Which("open", "fjell"), Which("closed")):
            with pytest.raises(BadPage, match="not given out by this list"):
                listed(conn, NOW, which, cursor=cursor)


def test_an_unknown_state_is_told_the_known_ones(store: EventStore) -> None:
    with (
        store.connection() as conn,
        pytest.raises(BadPage, match="state must be one of open, overdue, closed"),
    ):
        listed(conn, NOW, Which("waiting"))


def test_events_of_a_process_heard_again_after_a_restart_change_nothing(
    postgres_url: str, store: EventStore
) -> None:
    recorded(postgres_url, store, waiting("A-1"))
    before = rows(store, "late_cancellations")
    with store.connection() as conn:
        conn.execute("UPDATE countermand.orders_tracking SET notification_id = 2")

    follower(postgres_url, store).catch_up()

    assert rows(store, "late_cancellations") == before
    assert differences(store) == []
