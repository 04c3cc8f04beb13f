"""One listener's stream: what is said to it, and when it ends.

All that a stream says in its life fits into the buffers of a connection many times over, so who
does not read it delays nobody, and is not looked for.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from web.live.hub import FLOW, Hub, Listener
from web.live.watcher import Watcher

_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    # `no-transform`: a proxy that packs it would keep it until there is enough to pack.
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
)


class Stream(Response):
    """Server-sent events about one topic."""

    def __init__(self, watcher: Watcher, hub: Hub, caller: str, listener: Listener) -> None:
        super().__init__()
        self._watcher = watcher
        self._hub = hub
        self._caller = caller
        self._listener = listener
        self._spacing = hub.bounds.flow if listener.topic == FLOW else hub.bounds.spacing

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._hub.joined(self._caller, self._listener):
            self._watcher.begin()
            gone = asyncio.create_task(self._until_gone(receive))
            try:
                with suppress(TimeoutError):  # it has lasted long enough: it comes again
                    async with asyncio.timeout(self._hub.bounds.life):
                        await self._talk(send)
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _until_gone(self, receive: Receive) -> None:
        with suppress(Exception):  # somebody who sends a body here, too large at that
            while (await receive())["type"] != "http.disconnect":
                pass
        self._listener.end()

    async def _talk(self, send: Send) -> None:
        hub, listener = self._hub, self._listener
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        is_away = hub.is_away
        retry = round(1_000 * hub.bounds.retry * random.uniform(1, 2))  # noqa: S311  # no secret
        await _say(send, f"retry: {retry}", _standing(is_away=is_away))
        while await self._is_awake():
            listener.wakes.clear()
            if is_away != hub.is_away:
                is_away = hub.is_away
                await _say(send, _standing(is_away=is_away))
            elif listener.has_news:
                listener.has_news = False
                await _say(send, f"id: {listener.seen}", "data: moved")
                await _wait(listener.over, self._spacing)
            else:
                # Up to where it was told: who comes again is not told what is old.
                await _say(send, f"id: {listener.seen}")

    async def _is_awake(self) -> bool:
        """Wait for something to say, and not too long; False: it is over."""
        if not self._listener.has_news:
            await _wait(self._listener.wakes, self._hub.bounds.heartbeat)
        return not self._listener.over.is_set()


def _standing(*, is_away: bool) -> str:
    return "data: away" if is_away else "data: here"


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _say(send: Send, *lines: str) -> None:
    body = "\n".join([*lines, "", ""]).encode()
    await send({"type": "http.response.body", "body": body, "more_body": True})
