"""Runs the process managers of all orders: over the log, and when deadlines pass.

A wake-up is always the same, whatever caused it: load an order and its process, `advance` them, and
write in one transaction their events, the position, and the row with the next deadline. It needs a
`Log`, `Deadlines` and a clock only; a fake's statement may do its work in `Statement.verify`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, cast
from uuid import UUID

from application.collecting import no_collection
from application.deadlines import Deadlines, Row
from application.event_store import process_stream_id, stream_id
from application.owner import position_of
from application.reading import Streams
from application.recording import Append, Conflict, Recorded, StalePosition, Statement, Step
from domain import late_cancellation, order
from domain.events import CaseDecided, DecisionRefused, Event, RefundRequested
from domain.late_cancellation import INTERESTING, Terms
from domain.next_steps import Advance, advance
from domain.order import Order
from domain.process_events import SOURCE, ProcessEvent
from domain.refunds import Policy

NAME = "process"
POSITION = position_of(NAME)

TRIES = 20
"""How often one event or one deadline is looked at anew when other writers are faster."""

AGAIN = 300_000_000
"""Microseconds until an order that could not be worked out is tried again."""

_OF_PROCESSES = frozenset({RefundRequested, CaseDecided, DecisionRefused})
"""Events of orders that processes lead to."""

_LOG = logging.getLogger(__name__)

Versions = list[tuple[int, Event]]


class Log(Protocol):
    """What is needed of the event store; see there."""

    def read(self, after: int, limit: int) -> list[Recorded]: ...

    def load(self, stream_ids: Collection[UUID]) -> Streams: ...

    def append(
        self,
        appends: Sequence[Append],
        steps: Sequence[Step] = ...,
        also: Sequence[Statement] = ...,
    ) -> int | None: ...

    def positions(self, prefix: str = ...) -> dict[str, int]: ...


class Rules(NamedTuple):
    """What a shop has set."""

    policy: Policy = Policy()
    terms: Terms = Terms()


class Pace(NamedTuple):
    """How much is done in one transaction at most, and how often is looked for more."""

    events: int = 5_000
    """The more, the fewer times an order is looked at where many events come."""
    deadlines: int = 500
    poll: float = 0.5
    """Seconds between two looks where nobody says that something was written."""


class Look(NamedTuple):
    """What came of looking at one order."""

    appends: list[Append]
    row: Row


class LateCancellations:
    """Follows the log and fires deadlines, for one thread. `begin` before the first `follow`."""

    def __init__(
        self,
        log: Log,
        deadlines: Deadlines,
        rules: Rules,
        clock: Callable[[], int],
        pace: Pace | None = None,
    ) -> None:
        self._log = log
        self._deadlines = deadlines
        self._rules = rules
        self._clock = clock
        self._pace = pace or Pace()
        self._size = self._pace.events
        self._stored = 0
        self.is_level = False
        """Whether the last `follow` read all that there was."""

    @property
    def position(self) -> int:
        """The last position of the log that was looked at."""
        return self._stored

    def begin(self) -> None:
        """Go on from the stored position. The first one ever stores one, so that it is seen."""
        if POSITION not in self._log.positions(POSITION):
            try:
                self._log.append([], [Step(POSITION, None, 0)])
            except Conflict:
                _LOG.info("another process began at the same time")
        self._stored = self._log.positions(POSITION)[POSITION]

    def follow(self) -> int:
        """Look at the orders of the next events; return how many events, 0: there are none.

        Raises StalePosition when somebody else went on, Conflict when others were faster every
        time, and what the log raises. Then `begin` again.
        """
        for _ in range(TRIES):
            batch = self._log.read(self._stored, self._size)
            self.is_level = len(batch) < self._size
            if not batch:
                return 0
            try:
                self._take(batch)
            except StalePosition:
                raise
            except Conflict as conflict:
                # Others write to the same orders: the fewer at a time, the sooner one is through.
                self._size = max(1, self._size // 4)
                _LOG.debug("a batch is done again, with %d events: %s", self._size, conflict)
            else:
                self._size = min(self._pace.events, self._size * 2)
                return len(batch)
        raise Conflict(f"others wrote to the orders behind {self._stored} {TRIES} times; try again")

    @no_collection()
    def _take(self, batch: Sequence[Recorded]) -> None:
        looks = self._look_at(self._concerned(batch), self._clock())
        last = batch[-1].position
        self._write(looks, [Step(POSITION, self._stored, last)])
        self._stored = last

    def _concerned(self, batch: Sequence[Recorded]) -> dict[UUID, str | None]:
        """Streams of orders to look at, with the order ids that are known."""
        may_begin: dict[UUID, str | None] = {}
        others: set[UUID] = set()
        for _, stream, _, event in batch:
            # Whoever wrote what a process leads to has looked at the order with it.
            if isinstance(event, ProcessEvent) or (
                event.source == SOURCE and type(event) in _OF_PROCESSES
            ):
                continue
            if type(event) in INTERESTING:
                may_begin[stream] = None
            else:
                others.add(stream)
        return {**may_begin, **self._deadlines.rows_for(others | may_begin.keys())}

    def fire(self) -> int:
        """Look at orders whose deadline has passed; return how many, 0: none (left)."""
        now = self._clock()
        claimed = self._deadlines.due(now, self._pace.deadlines)
        if claimed:
            self._wake(claimed, now)
        return len(claimed)

    @no_collection()
    def _wake(self, order_ids: list[str], now: int) -> None:
        for _ in range(TRIES):
            if self._woke(order_ids, now):
                return
            if len(order_ids) > 1:
                half = len(order_ids) // 2
                self._wake(order_ids[:half], now)
                self._wake(order_ids[half:], now)
                return
        _LOG.warning("a deadline waits for its lease to end: others write to its order")

    def _woke(self, order_ids: list[str], now: int) -> bool:
        """Look at these orders in one transaction; False: others were faster at one of them."""
        try:
            self._write(self._look_at({stream_id(one): one for one in order_ids}, now), [])
        except Conflict as conflict:
            _LOG.debug("%d deadlines are looked at again: %s", len(order_ids), conflict)
            return False
        return True

    def _write(self, looks: Sequence[Look], steps: Sequence[Step]) -> None:
        appends = [append for look in looks for append in look.appends]
        also = [self._deadlines.statement([look.row for look in looks])] if looks else []
        if appends or steps or also:
            self._log.append(appends, steps, also)

    def _look_at(self, streams: Mapping[UUID, str | None], now: int) -> list[Look]:
        return [self._look(stream, told, done, now) for stream, told, done in self._loaded(streams)]

    def _loaded(
        self, streams: Mapping[UUID, str | None]
    ) -> Iterator[tuple[UUID, Versions, Versions]]:
        """Each order's stream, what is in it, and what is in its process's."""
        if not streams:
            return
        known = {stream: process_stream_id(one) for stream, one in streams.items() if one}
        loaded = self._log.load([*streams, *known.values()])
        unknown = {
            stream: process_stream_id(loaded[stream][0][1].order_id)  # type: ignore[attr-defined]
            for stream in streams.keys() - known.keys()
        }
        if unknown:
            loaded |= self._log.load(list(unknown.values()))
            known |= unknown
        for stream in streams:
            yield stream, loaded[stream], loaded[known[stream]]

    def _look(self, stream: UUID, told: Versions, done: Versions, now: int) -> Look:
        """Work out one order. One that cannot be does not stop the others."""
        ours = cast("Order", order.fold(event for _, event in told))
        try:
            process = late_cancellation.fold(cast("ProcessEvent", event) for _, event in done)
            made = advance(ours, process, now, self._rules.policy, self._rules.terms)
        except Exception as error:  # noqa: BLE001  a fault of ours must not stop everybody's
            _LOG.exception("an order could not be worked out", extra={"order_id": ours.order_id})
            why = f"{type(error).__name__}: {error}"[:200]
            row = Row(stream, ours.order_id, ours.version, len(done), now, now + AGAIN, failure=why)
            return Look([], row)
        return Look(_appends(stream, ours.version, len(done), made), _row(stream, made, now))


def _appends(stream: UUID, order_version: int, process_version: int, made: Advance) -> list[Append]:
    found = []
    if made.order_events:
        found.append(Append(stream, order_version + 1, made.order_events))
    if made.process_events:
        process = process_stream_id(made.order.order_id)
        found.append(Append(process, process_version + 1, made.process_events))
    return found


def _row(stream: UUID, made: Advance, now: int) -> Row:
    process, due_at = made.process, made.due_at
    waits = () if process is None else tuple(process.waits.values())
    return Row(
        stream,
        made.order.order_id,
        made.order.version,
        0 if process is None else process.version,
        due_at,
        # What is due at once had better not be: then it waits, as if somebody else had it.
        0 if due_at is None or due_at > now else now + AGAIN,
        len(waits),
        sum(wait.is_overdue for wait in waits),
    )
