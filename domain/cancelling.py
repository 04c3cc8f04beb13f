"""Cancelling, and taking a cancellation back: what may be, and the rule that says no."""

from __future__ import annotations

from domain.claims import refund_id
from domain.commands import RequestCancellation, WithdrawCancellation
from domain.events import (
    CancellationRefused,
    CancellationWithdrawn,
    Event,
    ItemCancelRequested,
    RefundIssued,
    RefundRequested,
    WithdrawalRefused,
)
from domain.goods import Goods
from domain.items import Item, add_units
from domain.placing import Problem
from domain.state import REPEATED, Decision, Order
from domain.wording import broken


def request_cancellation(order: Order, command: RequestCancellation) -> Decision:
    """Accept a cancellation, or refuse it whole, naming the rule."""
    earlier = [
        event
        for event in order.events
        if isinstance(event, ItemCancelRequested | CancellationRefused)
        and event.cancellation_id == command.cancellation_id
    ]
    first = next((event for event in earlier if asks_the_same(event, command)), None)
    if first is not None:
        return answered_before(first)
    if earlier:
        detail = "the cancellation_id was used for another request"
        return _refuse(order, command, "cancellation_id_in_use", detail)
    where = order.goods()
    asked = _added_up(command.items)
    if asked is None:
        asked = tuple(
            Item(line_id, line.ledger.cancellable)
            for line_id, line in where.lines.items()
            if line.ledger.cancellable
        )
    problem = _why_not(where, asked)
    if problem is not None:
        return _refuse(order, command, *problem, where)
    event = ItemCancelRequested(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        cancellation_id=command.cancellation_id,
        requested_by=command.requested_by,
        reason=command.reason,
        items=asked,
        asked=_added_up(command.items),
        note_ref=command.note_ref,
    )
    return Decision("recorded", (event,))


def answered_before(first: Event) -> Decision:
    """The answer to a message that led to `first` before: repeated, and why it was refused."""
    match first:
        case CancellationRefused(rule=rule):
            return Decision("repeated", (), Problem("data.items", rule, broken(rule)))
        case WithdrawalRefused(rule=rule):
            return Decision("repeated", (), Problem("data.cancellation_id", rule, broken(rule)))
        case _:
            return REPEATED


def _added_up(items: tuple[Item, ...] | None) -> tuple[Item, ...] | None:
    """The same line twice in one request is added up, then checked once."""
    if items is None:
        return None
    if len(items) == 1:
        return items
    units: dict[str, int] = {}
    add_units(units, items)
    return tuple(Item(line_id, quantity) for line_id, quantity in units.items())


def asks_the_same(
    earlier: ItemCancelRequested | CancellationRefused, command: RequestCancellation
) -> bool:
    """Whether a request is the one that was decided before."""
    asked = _added_up(command.items)
    same_items = (
        earlier.asked == asked
        if earlier.asked is None or asked is None
        else set(earlier.asked) == set(asked)
    )
    return (
        same_items
        and earlier.requested_by == command.requested_by
        and earlier.reason == command.reason
        and earlier.note_ref == command.note_ref
    )


def _why_not(where: Goods, asked: tuple[Item, ...]) -> tuple[str, str] | None:
    """The rule that forbids cancelling `asked`, and what is the matter; none: go on."""
    unknown = [item.line_id for item in asked if item.line_id not in where.lines]
    if unknown:
        return "unknown_line", f"the order has no line {unknown[0]}"
    if not asked:
        if any(line.counts.accepted for line in where.lines.values()):
            return "already_delivered", "what is left of the order was delivered"
        return "nothing_to_cancel", "no unit of the order can be cancelled any more"
    short = [item for item in asked if item.quantity > where.lines[item.line_id].ledger.cancellable]
    if not short:
        return None
    if all(_is_delivered(where, item.line_id) for item in short):
        return "already_delivered", f"line {short[0].line_id} was delivered"
    first = next(item for item in short if not _is_delivered(where, item.line_id))
    can = where.lines[first.line_id].ledger.cancellable
    return (
        "more_than_cancellable",
        f"line {first.line_id}: {first.quantity} units asked for, {can} can be cancelled",
    )


def _is_delivered(where: Goods, line_id: str) -> bool:
    line = where.lines[line_id]
    return line.ledger.cancellable == 0 and line.counts.accepted > 0


def _refuse(
    order: Order,
    command: RequestCancellation,
    rule: str,
    detail: str,
    where: Goods | None = None,
) -> Decision:
    lines = (where or order.goods()).lines
    event = CancellationRefused(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        cancellation_id=command.cancellation_id,
        requested_by=command.requested_by,
        reason=command.reason,
        rule=rule,
        at_version=order.version,
        cancellable=tuple(
            Item(line_id, line.ledger.cancellable)
            for line_id, line in lines.items()
            if line.ledger.cancellable
        ),
        asked=_added_up(command.items),
        note_ref=command.note_ref,
    )
    return Decision("refused", (event,), Problem("data.items", rule, detail))


def withdraw(order: Order, command: WithdrawCancellation) -> Decision:
    """Take a cancellation back, unless a unit of it has succeeded or crossed."""
    place = _accepted_at(order, command.cancellation_id)
    if place is None:
        return _refuse_withdrawal(order, command, "unknown_cancellation", "no such cancellation")
    if any(
        isinstance(event, CancellationWithdrawn)
        and event.cancellation_id == command.cancellation_id
        for event in order.events
    ):
        return REPEATED
    units = [
        cancelled
        for line in order.goods().lines.values()
        for cancelled in line.cancelled_by
        if cancelled.place == place
    ]
    if any(cancelled.crossed for cancelled in units):
        detail = "a unit of it has left the warehouse"
        return _refuse_withdrawal(order, command, "cancellation_has_crossed", detail)
    # Had succeeded: a release that was heard late turned its units back to requested.
    if any(cancelled.succeeded for cancelled in units) or _is_paid_for(order, command):
        detail = "a unit of it is cancelled for good"
        return _refuse_withdrawal(order, command, "cancellation_has_succeeded", detail)
    event = CancellationWithdrawn(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        cancellation_id=command.cancellation_id,
    )
    return Decision("recorded", (event,))


def _is_paid_for(order: Order, command: WithdrawCancellation) -> bool:
    """Whether the refund of the cancellation was asked for: money is not taken back."""
    refund = refund_id(order.order_id, "cancellation", command.cancellation_id, 1)
    return any(
        isinstance(event, RefundRequested | RefundIssued) and event.refund_id == refund
        for event in order.events
    )


def _accepted_at(order: Order, cancellation_id: str) -> int | None:
    for place, event in enumerate(order.events):
        if isinstance(event, ItemCancelRequested) and event.cancellation_id == cancellation_id:
            return place
    return None


def _refuse_withdrawal(
    order: Order, command: WithdrawCancellation, rule: str, detail: str
) -> Decision:
    event = WithdrawalRefused(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        cancellation_id=command.cancellation_id,
        rule=rule,
        at_version=order.version,
    )
    return Decision("refused", (event,), Problem("data.cancellation_id", rule, detail))
