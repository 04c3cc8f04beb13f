"""Words for amounts, goods, reasons and rules, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.money import to_text

_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
_REASONS = {
    "changed_mind": "a changed mind",
    "ordered_by_mistake": "an order by mistake",
    "found_cheaper": "a cheaper offer elsewhere",
    "arrives_too_late": "a late arrival",
    "wrong_address": "a wrong address",
    "wrong_payment_method": "a wrong way to pay",
    "out_of_stock": "goods out of stock",
    "cannot_deliver": "goods that cannot be delivered",
    "price_error": "an error in the price",
    "suspected_fraud": "suspected fraud",
}
_RULES = {
    "already_delivered": "the goods were delivered already",
    "more_than_cancellable": "it asks for more than can still be cancelled",
    "nothing_to_cancel": "nothing can be cancelled any more",
    "unknown_line": "the order has no such goods",
    "cancellation_id_in_use": "its number was used for another cancellation",
    "unknown_cancellation": "there is no such cancellation",
    "cancellation_has_crossed": "a part of the goods has left the warehouse",
    "cancellation_has_succeeded": "a part of the goods is cancelled for good",
    "decision_id_in_use": "its number was used for another decision",
    "nothing_to_decide": "there is no case about these goods",
    "more_than_paid": "the amount is more than was paid",
    "more_than_kept": "these goods are not the buyer's to keep, or were refunded before",
    "more_than_refundable": "the amount is more than is left of what was paid",
    "nothing_to_refund": "these goods are worth nothing",
    "not_paid": "nothing was paid for the order",
    "cancellation_withdrawn": "the cancellation was taken back",
    "cancellation_refused": "the cancellation was refused",
    "more_than_requested": "it is about more units than wait for an answer",
    "more_than_open": "it is about more units than there are to decide about",
}
_THOUSANDS = 4
"""Figures from which on they are parted."""
_NAMED = 4
"""Goods named one by one in a sentence; the rest is counted."""


class Units(Protocol):
    """Some units of a line: ordered, cancelled, shipped, paid for."""

    @property
    def line_id(self) -> str: ...
    @property
    def quantity(self) -> int: ...


def money(minor: int, currency: str) -> str:
    """An amount with its sign in front, or its currency behind it."""
    return with_sign(to_text(minor, currency), currency)


def with_sign(text: str, currency: str) -> str:
    """The same of an amount as the contract has it (`"1234.50"`), by thousands."""
    sign = _SIGNS.get(currency)
    whole, dot, decimals = text.partition(".")
    figure = text if len(whole) < _THOUSANDS else f"{int(whole):,}{dot}{decimals}"
    return f"{sign}{figure}" if sign else f"{figure} {currency}"


def named(goods: Sequence[Units], titles: Mapping[str, str]) -> str:
    """Goods by title and quantity; of many kinds only the first, the rest is counted."""
    added: dict[str, int] = {}
    for units in goods:
        added[units.line_id] = added.get(units.line_id, 0) + units.quantity
    words = [
        f"{quantity} x {titles.get(line_id, f'unknown goods ({line_id})')}"
        for line_id, quantity in added.items()
    ]
    if len(words) > _NAMED:
        rest = sum(list(added.values())[_NAMED - 1 :])
        words[_NAMED - 1 :] = [f"{counted(rest)} of other goods"]
    *most, last = words or ["nothing"]
    return f"{', '.join(most)} and {last}" if most else last


def because(reason: str) -> str:
    """Why somebody cancelled, to go on with; nothing where they did not say."""
    words = _REASONS.get(reason)
    return f", because of {words}" if words else ""


def broken(rule: str) -> str:
    """The rule that said no, as a sentence."""
    return _RULES.get(rule, rule.replace("_", " "))


def counted(units: int) -> str:
    """How many units, in words."""
    return "1 unit" if units == 1 else f"{units} units"
