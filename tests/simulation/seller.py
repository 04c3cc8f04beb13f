"""A seller who looks at the open cases, and decides each."""

from __future__ import annotations

from itertools import count
from random import Random

from application.event_store import process_stream_id, stream_id
from application.recording import Append, Conflict, StoreUnavailable
from domain import late_cancellation
from domain.commands import DecideCase
from domain.events import CaseOutcome, Event
from domain.late_cancellation import Wait
from domain.order import Order, decide, fold
from domain.process_events import ProcessEvent
from domain.refunds import Policy
from tests.simulation.actors import Clock
from tests.simulation.store import MemoryStore


class Seller:
    """Decides by command, at the version of the order that was looked at."""

    def __init__(self, random: Random, store: MemoryStore, clock: Clock, policy: Policy) -> None:
        self._random, self._store, self._clock, self._policy = random, store, clock, policy
        self._numbers = count(1)

    def decide(self, order_id: str) -> bool:
        """Decide the order's oldest case; false: there is none, or somebody was faster."""
        try:
            loaded = self._store.load([stream_id(order_id), process_stream_id(order_id)])
            order = fold(event for _, event in loaded[stream_id(order_id)])
            done = [event for _, event in loaded[process_stream_id(order_id)]]
            cases = [wait for wait in _waits(done) if wait.waits_for == "seller"]
            for case in cases:
                if order is not None and self._answer(order, case):
                    return True
        except (Conflict, StoreUnavailable):
            return False
        return False

    def _answer(self, order: Order, case: Wait) -> bool:
        if case.wait.startswith("pay:"):
            return False  # nobody can decide whether money arrived
        command = self._decision(order, case)
        events = decide(order, command, self._policy).events
        if events:
            stream = stream_id(order.order_id)
            self._store.append([Append(stream, order.version + 1, events)])
        return bool(events)

    def _decision(self, order: Order, case: Wait) -> DecideCase:
        outcomes: tuple[CaseOutcome, ...] = ("refund", "no_refund")
        if case.wait.startswith("stop:"):
            outcomes = ("stopped",)
        name = f"d{next(self._numbers)}"
        item = case.items[0] if case.items else None
        now = max(self._clock(), order.events[-1].recorded_at)
        return DecideCase(
            occurred_at=now,
            now=now,
            source="/seller",
            message_id=name,
            decision_id=f"{order.order_id}-{name}",
            line_id=order.placed.lines[0].line_id if item is None else item.line_id,
            quantity=1 if item is None else item.quantity,
            outcome=self._random.choice(outcomes),
            reason="as_the_seller_says",
        )


def _waits(done: list[Event]) -> list[Wait]:
    process = late_cancellation.fold(event for event in done if isinstance(event, ProcessEvent))
    return list(process.waits.values()) if process else []
