"""The numbers beside a story, each with the entries that made it: added up, they give the number.

The order is worked out after each of its events; an entry made a number if it changed it. So the
sum is right by construction, whatever the order of arrival was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from domain.events import STILL, Event
from domain.goods import Goods
from domain.information import OrderInformation, order_information
from domain.items import Line
from domain.order import fold
from domain.payments import PAYMENT_EVENTS
from domain.refunds import Money, Policy, Refund
from domain.state import Order
from domain.wording import counted, money
from web.pages.showing import when
from web.pages.story_marks import Mark

MOST = 500
"""Moments of an order that are worked out; of a longer one some entries are taken together."""
SHOWN = 12
"""Refunds beside the picture."""
_ENDS = 4
"""Changes that are named first, and last, where there are too many to name."""
_MOVES_NOTHING = STILL - frozenset(PAYMENT_EVENTS)
_GOODS = {
    "remaining": ("keep", "Remaining goods"),
    "cancelled": ("cancel", "Cancelled goods"),
    "refuse_delivery": ("refuse", "To refuse, or going back"),
    "requested": ("ask", "Asked for"),
    "ordered": ("", "Ordered"),
}
_MONEY = {
    "paid": ("", "Paid"),
    "refunded": ("paid", "Paid back"),
    "open": ("held", "Still to be paid back"),
}
_STATES = {
    "held": ("held", "Held"),
    "due": ("due", "Due"),
    "requested": ("sent", "Requested"),
    "issued": ("paid", "Issued"),
    "failed": ("fail", "Failed"),
}


class Change(NamedTuple):
    """What one entry did to a number; `first` is less than `last` where several did."""

    first: int
    last: int
    """0: no entry did, but time alone."""
    words: str
    then: str
    """The number after it; nothing for a refund, whose words say it."""


class Figure(NamedTuple):
    """A number, and what made it."""

    name: str
    shape: str
    word: str
    value: str
    notes: tuple[str, ...]
    changes: tuple[Change, ...]

    def by(self, number: int) -> Change | None:
        """What an entry did to it."""
        return next((one for one in self.changes if one.first <= number <= one.last), None)

    @property
    def first(self) -> tuple[Change, ...]:
        """The changes that are named before the gap; all of them, where there is none."""
        return self.changes if not self.left_out else self.changes[:_ENDS]

    @property
    def last(self) -> tuple[Change, ...]:
        """The changes that are named after the gap."""
        return self.changes[-_ENDS:] if self.left_out else ()

    @property
    def left_out(self) -> int:
        """Changes in the gap."""
        gap = len(self.changes) - 2 * _ENDS
        return gap if gap > 1 else 0


class Figures(NamedTuple):
    """All numbers of an order at a moment."""

    goods: tuple[Figure, ...]
    money: tuple[Figure, ...]
    refunds: tuple[Figure, ...]
    info: OrderInformation
    odd: tuple[tuple[str, int | None], ...]
    """What does not fit, and the entry that said it."""

    def named(self, name: str) -> Figure | None:
        """One of them."""
        all_of_them = (*self.goods, *self.money, *self.refunds)
        return next((one for one in all_of_them if one.name == name), None)


class _Moment(NamedTuple):
    """What an order's numbers were after an event; the last one: at the moment looked at."""

    first: int
    last: int
    units: Mapping[str, int]
    refunds: Mapping[str, Refund]


def figures(known: Sequence[Mark], now: int, policy: Policy) -> Figures | None:
    """The numbers of what is known, at `now` (microseconds); none: nothing of the order is."""
    told = [mark for mark in known if not mark.entry.is_process]
    order = fold(mark.entry.event for mark in told)
    if order is None:
        return None
    moments = list(_moments(order, [mark.number for mark in told], now, policy))
    info = order_information(order, now, policy)
    as_money = partial(_money, order.placed.currency)
    return Figures(
        tuple(_figure(moments, name, str, _GOODS) for name in _GOODS),
        tuple(_figure(moments, name, as_money, _MONEY) for name in _MONEY),
        tuple(_refund(moments, one, order) for one in info.refunds),
        info,
        tuple(_odd(info, told)),
    )


def _moments(order: Order, numbers: Sequence[int], now: int, policy: Policy) -> Iterator[_Moment]:
    events, step = order.events, -(-order.version // MOST)
    first = 0
    for place, event in enumerate(events):
        is_skipped = (place + 1) % step and place + 1 < len(events)
        if is_skipped or (step == 1 and type(event) in _MOVES_NOTHING):
            continue
        upto = events[: place + 1]
        yield _moment(order, upto, event.recorded_at, policy, (numbers[first], numbers[place]))
        first = place + 1
    yield _moment(order, events, now, policy, (0, 0))


def _moment(
    order: Order,
    events: tuple[Event, ...],
    now: int,
    policy: Policy,
    by: tuple[int, int],
) -> _Moment:
    then = Order(order.placed, events)
    where = then.goods()
    money = then.money_for(where, now, policy)
    return _Moment(*by, _units(then, where, money), {one.refund_id: one for one in money.refunds})


def _units(order: Order, where: Goods, money: Money) -> dict[str, int]:
    ledgers = [line.ledger for line in where.lines.values()]
    return {
        **{name: sum(getattr(one, name) for one in ledgers) for name in _GOODS},
        "paid": order.placed.paid,
        "refunded": money.refunded,
        "open": sum(one.amount for one in money.refunds if one.state != "issued"),
    }


def _figure(
    moments: Sequence[_Moment],
    name: str,
    text: Callable[[int], str],
    words: Mapping[str, tuple[str, str]],
) -> Figure:
    changes, before = [], 0
    for moment in moments:
        after = moment.units[name]
        if after != before:
            by = f"{'+' if after > before else '−'}{text(abs(after - before))}"  # noqa: RUF001
            changes.append(Change(moment.first, moment.last, by, text(after)))
        before = after
    return Figure(name, *words[name], text(before), (), tuple(changes))


def _money(currency: str, minor: int) -> str:
    return money(minor, currency)


def _refund(moments: Sequence[_Moment], refund: Refund, order: Order) -> Figure:
    currency = order.placed.currency
    changes = []
    before: tuple[str, int] | None = None
    for moment in moments:
        one = moment.refunds.get(refund.refund_id)
        after = None if one is None else (one.state, one.amount)
        if after != before:
            changes.append(Change(moment.first, moment.last, _became(before, after, currency), ""))
        before = after
    notes = (*_worth(refund, order), *_why(refund))
    amount = money(refund.amount, currency)
    return Figure(refund.refund_id, *_STATES[refund.state], amount, notes, tuple(changes))


def _became(before: tuple[str, int] | None, after: tuple[str, int] | None, currency: str) -> str:
    if after is None:
        return "none"
    word = _STATES[after[0]][1].lower()
    if before is not None and before[1] == after[1]:
        return word
    return f"{money(after[1], currency)} {word}"


def _worth(refund: Refund, order: Order) -> Iterator[str]:
    """What the amount is made of."""
    currency = order.placed.currency
    lines = {line.line_id: line for line in order.placed.lines}
    for part in refund.covers[:_ENDS]:
        line = lines.get(part.line_id)
        if line is not None:
            yield f"{_of_line(part.quantity, line, currency)}: {money(part.amount, currency)}"
    rest = refund.covers[_ENDS:]
    if rest:
        units = counted(sum(part.quantity for part in rest))
        yield f"{units} of other goods: {money(sum(part.amount for part in rest), currency)}"
    if refund.fee:
        yield f"shipping fee: {money(refund.fee, currency)}"


def _of_line(units: int, line: Line, currency: str) -> str:
    return f"{units} of {line.quantity} x {line.title}, worth {money(line.amount, currency)}"


def _why(refund: Refund) -> Iterator[str]:
    until = f", until {when(refund.held_until)} at the latest" if refund.held_until else ""
    yield f"{refund.reason.replace('_', ' ')}{until}"


def _odd(info: OrderInformation, told: Sequence[Mark]) -> Iterator[tuple[str, int | None]]:
    said = {(one.entry.event.source, one.entry.event.message_id): one.number for one in told}
    for one in info.discrepancies:
        where = said.get((one.source, one.message_id)) if one.source and one.message_id else None
        yield one.detail, where
