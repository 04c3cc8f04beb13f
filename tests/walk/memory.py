"""What a process has said and awaits, read from its events by other eyes than its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from domain import process_events as said
from domain.process_events import ProcessEvent

Units = Counter[tuple[str, str]]
"""Units by cancellation, or parcel, and line."""


class Open(NamedTuple):
    """A wait that is open."""

    reason: str
    is_case: bool
    until: int | None
    overdue: bool = False


@dataclass
class Memory:
    """Everything that was said so far; `hear` says what is wrong with the next event."""

    stops: Units = field(default_factory=Counter)
    withdrawn: set[str] = field(default_factory=set)
    refusals: dict[str, dict[str, int]] = field(default_factory=dict)
    succeeded: Units = field(default_factory=Counter)
    lapsed: Counter[str] = field(default_factory=Counter)
    held: dict[str, tuple[str, int]] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    asked_at: dict[str, int] = field(default_factory=dict)
    at_large: dict[str, int] = field(default_factory=dict)
    waits: dict[str, Open] = field(default_factory=dict)
    fired: set[tuple[str, int]] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, events: tuple[ProcessEvent, ...]) -> Memory:
        """All of these, without judging them: they were judged when they came."""
        memory = cls()
        for event in events:
            memory.keep(event)
        return memory

    def keep(self, event: ProcessEvent) -> None:
        """Remember one more event."""
        self.ids.add(event.message_id)
        _KEEP[type(event)](self, event)


def _stop(memory: Memory, event: said.StopRequested) -> None:
    for item in event.items:
        memory.stops[event.cancellation_id, item.line_id] += item.quantity


def _withdrawal(memory: Memory, event: said.StopWithdrawn) -> None:
    memory.withdrawn.add(event.cancellation_id)


def _refusal(memory: Memory, event: said.RefusalRequested) -> None:
    units = {item.line_id: item.quantity for item in event.items}
    memory.refusals.update(dict.fromkeys(event.shipment_ids, units))


def _no_refusal(memory: Memory, event: said.RefusalWithdrawn) -> None:
    for shipment in event.shipment_ids:
        memory.refusals.pop(shipment, None)


def _success(memory: Memory, event: said.CancellationSucceeded) -> None:
    for item in event.items:
        memory.succeeded[event.cancellation_id, item.line_id] += item.quantity


def _lapse(memory: Memory, event: said.CancellationLapsed) -> None:
    for item in event.items:
        memory.lapsed[item.line_id] += item.quantity


def _hold(memory: Memory, event: said.RefundHeld) -> None:
    memory.held[event.refund_id] = (event.reason, event.amount)


def _retry(memory: Memory, event: said.RefundRetried) -> None:
    memory.attempts[event.refund_id] = event.attempt
    memory.asked_at[event.refund_id] = event.recorded_at


def _exposure(memory: Memory, event: said.ExposureChanged) -> None:
    memory.at_large = {item.line_id: item.quantity for item in event.items}


def _start(memory: Memory, event: said.WaitStarted) -> None:
    memory.waits[event.wait] = Open(event.reason, event.waits_for == "seller", event.until)


def _change(memory: Memory, event: said.WaitChanged) -> None:
    before = memory.waits.get(event.wait, Open(event.reason, False, None))
    overdue = before.overdue and event.until == before.until
    memory.waits[event.wait] = Open(event.reason, before.is_case, event.until, overdue)


def _deadline(memory: Memory, event: said.DeadlinePassed) -> None:
    memory.fired.add((event.wait, event.deadline))
    until = event.deadline if event.until is None else event.until
    memory.waits[event.wait] = Open(event.reason, True, until, event.until is None)


def _end(memory: Memory, event: said.WaitEnded) -> None:
    memory.waits.pop(event.wait, None)


_KEEP: dict[type[ProcessEvent], Callable[[Memory, Any], None]] = {
    said.StopRequested: _stop,
    said.StopWithdrawn: _withdrawal,
    said.RefusalRequested: _refusal,
    said.RefusalWithdrawn: _no_refusal,
    said.CancellationSucceeded: _success,
    said.CancellationLapsed: _lapse,
    said.RefundHeld: _hold,
    said.RefundRetried: _retry,
    said.ExposureChanged: _exposure,
    said.WaitStarted: _start,
    said.WaitChanged: _change,
    said.DeadlinePassed: _deadline,
    said.WaitEnded: _end,
}
