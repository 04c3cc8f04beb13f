"""The money of an order as a buyer reads it: what comes back, why it waits, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from domain.events import Event, RefundIssued, RefundRequested, ReturnedToWarehouse
from domain.goods import Goods
from domain.items import Covered, ReturnedItem
from domain.money import to_text
from domain.refunds import Money, Policy, Refund
from domain.state import Order, evolve
from domain.wording import counted, named
from web.pages.words import REFUND_STATES, day, short_day

_PAGE = "/countermand/pages"


class Back(NamedTuple):
    """One refund, or what becomes one when goods are back."""

    amount: str
    what: str
    word: str
    shape: str
    when: Markup


class Sums(NamedTuple):
    """What was paid, what is paid back, what comes, and what remains; as text."""

    paid: str
    comes: str
    refunded: str
    in_the_end: str
    has_refunds: bool


def backs(order: Order, where: Goods, now: int, policy: Policy) -> tuple[list[Back], Sums]:
    """Every refund with its reason and its latest date, and what they add up to."""
    placed = order.placed
    money = order.money_for(where, now, policy)
    titles = {line.line_id: line.title for line in placed.lines}
    shown = [_back(order, where, one, titles) for one in money.refunds]
    later = _after_return(order, where, money, now, policy)
    if later:
        word = "Waits for the return"
        when = Markup("When the refused goods are back in the warehouse in good condition.")
        goods = [_units(line.line.line_id, line.ledger.refuse_delivery)
                 for line in where.lines.values() if line.ledger.refuse_delivery]  # fmt: skip
        text = to_text(later, placed.currency)
        shown.append(Back(text, named(goods, titles), word, "back", when))
    listed = sum(one.amount for one in money.refunds if one.state != "issued")
    return shown, _sums(order, money, listed + later)


def _sums(order: Order, money: Money, comes: int) -> Sums:
    paid, currency = order.placed.paid, order.placed.currency
    figures = [paid, comes, money.refunded, max(0, paid - comes - money.refunded)]
    texts = [to_text(figure, currency) for figure in figures]
    return Sums(texts[0], texts[1], texts[2], texts[3], bool(comes or money.refunded))


def _units(line_id: str, quantity: int) -> Covered:
    return Covered(line_id, quantity, 0)


def _after_return(order: Order, where: Goods, money: Money, now: int, policy: Policy) -> int:
    """What more is owed once everything that is out is back in good condition."""
    out = tuple(
        ReturnedItem(line_id, line.ledger.refuse_delivery)
        for line_id, line in where.lines.items()
        if line.ledger.refuse_delivery
    )
    if not out:
        return 0
    back = ReturnedToWarehouse(
        occurred_at=now,
        recorded_at=now,
        source=_PAGE,
        message_id=_PAGE,
        return_id=_PAGE,
        items=out,
    )
    then = evolve(order, back).money(now, policy)
    return max(0, _total(then.refunds) - _total(money.refunds))


def _total(refunds: Sequence[Refund]) -> int:
    return sum(one.amount for one in refunds)


def _back(order: Order, where: Goods, refund: Refund, titles: dict[str, str]) -> Back:
    state = REFUND_STATES[refund.state]
    what = named(refund.covers, titles) if refund.covers else ""
    if refund.fee:
        what = f"{what} and the shipping fee" if what else "The shipping fee"
    amount = to_text(refund.amount, order.placed.currency)
    when = _when(order, where, refund)
    return Back(amount, what or "What the shop decided", state.word, state.shape, when)


def _when(order: Order, where: Goods, refund: Refund) -> Markup:
    if refund.state == "held":
        return _held(where, refund)
    if refund.state == "due":
        return Markup("Now. We are about to ask the payment provider.")
    if refund.state == "requested":
        return _asked(order.events, refund)
    if refund.state == "issued":
        return _paid(order.events, refund)
    return Markup(
        "The payment provider could not pay it. We ask it again; if that does not help, the shop"
        " looks for another way. You lose nothing."
    )


def _held(where: Goods, refund: Refund) -> Markup:
    if refund.held_until is None:
        return Markup("When the shop has looked at it: it does not fit to what was paid.")
    left = counted(where.to_ship())
    return Markup(
        "When your remaining goods have left the warehouse ({} to go)."
        " <b>At the latest on {}</b>, even if they have not."
    ).format(left, day(refund.held_until))


def _asked(events: Sequence[Event], refund: Refund) -> Markup:
    for event in events:
        if isinstance(event, RefundRequested) and event.refund_id == refund.refund_id:
            return Markup("We asked the payment provider on {}.").format(
                short_day(event.recorded_at)
            )
    return Markup("We asked the payment provider.")


def _paid(events: Sequence[Event], refund: Refund) -> Markup:
    for event in events:
        if isinstance(event, RefundIssued) and event.refund_id == refund.refund_id:
            return Markup("Paid on {}, the way you paid.").format(short_day(event.recorded_at))
    return Markup("Paid, the way you paid.")
