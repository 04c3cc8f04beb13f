"""The whole core in memory: contract messages in, Order Information out, no database.

Given / when / then for orders: `shop.given(...)`, `shop.when(...)`, then compare what it shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from consumers.cloudevents import BadMessage, Incoming, hear
from domain.commands import AskForRefund, DecideCase, GrantRefund, PlaceOrder, SetAside
from domain.events import CaseOutcome
from domain.information import LineFigures, OrderInformation, order_information
from domain.items import Item
from domain.order import REPEATED, Decision, Message, Order, decide, evolve
from domain.refunds import Policy, Refund

NOW = 1_800_000_000_000_000
SECOND = 1_000_000
DAY = 86_400 * SECOND


@dataclass
class Shop:
    """Orders by id, and the messages parked for orders that are not known yet."""

    policy: Policy = field(default_factory=Policy)
    orders: dict[str, Order] = field(default_factory=dict)
    parked: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    now: int = NOW

    def hear(self, message: dict[str, Any], at: int | None = None) -> Decision | None:
        """Hear one message at `at`, or a second after the one before; none: it was parked."""
        self.now = self.now + SECOND if at is None else at
        try:
            heard = hear(Incoming(json.dumps(message).encode()), self.now, b"key" * 11)
        except BadMessage as bad:
            raise AssertionError(f"{bad.field}: {bad.rule}: {bad.detail}") from bad
        order = self.orders.get(heard.order_id)
        if order is None and not isinstance(heard.message, PlaceOrder):
            return self._park(heard.order_id, message)
        decision = self._decide(heard.order_id, heard.message)
        if decision.outcome == "dead" and order is not None:
            assert decision.problem is not None
            self.set_aside(message, decision.problem.rule)
        if decision.outcome == "recorded" and order is None:
            for waiting in self.parked.pop(heard.order_id, ()):
                self.hear(waiting, self.now)
        return decision

    def _park(self, order_id: str, message: dict[str, Any]) -> Decision | None:
        waiting = self.parked.setdefault(order_id, [])
        if message in waiting:
            return REPEATED
        waiting.append(message)
        return None

    def given(self, *messages: dict[str, Any]) -> Shop:
        """Hear messages whose outcome does not matter."""
        for message in messages:
            self.hear(message)
        return self

    def outcome(self, message: dict[str, Any], at: int | None = None) -> str:
        """Hear one message, and say what became of it."""
        decision = self.hear(message, at)
        return "parked" if decision is None else decision.outcome

    def outcomes(self, messages: Iterable[dict[str, Any]]) -> list[str]:
        """What became of each."""
        return [self.outcome(message) for message in messages]

    def ask(self, refund_id: str, order_id: str = "A1", at: int | None = None) -> str:
        """Ask for a refund, as the process manager does."""
        self.now = self.now + SECOND if at is None else at
        command = AskForRefund(
            occurred_at=self.now,
            now=self.now,
            source="/countermand",
            message_id=f"ask-{refund_id}",
            refund_id=refund_id,
        )
        return self._decide(order_id, command).outcome

    def decide(
        self,
        outcome: CaseOutcome,
        quantity: int,
        line_id: str = "1",
        decision_id: str = "d1",
        **more: Any,  # noqa: ANN401  # any field of the command
    ) -> Decision:
        """A seller decides about units of a line; `amount` is in minor units."""
        self.now = more.pop("at", self.now + SECOND)
        told: dict[str, Any] = {
            "occurred_at": self.now,
            "now": self.now,
            "source": "/seller",
            "message_id": decision_id,
            "decision_id": decision_id,
            "line_id": line_id,
            "quantity": quantity,
            "outcome": outcome,
            "reason": "looked at it",
        }
        return self._decide("A1", DecideCase(**told | more))

    def grant(
        self,
        amount: int | None = None,
        units: int = 0,
        line_id: str = "1",
        decision_id: str = "g1",
    ) -> Decision:
        """A seller refunds by hand, an amount or units of a line."""
        self.now += SECOND
        command = GrantRefund(
            occurred_at=self.now,
            now=self.now,
            source="/seller",
            message_id=decision_id,
            decision_id=decision_id,
            reason="goodwill",
            amount=amount,
            items=(Item(line_id, units),) if units else (),
        )
        return self._decide("A1", command)

    def _decide(self, order_id: str, message: Message) -> Decision:
        order = self.orders.get(order_id)
        decision = decide(order, message, self.policy)
        for event in decision.events:
            order = evolve(order, event)
        if order is not None:
            self.orders[order_id] = order
        return decision

    def set_aside(self, message: dict[str, Any], rule: str) -> Shop:
        """Make a dead letter of a message, as intake does."""
        command = SetAside(
            occurred_at=self.now,
            now=self.now,
            source=message["source"],
            message_id=message["id"],
            type=message["type"],
            rule=rule,
            detail="as the test says",
            digest=json.dumps(message),
        )
        self._decide(message["subject"], command)
        return self

    def information(self, order_id: str = "A1", now: int | None = None) -> OrderInformation:
        """What the order looks like now, or at `now`."""
        at = self.now if now is None else now
        return order_information(self.orders[order_id], at, self.policy)

    def line(self, line_id: str = "1", order_id: str = "A1") -> LineFigures:
        """The figures of one line."""
        return next(x for x in self.information(order_id).lines if x.line_id == line_id)

    def page(self, line_id: str = "1") -> tuple[int, int, int, int]:
        """The four figures of a page: cancelled, requested, refuse_delivery, remaining."""
        line = self.line(line_id)
        return line.cancelled, line.requested, line.refuse_delivery, line.remaining

    def refunds(self, now: int | None = None) -> list[tuple[int, str, str]]:
        """Amount, state and reason of every refund."""
        refunds: tuple[Refund, ...] = self.information(now=now).refunds
        return [(refund.amount, refund.state, refund.reason) for refund in refunds]

    def answer(self, *decision: Any, **more: Any) -> str:  # noqa: ANN401  # as for `decide`
        """What became of a decision: recorded, repeated, or the rule that refused it."""
        decided = self.decide(*decision, **more)
        return decided.problem.rule if decided.problem else decided.outcome

    def rules(self, order_id: str = "A1") -> set[str]:
        """The rules of all discrepancies of the order."""
        return {odd.rule for odd in self.information(order_id).discrepancies}
