"""The Order aggregate: its state, what an event does to it, and what a message leads to.

`decide` never changes state, `evolve` never refuses. The state is the set of what was recorded;
where goods and money are is worked out from it (`domain.goods`, `domain.refunds`), so that no
order of arrival can change it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain import placing
from domain.commands import (
    AskForRefund,
    PlaceOrder,
    RequestCancellation,
    SetAside,
    WithdrawCancellation,
)
from domain.events import (
    CancellationRefused,
    CancellationWithdrawn,
    Event,
    Fact,
    ItemCancelRequested,
    MessageSetAside,
    OrderPlaced,
    RefundIssued,
    RefundRequested,
    WithdrawalRefused,
)
from domain.goods import Goods, goods
from domain.items import Item
from domain.placing import Problem
from domain.refunds import Money, Policy, Refund, money

Message = (
    PlaceOrder | RequestCancellation | WithdrawCancellation | AskForRefund | SetAside | Fact
)
Outcome = Literal["recorded", "repeated", "refused", "dead"]


class Order(Struct, frozen=True):
    """An order that was placed, as the set of all that was recorded about it."""

    placed: OrderPlaced
    events: tuple[Event, ...]
    """Everything recorded, in order, `placed` first."""

    @property
    def order_id(self) -> str:
        """The storefront's id of the order."""
        return self.placed.order_id

    @property
    def version(self) -> int:
        """How many events the order has, refusals included."""
        return len(self.events)

    def goods(self) -> Goods:
        """Where the goods are."""
        return goods(self.placed, self.events)

    def money(self, now: int, policy: Policy) -> Money:
        """Which refunds there are at `now` (microseconds)."""
        return self.money_for(self.goods(), now, policy)

    def money_for(self, where: Goods, now: int, policy: Policy) -> Money:
        """Which refunds there are at `now`, when it is known where the goods are."""
        return money(self.placed, self.events, where, now, policy)


class Decision(Struct, frozen=True):
    """What a message leads to: its outcome, the events to record, and what was wrong with it."""

    outcome: Outcome
    events: tuple[Event, ...] = ()
    problem: Problem | None = None


REPEATED = Decision("repeated")
DEFAULT_POLICY = Policy()


def evolve(order: Order | None, event: Event) -> Order:
    """The order with one more event. Never refuses: what is recorded has happened."""
    if order is None:
        if not isinstance(event, OrderPlaced):
            raise TypeError(f"a stream starts with OrderPlaced, not {type(event).__name__}")
        return Order(event, (event,))
    return Order(order.placed, (*order.events, event))


def decide(order: Order | None, message: Message, policy: Policy = DEFAULT_POLICY) -> Decision:
    """What recording `message` leads to. An order that is not placed only takes PlaceOrder."""
    if isinstance(message, PlaceOrder):
        return _place(order, message)
    if order is None:
        raise ValueError("a message of an order that is not known is parked, not decided")
    if isinstance(message, SetAside):
        return _set_aside(order, message)
    earlier = _heard(order, message.source, message.message_id)
    if earlier is not None:
        return _repeated_or_contradicting(earlier, message)
    handler = _HANDLERS.get(type(message))
    if handler is None:
        return Decision("recorded", (message,))  # type: ignore[arg-type]  # a fact stands for itself
    return handler(order, message, policy)


def _heard(order: Order, source: str, message_id: str) -> Event | None:
    """The event that a message with this identity led to. A dead letter does not claim its id."""
    for event in order.events:
        if (
            event.message_id == message_id
            and event.source == source
            and type(event) is not MessageSetAside
        ):
            return event
    return None


def _repeated_or_contradicting(earlier: Event, message: Message) -> Decision:
    if _says_the_same(earlier, message):
        return REPEATED
    detail = f"{type(earlier).__name__} was recorded under this source and id with other content"
    return Decision("dead", (), Problem("id", "id_in_use", detail))


def _says_the_same(earlier: Event, message: Message) -> bool:
    """Whether a message is the one that led to `earlier`: type, time and known fields."""
    if earlier.occurred_at != message.occurred_at:
        return False
    match message:
        case RequestCancellation():
            return (
                isinstance(earlier, ItemCancelRequested | CancellationRefused)
                and earlier.cancellation_id == message.cancellation_id
                and _asks_the_same(earlier, message)
            )
        case WithdrawCancellation():
            return (
                isinstance(earlier, CancellationWithdrawn | WithdrawalRefused)
                and earlier.cancellation_id == message.cancellation_id
            )
        case AskForRefund():
            return isinstance(earlier, RefundRequested) and earlier.refund_id == message.refund_id
        case RefundIssued():
            return isinstance(earlier, RefundIssued) and (
                (earlier.refund_id, earlier.amount, earlier.currency)
                == (message.refund_id, message.amount, message.currency)
            )
        case PlaceOrder() | SetAside():
            return False
        case _:
            return earlier == replace(message, recorded_at=earlier.recorded_at)


def _place(order: Order | None, command: PlaceOrder) -> Decision:
    placed = placing.place(command)
    if isinstance(placed, Problem):
        return Decision("dead", (), placed)
    if order is None:
        return Decision("recorded", (placed,))
    earlier = _heard(order, command.source, command.message_id)
    if earlier is not None and not (
        earlier is order.placed and earlier.occurred_at == command.occurred_at
    ):
        return _contradiction(earlier)
    if placing.same_order(order.placed, placed):
        return REPEATED
    if earlier is not None:
        return _contradiction(earlier)
    detail = "the order was placed before, with other data"
    return Decision("dead", (), Problem("data", "order_already_placed", detail))


def _contradiction(earlier: Event) -> Decision:
    detail = f"{type(earlier).__name__} was recorded under this source and id with other content"
    return Decision("dead", (), Problem("id", "id_in_use", detail))


def _set_aside(order: Order, command: SetAside) -> Decision:
    for event in order.events:
        if isinstance(event, MessageSetAside) and event.digest == command.digest:
            return REPEATED
    event = MessageSetAside(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        type=command.type,
        rule=command.rule,
        detail=command.detail,
        digest=command.digest,
    )
    return Decision("recorded", (event,))


def _request_cancellation(order: Order, command: RequestCancellation, _: Policy) -> Decision:
    for event in order.events:
        if (
            isinstance(event, ItemCancelRequested | CancellationRefused)
            and event.cancellation_id == command.cancellation_id
        ):
            if _asks_the_same(event, command):
                return REPEATED
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


def _added_up(items: tuple[Item, ...] | None) -> tuple[Item, ...] | None:
    """The same line twice in one request is added up, then checked once."""
    if items is None:
        return None
    units: Counter[str] = Counter()
    for item in items:
        units[item.line_id] += item.quantity
    return tuple(Item(line_id, quantity) for line_id, quantity in units.items())


def _asks_the_same(
    earlier: ItemCancelRequested | CancellationRefused, command: RequestCancellation
) -> bool:
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
    short = [
        item for item in asked if item.quantity > where.lines[item.line_id].ledger.cancellable
    ]
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


def _withdraw(order: Order, command: WithdrawCancellation, _: Policy) -> Decision:
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
    if any(cancelled.succeeded for cancelled in units):
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


def _ask_for_refund(order: Order, command: AskForRefund, policy: Policy) -> Decision:
    refund = _listed(order, command.refund_id, command.now, policy)
    if refund is None or refund.state == "held":
        why = "it is not listed" if refund is None else f"it is held: {refund.reason}"
        problem = Problem("refund_id", "refund_not_due", f"{command.refund_id}: {why}")
        return Decision("refused", (), problem)
    if any(
        isinstance(event, RefundRequested | RefundIssued) and event.refund_id == command.refund_id
        for event in order.events
    ):
        return REPEATED
    event = RefundRequested(
        occurred_at=command.occurred_at,
        recorded_at=command.now,
        source=command.source,
        message_id=command.message_id,
        refund_id=refund.refund_id,
        amount=refund.amount,
        covers=refund.covers,
        fee=refund.fee,
    )
    return Decision("recorded", (event,))


def _issue_refund(order: Order, fact: RefundIssued, policy: Policy) -> Decision:
    """Being issued counts as asked for: the units and the amount are final from here on."""
    refund = _listed(order, fact.refund_id, fact.recorded_at, policy)
    if refund is None or fact.currency != order.placed.currency:
        return Decision("recorded", (fact,))
    known = replace(fact, listed_amount=refund.amount, covers=refund.covers, fee=refund.fee)
    return Decision("recorded", (known,))


def _listed(order: Order, refund_id: str, now: int, policy: Policy) -> Refund | None:
    refunds = order.money(now, policy).refunds
    return next((refund for refund in refunds if refund.refund_id == refund_id), None)


_HANDLERS: dict[type, Callable[[Order, Message, Policy], Decision]] = {
    RequestCancellation: _request_cancellation,  # type: ignore[dict-item]
    WithdrawCancellation: _withdraw,  # type: ignore[dict-item]
    AskForRefund: _ask_for_refund,  # type: ignore[dict-item]
    RefundIssued: _issue_refund,  # type: ignore[dict-item]
}
