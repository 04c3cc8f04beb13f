"""A case is decided at an order now: load, decide, append, and again when others were faster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from application.event_store import EventStore
from application.orders import Orders
from application.recording import Conflict, Statement
from domain.commands import DecideCase
from domain.events import CaseDecided, CaseOutcome, DecisionRefused
from domain.order import Decision, Order, Outcome
from domain.picture import Picture
from domain.refunds import Policy

TRIES = 20
"""How often it is tried when other writers are faster."""

REQUESTED = "requested"


class UnknownOrder(Exception):
    """No such order was placed; its messages may be parked. Says which."""


class Overtaken(Exception):
    """Others wrote to the order every time. Nothing was decided; try again."""


class Open(NamedTuple):
    """Units that a seller can decide about, or something odd."""

    line_id: str
    """Of something odd, which is about no units: a line by which it can be decided."""
    quantity: int
    what: str
    """A `CaseKind`, `requested` (of the warehouse, to stop), or the rule of something odd."""
    outcomes: tuple[CaseOutcome, ...]


class Decided(NamedTuple):
    """What became of a decision."""

    outcome: Outcome
    """`recorded`, `repeated` or `refused`."""
    event: CaseDecided | DecisionRefused
    """The answer; for a repeated decision the first one."""
    detail: str
    """What was wrong with it, of one that was refused now."""
    version: int
    """The order's, now."""
    position: int
    """From where on followers have seen it."""
    still_open: tuple[Open, ...]
    """What can be decided now."""

    @property
    def rule(self) -> str | None:
        """The rule that said no, now or the first time; none: it is decided."""
        return self.event.rule if isinstance(self.event, DecisionRefused) else None


def order_of(store: EventStore, order_id: str) -> Order:
    """The order as it is now. Raises UnknownOrder."""
    return _warmed(Orders(store), order_id)


def _warmed(orders: Orders, order_id: str) -> Order:
    orders.warm([order_id])
    order = orders.get(order_id)
    if order is None:
        raise UnknownOrder(order_id)
    return order


def decide_case(
    store: EventStore,
    order_id: str,
    command: DecideCase,
    policy: Policy,
    also: Sequence[Statement] = (),
) -> Decided:
    """Record a decision, or its refusal; `also` is written with it. The same one again: repeated.

    Raises UnknownOrder, Overtaken, and StoreUnavailable: then it may be recorded, ask again.
    """
    for _ in range(TRIES):
        orders = Orders(store, policy=policy)
        _warmed(orders, order_id)
        decision = orders.decide(order_id, command)
        try:
            position = store.append(orders.appends(), also=also) if decision.events else None
        except Conflict:
            continue
        return _decided(_warmed(orders, order_id), command, decision, policy)._replace(
            position=store.head() if position is None else position
        )
    raise Overtaken(f"others wrote to order {order_id} {TRIES} times; nothing was decided")


def _decided(order: Order, command: DecideCase, decision: Decision, policy: Policy) -> Decided:
    detail = decision.problem.detail if decision.problem else ""
    still_open = open_in(order, command.now, policy)
    answer = answer_to(order, command)
    return Decided(decision.outcome, answer, detail, order.version, 0, still_open)


def answer_to(order: Order, command: DecideCase) -> CaseDecided | DecisionRefused:
    """The event that answers this very decision: the first that says the same under its id."""
    asked = (command.line_id, command.quantity, command.outcome, command.reason, command.amount)
    return next(
        event
        for event in order.events
        if isinstance(event, CaseDecided | DecisionRefused)
        and event.decision_id == command.decision_id
        and (event.line_id, event.quantity, event.outcome, event.reason, event.amount) == asked
    )


def open_in(order: Order, now: int, policy: Policy) -> tuple[Open, ...]:
    """What a seller can decide about an order at `now`, in microseconds."""
    picture = Picture.of(order, now, policy)
    found = []
    for line_id, line in picture.where.lines.items():
        if line.ledger.requested:
            outcomes: tuple[CaseOutcome, ...] = ("stopped", "not_stopped")
            found.append(Open(line_id, line.ledger.requested, REQUESTED, outcomes))
        for kind, units in picture.units.get(line_id, {}).items():
            found.append(Open(line_id, units, kind, ("refund", "no_refund")))
    free = next((one for one in picture.where.lines if not picture.units.get(one)), None)
    if picture.odd and free is not None:
        found.append(Open(free, 1, picture.odd[0], ("refund", "no_refund")))
    return tuple(found)
