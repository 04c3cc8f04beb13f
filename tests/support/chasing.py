"""What tests of the running process managers share: a clock, a runner, and what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from application.deadlines import SqlDeadlines
from application.event_store import Append, EventStore, process_stream_id, stream_id
from application.late_cancellations import LateCancellations, Log, Pace, Rules
from application.owner import Owner
from application.processing import processes
from application.reading import Streams
from application.recording import Recorded, Statement, Step
from domain.events import Event
from domain.process_events import SOURCE
from tests.support.recorded import START, Story

HOUR = 3_600_000_000
DAY = 24 * HOUR
RULES = Rules()
PACE = Pace(poll=0.02)


class Clock:
    """A clock that tests set."""

    def __init__(self, now: int = START + HOUR) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_by(self, micros: int) -> None:
        self.now += micros


def owner(url: str, store: EventStore, clock: Clock, rules: Rules = RULES) -> Owner:
    return processes(url, store, rules, clock, PACE)


def runner(
    store: EventStore,
    clock: Clock,
    log: Log | None = None,
    pace: Pace = PACE,
) -> LateCancellations:
    """A runner that goes on from where the last one was."""
    made = LateCancellations(log or store, SqlDeadlines(store, *RULES), RULES, clock, pace)
    made.begin()
    return made


def follow_all(one: LateCancellations) -> None:
    while one.follow():
        pass


def fire_all(one: LateCancellations) -> None:
    while one.fire():
        pass


def led_to(store: EventStore, order_id: str = "A-1") -> list[Event]:
    """All that an order's process wrote, in the order of the log."""
    ours = {stream_id(order_id), process_stream_id(order_id)}
    return [
        one.event
        for page in store.scan()
        for one in page
        if one.stream_id in ours and one.event.source == SOURCE
    ]


def names(events: Iterable[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def row(store: EventStore, order_id: str = "A-1") -> tuple[Any, ...]:
    """Versions, deadline and counts of an order's row."""
    sql = (
        "SELECT order_version, process_version, due_at, open, overdue, failure"
        " FROM countermand.processes WHERE order_id = %s"
    )
    with store.connection() as conn:
        (found,) = conn.execute(sql, (order_id,)).fetchall()
    return tuple(found)


def waiting(order_id: str) -> Story:
    """An order whose warehouse is asked to stop a part of it."""
    return Story(order_id).placed(3, 2).released().cancelled(L1=2)


def cancelled(order_id: str) -> Story:
    """An order that was cancelled before anybody had it: its refund is due."""
    return Story(order_id).placed(1).cancelled(L1=1)


def tell(
    store: EventStore, story: Story, first_version: int, number: int | None = None
) -> Callable[[], object]:
    """What writes so many events of a story from a version on when it is called; None: all."""
    told = story.told[first_version - 1 :][:number]
    return lambda: store.append([Append(stream_id(story.order_id), first_version, told)])


class Overtaken:
    """A log in which something happens between a load and the append behind it."""

    def __init__(self, store: EventStore, *happens: Callable[[], object]) -> None:
        self._store = store
        self._happens = list(happens)
        self.appends = 0

    def read(self, after: int, limit: int) -> list[Recorded]:
        return self._store.read(after, limit)

    def load(self, stream_ids: Collection[UUID]) -> Streams:
        return self._store.load(stream_ids)

    def positions(self, prefix: str = "") -> dict[str, int]:
        return self._store.positions(prefix)

    def append(
        self,
        appends: Sequence[Append],
        steps: Sequence[Step] = (),
        also: Sequence[Statement] = (),
    ) -> int | None:
        if appends:
            self.appends += 1
            if self._happens:
                self._happens.pop(0)()
        return self._store.append(appends, steps, also)
