"""Ready events of made-up process managers, beside the stories of their orders."""

from __future__ import annotations

from dataclasses import dataclass, field

from application.deadlines import SqlDeadlines
from application.event_store import Append, EventStore, process_stream_id
from application.late_cancellations import LateCancellations, Rules
from domain import events, process_events
from domain.items import Item, ReturnedItem
from domain.process_events import SOURCE, ProcessEvent
from tests.support.recorded import Story

HOUR = 3_600_000_000
DAY = 24 * HOUR
RULES = Rules()
_WITH_DEADLINE = (
    process_events.WaitStarted,
    process_events.WaitChanged,
    process_events.DeadlinePassed,
)


def run_processes(store: EventStore, *moments: int) -> None:
    """Let the process managers look at the log, and fire what is due, at each moment in turn."""
    now = [0]
    deadlines = SqlDeadlines(store, *RULES)
    runner = LateCancellations(store, deadlines, RULES, lambda: now[0])
    runner.begin()
    for moment in moments:
        now[0] = moment
        while runner.follow() + runner.fire():
            pass


def items(**units: int) -> tuple[Item, ...]:
    """Units by line."""
    return tuple(Item(line_id, quantity) for line_id, quantity in units.items())


@dataclass
class Managed:
    """What the process manager of one story's order did; it goes on where the story stands."""

    story: Story
    told: list[ProcessEvent] = field(default_factory=list)
    recorded: int = 0

    def stop_requested(self, cancellation_id: str = "C1", **units: int) -> Managed:
        return self.tell(
            process_events.StopRequested, cancellation_id=cancellation_id, items=items(**units)
        )

    def waits(
        self, wait: str, waits_for: str, reason: str, *, hours: int | None = 24, **units: int
    ) -> Managed:
        until = None if hours is None else self.story.at + hours * HOUR
        return self.tell(
            process_events.WaitStarted,
            wait=wait,
            waits_for=waits_for,
            reason=reason,
            items=items(**units),
            until=until,
        )

    def passes(self, wait: str, reason: str, *, hours: int | None = 7 * 24) -> Managed:
        """Let the deadline pass that the wait has by now; `hours` none: it was a case already."""
        until = next(
            event.until
            for event in reversed(self.told)
            if isinstance(event, _WITH_DEADLINE) and event.wait == wait
        )
        assert until is not None
        self.story.at = max(self.story.at, until)
        return self.tell(
            process_events.DeadlinePassed,
            later=0,
            wait=wait,
            deadline=until,
            reason=reason,
            until=None if hours is None else self.story.at + hours * HOUR,
        )

    def ends(self, wait: str) -> Managed:
        return self.tell(process_events.WaitEnded, wait=wait)

    def tell(
        self, kind: type[ProcessEvent], /, *, later: int = 1_000_000, **values: object
    ) -> Managed:
        """Add an event, recorded `later` microseconds after the story's last."""
        self.story.at += later
        self.told.append(
            kind(
                occurred_at=self.story.at,
                recorded_at=self.story.at,
                source=SOURCE,
                message_id=f"{kind.__name__}:{len(self.told) + 1}",
                order_id=self.story.order_id,
                order_version=len(self.story.told),
                **values,
            )
        )
        return self

    def record(self, store: EventStore) -> int:
        """Write to the log what is not in it yet; return the position."""
        fresh = self.told[self.recorded :]
        stream = process_stream_id(self.story.order_id)
        position = store.append([Append(stream, self.recorded + 1, fresh)]) or 0
        self.recorded = len(self.told)
        return position


def orders_in_trouble() -> list[Story]:
    """Orders in every kind of trouble that a view of processes has a row for."""
    silent = Story("P-1", seller_id="s1").placed(3, 2).released().cancelled(L1=2)
    crossed = Story("P-2", seller_id="s2").placed(3, 2).released().cancelled(L1=2)
    crossed.tell(
        events.ShippedFromWarehouse,
        shipment_id="S1",
        items=(Item("L1", 3), Item("L2", 3)),
        warehouse_id="w2",
    )
    damaged = Story("P-3", seller_id="s1").placed(2, 2).cancelled(L1=2).shipped(L1=2, L2=2)
    damaged.rejected().tell(
        events.ReturnedToWarehouse,
        return_id="R1",
        items=(ReturnedItem("L1", 1, "damaged"),),
    )
    stopped = Story("P-4", seller_id="s2").placed(1).released().cancelled(L1=1)
    stopped.tell(events.CancellationConfirmed, cancellation_id="C1", confirmed_by="warehouse")
    return [
        silent,
        crossed,
        damaged,
        stopped,
        Story("P-5", seller_id="s1").placed(2).cancelled(L1=2),
    ]
