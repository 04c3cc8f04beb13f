"""A refund by hand: money that no rule owes, because a seller says so.

It pays for units that stay with the buyer, or is an amount that is about no units. It never pays
for what has a rule of its own: units to ship are cancelled, units on their way back are awaited,
and what came back or was lost is a case. Nor does it ever pay more than is left of what was paid.
"""

from __future__ import annotations

from domain.cases import at_large_by_line
from domain.commands import GrantRefund
from domain.deciding import decided_under
from domain.events import GrantRefused, RefundGranted
from domain.goods import Goods, LineGoods
from domain.items import Item, add_units
from domain.money import worth_of_first
from domain.placing import Problem
from domain.refunds import Money, Policy
from domain.state import REPEATED, Decision, Order

_Units = tuple[Item, ...]


def grant_refund(order: Order, command: GrantRefund, policy: Policy) -> Decision:
    """Grant a refund whole, or refuse it, naming the rule."""
    items = _added_up(command.items)
    earlier = decided_under(order, command.decision_id)
    if any(says_the_same(event, command) for event in earlier):
        return REPEATED
    if earlier:
        return _refuse(order, command, "decision_id_in_use", "it was used for another decision")
    where = order.goods()
    money = order.money_for(where, command.now, policy)
    amount = command.amount
    if amount is None:
        amount = _worth(where, money, items)
    problem = _why_not(order, where, money, items, amount)
    if problem is not None:
        return _refuse(order, command, *problem)
    return Decision("recorded", (_granted(command, items),))


def says_the_same(event: object, command: GrantRefund) -> bool:
    """Whether an event answers this very command."""
    return (
        isinstance(event, RefundGranted | GrantRefused)
        and event.decision_id == command.decision_id
        and event.reason == command.reason
        and event.amount == command.amount
        and set(event.items) == set(_added_up(command.items))
    )


def refundable(order: Order, money: Money) -> int:
    """What is left of what was paid, in minor units, once all that is listed is paid out."""
    listed = {refund.refund_id: refund.amount for refund in money.refunds}
    elsewhere = max(0, money.refunded - sum(listed.values()))  # issued, and more than we know of
    return max(0, order.placed.paid - sum(listed.values()) - elsewhere)


def refundable_units(line: LineGoods, at_large: int) -> int:
    """Units of a line that a seller may refund by hand: they left, and are not coming back."""
    counts, ledger = line.counts, line.ledger
    came_back = counts.returned_good + counts.returned_bad - ledger.back_good - ledger.back_bad
    lost = counts.lost - ledger.back_lost
    return max(0, ledger.kept - max(0, came_back) - max(0, lost) - at_large - line.granted)


def _added_up(items: _Units) -> _Units:
    units: dict[str, int] = {}
    add_units(units, items)
    return tuple([Item(line_id, quantity) for line_id, quantity in units.items()])


def _worth(where: Goods, money: Money, items: _Units) -> int:
    """What the units are worth behind all that is listed: as a refund of them would pay."""
    units: dict[str, int] = {}
    amounts: dict[str, int] = {}
    for covered in (one for refund in money.refunds for one in refund.covers):
        units[covered.line_id] = units.get(covered.line_id, 0) + covered.quantity
        amounts[covered.line_id] = amounts.get(covered.line_id, 0) + covered.amount
    worth = 0
    for item in items:
        if item.line_id in where.lines:
            line = where.lines[item.line_id].line
            upto = min(units.get(item.line_id, 0) + item.quantity, line.quantity)
            whole = worth_of_first(upto, line.quantity, line.amount)
            worth += max(0, whole - amounts.get(item.line_id, 0))
    return worth


def _why_not(
    order: Order, where: Goods, money: Money, items: _Units, amount: int
) -> tuple[str, str] | None:
    """The rule that forbids it, and what is the matter; none: go on."""
    large = at_large_by_line(money)
    for item in items:
        line = where.lines.get(item.line_id)
        if line is None:
            return "unknown_line", f"the order has no line {item.line_id}"
        room = refundable_units(line, large.get(item.line_id, 0))
        if item.quantity > room:
            detail = f"line {item.line_id}: {item.quantity} units, and {room} can be refunded"
            return "more_than_kept", detail
    if order.placed.paid == 0:
        return "not_paid", "nothing was paid"
    if amount == 0:
        return "nothing_to_refund", "these units are worth nothing"
    if amount > refundable(order, money):
        return "more_than_refundable", "it is more than is left of what was paid"
    return None


def _granted(command: GrantRefund, items: _Units) -> RefundGranted:
    return RefundGranted(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        decision_id=command.decision_id,
        reason=command.reason,
        amount=command.amount,
        items=items,
    )


def _refuse(order: Order, command: GrantRefund, rule: str, detail: str) -> Decision:
    event = GrantRefused(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        decision_id=command.decision_id,
        reason=command.reason,
        rule=rule,
        at_version=order.version,
        amount=command.amount,
        items=_added_up(command.items),
    )
    return Decision("refused", (event,), Problem("amount", rule, detail))
