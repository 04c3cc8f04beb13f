"""Lists come in pages: a walk by cursor shows every row once, whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from application.event_store import EventStore
from projections import cancelled_orders, order_information, refunds
from projections.pages import BadPage
from projections.shown import as_dict
from tests.support.following import follower, rows
from tests.support.recorded import Story, orders, record

Ask = Callable[..., dict[str, Any]]
Lists = dict[str, tuple[str, Ask]]


def lists(conn: psycopg.Connection[Any]) -> Lists:
    return {
        "a buyer's": ("orders", lambda **page: order_information.of_buyer(conn, "b1", **page)),
        "a seller's": ("orders", lambda **page: order_information.of_seller(conn, "s1", **page)),
        "cancelled": ("orders", lambda **page: cancelled_orders.of_buyer(conn, "b1", **page)),
        "refunds": ("refunds", lambda **page: refunds.listed(conn, **page)),
        "held": ("refunds", lambda **page: refunds.listed(conn, state="held", **page)),
        "a seller's due": (
            "refunds",
            lambda **page: refunds.listed(conn, state="due", seller_id="s1", **page),
        ),
    }


def ids(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(entry["order_id"], entry.get("refund_id", "")) for entry in entries]


@pytest.mark.parametrize(
    "name", ["a buyer's", "a seller's", "cancelled", "refunds", "held", "a seller's due"]
)
def test_a_walk_shows_every_row_once_while_rows_are_added(
    postgres_url: str, store: EventStore, name: str
) -> None:
    record(store, *orders(30))
    follow = follower(postgres_url, store)
    follow.catch_up()
    with store.connection() as conn:
        listed, ask = lists(conn)[name]
        at_first = ids(ask(limit=200)[listed])
        seen, cursor, first = [], None, 1000
        while True:
            page = ask(limit=3, cursor=cursor)
            assert len(page[listed]) <= 3
            seen += ids(page[listed])
            cursor = page["next"]
            if cursor is None:
                break
            record(store, *orders(15, first=first))  # newer: they stand before the cursor
            follow.catch_up()
            first += 15

    assert len(at_first) >= 3
    assert [one for one in seen if one in at_first] == at_first
    assert len(seen) == len(set(seen))


def test_lists_begin_with_the_newest(postgres_url: str, store: EventStore) -> None:
    early = Story("A-1", buyer_id="mira").placed(3).cancelled(L1=1)
    late = Story("A-2", buyer_id="mira", at=early.at + 10**9).placed(3)
    early.tell(type(early.told[1]), later=2 * 10**9, **more(early))
    record(store, early)
    record(store, late.cancelled(L1=1))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        placed = order_information.of_buyer(conn, "mira")
        cancelled = cancelled_orders.of_buyer(conn, "mira")

    assert [one["order_id"] for one in placed["orders"]] == ["A-2", "A-1"]
    assert [one["order_id"] for one in cancelled["orders"]] == ["A-1", "A-2"]


def test_a_cancelled_order_is_listed_with_what_is_concerned(
    postgres_url: str, store: EventStore
) -> None:
    record(store, Story("A-1").placed(3, 2).cancelled(L1=2))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        (entry,) = cancelled_orders.of_buyer(conn, "mira")["orders"]
        order = order_information.one(conn, "A-1")

    assert order is not None
    assert entry == {
        "order_id": "A-1",
        "buyer_id": "mira",
        "seller_id": "fjell",
        "currency": "EUR",
        "status": "partly_cancelled",
        "version": 2,
        "last_cancelled_at": "2027-01-15T08:00:02Z",
        "last_cancellation": {
            "cancellation_id": "C1",
            "requested_by": "buyer",
            "reason": "changed_mind",
        },
        "ordered": 5,
        "cancelled": 2,
        "requested": 0,
        "refuse_delivery": 0,
        "remaining": 3,
        "lines": order["lines"][:1],
        "refunds": order["refunds"],
        "refunded": "0.00",
    }


def more(story: Story) -> dict[str, Any]:
    """A second cancellation of the same order."""
    first: Any = story.told[1]
    return {
        "cancellation_id": "C2",
        "requested_by": "buyer",
        "reason": "other",
        "items": first.items,
        "asked": first.items,
    }


def test_a_list_shows_only_its_own(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(30))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        mine = order_information.of_buyer(
            conn, "b1", order_information.Which("partly_cancelled"), limit=200
        )
        due = refunds.listed(conn, state="due", seller_id="s1", limit=200)
        nobody = cancelled_orders.of_buyer(conn, "nobody")

    assert {(one["buyer_id"], one["status"]) for one in mine["orders"]} == {
        ("b1", "partly_cancelled")
    }
    assert {(one["seller_id"], one["state"]) for one in due["refunds"]} == {("s1", "due")}
    assert nobody == {"orders": [], "next": None}


def test_all_orders_are_streamed_each_once(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(1203))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        streamed = [one["order_id"] for one in order_information.all_orders(conn)]
        lines = list(order_information.all_json(conn))

    assert streamed == [row[0] for row in rows(store, "order_information")]
    assert len(lines) == 1203
    assert not any(b"\n" in line for line in lines)


def test_several_orders_come_in_the_order_asked_for(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(5))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        found = order_information.many(conn, ["A-00004", "nobody", "A-00002"])
        unknown = order_information.one(conn, "nobody")

    assert [one["order_id"] for one in found] == ["A-00004", "A-00002"]
    assert unknown is None


@pytest.mark.parametrize("limit", [0, -1, 201, 10**30])
def test_a_page_has_1_to_200_rows(store: EventStore, limit: int) -> None:
    with store.connection() as conn:
        for _, ask in lists(conn).values():
            with pytest.raises(BadPage, match="limit must be from 1 to 200") as caught:
                ask(limit=limit)
            assert (caught.value.field, caught.value.rule) == ("limit", "out_of_range")


@pytest.mark.parametrize(
    "cursor",
    ["", "nonsense", "W10", "é", "bnVsbA", "W1sib3JkZXJzIl0sWy0xLCJcdTAwMDAiXV0", "x" * 9999],
)
def test_a_cursor_that_no_list_gave_out_is_told_as_such(store: EventStore, cursor: str) -> None:
    with store.connection() as conn:
        for _, ask in lists(conn).values():
            with pytest.raises(BadPage, match="not given out by this list") as caught:
                ask(cursor=cursor)
            assert (caught.value.field, caught.value.rule) == ("cursor", "unknown_cursor")


def test_a_cursor_is_good_for_its_own_list_alone(postgres_url: str, store: EventStore) -> None:
    record(store, *orders(30))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        every = lists(conn)
        cursor = every["held"][1](limit=1)["next"]
        for name, (_, ask) in every.items():
            if name == "held":
                assert ask(cursor=cursor)["refunds"]
                continue
            with pytest.raises(BadPage, match="not given out by this list"):
                ask(cursor=cursor)


def test_an_unknown_state_is_told_the_known_ones(store: EventStore) -> None:
    with (
        store.connection() as conn,
        pytest.raises(BadPage, match="state must be one of held, due, requested, issued, failed"),
    ):
        refunds.listed(conn, state="lost")


def test_an_order_is_seen_by_its_buyer_and_its_seller_only(
    postgres_url: str, store: EventStore
) -> None:
    record(store, *orders(2))
    follower(postgres_url, store).catch_up()

    with store.connection() as conn:
        (order,) = order_information.of_buyer(conn, "b1", limit=1)["orders"]
        order_id, seller_id = order["order_id"], order["seller_id"]
        own = order_information.seen(conn, order_id, buyer_id="b1", seller_id=seller_id)
        foreign = [
            order_information.seen(conn, order_id, buyer_id="b2"),
            order_information.seen(conn, order_id, seller_id="nobody"),
            order_information.seen(conn, "unknown"),
        ]

    assert own is not None
    assert as_dict(own) == order
    assert foreign == [None, None, None]
