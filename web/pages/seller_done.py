"""What a seller has just decided, as it was recorded: goods, outcome, and money."""

from __future__ import annotations

from typing import NamedTuple, TypeGuard

from domain.events import CancellationConfirmed, CaseDecided, Event, RefundGranted
from domain.items import Item
from domain.order import Order
from domain.refunds import Refund
from domain.wording import money, named
from web import asking
from web.commanding import SOURCE
from web.pages.seller_words import OUTCOMES
from web.parts import Parts
from web.security.caller import Caller

Ours = CancellationConfirmed | CaseDecided | RefundGranted


class Done(NamedTuple):
    """What was done, in words."""

    order_id: str
    word: str
    what: str
    money: str


def decided_words(parts: Parts, caller: Caller, order_id: str, by: str) -> Done | None:
    """What was recorded under the id `by`; none: nothing was. Raises Problem 404."""
    order = asking.order_state(parts, caller, order_id)
    event = next((one for one in order.events if _is_by(one, by)), None)
    if event is None:
        return None
    titles = order.placed.titles
    paid = _money(parts, order, event)
    if isinstance(event, CancellationConfirmed):
        what = f"{named(event.items or (), titles)} did not ship."
        return Done(order_id, "Confirmed", what, paid)
    if isinstance(event, RefundGranted):
        what = f"{named(event.items, titles)}." if event.items else "an amount, for no goods."
        return Done(order_id, "Refunded by hand", what, paid)
    return Done(order_id, "Decided", _decision(event, titles), paid)


def _decision(event: CaseDecided, titles: dict[str, str]) -> str:
    if any(one.kind == "odd" for one in event.settles):
        return OUTCOMES[f"odd {event.outcome}"] + "."  # about no units
    goods = named([Item(event.line_id, event.quantity)], titles)
    return f"{goods}: {OUTCOMES[event.outcome].lower()}."


def _is_by(event: Event, by: str) -> TypeGuard[Ours]:
    if isinstance(event, CancellationConfirmed):
        return (event.source, event.message_id) == (SOURCE, by)
    return isinstance(event, CaseDecided | RefundGranted) and event.decision_id == by


def _money(parts: Parts, order: Order, event: Ours) -> str:
    """The refund that came of it, as it stands now."""
    cause = getattr(event, "cancellation_id", None) or getattr(event, "decision_id", None)
    kind = "cancellation" if isinstance(event, CancellationConfirmed) else "decision"
    now = max(parts.clock(), order.events[-1].recorded_at)
    found = order.money(now, parts.policy).refunds
    refund = next((one for one in found if (one.kind, one.cause) == (kind, cause)), None)
    return "" if refund is None else _stands(refund, order.placed.currency)


def _stands(refund: Refund, currency: str) -> str:
    amount = money(refund.amount, currency)
    return {
        "held": f"{amount} is held.",
        "issued": f"{amount} was paid.",
    }.get(refund.state, f"The payment provider is asked for {amount}.")
