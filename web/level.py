"""How far the views are, and waiting until they show what somebody has just done."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Annotated

from fastapi import Query, Request
from fastapi.concurrency import run_in_threadpool

from application.follow import position_of
from projections.views import NAME
from web.malformed import malformed
from web.parts import Parts, level_of
from web.problems import Problem

_VIEWS = position_of(NAME)
_POSITION = re.compile(r"[0-9]{1,18}", re.ASCII)
_LOOK_EVERY = 0.025
"""Seconds between two looks, however many wait."""


class Level:
    """The position of the views, looked up seldom and for everybody."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen = 0
        self._looked_at = 0.0

    async def reach(self, goal: int) -> None:
        """Return when the views have reached `goal`. Raises Problem 503 if they do not in time."""
        until = time.monotonic() + self._parts.wait
        while self._seen < goal:
            now = time.monotonic()
            if now > until:
                detail = f"the views have not reached position {goal} yet"
                raise Problem("not-there-yet", detail, {"Retry-After": "1"})
            if now - self._looked_at >= _LOOK_EVERY:
                self._looked_at = now
                await self._look()
            else:
                await asyncio.sleep(_LOOK_EVERY / 2)

    async def _look(self) -> None:
        found = await run_in_threadpool(self._parts.store.positions, _VIEWS)
        self._seen = max(self._seen, found.get(_VIEWS, 0))


async def level(
    request: Request,
    at_least: Annotated[
        str | None,
        Query(
            max_length=100,
            description="A `position` that a command answered with: wait until it is seen.",
            examples=["0"],
        ),
    ] = None,
) -> None:
    """Wait for the position that a caller wants to see."""
    if at_least is None:
        return
    if _POSITION.fullmatch(at_least) is None:
        raise malformed("at_least", "unknown_position", "must be a position of an answer")
    await level_of(request.app).reach(int(at_least))
