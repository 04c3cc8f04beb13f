"""The Order aggregate: what each message leads to.

`decide` never changes state, `evolve` never refuses. See `domain.state` for the state itself.
"""

from __future__ import annotations

from msgspec.structs import replace

from domain import placing
from domain.cancelling import answered_before, asks_the_same, request_cancellation, withdraw
from domain.commands import (
    AskForRefund,
    DecideCase,
    GrantRefund,
    PlaceOrder,
    RequestCancellation,
    SetAside,
    WithdrawCancellation,
)
from domain.deciding import decide_case
from domain.events import (
    CancellationRefused,
    CancellationWithdrawn,
    Event,
    Fact,
    ItemCancelRequested,
    MessageSetAside,
    RefundIssued,
    WithdrawalRefused,
)
from domain.granting import grant_refund
from domain.placing import Problem
from domain.refunding import ask_for_refund, issue_refund
from domain.refunds import Policy
from domain.state import REPEATED, Decision, Order, Outcome, evolve, fold

__all__ = [
    "DEFAULT_POLICY",
    "REPEATED",
    "Decision",
    "Message",
    "Order",
    "Outcome",
    "Problem",
    "decide",
    "evolve",
    "fold",
]

Message = (
    PlaceOrder
    | RequestCancellation
    | WithdrawCancellation
    | AskForRefund
    | DecideCase
    | GrantRefund
    | SetAside
    | Fact
)
DEFAULT_POLICY = Policy()


def decide(order: Order | None, message: Message, policy: Policy = DEFAULT_POLICY) -> Decision:
    """What recording `message` leads to. An order that is not placed only takes PlaceOrder."""
    if isinstance(message, PlaceOrder):
        return _place(order, message)
    if order is None:
        raise ValueError("a message of an order that is not known is parked, not decided")
    if isinstance(message, AskForRefund | DecideCase | GrantRefund | SetAside):
        return _ours(order, message, policy)
    earlier = _heard(order, message.source, message.message_id)
    if earlier is None:
        return _first_time(order, message, policy)
    if earlier.occurred_at == message.occurred_at and _says_the_same(earlier, message):
        return answered_before(earlier)
    return _contradiction(earlier)


def _ours(
    order: Order, command: AskForRefund | DecideCase | GrantRefund | SetAside, policy: Policy
) -> Decision:
    """Commands that no outside message carries; each knows its own repeats."""
    match command:
        case AskForRefund():
            return ask_for_refund(order, command, policy)
        case DecideCase():
            return decide_case(order, command, policy)
        case GrantRefund():
            return grant_refund(order, command, policy)
        case SetAside():
            return _set_aside(order, command)


def _first_time(
    order: Order,
    message: RequestCancellation | WithdrawCancellation | Fact,
    policy: Policy,
) -> Decision:
    match message:
        case RequestCancellation():
            return request_cancellation(order, message)
        case WithdrawCancellation():
            return withdraw(order, message)
        case RefundIssued():
            return issue_refund(order, message, policy)
        case _:
            return Decision("recorded", (message,))  # a fact stands for itself


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


def _says_the_same(
    earlier: Event, message: RequestCancellation | WithdrawCancellation | Fact
) -> bool:
    """Whether a message is the one that led to `earlier`: type and known fields."""
    match message:
        case RequestCancellation():
            return (
                isinstance(earlier, ItemCancelRequested | CancellationRefused)
                and earlier.cancellation_id == message.cancellation_id
                and asks_the_same(earlier, message)
            )
        case WithdrawCancellation():
            return (
                isinstance(earlier, CancellationWithdrawn | WithdrawalRefused)
                and earlier.cancellation_id == message.cancellation_id
            )
        case _ if isinstance(earlier, RefundIssued):
            # What it covers was added when it was recorded.
            return message == replace(
                earlier, recorded_at=message.recorded_at, listed_amount=None, covers=(), fee=0
            )
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
