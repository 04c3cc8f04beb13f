"""Routes that only read: answered in the event loop, where that takes but a moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from fastapi.concurrency import run_in_threadpool

from application.event_store import StoreUnavailable
from application.waiting import TooMuch, in_loop

P = ParamSpec("P")
T = TypeVar("T")


def reading(route: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """A plain route that waits for nothing but the store, without a thread of its own.

    Where no connection is idle, the database does not answer or there is much to work out, it is
    done again in a thread: what it does must bear that.
    """

    @wraps(route)
    async def answered(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await in_loop(route, *args, **kwargs)
        except (StoreUnavailable, TooMuch):
            return await run_in_threadpool(route, *args, **kwargs)

    return answered
