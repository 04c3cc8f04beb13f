"""What is out, and how warehouses keep their word: rows of orders, summed when somebody asks."""

from __future__ import annotations

from typing import Any

import pytest

from application.event_store import Append, EventStore, stream_id
from domain import events
from domain.items import Covered
from projections import conformance, exposure
from projections.pages import BadPage
from tests.support.following import differences, follower
from tests.support.processes_told import Managed, items
from tests.support.recorded import START, Story, record

MINUTE = 60_000_000


def out(order_id: str, *, seller_id: str = "s1", units: int = 2, at: int = START) -> Story:
    """An order of which so many mugs for 11.90 are refunded, and all have left."""
    story = Story(order_id, seller_id=seller_id, at=at).placed(3).cancelled("C1", L1=units)
    story.tell(
        events.RefundRequested,
        refund_id=f"r-{order_id}",
        amount=1190 * units,
        covers=(Covered("L1", units, 1190 * units),),
    )
    return story.shipped(L1=3)


def in_yen(story: Story) -> Story:
    placed: Any = story.told[0]
    story.told[0] = type(placed)(**{**as_fields(placed), "currency": "JPY"})
    return story


def as_fields(event: Any) -> dict[str, Any]:  # noqa: ANN401  # any event
    return {name: getattr(event, name) for name in event.__struct_fields__}


def test_what_is_out_is_listed_with_its_money_the_longest_out_first(
    postgres_url: str, store: EventStore
) -> None:
    late = out("A-1", at=START + MINUTE)
    record(store, late, in_yen(out("A-2", units=1)), out("A-3", seller_id="s2"))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        body = exposure.listed(conn)

    assert [one["order_id"] for one in body["orders"]] == ["A-2", "A-3", "A-1"]
    assert body["orders"][2] == {
        "order_id": "A-1",
        "buyer_id": "mira",
        "seller_id": "s1",
        "currency": "EUR",
        "since": "2027-01-15T08:01:04Z",
        "amount": "23.80",
        "paid": "0.00",
        "items": [{"line_id": "L1", "quantity": 2, "amount": "23.80"}],
    }
    assert body["totals"] == [
        {
            "currency": "EUR",
            "orders": 2,
            "amount": "47.60",
            "paid": "0.00",
            "since": "2027-01-15T08:00:04Z",
        },
        {
            "currency": "JPY",
            "orders": 1,
            "amount": "1190",
            "paid": "0",
            "since": "2027-01-15T08:00:04Z",
        },
    ]
    assert [(one["seller_id"], one["currency"], one["amount"]) for one in body["sellers"]] == [
        ("s1", "EUR", "23.80"),
        ("s1", "JPY", "1190"),
        ("s2", "EUR", "23.80"),
    ]
    assert differences(store) == []


def test_what_is_back_is_not_listed_any_more(postgres_url: str, store: EventStore) -> None:
    story = out("A-1")
    record(store, story)
    follow = follower(postgres_url, store)
    follow.catch_up()
    before = len(story.told)
    story.rejected().returned(L1=3)

    store.append([Append(stream_id("A-1"), before + 1, story.told[before:])])
    follow.catch_up()

    with store.connection() as conn:
        assert exposure.listed(conn) == {"orders": [], "totals": [], "sellers": [], "next": None}
    assert differences(store) == []


def test_a_seller_sees_what_it_has_out(postgres_url: str, store: EventStore) -> None:
    record(store, out("A-1"), out("A-2", seller_id="s2"))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        body = exposure.listed(conn, seller_id="s2")

    assert [one["order_id"] for one in body["orders"]] == ["A-2"]
    assert [one["orders"] for one in body["totals"]] == [1]
    assert [one["seller_id"] for one in body["sellers"]] == ["s2"]


def test_exposure_comes_in_pages_of_which_each_has_all_totals(
    postgres_url: str, store: EventStore
) -> None:
    record(store, *(out(f"A-{n}") for n in range(7)))
    follower(postgres_url, store).catch_up()

    seen: list[str] = []
    cursor = None
    with store.connection() as conn:
        while cursor is not None or not seen:
            body = exposure.listed(conn, limit=3, cursor=cursor)
            assert body["totals"][0]["orders"] == 7
            seen += [one["order_id"] for one in body["orders"]]
            cursor = body["next"]
        with pytest.raises(BadPage, match="not given out by this list"):
            exposure.listed(conn, seller_id="s1", cursor=exposure.listed(conn, limit=1)["next"])

    assert seen == [f"A-{n}" for n in range(7)]


def asked_to_stop(order_id: str, warehouse_id: str = "w1") -> Managed:
    story = Story(order_id).placed(3, 2)
    story.tell(events.ReleasedToWarehouse, warehouse_id=warehouse_id)
    process = Managed(story.cancelled("C1", L1=2))
    process.waits("stop:C1", "warehouse", "warehouse_to_stop", L1=2)
    return process.stop_requested("C1", L1=2)


def answered(order_id: str, minutes: int) -> Managed:
    """Answered by the warehouse so many minutes after it was asked."""
    process = asked_to_stop(order_id)
    process.story.tell(
        events.CancellationConfirmed,
        later=minutes * MINUTE,
        cancellation_id="C1",
        confirmed_by="warehouse",
    )
    return process


def with_all_rows(url: str, store: EventStore, *processes: Managed) -> None:
    record(store, *(process.story for process in processes))
    for process in processes:
        process.record(store)
    follower(url, store).catch_up()
    assert differences(store) == []


def report(store: EventStore) -> list[dict[str, Any]]:
    with store.connection() as conn:
        body: list[dict[str, Any]] = conformance.listed(conn)["warehouses"]
        return body


def test_a_warehouse_is_told_by_its_answers_and_what_went_wrong(
    postgres_url: str, store: EventStore
) -> None:
    crossed = asked_to_stop("A-8")
    crossed.story.shipped(L1=2, L2=3)
    silent = asked_to_stop("A-9").passes("stop:C1", "warehouse_silent")
    broken = answered("A-0", 1)
    broken.story.shipped(L1=3)
    others = [answered(f"A-{n}", n) for n in range(2, 6)]
    with_all_rows(postgres_url, store, broken, *others, crossed, silent)

    assert report(store) == [
        {
            "warehouse_id": "w1",
            "stops_asked": 7,
            "answered": 5,
            "confirmed": 5,
            "refused": 0,
            "silent": 1,
            "waiting": 0,
            "answered_late": 0,
            "units_to_stop": 14,
            "units_crossed": 3,
            "share_crossed": 0.2143,
            "answer_seconds": {"median": 180.0, "p90": 276.0, "max": 300.0},
            "over_shipped_units": 1,
            "short_return_units": 0,
            "units_shipped_after_confirmation": 2,
        }
    ]


def test_a_warehouse_that_goods_are_moved_to_by_a_correction_has_them_alone(
    postgres_url: str, store: EventStore
) -> None:
    process = asked_to_stop("A-1", "east")
    with_all_rows(postgres_url, store, process)
    assert [one["warehouse_id"] for one in report(store)] == ["east"]
    told = len(process.story.told)
    process.story.tell(events.ReleasedToWarehouse, warehouse_id="west", items=items(L1=3, L2=2))

    store.append([Append(stream_id("A-1"), told + 1, process.story.told[told:])])
    follower(postgres_url, store).catch_up()  # it remembers nothing of which rows there were

    assert [one["warehouse_id"] for one in report(store)] == ["west"]
    assert differences(store) == []


def test_warehouses_come_in_pages_the_one_without_a_name_first(
    postgres_url: str, store: EventStore
) -> None:
    nameless = Story("B-1").placed(3).shipped(L1=4)
    record(store, nameless)
    with_all_rows(postgres_url, store, *(asked_to_stop(f"A-{n}", f"w{n}") for n in range(4)))

    seen: list[str | None] = []
    cursor = None
    with store.connection() as conn:
        while cursor is not None or not seen:
            body = conformance.listed(conn, limit=2, cursor=cursor)
            seen += [one["warehouse_id"] for one in body["warehouses"]]
            cursor = body["next"]

    assert seen == [None, "w0", "w1", "w2", "w3"]


def test_where_nothing_was_asked_and_nothing_is_wrong_there_is_no_warehouse(
    postgres_url: str, store: EventStore
) -> None:
    record(store, Story("A-1").placed(3).released().shipped(L1=3))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        assert conformance.listed(conn) == {"warehouses": [], "next": None}
