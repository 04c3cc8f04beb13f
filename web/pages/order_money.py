"""The money of an order, for whoever reads: what comes back, why it waits, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from domain.events import (
    CancellationConfirmed,
    Event,
    RefundIssued,
    RefundRequested,
    ReturnedToWarehouse,
)
from domain.goods import Goods
from domain.items import Item, ReturnedItem
from domain.money import to_text
from domain.refunds import Money, Policy, Refund
from domain.state import Order, evolve
from domain.wording import counted, named
from web.pages.reader import Reader
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


class Found(NamedTuple):
    """An order, where its goods are, and which refunds there are at a moment."""

    order: Order
    where: Goods
    money: Money
    now: int

    @classmethod
    def of(cls, order: Order, now: int, policy: Policy) -> Found:
        where = order.goods()
        return cls(order, where, order.money_for(where, now, policy), now)


def backs(found: Found, policy: Policy, reader: Reader) -> tuple[list[Back], Sums]:
    """Every refund with its reason and its latest date, and what they add up to."""
    order, where, money, now = found
    placed = order.placed
    titles = placed.titles
    shown = [_back(order, where, one, titles, reader) for one in money.refunds]
    steps = list(_to_come(order, where, money, now, policy))
    for amount, what, (word, shape, when) in steps:
        text = to_text(amount, placed.currency)
        shown.append(Back(text, named(what, titles), word, shape, when))
    listed = sum(one.amount for one in money.refunds if one.state != "issued")
    return shown, _sums(order, money, listed + sum(step[0] for step in steps))


def _sums(order: Order, money: Money, comes: int) -> Sums:
    paid, currency = order.placed.paid, order.placed.currency
    figures = [paid, comes, money.refunded, max(0, paid - comes - money.refunded)]
    texts = [to_text(figure, currency) for figure in figures]
    return Sums(texts[0], texts[1], texts[2], texts[3], bool(comes or money.refunded))


_ASKED = (
    "Waits for the warehouse",
    "ask",
    Markup(
        "When the warehouse says that it stopped the goods. If they have left already: when they"
        " were refused at the door, and are back."
    ),
)
_RETURN = (
    "Waits for the return",
    "back",
    Markup("When the refused goods are back in the warehouse in good condition."),
)


def _to_come(
    order: Order, where: Goods, money: Money, now: int, policy: Policy
) -> Iterator[tuple[int, list[Item], tuple[str, str, Markup]]]:
    """What more is owed once what is asked for is stopped, and then once what is out is back."""
    total = _total(money.refunds)
    about = {"occurred_at": now, "recorded_at": now, "source": _PAGE}
    for which, events in (
        (_ASKED, _confirmations(where, about)),
        (_RETURN, _returns(where, about)),
    ):
        for event in events:
            order = evolve(order, event)
        more = _total(order.money(now, policy).refunds) - total if events else 0
        if more > 0:
            figure = "requested" if which is _ASKED else "refuse_delivery"
            yield more, _of(where, figure), which
            total += more


def _of(where: Goods, figure: str) -> list[Item]:
    lines = where.lines.items()
    return [Item(line_id, n) for line_id, line in lines if (n := getattr(line.ledger, figure))]


def _confirmations(where: Goods, about: dict[str, Any]) -> list[Event]:
    """Each cancellation that waits for the warehouse, confirmed as far as it has not crossed."""
    found: list[Event] = []
    for place, asked in where.cancellations if _of(where, "requested") else ():
        units = tuple(
            Item(line_id, one.quantity - one.crossed)
            for line_id, line in where.lines.items()
            for one in line.cancelled_by
            if one.place == place and one.quantity > one.crossed
        )
        if units:
            found.append(
                CancellationConfirmed(
                    **about,
                    message_id=f"{_PAGE}/{place}",
                    cancellation_id=asked.cancellation_id,
                    confirmed_by="warehouse",
                    items=units,
                )
            )
    return found


def _returns(where: Goods, about: dict[str, Any]) -> list[Event]:
    """Everything that is out, back in good condition."""
    out = tuple(ReturnedItem(one.line_id, one.quantity) for one in _of(where, "refuse_delivery"))
    if not out:
        return []
    return [ReturnedToWarehouse(**about, message_id=_PAGE, return_id=_PAGE, items=out)]


def _total(refunds: Sequence[Refund]) -> int:
    return sum(one.amount for one in refunds)


def _back(
    order: Order, where: Goods, refund: Refund, titles: dict[str, str], reader: Reader
) -> Back:
    state = REFUND_STATES[refund.state]
    what = named(refund.covers, titles) if refund.covers else ""
    if refund.fee:
        what = f"{what} and the shipping fee" if what else "The shipping fee"
    amount = to_text(refund.amount, order.placed.currency)
    when = _when(order, where, refund, reader)
    return Back(amount, what or "What the shop decided", state.word, state.shape, when)


def _when(order: Order, where: Goods, refund: Refund, reader: Reader) -> Markup:
    if refund.state == "held":
        return _held(where, refund, reader)
    if refund.state == "due":
        return Markup("Now. We are about to ask the payment provider.")
    if refund.state == "requested":
        return _asked(order.events, refund)
    if refund.state == "issued":
        return _paid(order.events, refund, reader)
    return Markup(
        "The payment provider could not pay it. We ask it again; if that does not help, the shop"
        " looks for another way.{}"
    ).format(reader.hears(" You lose nothing.", ""))


def _held(where: Goods, refund: Refund, reader: Reader) -> Markup:
    if refund.held_until is None:
        return Markup("When the shop has looked at it: it does not fit to what was paid.")
    left = counted(where.to_ship())
    return Markup(
        "When {} remaining goods have left the warehouse ({} to go)."
        " <b>At the latest on {}</b>, even if they have not."
    ).format(reader.hears("your", "the"), left, day(refund.held_until))


def _asked(events: Sequence[Event], refund: Refund) -> Markup:
    for event in events:
        if isinstance(event, RefundRequested) and event.refund_id == refund.refund_id:
            return Markup("We asked the payment provider on {}.").format(
                short_day(event.recorded_at)
            )
    return Markup("We asked the payment provider.")


def _paid(events: Sequence[Event], refund: Refund, reader: Reader) -> Markup:
    way = reader.hears("the way you paid", "the way the buyer paid")
    for event in events:
        if isinstance(event, RefundIssued) and event.refund_id == refund.refund_id:
            return Markup("Paid on {}, {}.").format(short_day(event.recorded_at), way)
    return Markup("Paid, {}.").format(way)
