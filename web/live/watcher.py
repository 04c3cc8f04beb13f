"""The one who looks whether the views have moved, for all listeners together."""

from __future__ import annotations

import asyncio
import logging
import time

import psycopg

from application.event_store import StoreUnavailable
from application.follow import position_of
from projections.moved import MOST, moved
from projections.views import NAME
from web.live.hub import CASES, FLOW, Hub, Look
from web.parts import Parts

VIEWS = position_of(NAME)
_LOG = logging.getLogger(__name__)
_PAUSE = 1.0
"""Seconds between two tries while the database is away."""


class Watcher:
    """Looks for as long as somebody listens. It must be called in the server's event loop."""

    def __init__(self, parts: Parts, hub: Hub) -> None:
        self._parts = parts
        self._hub = hub
        self._task: asyncio.Task[None] | None = None
        self._flow: object = None
        self._renewed_at = 0.0

    def begin(self) -> None:
        """Look from now on, if nobody does; it ends by itself when nobody listens any more."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch(), name="live")

    async def _watch(self) -> None:
        while self._hub.number:
            try:
                await self._look()
            except (StoreUnavailable, psycopg.Error) as away:
                self._is_away(f"the database is away: {away}")
            except Exception as fault:  # noqa: BLE001  # it goes on: pages wait for it
                _LOG.exception("pages cannot be told what is new")
                self._is_away(f"a fault of ours: {type(fault).__name__}")
            await asyncio.sleep(_PAUSE if self._hub.is_away else self._hub.bounds.look)

    def _is_away(self, why: str) -> None:
        if not self._hub.is_away:
            _LOG.warning("open pages wait and are not told what is new: %s", why)
        self._hub.say_away(is_away=True)

    async def _look(self) -> None:
        hub = self._hub
        judged = hub.listeners
        has_flow = any(one.topic == FLOW for one in judged)
        # Not with the threads of requests: whoever waits for one of those would wait for us.
        look, flow = await asyncio.to_thread(self._see, [one.seen for one in judged], has_flow)
        if hub.is_away:
            _LOG.info("open pages are told again what is new")
            hub.say_away(is_away=False)
        for one in judged:
            one.judge(look)
        self._renew_flow(flow)

    def _renew_flow(self, flow: object) -> None:
        now = time.monotonic()
        if flow != self._flow or now - self._renewed_at >= self._hub.bounds.still:
            self._flow, self._renewed_at = flow, now
            self._hub.tell_flow()

    def _see(self, seen: list[int], has_flow: bool) -> tuple[Look, object]:  # noqa: FBT001
        """Look behind the oldest position that is not too old; another flow: something flows."""
        store = self._parts.store
        positions = store.positions("" if has_flow else VIEWS)
        upto = positions.get(VIEWS, 0)
        flow = (positions, store.head()) if has_flow else None
        since = min([upto, *[one for one in seen if upto - MOST <= one]])
        return Look(since, upto, self._moved(since, upto)), flow

    def _moved(self, since: int, upto: int) -> dict[str, int]:
        """Topics, each with the position of what moved last."""
        topics: dict[str, int] = {}
        if since == upto:
            return topics
        with self._parts.store.connection() as conn:
            found = moved(conn, since, upto)
        for one in found:
            of_one = (order(one.order_id), buyer(one.buyer_id), seller(one.seller_id), CASES)
            for topic in of_one:
                topics[topic] = max(one.position, topics.get(topic, 0))
        return topics


def order(order_id: str) -> str:
    """The topic of one order's pages."""
    return f"order:{order_id}"


def buyer(buyer_id: str) -> str:
    """The topic of a buyer's lists."""
    return f"buyer:{buyer_id}"


def seller(seller_id: str) -> str:
    """The topic of a seller's lists."""
    return f"seller:{seller_id}"
