"""A seller who looks at the open cases, and decides each."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import cast

from application.deciding import Overtaken, decide_case
from application.event_store import EventStore, process_stream_id, stream_id
from application.recording import StoreUnavailable
from domain import late_cancellation
from domain.commands import DecideCase
from domain.events import CaseOutcome, Event
from domain.late_cancellation import Wait
from domain.order import Order, fold
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
        """Decide the order's oldest case; false: there is none, or others were faster."""
        try:
            loaded = self._store.load([stream_id(order_id), process_stream_id(order_id)])
            order = fold(event for _, event in loaded[stream_id(order_id)])
            done = [event for _, event in loaded[process_stream_id(order_id)]]
            if order is None:
                return False
            return any(self._answer(order, case) for case in _cases(done))
        except (Overtaken, StoreUnavailable):
            return False

    def _answer(self, order: Order, case: Wait) -> bool:
        command = self._decision(order, case)
        store = cast("EventStore", self._store)
        decide_case(store, order.order_id, command, self._policy)
        return True

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


def _cases(done: list[Event]) -> list[Wait]:
    """Waits that a seller can end; whether money arrived is nobody's to decide."""
    process = late_cancellation.fold(event for event in done if isinstance(event, ProcessEvent))
    waits = process.waits.values() if process else ()
    return [one for one in waits if one.waits_for == "seller" and not one.wait.startswith("pay:")]
