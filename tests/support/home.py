"""The core in memory with its process managers: messages in, what is asked, told and awaited out.

Given / when / then for late cancellations: `home.given(...)`, `home.when(...)`, then compare
`home.said()` and `home.waits()`. Days pass by `home.later(...)`, with every deadline on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from domain import events, process_events
from domain.commands import DecideCase
from domain.events import Event
from domain.items import Item
from domain.late_cancellation import Process, Terms
from domain.next_steps import advance
from domain.order import Decision, Message
from domain.process_events import ProcessEvent
from tests.support.shop import DAY, SECOND, Shop

HOUR = 3_600 * SECOND
MINUTE = 60 * SECOND

Units = dict[str, int]
Word = tuple[Any, ...]
"""One thing that was said to somebody, such as `("stop", "c1", {"1": 2})`."""
Waiting = tuple[str, str, Units]
"""Who is awaited, why, and with which units."""


def units(items: Iterable[Item]) -> Units:
    """Units by line."""
    return {item.line_id: item.quantity for item in items}


SAID: dict[type[Event], Callable[[Any], Word]] = {
    process_events.StopRequested: lambda e: ("stop", e.cancellation_id, units(e.items)),
    process_events.StopWithdrawn: lambda e: ("go on", e.cancellation_id, units(e.items)),
    process_events.RefusalRequested: lambda e: ("refuse", *e.shipment_ids, units(e.items)),
    process_events.RefusalWithdrawn: lambda e: ("keep", *e.shipment_ids),
    process_events.RefundRetried: lambda e: ("pay", e.refund_id, e.amount),
    process_events.CancellationSucceeded: lambda e: (
        "succeeded",
        e.cancellation_id,
        units(e.items),
    ),
    process_events.CancellationLapsed: lambda e: ("lapsed", units(e.items)),
    process_events.RefundHeld: lambda e: ("held", e.refund_id, e.amount, e.reason),
    process_events.ExposureChanged: lambda e: ("exposed", units(e.items)),
    events.RefundRequested: lambda e: ("pay", e.refund_id, e.amount),
    events.CaseDecided: lambda e: ("decided", e.outcome, {e.line_id: e.quantity}, e.decided_by),
}
"""What others hear of, in short words; the rest of a process is its own business."""


@dataclass
class Home(Shop):
    """A shop whose processes are advanced after each message, as the runner does it."""

    terms: Terms = field(default_factory=Terms)
    eager: bool = True
    """Whether a process is advanced after each message, or only by `advance` and `later`."""
    processes: dict[str, Process] = field(default_factory=dict)
    due: dict[str, int | None] = field(default_factory=dict)
    written: list[Event] = field(default_factory=list)
    """All that the processes led to, in the order in which it is written."""
    _told: int = 0

    @override
    def hear(self, message: dict[str, Any], at: int | None = None) -> Decision | None:
        decision = super().hear(message, at)
        if self.eager and message["subject"] in self.orders:
            self.advance(message["subject"])
        return decision

    @override
    def _decide(self, order_id: str, message: Message) -> Decision:
        decision = super()._decide(order_id, message)
        if self.eager and isinstance(message, DecideCase):
            self.advance(order_id)
        return decision

    def advance(self, order_id: str = "A1") -> list[Event]:
        """Wake the process of an order now; return what it led to."""
        moved = advance(
            self.orders[order_id],
            self.processes.get(order_id),
            self.now,
            self.policy,
            self.terms,
        )
        self.orders[order_id] = moved.order
        if moved.process is not None:
            self.processes[order_id] = moved.process
        self.due[order_id] = moved.due_at
        led_to = [*moved.order_events, *moved.process_events]
        self.written += led_to
        return led_to

    def later(self, by: int, order_id: str = "A1") -> Home:
        """Let time pass, in microseconds, and fire each deadline at its own moment."""
        end = self.now + by
        while (due := self.due.get(order_id)) is not None and due <= end:
            assert due >= self.now, "a deadline in the past was not worked off"
            self.now = due
            self.advance(order_id)
        self.now = end
        self.advance(order_id)
        return self

    @override
    def given(self, *messages: dict[str, Any]) -> Home:
        """Hear messages; what they lead to is not of interest."""
        super().given(*messages)
        self._told = len(self.written)
        return self

    def when(self, *messages: dict[str, Any]) -> list[Word]:
        """Hear messages, and tell what was said after them."""
        for message in messages:
            self.hear(message)
        return self.said()

    def said(self) -> list[Word]:
        """What was said to others since the last time this was asked, in order."""
        new, self._told = self.written[self._told :], len(self.written)
        return [SAID[type(event)](event) for event in new if type(event) in SAID]

    def after(self, by: int) -> list[Word]:
        """Let time pass, and tell what was said meanwhile."""
        self.later(by)
        return self.said()

    def waits(self, order_id: str = "A1") -> dict[str, Waiting]:
        """What is awaited now: of whom, why, and with which units."""
        process = self.processes.get(order_id)
        open_ones = {} if process is None else process.waits
        return {
            name: (wait.waits_for, wait.reason, units(wait.items))
            for name, wait in open_ones.items()
        }

    def cases(self, order_id: str = "A1") -> dict[str, Waiting]:
        """What the seller has to decide."""
        return {name: wait for name, wait in self.waits(order_id).items() if wait[0] == "seller"}

    def until(self, wait: str, order_id: str = "A1") -> int:
        """The deadline of a wait; there must be one."""
        until = self.processes[order_id].waits[wait].until
        assert until is not None, f"{wait} has no deadline"
        return until

    def process_events(self, order_id: str = "A1") -> list[ProcessEvent]:
        """The stream of an order's process."""
        return [
            event
            for event in self.written
            if isinstance(event, ProcessEvent) and event.order_id == order_id
        ]


__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "Home", "units"]
