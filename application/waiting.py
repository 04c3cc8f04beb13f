"""Waits for the database: a thread blocks, and an event loop does something else meanwhile.

A read takes less time than to wake a thread for it and to be woken again. So what only reads may
run where the event loop runs, as a greenlet: the same plain functions, which are left where they
would block and entered again when the answer is there. Whatever is not done in a moment there (no
connection is idle, or there is much to work out) raises, and is done again in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

from greenlet import getcurrent, greenlet
from psycopg import Connection, Cursor, waiting
from psycopg.abc import PQGen
from typing_extensions import override

P = ParamSpec("P")
T = TypeVar("T")

_ROWS = 200
_BYTES = 50_000


class TooMuch(Exception):
    """It would hold up the event loop. Ask from a thread."""


class _InLoop(greenlet):  # type: ignore[misc]  # it has no type hints
    """Something that runs in an event loop, and is left where it waits."""


def is_in_loop() -> bool:
    """Whether an event loop stands still while this works."""
    return isinstance(getcurrent(), _InLoop)


def be_little(size: int) -> None:
    """Raise TooMuch where so many bytes are to be worked on in an event loop."""
    if size > _BYTES and is_in_loop():
        raise TooMuch(f"{size} bytes")


async def in_loop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function of which nothing waits but for the database, by a `WaitingConnection`.

    Raises what it raises: TooMuch, and StoreUnavailable where no connection is idle.
    """
    work = _InLoop(partial(function, *args, **kwargs))
    said = work.switch()
    while not work.dead:
        try:
            answer = await cast("Coroutine[Any, Any, Any]", said)
        except BaseException as error:  # noqa: BLE001  # it belongs to who waits
            said = work.throw(error)
        else:
            said = work.switch(answer)
    return cast("T", said)


class WaitingCursor(Cursor[Any]):
    """A cursor that refuses to make an event loop work for long."""

    @override
    def fetchall(self) -> list[Any]:
        """Every row. Raises TooMuch in an event loop when there are more than 200."""
        if self.rowcount > _ROWS and is_in_loop():
            raise TooMuch(f"{self.rowcount} rows")
        return super().fetchall()


class WaitingConnection(Connection[Any]):
    """A connection whose waits leave an event loop alone. It is given `WaitingCursor`."""

    @override
    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        work = getcurrent()
        if not isinstance(work, _InLoop):
            return super().wait(gen, interval, timeout)
        # Who called `in_loop` waits for it, and comes back with the answer.
        until_there = waiting.wait_async(gen, self.pgconn.socket, 0.0, timeout)
        return cast("T", work.parent.switch(until_there))
