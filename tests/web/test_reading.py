"""Routes that read wait in the event loop, and go to a thread where they would hold it up."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from application.event_store import EventStore
from application.waiting import TooMuch, is_in_loop
from tests.support.saying import placed
from tests.support.web import api_of, served
from web.reading import reading


def test_a_page_that_waits_holds_up_no_other(postgres_url: str) -> None:
    with ExitStack() as stack:
        api = stack.enter_context(api_of(postgres_url))
        api.given(placed("A-1", 2)).until_seen()
        found: list[int] = []
        order = threading.Thread(
            target=lambda: found.append(api.as_("operator").get("/orders/A-1").status_code)
        )
        with psycopg.connect(postgres_url) as conn:
            conn.execute("LOCK TABLE countermand.order_information")
            order.start()
            _until_somebody_waits(postgres_url)

            start = httpx.get(api.client.base_url, headers={"Accept": "text/html"}, timeout=60)

            assert (start.status_code, found) == (200, [])
        order.join(60)
        assert found == [200]


def _until_somebody_waits(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        while conn.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is None:
            pass


def test_a_page_for_which_no_connection_is_left_waits_in_a_thread(postgres_url: str) -> None:
    with EventStore.open(postgres_url, pool_size=1) as store, ExitStack() as stack:
        api = stack.enter_context(api_of(postgres_url, store=store))
        api.given(placed("A-1", 2)).until_seen()
        found: list[int] = []
        order = threading.Thread(
            target=lambda: found.append(api.as_("operator").get("/orders/A-1").status_code)
        )
        with store.connection():
            order.start()
            start = httpx.get(api.client.base_url, headers={"Accept": "text/html"}, timeout=60)
            assert (start.status_code, found) == (200, [])
        order.join(60)

        assert found == [200]


@pytest.mark.parametrize("size", ["little", "much"])
def test_where_a_route_is_answered(size: str) -> None:
    app = FastAPI()

    @app.get("/")
    @reading
    def route(more: int = 1) -> dict[str, bool | int]:
        if size == "much" and is_in_loop():
            raise TooMuch
        return {"in_loop": is_in_loop(), "more": more}

    with served(app) as base:
        assert httpx.get(base, params={"more": 3}, timeout=60).json() == {
            "in_loop": size == "little",
            "more": 3,
        }


def test_what_a_route_raises_is_raised() -> None:
    @reading
    def route() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        asyncio.run(route())  # type: ignore[arg-type]
