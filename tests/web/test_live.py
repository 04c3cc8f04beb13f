"""Pages that wait are told when something of theirs moved, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from projections.moved import MOST
from tests.support.listening import QUICK, Told, listening, moved, shown
from tests.support.pages import processed
from tests.support.saying import cancel, placed, shipped
from tests.support.web import Api, api_of

MIRA, JUNO = "buyer:mira", "buyer:juno"


@pytest.fixture
def api(postgres_url: str) -> Iterator[Api]:
    """Two orders of two buyers at two sellers, seen by the views."""
    with api_of(postgres_url, live=QUICK) as api:
        api.given(placed("A-1"), placed("A-2", buyer_id="juno", seller_id="strand")).until_seen()
        yield api


@contextmanager
def bounded(url: str, **bounds: Any) -> Iterator[Api]:  # noqa: ANN401  # any bound
    """The same with other bounds."""
    with api_of(url, live=QUICK._replace(**bounds)) as api:
        api.given(placed("A-1")).until_seen()
        yield api


def test_an_orders_page_is_told_when_its_order_moved_and_only_then(api: Api) -> None:
    at = shown(api)
    with (
        listening(api.as_(MIRA), "orders/A-1", at) as one,
        listening(api.as_(JUNO), "orders/A-2", at) as other,
    ):
        api.given(cancel("A-1")).until_seen()
        told = one.next()
        api.given(cancel("A-2", "C2")).until_seen()

        assert told == moved(3)
        assert other.next() == moved(4)
        api.given(shipped("A-1", 1)).until_seen()
        assert one.next() == moved(5)


def test_nobody_is_told_before_the_views_show_it(api: Api) -> None:
    at = shown(api)
    api.given(cancel("A-1"), cancel("A-1", "C2"), placed("A-3"))
    with listening(api, "orders/A-1", at) as ear:
        api.until_seen()

        assert ear.next() == moved(5)


@pytest.mark.parametrize(
    ("persona", "topic"),
    [
        (MIRA, "orders"),
        ("seller:fjell", "cases"),
        ("operator", "orders/A-1"),
        ("auditor", "orders/A-1"),
        ("", "cases"),
        ("", "cases?seller_id=fjell"),
    ],
)
def test_lists_are_told_of_their_orders_and_only_of_those(
    api: Api, persona: str, topic: str
) -> None:
    with listening(api.as_(persona), topic, shown(api)) as ear:
        sees_all = persona == "" and topic == "cases"
        if sees_all:
            api.given(cancel("A-2", "C2")).until_seen()
            assert ear.next() == moved(3)
        else:
            api.given(cancel("A-2", "C2"), cancel("A-2", "C3")).until_seen()
        api.given(cancel("A-1")).until_seen()

        assert ear.next() == moved(4 if sees_all else 5)


def test_who_processes_an_order_moves_its_page(api: Api) -> None:
    """Events of its process are of another stream, and of the same order."""
    api.given(shipped("A-1", 3), cancel("A-1")).until_seen()
    at = shown(api)
    with listening(api.as_(MIRA), "orders/A-1", at) as ear:
        processed(api)

        told = ear.next()
    assert told is not None
    assert int(told["id"]) > at


def test_a_page_that_was_made_before_something_moved_is_told_at_once(api: Api) -> None:
    before = shown(api)
    api.given(cancel("A-1"), cancel("A-2", "C2")).until_seen()
    after = shown(api)

    with (
        listening(api, "orders/A-1", before) as old,
        listening(api, "orders/A-1", 3) as new,
    ):
        assert old.next() == moved(after)
        api.given(shipped("A-1", 1)).until_seen()
        assert new.next() == moved(after + 1)


def test_who_comes_again_is_told_what_it_missed_and_nothing_else(api: Api) -> None:
    with listening(api, "orders/A-1", shown(api)) as ear:
        api.given(cancel("A-1")).until_seen()
        assert ear.next() == moved(3)
    with listening(api, "orders/A-1", 2, last_event_id="3") as ear:
        api.given(shipped("A-1", 1)).until_seen()
        assert ear.next() == moved(4)
    api.given(cancel("A-1", "C2")).until_seen()

    with listening(api, "orders/A-1", 2, last_event_id="4") as ear:
        assert ear.next() == moved(5)


@pytest.mark.parametrize("at", [None, "", "x", "-1", "9" * 19, 10**9, "\u0661"])
def test_a_page_of_a_position_that_nobody_knows_is_told_at_once(
    api: Api, at: int | str | None
) -> None:
    """It is not known what it shows: there was another database, or it is somebody's program."""
    with listening(api, "orders/A-1", at) as ear:
        assert ear.next() == moved(2)


def test_what_is_too_much_to_be_looked_through_is_told_to_all(api: Api) -> None:
    with listening(api, "orders/A-1", shown(api)) as ear:
        with psycopg.connect(api.url) as conn:
            conn.execute(
                "UPDATE countermand.orders_tracking SET notification_id = notification_id + %s"
                " WHERE application_name LIKE %s",
                (MOST + 1, "%views%"),
            )

        assert ear.next() == moved(MOST + 3)


def test_when_an_older_database_was_restored_all_are_told(api: Api) -> None:
    with (
        listening(api, "orders/A-1", 2) as one,
        listening(api, "orders/A-2", 2) as other,
    ):
        with psycopg.connect(api.url) as conn:
            conn.execute(
                "UPDATE countermand.orders_tracking SET notification_id = 1"
                " WHERE application_name LIKE %s",
                ("%views%",),
            )

        assert [one.next(), other.next()] == [moved(1), moved(1)]


def test_the_flow_is_told_when_something_flows_and_when_time_has_passed(
    postgres_url: str,
) -> None:
    with (
        bounded(postgres_url, still=3600) as api,
        listening(api.as_("operator"), "flow", shown(api)) as ear,
    ):
        assert ear.next() == moved(1)
        api.given(placed("A-2"))
        assert ear.next() == moved(1)
        api.until_seen()
        assert ear.next() == moved(2)
    with (
        bounded(postgres_url, still=0.1) as api,
        listening(api.as_("operator"), "flow", shown(api)) as ear,
    ):
        assert [ear.next() for _ in range(3)] == [moved(2)] * 3


def test_who_hears_nothing_hears_that_it_is_still_heard(postgres_url: str) -> None:
    """And up to where, so that who comes again is not told what is old."""
    with (
        bounded(postgres_url, heartbeat=0.05) as api,
        listening(api, "orders/A-1", shown(api)) as ear,
    ):
        api.given(placed("A-2")).until_seen()
        told: list[Told | None] = [ear.block()]
        while told[-1] != {"id": "2"}:
            told.append(ear.block())

        assert all(one == {"id": "1"} for one in told[:-1])


def test_streams_are_kept_from_proxies_and_say_when_to_come_again(api: Api) -> None:
    with api.client.stream("GET", "/live/cases") as answer:
        first = next(answer.iter_lines())

    assert 2_000 <= int(first.removeprefix("retry: ")) <= 4_000
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["x-content-type-options"] == "nosniff"
