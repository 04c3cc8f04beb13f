"""One wake-up by the real runner: what it would commit, caught before it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from application.deadlines import Row
from application.event_store import process_stream_id, stream_id
from application.late_cancellations import POSITION, LateCancellations, Rules
from application.reading import Streams
from application.recording import Append, Recorded, Statement, Step
from domain.events import Event
from domain.order import Order
from domain.process_events import ProcessEvent


class Caught(BaseException):
    """The runner is about to commit."""


class Commit(NamedTuple):
    """Everything that one wake-up writes, in one transaction."""

    order_events: tuple[Event, ...]
    process_events: tuple[ProcessEvent, ...]
    row: Row | None
    moves: bool
    """Whether the position moves on."""


NOTHING = Commit((), (), None, moves=False)


class Glass:
    """A log and deadlines in which the runner sees one order; what it writes is caught."""

    def __init__(self) -> None:
        self.order_stream = self.process_stream = UUID(int=0)
        self.streams: Streams = {}
        self.unread: list[Recorded] = []
        self.has_row = False
        self.due_ids: list[str] = []
        self.commit = NOTHING

    def show(self, order: Order, process_events: Sequence[ProcessEvent]) -> None:
        """Put an order and what its process did behind the glass."""
        order_id = order.order_id
        self.order_stream, self.process_stream = stream_id(order_id), process_stream_id(order_id)
        self.streams = {
            self.order_stream: list(enumerate(order.events, 1)),
            self.process_stream: list(enumerate(process_events, 1)),
        }

    def read(self, after: int, limit: int) -> list[Recorded]:
        del limit
        return self.unread if after == 0 else []

    def load(self, stream_ids: Collection[UUID]) -> Streams:
        return {one: self.streams[one] for one in stream_ids}

    def positions(self, prefix: str = "") -> dict[str, int]:
        del prefix
        return {POSITION: 0}

    def append(
        self,
        appends: Sequence[Append],
        steps: Sequence[Step] = (),
        also: Sequence[Statement] = (),
    ) -> int | None:
        events = {append.stream_id: tuple(append.events) for append in appends}
        for stream, first_version, _ in appends:
            assert first_version == len(self.streams[stream]) + 1, "not behind what was loaded"
        assert all(step == Step(POSITION, 0, 1) for step in steps)
        rows = [row for one in also for row in one.params]
        assert len(rows) <= 1
        self.commit = Commit(
            events.get(self.order_stream, ()),
            events.get(self.process_stream, ()),  # type: ignore[arg-type]
            rows[0] if rows else None,  # type: ignore[arg-type]
            moves=bool(steps),
        )
        raise Caught

    def rows_for(self, streams: Collection[UUID]) -> dict[UUID, str]:
        known = self.has_row and self.order_stream in streams
        return {self.order_stream: self.order_id} if known else {}

    @property
    def order_id(self) -> str:
        placed = self.streams[self.order_stream][0][1]
        return placed.order_id  # type: ignore[attr-defined,no-any-return]

    def due(self, now: int, limit: int) -> list[str]:
        del now, limit
        return self.due_ids

    def statement(self, rows: Sequence[Row]) -> Statement:
        return Statement("caught", tuple(rows))


class Looker:
    """Wakes the real runner over an order, as a fact or a deadline would."""

    def __init__(self, rules: Rules) -> None:
        self._glass = Glass()
        self._now = 0
        self._runner = LateCancellations(self._glass, self._glass, rules, lambda: self._now)

    def follow(
        self, order: Order, done: Sequence[ProcessEvent], *, has_row: bool, unread: Event, now: int
    ) -> Commit:
        """What it commits when it reads `unread`."""
        glass = self._glass
        glass.show(order, done)
        glass.has_row, glass.due_ids = has_row, []
        glass.unread = [Recorded(1, glass.order_stream, 1, unread)]
        return self._caught(now, self._runner.follow)

    def fire(self, order: Order, done: Sequence[ProcessEvent], now: int) -> Commit:
        """What it commits after it has claimed the order's deadline."""
        glass = self._glass
        glass.show(order, done)
        glass.has_row, glass.due_ids = True, [order.order_id]
        return self._caught(now, self._runner.fire)

    def _caught(self, now: int, wake: Callable[[], int]) -> Commit:
        self._now, self._glass.commit = now, NOTHING
        self._runner.begin()
        with suppress(Caught):
            wake()
        return self._glass.commit
