"""From every state there is a way to an end: what people normally answer, until nothing is open."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from application.deciding import open_in
from domain.commands import DecideCase
from domain.events import (
    CancellationConfirmed,
    CaseOutcome,
    DeliveryRejected,
    RefundIssued,
    RefundRequested,
    ReturnedToWarehouse,
)
from domain.items import ReturnedItem
from domain.late_cancellation import Process, Wait
from domain.order import Message, Order, decide, evolve
from domain.refunds import Policy
from tests.support.shop import NOW
from tests.walk.histories import NO_PROCESS, NONE, Broken, Histories, story
from tests.walk.letters import decision
from tests.walk.looking import NOTHING

MOST_ANSWERS = 40
"""More answers than any order of the walk can need."""

Place = tuple[int, int, int]


class Settling:
    """Answers for everybody until the process is done; remembers from where that is possible."""

    def __init__(self, histories: Histories) -> None:
        self._histories = histories
        self.settled: set[Place] = set()

    def settle(self, order: int, process: int, now: int) -> None:
        """Raise `Broken` where no normal answer leads to an end."""
        way: list[Place] = []
        place = (order, process, now)
        while place not in self.settled:
            way.append(place)
            after = self._go_on(*place)
            if after is None:
                break
            if len(way) > MOST_ANSWERS or after in way:
                raise Broken(f"no answer leads to an end\n{self._story(way)}")
            place = after
        self.settled.update(way)

    def _go_on(self, order: int, process: int, now: int) -> Place | None:
        """One look, or one answer, or one jump to the next deadline; none: all is done."""
        histories = self._histories
        look = histories.looks[
            histories.look(order, process, NONE, now, has_row=process != NO_PROCESS)
        ]
        if (look.order, look.process) != (order, process):
            return look.order, look.process, now
        ours, done = histories.orders[order], histories.processes[process].process
        if done is not None and done.waits:
            return self._answer(ours, process, done, now)
        due = look.commit.row.due_at if look.commit.row else None
        return None if due is None else (order, process, due)

    def _answer(self, ours: Order, process: int, done: Process, now: int) -> Place:
        """Answer the first wait to which there is an answer."""
        policy = self._histories.rules.policy
        for wait in done.waits.values():
            message = answer(ours, wait, now, policy)
            after = ours
            for event in decide(ours, message, policy).events:
                after = evolve(after, event)
            if after is not ours:
                return self._histories.number_order(after), process, now
        raise Broken(
            f"no answer is taken\n{story(ours, self._histories.processes[process], NOTHING)}"
        )

    def _story(self, way: list[Place]) -> str:
        order, process, _ = way[-1]
        histories = self._histories
        return story(histories.orders[order], histories.processes[process], NOTHING)


def answer(order: Order, wait: Wait, now: int, policy: Policy) -> Message:
    """What whoever is awaited says when all goes well; about a case, what a seller decides."""
    kind, _, name = wait.wait.partition(":")
    name = name.partition("#")[0]
    if kind == "pay":
        return _paid(order, name, now)
    if wait.waits_for == "seller":
        return _decided(order, wait, now, policy)
    said = _Said(now, f"answer {order.version}")
    if kind == "stop":
        return CancellationConfirmed(
            **said.by("/warehouse"),
            cancellation_id=name,
            confirmed_by="warehouse",
            items=wait.items,
        )
    if kind == "refuse":
        return DeliveryRejected(**said.by("/warehouse"), shipment_id=name)
    items = tuple(ReturnedItem(item.line_id, item.quantity) for item in wait.items)
    return ReturnedToWarehouse(**said.by("/warehouse"), return_id=f"R {order.version}", items=items)


class _Said(NamedTuple):
    """When something is said, and under which id."""

    now: int
    message_id: str

    def by(self, source: str) -> dict[str, Any]:
        """What every fact knows."""
        return {
            "occurred_at": NOW,
            "recorded_at": self.now,
            "source": source,
            "message_id": self.message_id,
        }


def _paid(order: Order, refund: str, now: int) -> RefundIssued:
    amount = next(
        event.amount
        for event in order.events
        if isinstance(event, RefundRequested) and event.refund_id == refund
    )
    return RefundIssued(
        **_Said(now, f"answer {order.version}").by("/payments"),
        refund_id=refund,
        amount=amount,
        currency=order.placed.currency,
    )


def _decided(order: Order, wait: Wait, now: int, policy: Policy) -> DecideCase:
    """What a seller decides who reads what is open: some of the units may be decided already."""
    outcome: CaseOutcome = "stopped" if wait.wait.startswith("stop:") else "no_refund"
    left = Counter[str]()
    for one in open_in(order, now, policy):
        if outcome in one.outcomes:
            left[one.line_id] += one.quantity
    for item in wait.items:
        if quantity := min(item.quantity, left[item.line_id]):
            return decision(order, item.line_id, quantity, outcome, now)
    return decision(order, order.placed.lines[0].line_id, 1, outcome, now)
