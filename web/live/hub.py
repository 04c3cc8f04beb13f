"""Who listens to what. Everything here runs in the server's event loop, so nothing is locked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from web.live.bounds import Bounds
from web.problems import Problem

FLOW = "flow"
CASES = "cases"
"""All orders' pages, of whoever sees all sellers."""
UNKNOWN = -1
"""The position of a page that does not say which it shows."""


class Look(NamedTuple):
    """What one look at the views found."""

    since: int
    """Behind this position it was looked through; nobody knows what moved before."""
    upto: int
    """The position that the views have reached."""
    moved: Mapping[str, int]
    """Topics, each with the position of what moved last."""


class Listener:
    """One open stream."""

    def __init__(self, topic: str, seen: int) -> None:
        self.topic = topic
        self.seen = seen
        """The position up to which it has been told; at first that which its page shows."""
        self.has_news = False
        self.wakes = asyncio.Event()
        self.over = asyncio.Event()

    def judge(self, look: Look) -> None:
        """Wake it if the look found something new to it, or cannot know whether there is.

        Its position is ahead of the views where an older database was restored.
        """
        is_known = look.since <= self.seen <= look.upto
        if not is_known or look.moved.get(self.topic, UNKNOWN) > self.seen:
            self.wake(news=True)
        self.seen = look.upto

    def wake(self, *, news: bool) -> None:
        """Let its stream go on."""
        self.has_news = self.has_news or news
        self.wakes.set()

    def end(self) -> None:
        """Let its stream end."""
        self.over.set()
        self.wakes.set()


class Hub:
    """All listeners of one app."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.is_away = False
        """Whether the database does not answer."""
        self._listeners: set[Listener] = set()
        self._by_caller: Counter[str] = Counter()
        self._is_ended = False

    @property
    def number(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @property
    def listeners(self) -> list[Listener]:
        """Who listens now. Who comes while somebody looks is judged by the next look."""
        return list(self._listeners)

    @contextmanager
    def joined(self, caller: str, listener: Listener) -> Iterator[None]:
        """Listen meanwhile. Raises Problem 429 or 503 where there are too many."""
        self._see_that_there_is_room(caller)
        self._by_caller[caller] += 1
        self._listeners.add(listener)
        try:
            yield
        finally:
            self._listeners.discard(listener)
            self._by_caller[caller] -= 1
            if not self._by_caller[caller]:
                del self._by_caller[caller]

    def _see_that_there_is_room(self, caller: str) -> None:
        later = {"Retry-After": "60"}
        if self._is_ended or self.number >= self.bounds.most:
            raise Problem("unavailable", "nobody more can listen here now", later)
        if self._by_caller[caller] >= self.bounds.of_one:
            detail = f"one caller listens to {self.bounds.of_one} pages at most"
            raise Problem("too-many-requests", detail, later)

    def tell_flow(self) -> None:
        """Wake who looks at the flow."""
        self._wake([one for one in self._listeners if one.topic == FLOW], news=True)

    def say_away(self, *, is_away: bool) -> None:
        """Let everybody know that the database does not answer, or does again."""
        if self.is_away != is_away:
            self.is_away = is_away
            self._wake(self._listeners, news=False)

    def _wake(self, listeners: Iterable[Listener], *, news: bool) -> None:
        for one in listeners:
            one.wake(news=news)

    def end(self) -> None:
        """End every stream, and let nobody in any more."""
        self._is_ended = True
        for one in self._listeners:
            one.end()
