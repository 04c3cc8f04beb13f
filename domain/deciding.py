"""A seller's decision about a case, or that of a deadline that nobody used."""

from __future__ import annotations

from domain.cases import at_large_by_line, discrepancies, odd, open_units
from domain.commands import DecideCase
from domain.events import CaseDecided, DecisionRefused, Event, GrantRefused, RefundGranted
from domain.goods import Goods, LineGoods
from domain.items import CaseKind, Confirmed, Settled
from domain.placing import Problem
from domain.refunds import Policy
from domain.state import REPEATED, Decision, Order

_FIRST: tuple[CaseKind, ...] = (
    "damaged",
    "lost",
    "missing",
    "unrefused",
    "at_large",
    "returned",
    "wanted_lost",
)
"""Which units a decision is about first: those that are known for certain."""


def decide_case(order: Order, command: DecideCase, policy: Policy) -> Decision:
    """Decide about units of a line, or refuse whole, naming the rule."""
    earlier = decided_under(order, command.decision_id)
    if any(_says_the_same(event, command) for event in earlier):
        return REPEATED
    if earlier:
        return _refuse(order, command, "decision_id_in_use", "it was used for another decision")
    where = order.goods()
    line = where.lines.get(command.line_id)
    if line is None:
        return _refuse(order, command, "unknown_line", f"the order has no line {command.line_id}")
    if command.outcome in ("refund", "no_refund"):
        return _about_money(order, where, command, policy)
    return _about_stopping(order, command, line)


def decided_under(order: Order, decision_id: str) -> list[Event]:
    """What sellers' decisions and grants under this id led to, refusals too: they share ids."""
    return [
        event
        for event in order.events
        if isinstance(event, CaseDecided | DecisionRefused | RefundGranted | GrantRefused)
        and event.decision_id == decision_id
    ]


def _says_the_same(event: Event, command: DecideCase) -> bool:
    if not isinstance(event, CaseDecided | DecisionRefused):
        return False
    names = ("line_id", "quantity", "outcome", "reason", "amount")
    return all(getattr(event, name) == getattr(command, name) for name in names)


def _about_money(order: Order, where: Goods, command: DecideCase, policy: Policy) -> Decision:
    money = order.money_for(where, command.now, policy)
    if command.amount is not None and command.amount > order.placed.paid:
        return _refuse(order, command, "more_than_paid", "the amount is more than was paid")
    large = at_large_by_line(money).get(command.line_id, 0)
    units = open_units(where.lines[command.line_id], large)
    if command.about is not None:
        units = {kind: n for kind, n in units.items() if kind == command.about}
    if not units:
        rules = odd(order, where, discrepancies(order, where, money), policy)
        if command.about is None and rules:
            return _decided(command, settles=(Settled("odd", len(rules)),))
        return _refuse(order, command, "nothing_to_decide", "there is nothing to decide about it")
    if command.quantity > sum(units.values()):
        return _too_many(order, command, sum(units.values()))
    settles: list[Settled] = []
    left = command.quantity
    for kind in _FIRST:
        taken = min(left, units.get(kind, 0))
        left -= taken
        if taken:
            settles.append(Settled(kind, taken))
    return _decided(command, settles=tuple(settles))


def _about_stopping(order: Order, command: DecideCase, line: LineGoods) -> Decision:
    """The seller answers in the warehouse's stead."""
    requested = line.ledger.requested
    if requested == 0:
        return _refuse(order, command, "nothing_to_decide", "no unit waits for the warehouse")
    if command.quantity > requested:
        return _too_many(order, command, requested)
    if command.outcome == "not_stopped":
        return _decided(command)
    confirms: list[Confirmed] = []
    left = command.quantity
    for units in line.cancelled_by:
        cancellation = order.events[units.place]
        taken = min(left, units.quantity - units.crossed - units.succeeded)
        left -= taken
        if taken:
            confirms.append(Confirmed(cancellation.cancellation_id, taken))  # type: ignore[attr-defined]
    return _decided(command, confirms=tuple(confirms))


def _decided(
    command: DecideCase,
    settles: tuple[Settled, ...] = (),
    confirms: tuple[Confirmed, ...] = (),
) -> Decision:
    event = CaseDecided(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        decision_id=command.decision_id,
        line_id=command.line_id,
        quantity=command.quantity,
        outcome=command.outcome,
        reason=command.reason,
        decided_by=command.decided_by,
        amount=command.amount,
        settles=settles,
        confirms=confirms,
    )
    return Decision("recorded", (event,))


def _too_many(order: Order, command: DecideCase, units: int) -> Decision:
    detail = (
        f"line {command.line_id}: {command.quantity} units decided about, and {units} wait for it"
    )
    return _refuse(order, command, "more_than_open", detail)


def _refuse(order: Order, command: DecideCase, rule: str, detail: str) -> Decision:
    event = DecisionRefused(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        decision_id=command.decision_id,
        line_id=command.line_id,
        quantity=command.quantity,
        outcome=command.outcome,
        reason=command.reason,
        amount=command.amount,
        rule=rule,
        at_version=order.version,
    )
    return Decision("refused", (event,), Problem("quantity", rule, detail))
