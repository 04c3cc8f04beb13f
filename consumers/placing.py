"""A placed order into the domain's word for it: amounts in minor units, every line once."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from consumers import fields, messages
from consumers.bad_message import Malformed
from domain.commands import PlacedLine, PlaceOrder
from domain.money import MoneyError, to_minor


class Envelope(Struct, frozen=True, gc=False):
    """The envelope of a message, read."""

    order_id: str
    occurred_at: int
    now: int
    source: str
    message_id: str
    note_key: bytes


# Prices come again and again.
_minor = lru_cache(50_000)(to_minor)


def read_amount(text: str | None, currency: str, field: str) -> int:
    if text is None:
        return 0
    try:
        return _minor(text, currency)
    except MoneyError as wrong:
        at = "data.currency" if wrong.rule == "unknown_currency" else field
        raise Malformed(at, wrong.rule, str(wrong)) from None


def _line(line: fields.Line, currency: str) -> PlacedLine:
    discount, tax = line.get("discount"), line.get("tax")
    return PlacedLine(
        line["line_id"],
        line["sku"],
        line["title"],
        line["quantity"],
        _minor(line["unit_price"], currency),
        0 if discount is None else _minor(discount, currency),
        0 if tax is None else _minor(tax, currency),
        line.get("coming_soon") or False,
    )


def _lines(lines: list[fields.Line], currency: str) -> tuple[PlacedLine, ...]:
    try:
        placed = tuple([_line(line, currency) for line in lines])
    except MoneyError:
        raise _bad_amount(lines, currency) from None
    if len({line.line_id for line in placed}) != len(placed):
        raise _repeated_line(lines)
    return placed


def _bad_amount(lines: list[fields.Line], currency: str) -> Malformed:
    """Find it again: naming the place of every good amount would cost more than reading it."""
    try:
        for place, line in enumerate(lines):
            at = f"data.lines[{place}]"
            read_amount(line["unit_price"], currency, f"{at}.unit_price")
            read_amount(line.get("discount"), currency, f"{at}.discount")
            read_amount(line.get("tax"), currency, f"{at}.tax")
    except Malformed as wrong:
        return wrong
    raise AssertionError("an amount was bad, and is not any more")


def _repeated_line(lines: list[fields.Line]) -> Malformed:
    ids = [line["line_id"] for line in lines]
    place = next(place for place, line_id in enumerate(ids) if line_id in ids[:place])
    field = f"data.lines[{place}].line_id"
    return Malformed(field, "repeated_line", "is the line_id of an earlier line")


def place_order(data: messages.OrderPlaced, said: Envelope) -> PlaceOrder:
    currency = data.currency
    return PlaceOrder(
        occurred_at=said.occurred_at,
        now=said.now,
        source=said.source,
        message_id=said.message_id,
        order_id=data.order_id,
        buyer_id=data.buyer_id,
        seller_id=data.seller_id,
        currency=currency,
        lines=_lines(data.lines, currency),
        discount=read_amount(data.discount, currency, "data.discount"),
        shipping_fee=read_amount(data.shipping_fee, currency, "data.shipping_fee"),
        shipping_tax=read_amount(data.shipping_tax, currency, "data.shipping_tax"),
        paid=None if data.paid is None else read_amount(data.paid, currency, "data.paid"),
    )
